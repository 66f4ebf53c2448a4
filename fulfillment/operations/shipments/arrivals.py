"""Asks for the release run that follows a move: what a shipment asks for may be free now."""

from collections.abc import Collection

from fulfillment.models import ShipmentLine
from inventory import ports


def ask_for_run(shipment_ids: Collection[int]) -> None:
    """Have a release run look at the products of these shipments, after the caller's commit.

    Rule: Backorder release, runs.
    """
    if not shipment_ids:
        return
    lines = ShipmentLine.objects.filter(shipment__in=shipment_ids, quantity__gt=0)
    products = lines.order_by("product_id").values_list("product_id", flat=True).distinct()
    ports.current().note_arrival(list(products))

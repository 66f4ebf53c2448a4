"""Bars of sources: set or lifted by a person, ended by units."""

from collections.abc import Collection

from django.db import transaction

from core.acts import Act
from core.sql import fetch_column
from fulfillment.models import Shipment, ShipmentEvent, SourceBar
from fulfillment.operations.shipments.arrivals import note_arrival
from fulfillment.operations.shipments.locking import ShipmentError, lock_shipment, note_event

# Bars of an item are ended while it is locked, so no two end the same ones.
END = """
UPDATE fulfillment_sourcebar AS bar SET ended_at = now()
FROM inventory_sourceitem AS item
WHERE item.id = ANY(%s) AND bar.ended_at IS NULL
  AND bar.source_id = item.source_id AND bar.product_id = item.product_id
RETURNING bar.product_id
"""


class NotBarredError(ShipmentError):
    """No bar is in force of this source for this product of the shipment."""


def bar(shipment: Shipment, source_id: int, product_ids: Collection[int], act: Act) -> None:
    """Shut a source to these products of a shipment that is locked, in the caller's transaction.

    Rule: Shipment states, moving READY back by hand.
    """
    SourceBar.objects.bulk_create(
        [
            SourceBar(
                shipment=shipment,
                source_id=source_id,
                product_id=product_id,
                created_at=act.at,
                created_by_id=act.actor_id,
            )
            for product_id in sorted(product_ids)
        ],
        ignore_conflicts=True,
    )


def lift_bar(
    shipment_id: int, act: Act, *, source_code: str, sku: str, expected_version: int | None = None
) -> Shipment:
    """Let a source serve a product of a shipment again; opens the transaction. A run follows.

    :raises NotBarredError: if no such bar is in force.
    :raises WrongStateError: if the shipment is over.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.

    Rule: Shipment states, a bar ends.
    """
    with transaction.atomic():
        shipment = lock_shipment(
            shipment_id, states=Shipment.OPEN_STATES, expected_version=expected_version
        )
        bars = SourceBar.objects.in_force().filter(shipment=shipment)
        named = bars.filter(source__code=source_code, product__sku=sku).order_by("pk").first()
        # Units may end it at the same time: it is ended once.
        if named is None or not bars.filter(pk=named.pk).update(
            ended_at=act.at, ended_by_id=act.actor_id
        ):
            raise NotBarredError(f"{shipment.number}: {source_code}, {sku}")
        detail = {"source": source_code, "sku": sku}
        note_event(shipment, ShipmentEvent.Kind.BAR_LIFTED, act, detail=detail)
        note_arrival([named.product_id])
    return shipment


def end_bars(source_item_ids: Collection[int]) -> None:
    """End the bars of items whose units came in, were returned, or counted to another number.

    Runs inside the caller's transaction, the items locked: bars are locked after them. Those that
    were barred may be released now, so a run follows.

    Rule: Shipment states, a bar ends.
    """
    products = set(fetch_column(END, [list(source_item_ids)]))
    if products:
        note_arrival(sorted(products))

"""When what waits of orders is expected."""

from collections.abc import Collection
from datetime import date

from django.db.models import Max

from fulfillment.models import Shipment, ShipmentLine


def expected_dates(order_ids: Collection[int]) -> dict[int, date]:
    """Return the latest expected date by order line id, of lines of which units wait."""
    waiting = ShipmentLine.objects.filter(
        shipment__order__in=order_ids,
        shipment__state__in=Shipment.WAITING_STATES,
        shipment__expected_on__isnull=False,
        quantity__gt=0,
    )
    latest = waiting.values("order_line").annotate(latest=Max("shipment__expected_on"))
    return dict(latest.order_by().values_list("order_line", "latest"))

"""Notes that units may be released; a run follows soon, once for all that come together."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from core.broker import call_worker
from core.sql import array, fetch_rows, literals
from fulfillment.models import ArrivalNotice, Shipment, ShipmentLine
from inventory.models import FutureSupply, InventoryConfiguration
from inventory.resolution import resolve
from orders.models import Order, OrderEmail

RELEASE_ARRIVALS = "fulfillment.release_arrivals"
# What arrives within this time goes together.
PAUSE_SECONDS = 2
# A confirmation waits for the run that follows its order no longer than this.
RUN_WITHIN = timedelta(minutes=1)
UNSENT_CONFIRMATION = Q(
    kind=OrderEmail.Kind.CONFIRMATION, state=OrderEmail.State.QUEUED, attempt_count=0
)

NOTE = """
INSERT INTO fulfillment_arrivalnotice (product_id)
SELECT product_id FROM unnest(%s::bigint[]) AS arrived(product_id)
WHERE EXISTS (SELECT 1 FROM fulfillment_waitingbalance AS balance
              WHERE balance.product_id = arrived.product_id AND balance.quantity > 0)
ORDER BY product_id
ON CONFLICT DO NOTHING
"""


def note_arrival(product_ids: Collection[int]) -> None:
    """Note, in the caller's transaction, that more of these products may be released.

    Where a shipment waits for one of them, a run follows shortly after the commit, together with
    what arrives in the meantime. A broker that is down loses nothing: the beat calls again for
    what was noted.

    Rule: Backorder release, runs.
    """
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [list(product_ids)])
        if not cursor.rowcount:
            return
    transaction.on_commit(enqueue_arrivals)


def note_needs(shipment_ids: Collection[int]) -> None:
    """Note the products on these shipments, as :func:`note_arrival`."""
    if not shipment_ids:
        return
    lines = ShipmentLine.objects.filter(shipment__in=shipment_ids, quantity__gt=0)
    products = lines.order_by("product_id").values_list("product_id", flat=True).distinct()
    note_arrival(list(products))


def enqueue_arrivals() -> None:
    """Have a worker release what has arrived, in a moment."""
    call_worker(RELEASE_ARRIVALS, countdown=PAUSE_SECONDS)


COULD_BE_COVERED = f"""
SELECT DISTINCT line.product_id, shipment.order_id
FROM fulfillment_shipment AS shipment
JOIN orders_order AS parent ON parent.id = shipment.order_id
JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id AND line.quantity > 0
WHERE shipment.order_id = ANY(%(order_ids)s::bigint[])
  AND shipment.state = '{Shipment.State.BACKORDER}' AND parent.status IN ({literals(*Order.OPEN)})
  AND EXISTS (
    SELECT FROM inventory_futuresupply AS supply
    WHERE supply.product_id = line.product_id AND supply.state = '{FutureSupply.State.OPEN}'
      AND supply.expected_on >= (%(now)s::timestamptz AT TIME ZONE %(zone)s)::date
      AND supply.quantity > supply.received_quantity + supply.allocated_quantity)
"""  # noqa: S608 - constants


def follow_payments(order_ids: Collection[int], *, now: datetime) -> None:
    """Note, in the caller's transaction, what of orders dated supply could cover.

    They were just asked to be paid or authorized; those that are not are left out. A run follows
    shortly after the commit, one for all orders that come meanwhile; their confirmations wait for
    it, a minute at most, so that they can state the date. No run follows where scheduled runs are
    switched off. The number of statements is the same for any number of orders.

    Rule: Routing at placement (§13).
    """
    zone = timezone.get_current_timezone_name()
    values = {"order_ids": array(order_ids), "now": now, "zone": zone}
    covered = fetch_rows(COULD_BE_COVERED, values)
    if not covered:
        return
    configuration = InventoryConfiguration.load().overrides()
    if resolve("release_enabled", configuration=configuration).value:
        note_arrival(sorted({product_id for product_id, _order_id in covered}))
        followed = {order_id for _product_id, order_id in covered}
        unsent = OrderEmail.objects.filter(UNSENT_CONFIRMATION, order__in=followed)
        unsent.update(next_attempt_at=now + RUN_WITHIN)


def send_confirmations() -> None:
    """Let confirmations wait no longer for the run that has just ended.

    Those of orders that were paid for while it went on wait for the next.

    Rule: Routing at placement (§13).
    """
    noted = ArrivalNotice.objects.values("product")
    waiting = Shipment.objects.filter(
        order=OuterRef("order"),
        state=Shipment.State.BACKORDER,
        lines__quantity__gt=0,
        lines__product__in=noted,
    )
    unsent = OrderEmail.objects.filter(
        UNSENT_CONFIRMATION, ~Exists(waiting), next_attempt_at__gt=F("created_at")
    )
    unsent.update(next_attempt_at=F("created_at"))

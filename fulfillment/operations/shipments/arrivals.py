"""Notes that units may be released; a run follows soon, once for all that come together."""

from collections.abc import Collection

from django.db import connection, transaction

from core.broker import call_worker
from fulfillment.models import ShipmentLine

RELEASE_ARRIVALS = "fulfillment.release_arrivals"
# What arrives within this time goes together.
PAUSE_SECONDS = 2

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

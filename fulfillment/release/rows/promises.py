"""Reads the units of future supply that FUTURE shipments are promised."""

from collections.abc import Collection
from itertools import starmap

from core.sql import array, fetch_rows
from fulfillment.release.planning.forecast import PromisedUnits

# By record, as ten-thousandths.
PROMISES = """
SELECT line.shipment_id, allocation.future_supply_id, (sum(allocation.quantity) * 10000)::bigint
FROM fulfillment_allocation AS allocation
JOIN fulfillment_shipmentline AS line ON line.id = allocation.shipment_line_id
WHERE line.shipment_id = ANY(%s::bigint[]) AND allocation.future_supply_id IS NOT NULL
GROUP BY line.shipment_id, allocation.future_supply_id
"""


def read_promises(shipment_ids: Collection[int]) -> list[PromisedUnits]:
    """Return what these shipments are promised, and have not received."""
    return list(starmap(PromisedUnits, fetch_rows(PROMISES, [array(shipment_ids)])))

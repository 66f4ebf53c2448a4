"""Units set aside for orders that wait for their rest, as far as others could have them."""

from decimal import Decimal
from typing import NamedTuple

from core.sql import fetch_rows
from fulfillment.models import Shipment
from fulfillment.models.release_conditions import CONSIDERED_SQL

# Others are orders that have no unit of the product set aside so. A source may serve what is
# collected there, and what is shipped to home from the stocks that it is linked to.
KEPT = f"""
WITH aside AS MATERIALIZED (
    SELECT item.product_id, item.source_id, shipment.order_id, sum(held.quantity) AS quantity
    FROM fulfillment_shipment AS shipment
    JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id
    JOIN fulfillment_allocation AS held ON held.shipment_line_id = line.id
    JOIN inventory_sourceitem AS item ON item.id = held.source_item_id
    WHERE shipment.is_held AND shipment.hold_reason = '{Shipment.HoldReason.REST}'
    GROUP BY item.product_id, item.source_id, shipment.order_id
), there AS MATERIALIZED (
    SELECT aside.product_id, aside.source_id, source.is_enabled AND source.ships_to_home AS to_home,
        source.is_enabled, sum(aside.quantity) AS quantity
    FROM aside JOIN inventory_source AS source ON source.id = aside.source_id
    GROUP BY aside.product_id, aside.source_id, source.id
), waiting AS MATERIALIZED (
    SELECT line.product_id, shipment.stock_id, shipment.pickup_source_id,
        sum(line.quantity - COALESCE(received.quantity, 0)) AS quantity
    FROM fulfillment_shipmentline AS line
    JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
    JOIN orders_order AS parent ON parent.id = shipment.order_id
    JOIN orders_orderline AS of_order ON of_order.id = line.order_line_id
    LEFT JOIN LATERAL (
        SELECT sum(held.quantity) AS quantity FROM fulfillment_allocation AS held
        WHERE held.shipment_line_id = line.id AND held.source_item_id IS NOT NULL
    ) AS received ON shipment.state = '{Shipment.State.FUTURE}'
    WHERE line.product_id IN (SELECT product_id FROM there) AND line.quantity > 0
      AND of_order.is_reserving AND {CONSIDERED_SQL}
      AND NOT EXISTS (
          SELECT FROM aside
          WHERE aside.order_id = shipment.order_id AND aside.product_id = line.product_id)
    GROUP BY line.product_id, shipment.stock_id, shipment.pickup_source_id
), served AS (
    SELECT there.product_id, there.source_id, there.quantity AS aside, waiting.quantity,
        waiting.stock_id, waiting.pickup_source_id
    FROM there
    JOIN waiting ON waiting.product_id = there.product_id AND CASE
        WHEN waiting.pickup_source_id IS NULL THEN there.to_home AND EXISTS (
            SELECT FROM inventory_stocksource AS link
            WHERE link.stock_id = waiting.stock_id AND link.source_id = there.source_id)
        ELSE there.is_enabled AND waiting.pickup_source_id = there.source_id END
), by_source AS (
    SELECT product_id, LEAST(aside, sum(quantity)) AS quantity
    FROM served GROUP BY product_id, source_id, aside
), in_all AS (
    SELECT product_id, sum(quantity) AS quantity FROM (
        SELECT DISTINCT product_id, stock_id, pickup_source_id, quantity FROM served) AS once
    GROUP BY product_id
)
SELECT product.id, product.sku, sum(there.quantity),
    LEAST((SELECT COALESCE(sum(quantity), 0) FROM by_source WHERE product_id = product.id),
          (SELECT COALESCE(sum(quantity), 0) FROM in_all WHERE product_id = product.id)) AS wanted
FROM there JOIN inventory_product AS product ON product.id = there.product_id
GROUP BY product.id
ORDER BY wanted DESC, sum(there.quantity) DESC, product.sku
"""  # noqa: S608 - constants


class WithheldUnits(NamedTuple):
    """Units of a product that are set aside for orders that wait for the rest.

    ``wanted`` are those of them that other orders could have.
    """

    product_id: int
    sku: str
    quantity: Decimal
    wanted: Decimal


def units_kept_for_rest() -> list[WithheldUnits]:
    """Return the units set aside for orders that wait for the rest, what others want most first.

    Of a product, other orders could have, at each source, the smaller of the units set aside there
    and the units that they wait for and that it may serve; in all at most the units that they wait
    for. Other orders are those without a unit of the product that is set aside so; they wait for
    what a release run considers. One statement.

    Rule: Changing an order, ship complete (§20).
    """
    return [WithheldUnits(*row) for row in fetch_rows(KEPT)]

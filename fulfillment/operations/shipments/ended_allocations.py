"""Ends what shipments hold: their units are available again, or promised to nobody."""

# The rows named are locked by the caller: shipments, then source items, then future supply. The
# balances are locked here, as everywhere: stocks before queues, each in key order. To count those
# of the stocks first is what puts them first.
END_ALLOCATIONS = """
WITH ended AS (
    DELETE FROM fulfillment_allocation AS allocation
    USING fulfillment_shipmentline AS line
    WHERE line.id = allocation.shipment_line_id AND line.shipment_id = ANY(%(ended)s)
    RETURNING allocation.source_item_id, allocation.future_supply_id, allocation.quantity,
        line.product_id, line.shipment_id
), at_items AS (
    UPDATE inventory_sourceitem AS item SET allocated = item.allocated - given.quantity
    FROM (SELECT source_item_id, sum(quantity) AS quantity FROM ended
          WHERE source_item_id IS NOT NULL GROUP BY source_item_id) AS given
    WHERE item.id = given.source_item_id
), at_supply AS (
    UPDATE inventory_futuresupply AS supply
    SET allocated_quantity = supply.allocated_quantity - given.quantity
    FROM (SELECT future_supply_id, sum(quantity) AS quantity FROM ended
          WHERE future_supply_id IS NOT NULL GROUP BY future_supply_id) AS given
    WHERE supply.id = given.future_supply_id
), back AS (
    SELECT ended.product_id, shipment.stock_id, shipment.pickup_source_id,
        sum(ended.quantity) AS quantity
    FROM ended JOIN fulfillment_shipment AS shipment ON shipment.id = ended.shipment_id
    WHERE ended.source_item_id IS NOT NULL
    GROUP BY ended.product_id, shipment.stock_id, shipment.pickup_source_id
), stock AS MATERIALIZED (
    SELECT balance.id, back.quantity FROM inventory_stockbalance AS balance
    JOIN (SELECT product_id, stock_id, sum(quantity) AS quantity FROM back
          GROUP BY product_id, stock_id) AS back USING (product_id, stock_id)
    ORDER BY balance.product_id, balance.stock_id FOR UPDATE OF balance
), at_stock AS (
    UPDATE inventory_stockbalance AS balance SET allocated = balance.allocated - stock.quantity
    FROM stock WHERE balance.id = stock.id
), waiting AS MATERIALIZED (
    SELECT balance.id, back.quantity FROM fulfillment_waitingbalance AS balance
    JOIN back ON balance.product_id = back.product_id AND balance.stock_id = back.stock_id
        AND balance.pickup_source_id IS NOT DISTINCT FROM back.pickup_source_id
    WHERE (SELECT count(*) FROM stock) >= 0
    ORDER BY balance.product_id, balance.stock_id, balance.pickup_source_id
    FOR UPDATE OF balance
)
UPDATE fulfillment_waitingbalance AS balance SET quantity = balance.quantity + waiting.quantity
FROM waiting WHERE balance.id = waiting.id
"""

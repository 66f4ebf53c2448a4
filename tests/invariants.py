"""What must hold over the whole database after anything has happened, in plain SQL.

Every query returns the rows that break its rule; none may return any.
"""

from django.db import connection

from core.currencies import UNUSUAL

# The smallest unit of the currency of an order, as SQL.
UNIT = " ".join(
    (
        "CASE",
        *(
            f"WHEN placed.currency IN ({', '.join(map(repr, codes.split()))}) THEN {10**-decimals}"
            for decimals, codes in UNUSUAL.items()
        ),
        "ELSE 0.01 END",
    )
)

INVARIANTS = {
    "amounts are in whole smallest units of their currency": f"""
        SELECT placed.number, money.kind, money.amount
        FROM orders_order AS placed
        CROSS JOIN LATERAL (
            SELECT 'order', total WHERE TRUE
            UNION ALL
            SELECT 'line', unnest(ARRAY[unit_price, discount, tax, total])
            FROM orders_orderline WHERE order_id = placed.id
            UNION ALL
            SELECT 'payment', unnest(ARRAY[amount, captured_amount, refunded_amount])
            FROM orders_payment WHERE order_id = placed.id
            UNION ALL
            SELECT 'operation', operation.amount
            FROM orders_paymentoperation AS operation
            JOIN orders_payment AS payment ON payment.id = operation.payment_id
            WHERE payment.order_id = placed.id
            UNION ALL
            SELECT 'capture', part.amount FROM orders_captureline AS part
            JOIN orders_orderline AS line ON line.id = part.order_line_id
            WHERE line.order_id = placed.id
            UNION ALL
            SELECT 'cancellation', part.amount FROM orders_cancellationline AS part
            JOIN orders_orderline AS line ON line.id = part.order_line_id
            WHERE line.order_id = placed.id
            UNION ALL
            SELECT 'refund', unnest(ARRAY[part.amount, refund.amount])
            FROM orders_refundline AS part
            JOIN orders_refund AS refund ON refund.id = part.refund_id
            WHERE refund.order_id = placed.id
            UNION ALL
            SELECT 'return', unnest(ARRAY[part.amount, whole.amount])
            FROM orders_returnline AS part
            JOIN orders_return AS whole ON whole.id = part.of_return_id
            WHERE whole.order_id = placed.id
            UNION ALL
            SELECT 'shipment', unnest(ARRAY[shipment.amount, part.original_amount, part.amount,
                part.moved_amount, part.canceled_amount, part.refunded_amount])
            FROM fulfillment_shipmentline AS part
            JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
            WHERE shipment.order_id = placed.id
        ) AS money(kind, amount)
        WHERE money.amount % {UNIT} <> 0
    """,  # noqa: S608 - constants
    "what is ready waits for the rest exactly while its order ships complete and is not whole": """
        SELECT shipment.number, shipment.state, shipment.hold_reason
        FROM fulfillment_shipment AS shipment
        JOIN orders_order AS placed ON placed.id = shipment.order_id
        WHERE shipment.hold_reason IN ('', 'REST') AND shipment.state = 'READY'
          AND shipment.set_aside_at IS NULL
          AND (shipment.hold_reason = 'REST') IS DISTINCT FROM (
              placed.ship_complete AND EXISTS (
                  SELECT FROM fulfillment_shipment AS other
                  WHERE other.order_id = placed.id AND (
                      other.state IN ('BACKORDER', 'FUTURE', 'CUSTOMER_CARE')
                      OR (other.state = 'READY'
                          AND other.hold_reason IN ('STAFF', 'PAYMENT', 'CHANGE')))))
    """,
    "a source item's allocated units are the sum of its allocations": """
        SELECT item.id, item.allocated, COALESCE(SUM(allocation.quantity), 0)
        FROM inventory_sourceitem AS item
        LEFT JOIN fulfillment_allocation AS allocation ON allocation.source_item_id = item.id
        GROUP BY item.id HAVING item.allocated <> COALESCE(SUM(allocation.quantity), 0)
    """,
    "a future supply's promised units are the sum of its allocations": """
        SELECT supply.id, supply.allocated_quantity, COALESCE(SUM(allocation.quantity), 0)
        FROM inventory_futuresupply AS supply
        LEFT JOIN fulfillment_allocation AS allocation ON allocation.future_supply_id = supply.id
        GROUP BY supply.id
        HAVING supply.allocated_quantity <> COALESCE(SUM(allocation.quantity), 0)
    """,
    "a stock balance sums the reservations": """
        SELECT * FROM (
            SELECT stock_id, product_id, reserved FROM inventory_stockbalance WHERE reserved <> 0
        ) AS balance
        FULL JOIN (
            SELECT stock_id, product_id, SUM(quantity) AS total FROM inventory_reservation
            GROUP BY stock_id, product_id HAVING SUM(quantity) <> 0
        ) AS ledger USING (stock_id, product_id)
        WHERE balance.reserved IS DISTINCT FROM ledger.total
    """,
    "a stock balance sums the allocations of the stock's orders": """
        SELECT * FROM (
            SELECT stock_id, product_id, allocated FROM inventory_stockbalance WHERE allocated <> 0
        ) AS balance
        FULL JOIN (
            SELECT placed.stock_id, line.product_id, SUM(allocation.quantity) AS total
            FROM fulfillment_allocation AS allocation
            JOIN orders_orderline AS line ON line.id = allocation.order_line_id
            JOIN orders_order AS placed ON placed.id = line.order_id
            WHERE allocation.source_item_id IS NOT NULL
            GROUP BY placed.stock_id, line.product_id
        ) AS held USING (stock_id, product_id)
        WHERE balance.allocated IS DISTINCT FROM held.total
    """,
    "a waiting balance sums the units that shipments wait for": """
        WITH waits AS (
            SELECT part.product_id, shipment.stock_id,
                   COALESCE(shipment.pickup_source_id, 0) AS pickup_source_id,
                   SUM(part.quantity - COALESCE(received.quantity, 0)) AS total
            FROM fulfillment_shipmentline AS part
            JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
            JOIN orders_orderline AS line ON line.id = part.order_line_id
            LEFT JOIN LATERAL (
                SELECT SUM(allocation.quantity) AS quantity
                FROM fulfillment_allocation AS allocation
                WHERE allocation.shipment_line_id = part.id
                  AND allocation.source_item_id IS NOT NULL
            ) AS received ON TRUE
            WHERE shipment.state IN ('BACKORDER', 'FUTURE', 'CUSTOMER_CARE')
              AND line.is_reserving
            GROUP BY 1, 2, 3
        ), balance AS (
            SELECT product_id, stock_id, COALESCE(pickup_source_id, 0) AS pickup_source_id,
                   quantity
            FROM fulfillment_waitingbalance
        )
        SELECT * FROM waits FULL JOIN balance USING (product_id, stock_id, pickup_source_id)
        WHERE COALESCE(waits.total, 0) <> COALESCE(balance.quantity, 0)
    """,
    "the reservations of a line and its open units cancel out": """
        SELECT line.id, line.open_quantity, COALESCE(SUM(entry.quantity), 0)
        FROM orders_orderline AS line
        LEFT JOIN inventory_reservation AS entry ON entry.order_line_id = line.id
        GROUP BY line.id
        HAVING CASE WHEN line.is_reserving THEN line.open_quantity ELSE 0 END
               + COALESCE(SUM(entry.quantity), 0) <> 0
    """,
    "an entry of a line names the line's own stock and product": """
        SELECT entry.id FROM inventory_reservation AS entry
        JOIN orders_orderline AS line ON line.id = entry.order_line_id
        JOIN orders_order AS placed ON placed.id = line.order_id
        WHERE entry.stock_id <> placed.stock_id OR entry.product_id <> line.product_id
    """,
    "a parent's units and money went to its children, exactly": """
        SELECT part.id, part.moved_quantity, children.quantity,
               part.moved_amount, children.amount
        FROM fulfillment_shipmentline AS part
        LEFT JOIN LATERAL (
            SELECT SUM(child_part.original_quantity) AS quantity,
                   SUM(child_part.original_amount) AS amount
            FROM fulfillment_shipmentline AS child_part
            JOIN fulfillment_shipment AS child ON child.id = child_part.shipment_id
            WHERE child.parent_id = part.shipment_id
              AND child_part.order_line_id = part.order_line_id
        ) AS children ON TRUE
        WHERE part.moved_quantity <> COALESCE(children.quantity, 0)
           OR part.moved_amount <> COALESCE(children.amount, 0)
    """,
    "units are conserved in a shipment line": """
        SELECT id FROM fulfillment_shipmentline
        WHERE original_quantity
                  <> quantity + moved_quantity + canceled_quantity + refunded_quantity
           OR original_amount <> amount + moved_amount + canceled_amount + refunded_amount
    """,
    "a shipment's value is the sum of its lines'": """
        SELECT shipment.id, shipment.amount, COALESCE(SUM(part.amount), 0)
        FROM fulfillment_shipment AS shipment
        LEFT JOIN fulfillment_shipmentline AS part ON part.shipment_id = shipment.id
        GROUP BY shipment.id HAVING shipment.amount <> COALESCE(SUM(part.amount), 0)
    """,
    "the open units of a line are on shipments that go on, the shipped on fulfilled ones": """
        SELECT line.id, line.open_quantity, line.shipped_quantity, parts.open, parts.shipped
        FROM orders_orderline AS line
        LEFT JOIN LATERAL (
            SELECT SUM(part.quantity) FILTER (WHERE shipment.state IN
                       ('READY', 'BACKORDER', 'FUTURE', 'CUSTOMER_CARE')) AS open,
                   SUM(part.quantity) FILTER (WHERE shipment.state = 'FULFILLED') AS shipped,
                   SUM(part.quantity) FILTER (WHERE shipment.state IN
                       ('REASSIGNED', 'CANCELED')) AS lost
            FROM fulfillment_shipmentline AS part
            JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
            WHERE part.order_line_id = line.id
        ) AS parts ON TRUE
        WHERE NOT line.is_virtual
          AND (line.open_quantity <> COALESCE(parts.open, 0)
               OR line.shipped_quantity <> COALESCE(parts.shipped, 0)
               OR COALESCE(parts.lost, 0) <> 0)
    """,
    "what is ready or promised holds exactly its units, what waits or is over holds none": """
        SELECT part.id, shipment.state, part.quantity, held.current, held.future
        FROM fulfillment_shipmentline AS part
        JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
        JOIN orders_orderline AS line ON line.id = part.order_line_id
        LEFT JOIN LATERAL (
            SELECT COALESCE(SUM(allocation.quantity)
                       FILTER (WHERE allocation.source_item_id IS NOT NULL), 0) AS current,
                   COALESCE(SUM(allocation.quantity)
                       FILTER (WHERE allocation.future_supply_id IS NOT NULL), 0) AS future
            FROM fulfillment_allocation AS allocation
            WHERE allocation.shipment_line_id = part.id
        ) AS held ON TRUE
        WHERE CASE
            WHEN line.is_reserving AND shipment.state = 'READY'
                THEN held.current <> part.quantity OR held.future <> 0
            WHEN line.is_reserving AND shipment.state = 'FUTURE'
                THEN held.current + held.future <> part.quantity
            ELSE held.current <> 0 OR held.future <> 0
        END
    """,
    "units are held where the shipment leaves from, of the product that was ordered": """
        SELECT allocation.id
        FROM fulfillment_allocation AS allocation
        JOIN orders_orderline AS line ON line.id = allocation.order_line_id
        LEFT JOIN fulfillment_shipmentline AS part ON part.id = allocation.shipment_line_id
        LEFT JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
        LEFT JOIN inventory_sourceitem AS item ON item.id = allocation.source_item_id
        LEFT JOIN inventory_futuresupply AS supply ON supply.id = allocation.future_supply_id
        WHERE COALESCE(item.product_id, supply.product_id) <> line.product_id
           OR (part.id IS NOT NULL AND (
               part.order_line_id <> line.id
               OR COALESCE(item.source_id, supply.source_id) <> shipment.source_id))
           OR (part.id IS NULL AND NOT line.is_virtual)
    """,
    "a virtual line that reserves holds its open units": """
        SELECT line.id, line.open_quantity, COALESCE(SUM(allocation.quantity), 0)
        FROM orders_orderline AS line
        LEFT JOIN fulfillment_allocation AS allocation ON allocation.order_line_id = line.id
        WHERE line.is_virtual
        GROUP BY line.id
        HAVING CASE WHEN line.is_reserving THEN line.open_quantity ELSE 0 END
               <> COALESCE(SUM(allocation.quantity), 0)
    """,
    "what a change asks for waits for its payment, and ends where that is declined": """
        SELECT line.id, change.state, line.open_quantity, shipment.state, shipment.hold_reason
        FROM orders_orderline AS line
        JOIN orders_orderchange AS change ON change.id = line.change_id
        LEFT JOIN fulfillment_shipmentline AS part
            ON part.order_line_id = line.id AND part.quantity > 0
        LEFT JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
        WHERE change.state <> 'APPLIED' AND (
            line.invoiced_quantity <> 0 OR line.shipped_quantity <> 0
            OR (change.state = 'DECLINED' AND line.open_quantity <> 0)
            OR (change.state = 'PENDING' AND shipment.hold_reason <> 'CHANGE'))
    """,
    "what a substitute replaces is canceled, or open until it is paid for": """
        SELECT line.id, former.canceled_quantity
        FROM orders_orderline AS line
        JOIN orders_orderline AS former ON former.id = line.replaces_id
        JOIN orders_orderchange AS change ON change.id = line.change_id
        WHERE (change.state = 'APPLIED' AND former.canceled_quantity < line.replaced_quantity)
           OR (change.state = 'PENDING' AND former.open_quantity < line.replaced_quantity)
           OR former.order_id <> line.order_id OR former.product_id = line.product_id
    """,
    "an order that was changed costs what its lines in force cost": """
        SELECT placed.id, placed.total, COALESCE(SUM(line.total), 0)
        FROM orders_order AS placed
        LEFT JOIN orders_orderline AS line ON line.order_id = placed.id AND (
            line.change_id IS NULL OR EXISTS (
                SELECT FROM orders_orderchange AS change
                WHERE change.id = line.change_id AND change.state = 'APPLIED'))
        WHERE EXISTS (SELECT FROM orders_orderchange WHERE order_id = placed.id)
        GROUP BY placed.id HAVING placed.total <> COALESCE(SUM(line.total), 0)
    """,
    "the captured money of an order that was changed is that of its captured units": """
        SELECT placed.id, paid.captured, lines.captured
        FROM orders_order AS placed
        JOIN LATERAL (
            SELECT COALESCE(SUM(captured_amount), 0) AS captured FROM orders_payment
            WHERE order_id = placed.id
        ) AS paid ON TRUE
        JOIN LATERAL (
            SELECT COALESCE(SUM(CASE
                WHEN EXISTS (
                    SELECT FROM orders_payment AS payment
                    LEFT JOIN orders_orderchange AS change ON change.payment_id = payment.id
                    WHERE payment.order_id = placed.id AND payment.captured_amount > 0
                      AND payment.action = 'AUTHORIZE_AND_CAPTURE'
                      AND change.id IS NOT DISTINCT FROM line.paid_by_id)
                THEN line.total - COALESCE((
                    SELECT SUM(amount) FROM orders_cancellationline
                    WHERE order_line_id = line.id), 0)
                ELSE COALESCE((
                    SELECT SUM(part.amount) FROM orders_captureline AS part
                    JOIN orders_paymentoperation AS operation ON operation.id = part.operation_id
                    WHERE part.order_line_id = line.id AND operation.state = 'SUCCEEDED'), 0)
                END), 0) AS captured
            FROM orders_orderline AS line WHERE line.order_id = placed.id
        ) AS lines ON TRUE
        JOIN LATERAL (
            SELECT COALESCE(SUM(refund.amount), 0) AS amount FROM orders_refund AS refund
            WHERE refund.order_id = placed.id AND NOT EXISTS (
                SELECT FROM orders_refundline WHERE refund_id = refund.id)
        ) AS left_over ON TRUE
        WHERE paid.captured <> lines.captured + left_over.amount
            AND EXISTS (SELECT FROM orders_orderchange WHERE order_id = placed.id)
    """,
    "returns name units that left, and are worth what their lines are": """
        SELECT line.id, line.returned_quantity, line.shipped_quantity, parts.quantity
        FROM orders_orderline AS line
        JOIN (
            SELECT part.order_line_id, SUM(part.quantity) AS quantity
            FROM orders_returnline AS part GROUP BY part.order_line_id
        ) AS parts ON parts.order_line_id = line.id
        WHERE parts.quantity > line.returned_quantity
           OR line.returned_quantity > line.shipped_quantity
        UNION ALL
        SELECT whole.id, whole.amount, SUM(part.amount), 0
        FROM orders_return AS whole
        JOIN orders_returnline AS part ON part.of_return_id = whole.id
        GROUP BY whole.id HAVING whole.amount <> SUM(part.amount)
    """,
    "no more of a shipment came back than it shipped": """
        SELECT part.shipment_number, part.order_line_id, SUM(part.quantity)
        FROM orders_returnline AS part
        GROUP BY part.shipment_number, part.order_line_id
        HAVING SUM(part.quantity) > COALESCE((
            SELECT SUM(sent.quantity) FROM fulfillment_shipmentline AS sent
            JOIN fulfillment_shipment AS shipment ON shipment.id = sent.shipment_id
            WHERE shipment.number = part.shipment_number AND shipment.state = 'FULFILLED'
              AND sent.order_line_id = part.order_line_id), 0)
    """,
    "an exchange costs what came back, and its units are no others than those refunded": """
        SELECT whole.id, whole.amount, refund.amount, SUM(line.total)
        FROM orders_return AS whole
        JOIN orders_refund AS refund ON refund.id = whole.refund_id
        LEFT JOIN orders_orderline AS line ON line.change_id = whole.exchange_id
        GROUP BY whole.id, refund.id
        HAVING whole.amount <> refund.amount
            OR (whole.state = 'EXCHANGED' AND whole.amount <> SUM(line.total))
    """,
    "no more is paid back, or promised to returns, than was captured": """
        SELECT placed.id, paid.captured, refunds.amount, due.amount
        FROM orders_order AS placed
        JOIN LATERAL (
            SELECT COALESCE(SUM(captured_amount), 0) AS captured FROM orders_payment
            WHERE order_id = placed.id
        ) AS paid ON TRUE
        JOIN LATERAL (
            SELECT COALESCE(SUM(refund.amount), 0) AS amount FROM orders_refund AS refund
            WHERE refund.order_id = placed.id AND NOT EXISTS (
                SELECT FROM orders_return AS whole
                WHERE whole.refund_id = refund.id AND whole.state = 'EXCHANGED')
        ) AS refunds ON TRUE
        JOIN LATERAL (
            SELECT COALESCE(SUM(amount), 0) AS amount FROM orders_return
            WHERE order_id = placed.id AND state = 'OPEN'
        ) AS due ON TRUE
        WHERE EXISTS (SELECT FROM orders_return WHERE order_id = placed.id)
          AND refunds.amount + due.amount > paid.captured
    """,
    # What was on a pick list when its order changed leaves as it was to leave.
    "a shipment repeats its order's stock, and while it is open its pickup source": """
        SELECT shipment.id FROM fulfillment_shipment AS shipment
        JOIN orders_order AS placed ON placed.id = shipment.order_id
        WHERE shipment.stock_id <> placed.stock_id
           OR (shipment.state IN ('READY', 'BACKORDER', 'FUTURE', 'CUSTOMER_CARE')
               AND shipment.pickup_source_id IS DISTINCT FROM placed.pickup_source_id
               AND NOT (shipment.state = 'READY' AND EXISTS (
                   SELECT FROM fulfillment_pickline AS pick
                   WHERE pick.shipment_id = shipment.id)))
    """,
    "an order's status says what became of its lines": """
        SELECT placed.id, placed.status, sums.*
        FROM orders_order AS placed
        JOIN LATERAL (
            SELECT SUM(open_quantity) AS open,
                   SUM(shipped_quantity) AS shipped,
                   SUM(CASE WHEN is_virtual THEN invoiced_quantity ELSE shipped_quantity END)
                       AS deducted,
                   SUM(refunded_quantity - refunded_unshipped_quantity) AS returned
            FROM orders_orderline WHERE order_id = placed.id
        ) AS sums ON sums.open IS NOT NULL
        WHERE placed.status <> CASE
            WHEN sums.open > 0 AND sums.shipped > 0 THEN 'PARTIALLY_SHIPPED'
            WHEN sums.open > 0 AND placed.status IN ('PENDING_PAYMENT', 'PAYMENT_REVIEW')
                THEN placed.status
            WHEN sums.open > 0 THEN 'PROCESSING'
            WHEN sums.deducted = 0 THEN 'CANCELED'
            WHEN sums.deducted > sums.returned THEN 'COMPLETE'
            ELSE 'CLOSED' END
    """,
}


def broken_invariants() -> dict[str, list[tuple[object, ...]]]:
    """Return the rows that break each rule, by the rule; empty when the books are right."""
    broken = {}
    with connection.cursor() as cursor:
        for rule, query in INVARIANTS.items():
            cursor.execute(query)
            if rows := cursor.fetchall():
                broken[rule] = rows
    return broken


def assert_invariants() -> None:
    """Check the laws of reservations, allocations, conservation and states, everywhere."""
    broken = broken_invariants()
    assert not broken, broken

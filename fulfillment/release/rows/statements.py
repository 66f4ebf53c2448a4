"""The statements that write a batch of release decisions, in the order they run.

Locks are taken in the order of the house: shipments and supply were locked when the batch was
read, so what is left is the balances, last.
"""

from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.payments import HOLD
from fulfillment.operations.shipments.allocation_counters import END_ALLOCATIONS, QUEUES, moving
from fulfillment.operations.shipments.dates import DEFAULT, EMAIL, WITHOUT_SUPPLY, telling
from inventory.operations.ledger import BALANCES
from inventory.queries.working_days import working_day
from orders.models import OrderEmail

# Choices that the statements write or compare.
CHOICES = {
    "state_backorder": Shipment.State.BACKORDER.value,
    "state_future": Shipment.State.FUTURE.value,
    "state_ready": Shipment.State.READY.value,
    "state_reassigned": Shipment.State.REASSIGNED.value,
    "date_event": ShipmentEvent.Kind.EXPECTED_DATE_SET.value,
    "release_event": ShipmentEvent.Kind.RELEASED.value,
    "release_notice": OrderEmail.Kind.BEING_PREPARED.value,
    **EMAIL,
}

# Units are whole ten-thousandths; what they are worth, whole thousandths of their currency.
TABLES = (
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS release_child (
        shipment_id bigint, child_id bigint, position int, source_id bigint, expected_on date
    ) ON COMMIT DELETE ROWS
    """,
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS release_part (
        shipment_id bigint, child_id bigint, line_id bigint, order_line_id bigint,
        product_id bigint, stock_id bigint, pickup_source_id bigint, item_id bigint,
        future_id bigint, units bigint, worth bigint, is_reserving boolean
    ) ON COMMIT DELETE ROWS
    """,
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS release_wait (
        shipment_id bigint, expected_on date
    ) ON COMMIT DELETE ROWS
    """,
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS release_dated (
        shipment_id bigint, former date, expected_on date, is_child boolean
    ) ON COMMIT DELETE ROWS
    """,
    "TRUNCATE release_child, release_part, release_wait, release_dated",
)

SHIPMENTS = (
    # The same shipment becomes READY.
    f"""
    UPDATE fulfillment_shipment AS shipment
    SET state = %(state_ready)s, source_id = child.source_id, released_at = %(now)s,
        expected_on = CASE WHEN shipment.is_expected_on_fixed THEN shipment.expected_on
            ELSE {working_day("child.source_id", "shipment.expected_on")} END
    FROM release_child AS child
    WHERE child.child_id = shipment.id AND child.shipment_id = shipment.id
    """,  # noqa: S608 - constants
    # Children are numbered on from those that their parent already has, after a dot: what is
    # placed has a hyphen there, so that no child of order 7 is a shipment of order 7-1.
    f"""
    INSERT INTO fulfillment_shipment (
        id, number, order_id, stock_id, source_id, pickup_source_id, state, parent_id, is_held,
        hold_reason, hold_note, care_reason, priority, backordered_since, expected_on,
        is_expected_on_fixed, has_known_supply, missed_promise_count, amount, created_at,
        released_at, payment_refusal_count, spell)
    SELECT child.child_id,
        parent.number || '.' || child.position + (
            SELECT count(*) FROM fulfillment_shipment AS sibling
            WHERE sibling.parent_id = parent.id),
        parent.order_id, parent.stock_id, child.source_id, parent.pickup_source_id,
        CASE WHEN child.expected_on IS NULL THEN %(state_ready)s ELSE %(state_future)s END,
        parent.id, FALSE, '', '', '', parent.priority, parent.backordered_since,
        CASE WHEN child.expected_on IS NOT NULL THEN child.expected_on
            WHEN parent.is_expected_on_fixed THEN parent.expected_on
            ELSE {working_day("child.source_id", "parent.expected_on")} END,
        child.expected_on IS NULL AND parent.is_expected_on_fixed,
        child.expected_on IS NOT NULL OR parent.has_known_supply, parent.missed_promise_count,
        part.worth / 1000.0, %(now)s, CASE WHEN child.expected_on IS NULL THEN %(now)s END,
        parent.payment_refusal_count, parent.spell
    FROM release_child AS child
    JOIN fulfillment_shipment AS parent ON parent.id = child.shipment_id
    JOIN (SELECT child_id, sum(worth) AS worth FROM release_part GROUP BY child_id) AS part
        ON part.child_id = child.child_id
    WHERE child.child_id <> child.shipment_id
    """,  # noqa: S608 - constants
    """
    INSERT INTO fulfillment_shipmentline (
        shipment_id, order_line_id, product_id, original_quantity, quantity, moved_quantity,
        canceled_quantity, refunded_quantity, original_amount, amount, moved_amount,
        canceled_amount, refunded_amount, promised_on, promise_told_at, agreed_on,
        delay_request_id)
    SELECT part.child_id, line.order_line_id, line.product_id, part.units / 10000.0,
        part.units / 10000.0, 0, 0, 0, part.worth / 1000.0, part.worth / 1000.0, 0, 0, 0,
        line.promised_on, line.promise_told_at, line.agreed_on, line.delay_request_id
    FROM (SELECT child_id, line_id, sum(units) AS units, sum(worth) AS worth FROM release_part
          WHERE child_id <> shipment_id GROUP BY child_id, line_id) AS part
    JOIN fulfillment_shipmentline AS line ON line.id = part.line_id
    """,
    """
    UPDATE fulfillment_shipmentline AS line
    SET quantity = line.quantity - part.units / 10000.0,
        moved_quantity = line.moved_quantity + part.units / 10000.0,
        amount = line.amount - part.worth / 1000.0,
        moved_amount = line.moved_amount + part.worth / 1000.0
    FROM (SELECT line_id, sum(units) AS units, sum(worth) AS worth FROM release_part
          WHERE child_id <> shipment_id GROUP BY line_id) AS part
    WHERE line.id = part.line_id
    """,
    # A parent on which nothing is left is REASSIGNED.
    """
    UPDATE fulfillment_shipment AS shipment
    SET amount = shipment.amount - part.worth / 1000.0,
        state = CASE WHEN EXISTS (
                SELECT 1 FROM fulfillment_shipmentline AS line
                WHERE line.shipment_id = shipment.id AND line.quantity > 0)
            THEN shipment.state ELSE %(state_reassigned)s END
    FROM (SELECT shipment_id, sum(worth) AS worth FROM release_part
          WHERE child_id <> shipment_id GROUP BY shipment_id) AS part
    WHERE shipment.id = part.shipment_id
    """,
    # The date of known supply; else the one before, unless it was that of supply.
    f"""
    WITH dated AS MATERIALIZED (
        SELECT shipment.id, shipment.expected_on AS former, CASE
                WHEN wait.expected_on IS NOT NULL THEN wait.expected_on
                WHEN shipment.has_known_supply THEN {WITHOUT_SUPPLY}
                ELSE COALESCE(shipment.expected_on, {DEFAULT}) END AS expected_on,
            wait.expected_on IS NOT NULL AS is_known
        FROM fulfillment_shipment AS shipment
        JOIN release_wait AS wait ON wait.shipment_id = shipment.id
        JOIN orders_order AS parent ON parent.id = shipment.order_id
        WHERE NOT shipment.is_expected_on_fixed AND shipment.state = %(state_backorder)s
    ), moved AS (
        UPDATE fulfillment_shipment AS shipment
        SET expected_on = dated.expected_on, has_known_supply = dated.is_known
        FROM dated WHERE shipment.id = dated.id
          AND (shipment.expected_on IS DISTINCT FROM dated.expected_on
               OR shipment.has_known_supply <> dated.is_known)
        RETURNING shipment.id, dated.former, dated.expected_on
    )
    INSERT INTO release_dated (shipment_id, former, expected_on, is_child)
    SELECT id, former, expected_on, FALSE FROM moved
    """,  # noqa: S608 - constants
    # A promise is dated by its supply, instead of as what waited was before this run.
    """
    WITH promised AS (
        SELECT child.child_id, child.expected_on,
            CASE WHEN rest.shipment_id IS NULL THEN parent.expected_on ELSE rest.former
            END AS former
        FROM release_child AS child
        JOIN fulfillment_shipment AS parent ON parent.id = child.shipment_id
        LEFT JOIN release_dated AS rest ON rest.shipment_id = parent.id
        WHERE child.expected_on IS NOT NULL
    )
    INSERT INTO release_dated (shipment_id, former, expected_on, is_child)
    SELECT child_id, former, expected_on, TRUE FROM promised
    """,
)

ALLOCATIONS = (
    # The lines of what becomes READY itself.
    """
    INSERT INTO fulfillment_allocation (
        order_line_id, shipment_line_id, source_item_id, future_supply_id, quantity)
    SELECT order_line_id, line_id, item_id, future_id, sum(units) / 10000.0
    FROM release_part WHERE is_reserving AND child_id = shipment_id
    GROUP BY order_line_id, line_id, item_id, future_id
    """,
    # The lines that the children were just given.
    """
    INSERT INTO fulfillment_allocation (
        order_line_id, shipment_line_id, source_item_id, future_supply_id, quantity)
    SELECT part.order_line_id, line.id, part.item_id, part.future_id, sum(part.units) / 10000.0
    FROM release_part AS part
    JOIN fulfillment_shipmentline AS line
        ON line.shipment_id = part.child_id AND line.order_line_id = part.order_line_id
    WHERE part.is_reserving AND part.child_id <> part.shipment_id
    GROUP BY part.order_line_id, line.id, part.item_id, part.future_id
    """,
)

TELLING = (
    """
    INSERT INTO fulfillment_shipmentevent (
        shipment_id, kind, reason, detail, actor_id, created_at)
    SELECT shipment_id, %(date_event)s, '', jsonb_build_object(
            'run', %(run_id)s::bigint, 'from', former, 'to', expected_on),
        %(actor_id)s, %(now)s
    FROM release_dated WHERE NOT is_child AND former IS DISTINCT FROM expected_on
    """,
    # Children begin with their date: their first event says so.
    """
    INSERT INTO fulfillment_shipmentevent (
        shipment_id, kind, reason, detail, actor_id, created_at)
    SELECT child.child_id, %(release_event)s, %(reason)s,
        CASE WHEN dated.is_child
            THEN jsonb_build_object(
                'run', %(run_id)s::bigint, 'from', dated.former, 'to', dated.expected_on)
            ELSE jsonb_build_object('run', %(run_id)s::bigint) END,
        %(actor_id)s, %(now)s
    FROM release_child AS child
    LEFT JOIN release_dated AS dated ON dated.shipment_id = child.child_id
        AND dated.former IS DISTINCT FROM dated.expected_on
    """,
    # One e-mail a shipment and run: units that the customer was told to wait for, and may leave.
    """
    INSERT INTO orders_orderemail (
        order_id, kind, event_key, state, language, recipient, context, subject, body,
        attempt_count, last_error, created_at, next_attempt_at)
    SELECT parent.id, %(release_notice)s, 'release-' || %(run_id)s || '-' || part.shipment_id,
        %(queued)s, parent.customer_language, parent.customer_email,
        jsonb_build_object(
            'shipments', ready.children,
            'lines', jsonb_agg(jsonb_build_object(
                'sku', order_line.sku, 'name', order_line.name,
                'quantity', (part.units / 10000.0)::numeric(16, 4)::text)
                ORDER BY order_line.number)),
        '', '', 0, '', %(now)s, %(now)s
    FROM (SELECT part.shipment_id, part.order_line_id, sum(part.units) AS units
          FROM release_part AS part
          JOIN fulfillment_shipment AS child
              ON child.id = part.child_id AND child.state = %(state_ready)s
              AND NOT child.is_held
          JOIN fulfillment_shipmentline AS line
              ON line.id = part.line_id AND line.promise_told_at IS NOT NULL
          GROUP BY part.shipment_id, part.order_line_id) AS part
    JOIN (SELECT child.shipment_id, jsonb_agg(child.child_id ORDER BY child.child_id) AS children
          FROM release_child AS child
          JOIN fulfillment_shipment AS shipment
              ON shipment.id = child.child_id AND shipment.state = %(state_ready)s
              AND NOT shipment.is_held
          GROUP BY child.shipment_id) AS ready ON ready.shipment_id = part.shipment_id
    JOIN orders_orderline AS order_line ON order_line.id = part.order_line_id
    JOIN orders_order AS parent ON parent.id = order_line.order_id
    GROUP BY parent.id, part.shipment_id, ready.children
    ON CONFLICT DO NOTHING
    """,
    telling(
        "(SELECT shipment_id, 'run-' || %(run_id)s || '-' || shipment_id AS event_key"
        " FROM release_dated)"
    ),
)

MOVE_COUNTERS = moving("""
    SELECT item_id, future_id, product_id, stock_id, pickup_source_id, units / 10000.0 AS quantity
    FROM release_part WHERE is_reserving
""")

# What ends gives back to balances before the others are counted: all are locked in key order first.
# Where nothing ends they are locked by the last statements: everybody needs them.
LOCK_BALANCES = tuple(
    f"SELECT count(*) FROM ({counters.locked(touched)}) AS locked"  # noqa: S608 - constants
    for counters, touched in (
        (
            BALANCES,
            "(SELECT DISTINCT product_id, stock_id, 0 AS reserved, 0 AS allocated"
            " FROM release_part)",
        ),
        (
            QUEUES,
            "(SELECT DISTINCT product_id, stock_id, pickup_source_id, 0 AS quantity"
            " FROM release_part)",
        ),
    )
)

# A promise that moves to current stock first gives back all it holds.
STATES = (END_ALLOCATIONS, *SHIPMENTS, HOLD)
# What is held by then has no e-mail.
STEPS = (*ALLOCATIONS, *TELLING, MOVE_COUNTERS)
ORDERS_RELEASED = """
SELECT DISTINCT shipment.order_id FROM fulfillment_shipment AS shipment
JOIN release_child AS child ON child.shipment_id = shipment.id
JOIN orders_order AS parent ON parent.id = shipment.order_id AND parent.ship_complete
"""

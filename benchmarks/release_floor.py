"""The least that releases a queue: read all, decide greedily in plain Python, write by COPY.

Everything is undone at the end, so that ours finds the queue as it was.
"""

import time
from collections import defaultdict
from typing import Any

from django.db import connection, transaction

READ_LINES = """
SELECT shipment.id, line.id, line.order_line_id, line.product_id,
    (line.quantity * 10000)::bigint
FROM fulfillment_shipment AS shipment
JOIN fulfillment_shipmentline AS line ON line.shipment_id = shipment.id
WHERE shipment.state = 'BACKORDER' AND line.product_id IN (
    SELECT id FROM inventory_product WHERE sku LIKE 'BENCH-%%')
ORDER BY shipment.priority DESC, shipment.backordered_since, shipment.id
"""
READ_ITEMS = """
SELECT item.id, item.product_id, item.source_id,
    ((item.quantity - item.allocated - item.safety_stock) * 10000)::bigint
FROM inventory_sourceitem AS item JOIN inventory_source AS source ON source.id = item.source_id
WHERE source.code LIKE 'bench-%%' AND item.status = 'IN_STOCK' ORDER BY item.source_id
"""
WRITE = (
    """
    UPDATE fulfillment_shipment AS shipment
    SET state = 'READY', source_id = chosen.source_id, released_at = now()
    FROM (SELECT DISTINCT ON (shipment_id) shipment_id, source_id FROM floor_part) AS chosen
    WHERE shipment.id = chosen.shipment_id
    """,
    """
    INSERT INTO fulfillment_allocation (order_line_id, shipment_line_id, source_item_id, quantity)
    SELECT order_line_id, line_id, item_id, sum(units) / 10000.0 FROM floor_part
    GROUP BY order_line_id, line_id, item_id
    """,
    """
    UPDATE inventory_sourceitem AS item SET allocated = item.allocated + part.units / 10000.0
    FROM (SELECT item_id, sum(units) AS units FROM floor_part GROUP BY item_id) AS part
    WHERE item.id = part.item_id
    """,
    """
    UPDATE inventory_stockbalance AS balance
    SET allocated = balance.allocated + part.units / 10000.0
    FROM (SELECT product_id, sum(units) AS units FROM floor_part GROUP BY product_id) AS part
    WHERE balance.product_id = part.product_id
    """,
)


def release_floor() -> tuple[float, int]:
    """Return the seconds it takes, and how many shipments it releases; nothing is kept."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            began = time.perf_counter()
            parts, released = _decide(cursor)
            _write(cursor, parts)
            seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds, released


def _decide(cursor: Any) -> tuple[list[tuple[int, ...]], int]:
    left: dict[int, dict[int, int]] = defaultdict(dict)
    item_ids: dict[tuple[int, int], int] = {}
    cursor.execute(READ_ITEMS)
    for item_id, product_id, source_id, units in cursor.fetchall():
        left[product_id][source_id] = units
        item_ids[product_id, source_id] = item_id
    lines: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    cursor.execute(READ_LINES)
    for shipment_id, line_id, order_line_id, product_id, units in cursor.fetchall():
        lines[shipment_id].append((line_id, order_line_id, product_id, units))
    parts: list[tuple[int, ...]] = []
    released = 0
    for shipment_id, wanted in lines.items():
        takes = _takes(wanted, left)
        if takes is None:
            continue
        released += 1
        for (line_id, order_line_id, product_id, _), source_id, units in takes:
            item_id = item_ids[product_id, source_id]
            parts.append(
                (shipment_id, line_id, order_line_id, product_id, source_id, item_id, units)
            )
    return parts, released


def _takes(
    wanted: list[tuple[int, int, int, int]], left: dict[int, dict[int, int]]
) -> list[tuple[tuple[int, int, int, int], int, int]] | None:
    takes = []
    for line in wanted:
        missing = line[3]
        here = left[line[2]]
        for source_id, units in here.items():
            taken = min(units, missing)
            if taken > 0:
                here[source_id] -= taken
                takes.append((line, source_id, taken))
                missing -= taken
            if not missing:
                break
        if missing:
            for taken_line, source_id, units in takes:
                left[taken_line[2]][source_id] += units
            return None
    return takes


def _write(cursor: Any, parts: list[tuple[int, ...]]) -> None:
    cursor.execute(
        "CREATE TEMPORARY TABLE floor_part (shipment_id bigint, line_id bigint, "
        "order_line_id bigint, product_id bigint, source_id bigint, item_id bigint, "
        "units bigint) ON COMMIT DROP"
    )
    with cursor.copy("COPY floor_part FROM STDIN") as copy:
        for part in parts:
            copy.write_row(part)
    for statement in WRITE:
        cursor.execute(statement)

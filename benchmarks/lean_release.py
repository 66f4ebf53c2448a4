"""The least work that a release can be: tables with nothing but primary keys.

The queue, its lines, the items, the units set aside and one event per shipment stand in five
narrow tables, copied from the world of the product before the clock starts. The decisions are
those of the floor over the product's own tables; everything goes out and in by COPY.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from benchmarks.release_floor import Left, Take, takes

TABLES = """
CREATE TABLE lean_shipment (id bigint PRIMARY KEY, parent_id bigint, source_id bigint,
    is_ready boolean NOT NULL, priority smallint NOT NULL, since timestamptz NOT NULL);
CREATE TABLE lean_line (id bigint PRIMARY KEY, shipment_id bigint NOT NULL,
    product_id bigint NOT NULL, units bigint NOT NULL);
CREATE TABLE lean_item (product_id bigint, source_id bigint, units bigint NOT NULL,
    PRIMARY KEY (product_id, source_id));
CREATE TABLE lean_allocation (line_id bigint, source_id bigint, units bigint NOT NULL,
    PRIMARY KEY (line_id, source_id));
CREATE TABLE lean_event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment_id bigint NOT NULL, kind text NOT NULL, at timestamptz NOT NULL);
INSERT INTO lean_shipment SELECT id, NULL, NULL, FALSE, priority, backordered_since
FROM fulfillment_shipment WHERE state = 'BACKORDER' AND number LIKE 'BENCH-%';
INSERT INTO lean_line SELECT line.id, shipment_id, product_id, (quantity * 10000)::bigint
FROM fulfillment_shipmentline AS line JOIN lean_shipment ON lean_shipment.id = shipment_id;
INSERT INTO lean_item
SELECT item.product_id, item.source_id,
    ((item.quantity - item.allocated - item.safety_stock) * 10000)::bigint
FROM inventory_sourceitem AS item JOIN inventory_source AS source ON source.id = item.source_id
WHERE source.code LIKE 'bench-%' AND item.status = 'IN_STOCK'
"""
NAMES = ("lean_shipment", "lean_line", "lean_item", "lean_allocation", "lean_event")
READ_ITEMS = """
COPY (SELECT product_id, source_id, units FROM lean_item ORDER BY source_id)
TO STDOUT (FORMAT binary)
"""
READ_LINES = """
COPY (SELECT line.shipment_id, line.id, line.product_id, line.units
      FROM lean_shipment AS shipment JOIN lean_line AS line ON line.shipment_id = shipment.id
      WHERE NOT shipment.is_ready
      ORDER BY shipment.priority DESC, shipment.since, shipment.id) TO STDOUT (FORMAT binary)
"""
STAGED = """
CREATE TEMPORARY TABLE lean_ready (shipment_id bigint, source_id bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE lean_moved (line_id bigint, units bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE lean_taken (product_id bigint, source_id bigint, units bigint)
ON COMMIT DROP
"""
UPDATES = """
ANALYZE lean_ready, lean_moved, lean_taken;
UPDATE lean_shipment AS shipment SET is_ready = TRUE, source_id = ready.source_id
FROM lean_ready AS ready WHERE shipment.id = ready.shipment_id;
UPDATE lean_line AS line SET units = line.units - moved.units
FROM lean_moved AS moved WHERE line.id = moved.line_id;
UPDATE lean_item AS item SET units = item.units - taken.units
FROM lean_taken AS taken
WHERE item.product_id = taken.product_id AND item.source_id = taken.source_id
"""


class LeanLine(NamedTuple):
    """A line that waits."""

    shipment_id: int
    id: int
    product_id: int
    units: int


class _LeanRows(NamedTuple):
    """What a release leaves behind, table by table."""

    ready: list[tuple[int, int | None]]
    children: list[tuple[int, int, int]]
    child_lines: list[tuple[int, int, int, int]]
    moved: list[tuple[int, int]]
    allocations: list[tuple[int, int, int]]
    events: list[int]


def lean_release() -> tuple[float, int]:
    """Return the seconds that reading, deciding, writing and the commit take, and how many leave.

    The lean tables are made before and dropped after it.
    """
    _execute(TABLES)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {', '.join(NAMES)}")
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            lines, left = _read(cursor)
            decided = {shipment: takes(wanted, left) for shipment, wanted in lines.items()}
            _write(cursor, _rows(lines, decided), _taken(decided))
        seconds = time.perf_counter() - began
    finally:
        _execute(f"DROP TABLE IF EXISTS {', '.join(NAMES)}")
    return seconds, sum(bool(taken) for taken in decided.values())


def _read(cursor: Any) -> tuple[dict[int, list[LeanLine]], Left]:
    left: Left = defaultdict(dict)
    for product_id, source_id, units in _copied(cursor, READ_ITEMS, 3):
        left[product_id][source_id] = units
    lines: dict[int, list[LeanLine]] = defaultdict(list)
    for row in _copied(cursor, READ_LINES, 4):
        lines[row[0]].append(LeanLine(*row))
    return lines, left


def _rows(lines: dict[int, list[LeanLine]], decided: dict[int, list[Take[LeanLine]]]) -> _LeanRows:
    rows = _LeanRows([], [], [], [], [], [])
    # What splits has ids after those that the world has.
    child_id = max(decided, default=0)
    line_id = max((line.id for wanted in lines.values() for line in wanted), default=0)
    for shipment_id, taken in decided.items():
        sources = dict.fromkeys(take.source_id for take in taken)
        if len(sources) == 1:
            rows.ready.append((shipment_id, taken[0].source_id))
            rows.events.append(shipment_id)
            rows.allocations.extend((take.line.id, take.source_id, take.units) for take in taken)
            continue
        for source_id in sources:
            child_id += 1
            rows.children.append((child_id, shipment_id, source_id))
            rows.events.append(child_id)
            for take in (take for take in taken if take.source_id == source_id):
                line_id += 1
                rows.child_lines.append((line_id, child_id, take.line.product_id, take.units))
                rows.allocations.append((line_id, source_id, take.units))
                rows.moved.append((take.line.id, take.units))
    return rows


def _taken(decided: dict[int, list[Take[LeanLine]]]) -> Counter[tuple[int, int]]:
    taken: Counter[tuple[int, int]] = Counter()
    for takes_of_one in decided.values():
        for take in takes_of_one:
            taken[take.line.product_id, take.source_id] += take.units
    return taken


def _write(cursor: Any, rows: _LeanRows, taken: Counter[tuple[int, int]]) -> None:
    now = datetime.now(UTC)
    _execute(STAGED)
    for target, values in (
        ("lean_shipment (id, parent_id, source_id, is_ready, priority, since)",
         ((*child, True, 0, now) for child in rows.children)),
        ("lean_line (id, shipment_id, product_id, units)", rows.child_lines),
        ("lean_allocation (line_id, source_id, units)", rows.allocations),
        ("lean_event (shipment_id, kind, at)", ((id, "RELEASED", now) for id in rows.events)),
        ("lean_ready", rows.ready),
        ("lean_moved", rows.moved),
        ("lean_taken", ((*key, units) for key, units in taken.items())),
    ):  # fmt: skip
        with cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
    for statement in UPDATES.split(";\n"):
        cursor.execute(statement)


def _copied(cursor: Any, statement: str, columns: int) -> Iterable[tuple[int, ...]]:
    with cursor.copy(statement) as copy:
        copy.set_types(["int8"] * columns)
        yield from copy.rows()


def _execute(statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements.split(";\n"):
            cursor.execute(statement)

"""Rows a second of a stock file: checked as for a person, then written, beside the least SQL.

100,000 rows over 25,000 products at 4 sources: half of them new, a quarter changed, a quarter as
they are. ``IMPORT_ROWS`` says how many. The floor copies the same rows into a table and merges
them, without a check, a history or anyone told.
"""

import os
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.acts import Act
from core.operations import jobs
from core.operations.bulk.apply import BulkRequest, confirm
from core.operations.bulk.preview import preview
from inventory.files import imports
from inventory.operations.bulk import take_back
from inventory.operations.bulk.actions import Action

SOURCES = 4
TAKEN_BACK_ROWS = 5_000
NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
LIMIT = 100_000_000

WORLD = """
INSERT INTO inventory_source (code, name, is_enabled, description, ships_to_home,
    is_pickup_location, contact_name, email, phone, street, city, region, postcode, country)
SELECT 'bench-' || n, 'Bench', TRUE, '', TRUE, FALSE, '', '', '', '', '', '', '1', 'US'
FROM generate_series(1, %(sources)s) AS n;
INSERT INTO inventory_product (sku, name, is_enabled, product_type, price)
SELECT 'BENCH-' || n, 'Bench', TRUE, 'SIMPLE', 10 FROM generate_series(1, %(products)s) AS n
"""
HELD = """
INSERT INTO inventory_sourceitem (product_id, source_id, quantity, allocated, safety_stock, status,
    is_status_automatic)
SELECT product.id, source.id, 5, 0, 0, 'IN_STOCK', FALSE
FROM inventory_product AS product JOIN inventory_source AS source
    ON source.code IN ('bench-1', 'bench-2')
WHERE product.sku LIKE 'BENCH-%'
"""
FLOOR = """
INSERT INTO inventory_sourceitem AS item (product_id, source_id, quantity, allocated, safety_stock,
    status, is_status_automatic)
SELECT product.id, source.id, floor.quantity, 0, 0,
    CASE WHEN floor.status = '1' THEN 'IN_STOCK' ELSE 'OUT_OF_STOCK' END, FALSE
FROM floor JOIN inventory_product AS product USING (sku)
JOIN inventory_source AS source ON source.code = floor.source_code
ON CONFLICT (product_id, source_id) DO UPDATE
SET quantity = EXCLUDED.quantity, status = EXCLUDED.status
"""


def run() -> Iterator[dict[str, Any]]:
    """Check and write the file, then write the same over empty items with the least SQL."""
    row_count = int(os.environ.get("IMPORT_ROWS", "100000"))
    with connection.cursor() as cursor:
        for statement in WORLD.split(";\n"):
            cursor.execute(statement, {"sources": SOURCES, "products": row_count // SOURCES})
        cursor.execute(HELD)
        cursor.execute("ANALYZE")
    content = file_of(row_count)
    before = peak_megabytes()
    started = time.perf_counter()
    file = imports.receive(
        content,
        Act(NOW),
        name="bench.csv",
        format_code="STOCK_SOURCES",
        behavior="APPEND",
        limit=LIMIT,
    )
    with CaptureQueriesContext(connection) as check_queries:
        file = imports.check(file.pk, today=NOW.date(), progress=unseen)
    checked = time.perf_counter()
    with CaptureQueriesContext(connection) as write_queries:
        file = imports.write(file.pk, Act(NOW), today=NOW.date(), progress=unseen)
    written = time.perf_counter()
    if file.state != "WRITTEN":
        raise SystemExit(f"The file was not written: {file.findings['problems'][:3]}")
    taken_back = taken_back_seconds()
    floor = floor_seconds(content, row_count)
    case = f"{row_count:,} rows"
    yield row(f"{case}: check", row_count / (checked - started), None, len(check_queries))
    rate = row_count / (written - checked)
    yield row(f"{case}: write", rate, row_count / floor, len(write_queries))
    yield row(f"{case}: check and write", row_count / (written - started), None, None)
    case_of_these = f"{TAKEN_BACK_ROWS:,} rows: taken back, by a worker"
    yield row(case_of_these, TAKEN_BACK_ROWS / taken_back, None, None)
    yield {
        **row(f"{case}: peak memory above the start", peak_megabytes() - before, None, None),
        "unit": "MB",
    }


def taken_back_seconds() -> float:
    """Return how long a worker takes to take back an import that changed every one of its rows."""
    lines = ["source_code,sku,quantity"]
    products = range(1, TAKEN_BACK_ROWS // SOURCES + 1)
    lines += [f"bench-{s},BENCH-{n},777" for n in products for s in range(1, SOURCES + 1)]
    file = imports.receive(
        ("\n".join(lines) + "\n").encode(),
        Act(NOW),
        name="mistake.csv",
        format_code="STOCK_SOURCES",
        behavior="APPEND",
        limit=LIMIT,
    )
    imports.check(file.pk, today=NOW.date(), progress=unseen)
    file = imports.write(file.pk, Act(NOW), today=NOW.date(), progress=unseen)
    started = time.perf_counter()
    values = take_back.values_of(file, today=NOW.date())
    keys = take_back.keys_of(take_back.read(values))
    action = Action.TAKE_BACK
    shown = preview(action, keys, values, Act(NOW), page=1, page_size=50).snapshot
    request = BulkRequest(action, tuple(keys), values, "mistake.csv", shown)
    change = confirm(request, Act(NOW))
    if change.job_id is not None:
        jobs.run(job_id=change.job_id, now=NOW)
    change.refresh_from_db()
    if change.changed_count != TAKEN_BACK_ROWS:
        raise SystemExit(f"Taken back were {change.changed_count} rows")
    return time.perf_counter() - started


def file_of(row_count: int) -> bytes:
    """Return the file: items at the first source stay, at the second change, others are new."""
    lines = ["source_code,sku,status,quantity"]
    lines += [
        f"bench-{source},BENCH-{product},1,{5 if source == 1 else product % 90 + 6}"
        for product in range(1, row_count // SOURCES + 1)
        for source in range(1, SOURCES + 1)
    ]
    return ("\n".join(lines) + "\n").encode()


def floor_seconds(content: bytes, row_count: int) -> float:
    """Return how long the least SQL takes for the same rows, over the items as they were."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM inventory_sourceitem")
        cursor.execute(HELD)
        cursor.execute("ANALYZE inventory_sourceitem")
        cursor.execute("ALTER TABLE inventory_sourceitem DISABLE TRIGGER USER")
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE floor (source_code text, sku text, status text, "
            "quantity numeric) ON COMMIT DROP"
        )
        with cursor.copy("COPY floor FROM STDIN WITH (FORMAT csv, HEADER)") as copy:
            copy.write(content)
        cursor.execute(FLOOR)
    return time.perf_counter() - started


def peak_megabytes() -> float:
    """Return the most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def unseen(_count: int) -> None:
    """Nobody watches."""


def row(case: str, ours: float, floor: float | None, queries: int | None) -> dict[str, Any]:
    return {
        "benchmark": "stock_import",
        "case": case,
        "unit": "rows/s",
        "ours": round(ours, 1),
        "floor": None if floor is None else round(floor, 1),
        "ratio": None if floor is None else ours / floor,
        "queries": queries,
    }

"""Release runs: the demo's queue, then large queues beside the least that does the same.

A large queue: shipments of two lines over 10,000 products at 5 sources, of mixed priority, about
two thirds of them covered by current stock or by promises; safety stock at every third item, and
dated supply of every third product. ``RELEASE_SHIPMENTS`` names the sizes (100000), several with
commas between; 1000000 takes half an hour. Each run has a process of its own, so the peak of its
memory is its own.
"""

import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from benchmarks.harness import DATABASE, fresh_database
from benchmarks.lean_release import lean_release
from benchmarks.release_floor import release_floor
from core.acts import Act
from demo.load import load_demo
from fulfillment.models import ReleaseRun
from fulfillment.release.runs import engine
from fulfillment.release.runs.arrivals import release_arrivals
from fulfillment.release.runs.scope import RunScope
from inventory.models import InventoryConfiguration, SourceItem

UTC_ZONE = ZoneInfo("UTC")
# One SKU comes in, enough for all that wait for it and nothing else.
ARRIVAL = """
WITH late AS (SELECT id FROM inventory_product WHERE sku = 'BENCH-LATE'), item AS (
    UPDATE inventory_sourceitem SET quantity = quantity + 2 * %(late)s
    WHERE product_id = (SELECT id FROM late))
INSERT INTO fulfillment_arrivalnotice (product_id) SELECT id FROM late
"""
PRODUCTS = 10_000
SOURCES = 5
LATE_SHIPMENTS = 10

WORLD = """
INSERT INTO inventory_source (code, name, is_enabled, description, ships_to_home,
    is_pickup_location, contact_name, email, phone, street, city, region, postcode, country)
SELECT 'bench-' || n, 'Bench', TRUE, '', TRUE, FALSE, '', '', '', '', '', '', '1', 'US'
FROM generate_series(1, %(sources)s) AS n;
INSERT INTO inventory_stock (code, name) VALUES ('bench', 'Bench');
INSERT INTO inventory_saleschannel (code, name, stock_id)
SELECT 'bench', 'Bench', id FROM inventory_stock WHERE code = 'bench';
INSERT INTO inventory_stocksource (stock_id, source_id, priority)
SELECT stock.id, source.id, row_number() OVER (ORDER BY source.id)
FROM inventory_stock AS stock, inventory_source AS source
WHERE stock.code = 'bench' AND source.code LIKE 'bench-%%';
INSERT INTO inventory_product (sku, name, is_enabled, product_type, price)
SELECT 'BENCH-' || n, 'Bench', TRUE, 'SIMPLE', 10 FROM generate_series(1, %(products)s) AS n
UNION ALL SELECT 'BENCH-LATE', 'Bench', TRUE, 'SIMPLE', 10;
INSERT INTO orders_order (number, channel_id, stock_id, status, placed_at, priority,
    customer_name, customer_email, customer_language, fulfillment_method, recipient, street,
    city, region, postcode, country, currency, total, request_fingerprint)
SELECT 'BENCH-' || n, channel.id, channel.stock_id, 'PROCESSING',
    timestamptz '2026-01-01' + n * interval '1 second', n %% 7 / 6, 'Ada', 'ada@example.com', 'en',
    'SHIP_TO_HOME', '', '', '', '', '', '', 'USD', 40, ''
FROM inventory_saleschannel AS channel, generate_series(1, %(shipments)s) AS n
WHERE channel.code = 'bench';
INSERT INTO orders_orderline (order_id, number, product_id, sku, name, is_virtual, is_reserving,
    quantity, backordered_quantity, canceled_quantity, invoiced_quantity,
    shipped_quantity, refunded_quantity, refunded_unshipped_quantity, returned_quantity,
    unit_price, discount, tax, total)
SELECT placed.id, line, product.id, product.sku, 'Bench', FALSE, TRUE, 2, 2, 0, 0, 0, 0, 0,
    0, 10, 0, 0, 20
FROM orders_order AS placed, generate_series(1, 2) AS line, inventory_product AS product
WHERE placed.number LIKE 'BENCH-%%'
  AND product.sku = CASE WHEN line = 2 AND placed.id %% (%(shipments)s / %(late)s) = 1
      THEN 'BENCH-LATE'
      ELSE 'BENCH-' || 1 + (placed.id * (line * 7919)) %% %(products)s END;
INSERT INTO fulfillment_shipment (number, order_id, stock_id, state, is_held, hold_reason,
    hold_note, care_reason, priority, backordered_since, expected_on, is_expected_on_fixed, amount,
    created_at)
SELECT number || '-1', id, stock_id, 'BACKORDER', FALSE, '', '', '', priority, placed_at,
    (placed_at AT TIME ZONE 'UTC')::date + 14, FALSE, 40, placed_at
FROM orders_order WHERE number LIKE 'BENCH-%%';
INSERT INTO fulfillment_shipmentline (shipment_id, order_line_id, product_id, original_quantity,
    quantity, moved_quantity, canceled_quantity, refunded_quantity, original_amount, amount,
    moved_amount, canceled_amount, refunded_amount)
SELECT shipment.id, line.id, line.product_id, 2, 2, 0, 0, 0, 20, 20, 0, 0, 0
FROM fulfillment_shipment AS shipment JOIN orders_orderline AS line USING (order_id)
WHERE shipment.number LIKE 'BENCH-%%';
INSERT INTO inventory_stockbalance (stock_id, product_id, reserved, allocated)
SELECT shipment.stock_id, line.product_id, -sum(line.quantity), 0
FROM fulfillment_shipmentline AS line
JOIN fulfillment_shipment AS shipment ON shipment.id = line.shipment_id
WHERE shipment.number LIKE 'BENCH-%%' GROUP BY 1, 2;
INSERT INTO fulfillment_waitingbalance (product_id, stock_id, quantity)
SELECT balance.product_id, balance.stock_id, -balance.reserved
FROM inventory_stockbalance AS balance JOIN inventory_stock AS stock ON stock.id = balance.stock_id
WHERE stock.code = 'bench'
"""
SUPPLY = """
INSERT INTO inventory_sourceitem (product_id, source_id, quantity, allocated, safety_stock,
    status, is_status_automatic)
SELECT balance.product_id, source.id,
    floor(balance.waiting_quantity * 0.6 / %(sources)s) + (balance.product_id + source.id) %% 3,
    0, CASE WHEN (balance.product_id + source.id) %% 3 = 0 THEN 1 ELSE 0 END, 'IN_STOCK', FALSE
FROM inventory_stockbalance AS balance, inventory_source AS source, inventory_product AS product
WHERE source.code LIKE 'bench-%%' AND product.id = balance.product_id
  AND product.sku <> 'BENCH-LATE'
  AND balance.stock_id = (SELECT id FROM inventory_stock WHERE code = 'bench');
INSERT INTO inventory_sourceitem (product_id, source_id, quantity, allocated, safety_stock,
    status, is_status_automatic)
SELECT product.id, source.id, 0, 0, 0, 'IN_STOCK', FALSE
FROM inventory_product AS product, inventory_source AS source
WHERE product.sku = 'BENCH-LATE' AND source.code = 'bench-1';
INSERT INTO inventory_futuresupply (product_id, source_id, reference, quantity,
    received_quantity, allocated_quantity, expected_on, state)
SELECT balance.product_id, source.id, 'bench', floor(balance.waiting_quantity / 8) + 1, 0, 0,
    current_date + 5, 'OPEN'
FROM inventory_stockbalance AS balance, inventory_source AS source, inventory_product AS product
WHERE source.code = 'bench-2' AND product.id = balance.product_id
  AND product.sku <> 'BENCH-LATE' AND product.id %% 3 = 0
"""


def run() -> Iterator[dict[str, Any]]:
    """Yield the demo's run, then for each size the run, its floor, and what is settled after it."""
    yield from _demo()
    for size in os.environ.get("RELEASE_SHIPMENTS", "100000").split(","):
        fresh_database()
        make_world(int(size))
        yield from _large(int(size))


class RunMeasure(NamedTuple):
    """What one run took in its own process."""

    seconds: float
    released: int
    peak_mib: int


def _large(count: int) -> Iterator[dict[str, Any]]:
    nothing = _apart(_full_run)
    _execute(SUPPLY, count)
    floor = _apart(_floor)
    lean = _apart(_lean)
    # The floor's writes are rolled back: what they leave behind must not slow ours.
    _vacuum()
    full = _apart(_full_run)
    settled = _apart(_full_run)
    _execute(ARRIVAL, count)
    arrival = _apart(_arrival_run)
    yield {
        "benchmark": "release",
        "case": f"{count:,} waiting, {full.released:,} released (floor {floor.released:,})",
        "unit": "s",
        "ours": round(full.seconds, 2),
        "floor": round(floor.seconds, 2),
        "ratio": round(full.seconds / floor.seconds, 2),
    }
    yield {
        "benchmark": "release",
        "case": f"{count:,} waiting, {full.released:,} released (lean floor {lean.released:,})",
        "unit": "s",
        "ours": round(full.seconds, 2),
        "floor": round(lean.seconds, 2),
        "ratio": round(full.seconds / lean.seconds, 2),
    }
    yield {
        "benchmark": "release",
        "case": f"{count:,} waiting: peak memory of the process",
        "unit": "MiB",
        "ours": full.peak_mib,
        "floor": floor.peak_mib,
        "ratio": round(full.peak_mib / floor.peak_mib, 2),
    }
    yield {
        "benchmark": "release",
        "case": f"{count:,} waiting before anything is there, {nothing.released} released",
        "unit": "s",
        "ours": round(nothing.seconds, 3),
    }
    yield {
        "benchmark": "release",
        "case": f"the {count - full.released:,} that still wait once more, "
        f"{settled.released} released",
        "unit": "s",
        "ours": round(settled.seconds, 3),
    }
    yield {
        "benchmark": "release",
        "case": f"one SKU arrives among them, {arrival.released} released",
        "unit": "s",
        "ours": round(arrival.seconds, 3),
    }


def _apart(measure: Callable[[], RunMeasure]) -> RunMeasure:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin) as pool:
        return pool.submit(measure).result()


def _begin() -> None:
    """Use the benchmarks' database in a process that was just started."""
    connection.settings_dict["NAME"] = DATABASE
    connection.ensure_connection()


def _full_run() -> RunMeasure:
    return _measured(lambda: _release().released_count)


def _floor() -> RunMeasure:
    seconds, released = release_floor()
    return RunMeasure(seconds, released, _peak_mib())


def _lean() -> RunMeasure:
    seconds, released = lean_release()
    return RunMeasure(seconds, released, _peak_mib())


def _arrival_run() -> RunMeasure:
    def release() -> int:
        run = release_arrivals(now=datetime.now(UTC), zone=UTC_ZONE)
        return run.released_count if run else 0

    return _measured(release)


def _measured(release: Callable[[], int]) -> RunMeasure:
    # A worker has its connection, and its modules, from the runs before.
    engine.run_release(
        act=Act(datetime.now(UTC)),
        zone=UTC_ZONE,
        trigger=ReleaseRun.Trigger.COMMAND,
        scope=RunScope(shipments=("nobody",)),
    )
    began = time.perf_counter()
    released = release()
    return RunMeasure(time.perf_counter() - began, released, _peak_mib())


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _demo() -> Iterator[dict[str, Any]]:
    load_demo(now=datetime.now(UTC), progress=lambda done, total: None)
    SourceItem.objects.filter(source__code="seattle").update(quantity=1000)
    reset_queries()
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        run = _release()
    yield {
        "benchmark": "release",
        "case": f"the demo's queue, {run.released_count} released",
        "unit": "ms",
        "ours": round((time.perf_counter() - began) * 1000, 1),
        "queries": sum(q["sql"] not in ("BEGIN", "COMMIT") for q in queries.captured_queries),
    }


def _release() -> ReleaseRun:
    return engine.run_release(
        act=Act(datetime.now(UTC)), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.COMMAND
    )


def make_world(count: int) -> None:
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(future_inventory=True)
    _execute(WORLD, count)


def _execute(statements: str, count: int) -> None:
    parameters = {
        "sources": SOURCES,
        "products": PRODUCTS,
        "shipments": count,
        "late": LATE_SHIPMENTS,
    }
    with connection.cursor() as cursor:
        for statement in statements.split(";\n"):
            cursor.execute(statement, parameters)
    _vacuum()


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

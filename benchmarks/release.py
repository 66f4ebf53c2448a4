"""One release run: over the demo's queue, and over a large one beside the least that does it.

The large queue: shipments of two lines over 10,000 products at 5 sources, about two thirds of
them covered. ``RELEASE_SHIPMENTS`` says how many wait (100,000).
"""

import os
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from benchmarks.release_floor import release_floor
from fulfillment.demo.load import load_demo
from fulfillment.models import ReleaseRun
from fulfillment.release import engine
from inventory.models import SourceItem

UTC_ZONE = ZoneInfo("UTC")
PRODUCTS = 10_000
SOURCES = 5

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
SELECT 'BENCH-' || n, 'Bench', TRUE, 'SIMPLE', 10 FROM generate_series(1, %(products)s) AS n;
INSERT INTO orders_order (number, channel_id, stock_id, status, placed_at, priority,
    customer_name, customer_email, customer_language, fulfillment_method, recipient, street,
    city, region, postcode, country, currency, total, request_fingerprint)
SELECT 'BENCH-' || n, channel.id, channel.stock_id, 'PROCESSING',
    timestamptz '2026-01-01' + n * interval '1 second', 0, 'Ada', 'ada@example.com', 'en',
    'SHIP_TO_HOME', '', '', '', '', '', '', 'USD', 40, ''
FROM inventory_saleschannel AS channel, generate_series(1, %(shipments)s) AS n
WHERE channel.code = 'bench';
INSERT INTO orders_orderline (order_id, number, product_id, sku, name, is_virtual, is_reserving,
    is_whole, quantity, backordered_quantity, canceled_quantity, invoiced_quantity,
    shipped_quantity, refunded_quantity, refunded_unshipped_quantity, returned_quantity,
    unit_price, discount, tax, total)
SELECT placed.id, line, product.id, product.sku, 'Bench', FALSE, TRUE, FALSE, 2, 2, 0, 0, 0, 0, 0,
    0, 10, 0, 0, 20
FROM orders_order AS placed, generate_series(1, 2) AS line, inventory_product AS product
WHERE placed.number LIKE 'BENCH-%%'
  AND product.sku = 'BENCH-' || 1 + (placed.id * (line * 7919)) %% %(products)s;
INSERT INTO fulfillment_shipment (number, order_id, stock_id, state, is_held, hold_reason,
    hold_note, care_reason, priority, backordered_since, is_expected_on_fixed, amount, tracking,
    created_at)
SELECT number || '-1', id, stock_id, 'BACKORDER', FALSE, '', '', '', 0, placed_at, FALSE, 40, '',
    placed_at
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
WHERE stock.code = 'bench';
INSERT INTO inventory_sourceitem (product_id, source_id, quantity, allocated, safety_stock,
    status, is_status_automatic)
SELECT balance.product_id, source.id,
    floor(balance.waiting_quantity * 0.85 / %(sources)s) + (balance.product_id + source.id) %% 3,
    0, 0, 'IN_STOCK', FALSE
FROM inventory_stockbalance AS balance, inventory_source AS source
WHERE source.code LIKE 'bench-%%'
  AND balance.stock_id = (SELECT id FROM inventory_stock WHERE code = 'bench')
"""


def run() -> Iterator[dict[str, Any]]:
    """Yield the demo's run, then the large one beside its floor, on an empty database."""
    yield from _demo()
    count = int(os.environ.get("RELEASE_SHIPMENTS", "100000"))
    _make_world(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    floor_seconds, floor_released = release_floor()
    began = time.perf_counter()
    released = _release()
    seconds = time.perf_counter() - began
    yield {
        "benchmark": "release",
        "case": f"{count:,} waiting, {released.released_count:,} released "
        f"(floor {floor_released:,})",
        "unit": "s",
        "ours": round(seconds, 2),
        "floor": round(floor_seconds, 2),
        "ratio": round(seconds / floor_seconds, 2),
    }
    yield {
        "benchmark": "release",
        "case": f"{count:,} waiting: peak memory of the process",
        "unit": "MiB",
        "ours": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    began = time.perf_counter()
    _release()
    yield {
        "benchmark": "release",
        "case": "the same queue again, nothing to release",
        "unit": "s",
        "ours": round(time.perf_counter() - began, 2),
    }


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
        now=datetime.now(UTC), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.COMMAND
    )


def _make_world(count: int) -> None:
    parameters = {"sources": SOURCES, "products": PRODUCTS, "shipments": count}
    with connection.cursor() as cursor:
        for statement in WORLD.split(";\n"):
            cursor.execute(statement, parameters)

"""Inventory at 100,000 products × 4 sources: its lists, bulk availability, bulk resolution.

``INVENTORY_PRODUCTS`` says how many products there are (100,000). One in 50 is low at a source,
one in 200 sold out, one in ten takes backorders of its own. Times are of the server alone, the
median of several; pages are asked for as a superuser.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from core.clock import today
from inventory.admin.low_stock import KEY, low_badge
from inventory.models import InventoryConfiguration, Product, Stock
from inventory.queries.low_items import sold_out
from inventory.queries.positions import stock_positions
from inventory.queries.salability_facts import availability_in_stock

TIMES = 5
SOURCES = 4
WORLD = """
INSERT INTO inventory_source (code, name, is_enabled, description, ships_to_home,
    is_pickup_location, contact_name, email, phone, street, city, region, postcode, country)
SELECT 'bench-' || n, 'Bench', TRUE, '', TRUE, FALSE, '', '', '', '', '', '', '1', 'US'
FROM generate_series(1, %(sources)s) AS n;
INSERT INTO inventory_stock (code, name) VALUES ('bench', 'Bench');
INSERT INTO inventory_stocksource (stock_id, source_id, priority)
SELECT stock.id, source.id, row_number() OVER (ORDER BY source.id)
FROM inventory_stock AS stock, inventory_source AS source
WHERE stock.code = 'bench' AND source.code LIKE 'bench-%%';
INSERT INTO inventory_product (sku, name, is_enabled, product_type, price, backorders,
    out_of_stock_threshold)
SELECT 'BENCH-' || n, 'Bench ' || n, TRUE, 'SIMPLE', 10,
    CASE WHEN n %% 10 = 0 THEN 'ALLOW_QTY_BELOW_0' END, CASE WHEN n %% 20 = 0 THEN -50 END
FROM generate_series(1, %(products)s) AS n;
INSERT INTO inventory_sourceitem (product_id, source_id, quantity, allocated, safety_stock, status,
    is_status_automatic)
SELECT product.id, source.id,
    CASE WHEN product.id %% 200 = 1 OR product.id %% 50 = 1 AND source.code = 'bench-1'
        THEN 0 ELSE 5 + product.id %% 90 END, 0, 0, 'IN_STOCK', FALSE
FROM inventory_product AS product, inventory_source AS source
WHERE product.sku LIKE 'BENCH-%%' AND source.code LIKE 'bench-%%';
INSERT INTO inventory_stockbalance (stock_id, product_id, reserved, allocated)
SELECT stock.id, product.id, -2, 0 FROM inventory_stock AS stock, inventory_product AS product
WHERE stock.code = 'bench' AND product.sku LIKE 'BENCH-%%'
"""
LIST = "/admin/inventory/product/"
PAGES = {
    "product list": LIST,
    "product list, last page": f"{LIST}?p={{last}}",
    "product list, sorted by quantity": f"{LIST}?o=-4",
    "product list, sorted by salable quantity": f"{LIST}?o=-{{salable}}",
    "product list, searched": f"{LIST}?q=BENCH-77",
    "product list, backorders allowed": f"{LIST}?takes_backorders=allowed",
    "product list, overridden": f"{LIST}?overridden=yes",
    "product list, low": f"{LIST}?low=yes",
    "product list, out of stock": f"{LIST}?out_of_stock=yes",
    "low stock": "/admin/inventory/lowstockdigest/items/",
    "source items": "/admin/inventory/sourceitem/",
}


def run() -> Iterator[dict[str, Any]]:
    """Measure the pages, then what programs ask for in bulk."""
    product_count = int(os.environ.get("INVENTORY_PRODUCTS", "100000"))
    with connection.cursor() as cursor:
        for statement in WORLD.split(";\n"):
            cursor.execute(statement, {"sources": SOURCES, "products": product_count})
        cursor.execute("ANALYZE")
    case = f"{product_count:,} products × {SOURCES} sources"
    yield from pages(case, product_count)
    yield from reads(case)


def pages(case: str, product_count: int) -> Iterator[dict[str, Any]]:
    """Measure what a person waits for."""
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    numbers = {"last": (product_count - 1) // 50 + 1, "salable": 5}
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for name, address in PAGES.items():
            url = address.format(**numbers)

            def ask(url: str = url) -> None:
                status = client.get(url).status_code
                if status != 200:
                    raise SystemExit(f"{url} answers {status}.")

            yield measured(f"{case}: {name}", ask)


def reads(case: str) -> Iterator[dict[str, Any]]:
    """Measure what a program, a worker or the menu asks for."""
    some = [f"BENCH-{number}" for number in range(1, 1001)]
    many = [f"BENCH-{number}" for number in range(1, 10_001)]
    products = list(Product.objects.filter(sku__in=many).order_by("pk"))
    site = InventoryConfiguration.load()
    stock = Stock.objects.get(code="bench")
    reads: dict[str, Callable[[], Any]] = {
        "availability of 1,000 products": lambda: availability_in_stock(
            "bench", some, today=today()
        ),
        "availability of 10,000 products": lambda: availability_in_stock(
            "bench", many, today=today()
        ),
        "resolution of 10,000 products in every stock": lambda: stock_positions(
            products, configuration=site, today=today()
        ),
        "the menu's count of low items, not kept": count_low,
        "200 sold-out products": lambda: list(
            sold_out(stock, configuration=site, today=today())[:200]
        ),
    }
    for name, read in reads.items():
        yield measured(f"{case}: {name}", read)


def count_low() -> None:
    """Count as the first page does after a while."""
    cache.delete(KEY)
    low_badge(None)
    cache.delete(KEY)


def measured(case: str, ask: Callable[[], Any]) -> dict[str, Any]:
    """Return a row of the table: the median of several times, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        ask()
        count = len(queries)
    times = []
    for _each in range(TIMES):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return {
        "benchmark": "inventory",
        "case": case,
        "unit": "ms",
        "ours": round(statistics.median(times), 1),
        "floor": None,
        "ratio": None,
        "queries": count,
    }

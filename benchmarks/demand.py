"""The page of demand at 100,000 products × 4 sources, beside the least SQL that finds its rows.

``DEMAND_PRODUCTS`` says how many products there are (100,000). Units of one in ten wait, and some
are incoming for half of them; one in 50 is low at a source. Times are of the server alone, the
median of several; the page is asked for as a superuser.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.inventory import SOURCES, TIMES, WORLD
from core.sql import fetch_rows

DEMAND = """
INSERT INTO fulfillment_waitingbalance (stock_id, product_id, quantity)
SELECT stock.id, product.id, 1 + product.id %% 9
FROM inventory_stock AS stock, inventory_product AS product
WHERE stock.code = 'bench' AND product.sku LIKE 'BENCH-%%' AND product.id %% 10 = 0;
INSERT INTO inventory_futuresupply (product_id, source_id, quantity, received_quantity,
    allocated_quantity, state, reference)
SELECT product.id, source.id, 5, 0, 0, 'OPEN', 'PO'
FROM inventory_product AS product, inventory_source AS source
WHERE product.sku LIKE 'BENCH-%%' AND product.id %% 20 = 0 AND source.code = 'bench-1'
"""
# What waits and what is low, by product, and the 50 with the most: what no page could do without.
FLOOR = """
SELECT product_id, sum(quantity) FROM (
    SELECT product_id, quantity FROM fulfillment_waitingbalance WHERE quantity > 0
    UNION ALL
    SELECT product_id, 1 - (quantity - allocated - safety_stock) FROM inventory_sourceitem
    WHERE quantity - allocated - safety_stock < 1
) AS wanted GROUP BY product_id ORDER BY 2 DESC, 1 LIMIT 50
"""
PAGES = {"demand": "", "demand, searched": "?q=BENCH-77", "demand, page 100": "?p=100"}


def run() -> Iterator[dict[str, Any]]:
    """Measure the page, beside the least SQL."""
    product_count = int(os.environ.get("DEMAND_PRODUCTS", "100000"))
    with connection.cursor() as cursor:
        for statement in (WORLD + ";\n" + DEMAND).split(";\n"):
            cursor.execute(statement, {"sources": SOURCES, "products": product_count})
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    floor, _count = _median(lambda: fetch_rows(FLOOR))
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for name, question in PAGES.items():
            url = reverse("admin:fulfillment_demand") + question

            def ask(address: str = url) -> None:
                status = client.get(address).status_code
                if status != 200:
                    raise SystemExit(f"{address} answers {status}.")

            ours, count = _median(ask)
            yield {
                "benchmark": "demand",
                "case": f"{product_count:,} products × {SOURCES} sources: {name}",
                "unit": "ms",
                "ours": round(ours, 1),
                "floor": round(floor, 1),
                "ratio": round(ours / floor, 2),
                "queries": count,
            }


def _median(ask: Callable[[], Any]) -> tuple[float, int]:
    """Return the median of several times in milliseconds, and how many queries it takes."""
    with CaptureQueriesContext(connection) as queries:
        ask()
        count = len(queries)
    times = []
    for _each in range(TIMES):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), count

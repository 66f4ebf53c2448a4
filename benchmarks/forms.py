"""A product's page at 500 sources: opened, then saved with one quantity changed.

``FORMS_SOURCES`` says how many sources there are (500). Times are of the server alone, the median
of five, signed in as a superuser.
"""

import os
import statistics
import time
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Product, Source, SourceItem
from tests.opened_form import opened_form

TIMES = 5


def run() -> Iterator[dict[str, Any]]:
    """Open the page, and save it as a browser would post it."""
    source_count = int(os.environ.get("FORMS_SOURCES", "500"))
    product = make_product(source_count)
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    url = reverse("admin:inventory_product_change", args=[product.pk])
    opens, saves = [], []
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        # The first reads templates and settings.
        client.get(url)
        for quantity in range(TIMES):
            page, taken, open_queries = timed(lambda: client.get(url))
            opens.append(taken)
            form = {**opened_form(page.text), "source_items-3-quantity": str(100 + quantity)}
            saved, taken, save_queries = timed(lambda form=form: client.post(url, form))
            saves.append(taken)
            if saved.status_code != 302:
                raise SystemExit(f"{url} is not saved: {saved.status_code}.")
    case = f"a product at {source_count:,} sources"
    yield row(f"{case}: opened", opens, open_queries)
    yield row(f"{case}: saved", saves, save_queries)


def make_product(source_count: int) -> Product:
    """Return a product that is assigned to as many sources."""
    product = Product.objects.create(sku="BENCH", name="Bench", price=10)
    sources = Source.objects.bulk_create(
        Source(code=f"bench-{number:04}", name="Bench") for number in range(source_count)
    )
    SourceItem.objects.bulk_create(
        SourceItem(product=product, source=source, quantity=5, status="IN_STOCK")
        for source in sources
    )
    return product


def timed(ask: Any) -> tuple[Any, float, int]:
    """Return an answer, the milliseconds that it took, and its queries."""
    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        answer = ask()
        taken = (time.perf_counter() - started) * 1000
    return answer, taken, len(queries)


def row(case: str, times: list[float], queries: int) -> dict[str, Any]:
    """Return a row of the table."""
    return {
        "benchmark": "forms",
        "case": case,
        "unit": "ms",
        "ours": round(statistics.median(times), 1),
        "floor": None,
        "ratio": None,
        "queries": queries,
    }

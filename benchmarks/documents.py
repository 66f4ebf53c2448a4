"""Documents of 200 shipments as PDF; beside them the page of an order of 500 lines.

A pick list and packing slips, each product with a barcode; times are of the server alone, the
median of three, from the rows to the finished PDF.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client, override_settings
from django.urls import reverse

from benchmarks.forms import timed
from benchmarks.placement import CHANNEL, place, prepare
from core.acts import Act
from fulfillment.documents.packing_slip import packing_slips
from fulfillment.documents.pick_list import pick_list_document
from fulfillment.models import PickList, Shipment
from fulfillment.operations.moves.packing_slips import print_slips
from fulfillment.operations.picking.pick_lists import close, make_pick_list
from fulfillment.queries.pick_lists import rows_of_list
from inventory.models import Product, Source, SourceItem
from orders.models import Order

SHIPMENTS = 200
TIMES = 3


def run() -> Iterator[dict[str, Any]]:
    """Yield the seconds of each document, then the time and the queries of each order's page."""
    prepare()
    Product.objects.update(barcode=Concat(Value("73100"), "pk"))
    source = Source.objects.get(code=f"{CHANNEL}-0")
    ready = Shipment.objects.filter(source=source, state=Shipment.State.READY).order_by("pk")
    keys = list(ready.values_list("pk", flat=True)[:SHIPMENTS])
    if len(keys) < SHIPMENTS:
        raise SystemExit(f"There are only {len(keys)} ready shipments at {source.code}.")
    for name, make in (("pick list", pick_list), ("packing slips", slips)):
        seconds = [taken(make, source, keys) for _ in range(TIMES)]
        yield row(
            f"{name} of {SHIPMENTS} shipments, PDF", "s", round(statistics.median(seconds), 2)
        )
    yield from pages()


def pick_list(source: Source, keys: list[int]) -> bytes:
    """Put the shipments on a list and return it as PDF; the list is closed again."""
    made = make_pick_list(source.pk, keys, Act(datetime.now(UTC))).pick_list
    found = PickList.objects.select_related("source").get(pk=made.pk)
    content = pick_list_document(found, rows_of_list(found))
    close(made.pk)
    return content


def slips(_source: Source, keys: list[int]) -> bytes:
    """Return the packing slips as one PDF."""
    return packing_slips(print_slips(keys, Act(datetime.now(UTC))))


def taken(make: Callable[[Source, list[int]], bytes], source: Source, keys: list[int]) -> float:
    """Return the seconds that a document takes."""
    began = time.perf_counter()
    make(source, keys)
    return time.perf_counter() - began


def pages() -> Iterator[dict[str, Any]]:
    """Yield how long the page of an order takes: a tenth of its lines is backordered."""
    # Nothing is left of every tenth product.
    sold_out = SourceItem.objects.filter(product__sku__endswith="0")
    sold_out.update(quantity=F("allocated"))
    Product.objects.update(backorders="ALLOW_QTY_BELOW_0")
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for line_count in (5, 500):
            place([f"BENCH-{number}" for number in range(line_count)])
            url = reverse("admin:orders_order_change", args=[Order.objects.latest("pk").pk])
            client.get(url)
            opened = [timed(lambda url=url: client.get(url)) for _ in range(TIMES)]
            milliseconds = statistics.median(took for _page, took, _queries in opened)
            case = f"page of an order of {line_count} lines"
            yield row(case, "ms", round(milliseconds), queries=opened[0][2])


def row(case: str, unit: str, ours: float, *, queries: int | None = None) -> dict[str, Any]:
    """Return a row of the table."""
    return {
        "benchmark": "documents",
        "case": case,
        "unit": unit,
        "ours": ours,
        "floor": None,
        "ratio": None,
        "queries": queries,
    }

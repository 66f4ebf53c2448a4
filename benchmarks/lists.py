"""Every list as a person waits for it: a million shipments, a tenth waiting.

``LISTS_SHIPMENTS`` says how many shipments there are (1,000,000). Times are of the server alone,
the median of several, signed in as a superuser; a list's last page of a filter counts too.
"""

import os
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.release import LATE_SHIPMENTS, PRODUCTS, SOURCES, WORLD
from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.operations.upkeep.figures import refresh_figures
from fulfillment.release.runs import engine
from inventory.models import InventoryConfiguration, Product, SourceItem
from orders.models import Order

UTC_ZONE = ZoneInfo("UTC")
TIMES = 7
LIMIT_MS = 300

# Ages from today back to two months, so that every band and filter has its share.
AGES = """
UPDATE orders_order SET placed_at = now() - (id %% 60) * interval '1 day' - interval '1 hour'
WHERE number LIKE 'BENCH-%%';
UPDATE fulfillment_shipment AS shipment
SET backordered_since = placed.placed_at, expected_on = placed.placed_at::date + 30,
    state = CASE WHEN shipment.id %% 50 = 0 THEN 'CUSTOMER_CARE' ELSE shipment.state END,
    care_reason = CASE WHEN shipment.id %% 50 = 0 THEN 'Bench' ELSE '' END
FROM orders_order AS placed WHERE placed.id = shipment.order_id AND placed.number LIKE 'BENCH-%%'
"""
HISTORY = """
INSERT INTO orders_order (number, channel_id, stock_id, status, placed_at, priority,
    customer_name, customer_email, customer_language, fulfillment_method, recipient, street,
    city, region, postcode, country, currency, total, request_fingerprint)
SELECT 'OLD-' || n, channel.id, channel.stock_id, 'COMPLETE',
    now() - n %% 700 * interval '1 day', 0, 'Customer ' || n, 'c' || n || '@example.com', 'en',
    'SHIP_TO_HOME', '', '', '', '', '', '', 'USD', 20, ''
FROM inventory_saleschannel AS channel, generate_series(1, %(history)s) AS n
WHERE channel.code = 'bench';
INSERT INTO orders_orderline (order_id, number, product_id, sku, name, is_virtual, is_reserving,
    quantity, backordered_quantity, canceled_quantity, invoiced_quantity,
    shipped_quantity, refunded_quantity, refunded_unshipped_quantity, returned_quantity,
    unit_price, discount, tax, total)
SELECT placed.id, 1, product.id, product.sku, 'Bench', FALSE, TRUE, 2, 0, 0, 2, 2, 0, 0, 0,
    10, 0, 0, 20
FROM orders_order AS placed
JOIN inventory_product AS product ON product.sku = 'BENCH-' || 1 + placed.id %% %(products)s
WHERE placed.number LIKE 'OLD-%%';
INSERT INTO fulfillment_shipment (number, order_id, stock_id, source_id, state, is_held,
    hold_reason, hold_note, care_reason, priority, is_expected_on_fixed, amount,
    created_at, released_at, fulfilled_at)
SELECT placed.number || '-1', placed.id, placed.stock_id, source.id, 'FULFILLED', FALSE, '', '',
    '', 0, FALSE, 20, placed.placed_at, placed.placed_at, placed.placed_at
FROM orders_order AS placed
JOIN inventory_source AS source ON source.code = 'bench-' || 1 + placed.id %% %(sources)s
WHERE placed.number LIKE 'OLD-%%';
INSERT INTO fulfillment_shipmentline (shipment_id, order_line_id, product_id, original_quantity,
    quantity, moved_quantity, canceled_quantity, refunded_quantity, original_amount, amount,
    moved_amount, canceled_amount, refunded_amount)
SELECT shipment.id, line.id, line.product_id, 2, 2, 0, 0, 0, 20, 20, 0, 0, 0
FROM fulfillment_shipment AS shipment JOIN orders_orderline AS line USING (order_id)
WHERE shipment.number LIKE 'OLD-%%';
INSERT INTO orders_payment (order_id, gateway, token, action, state, currency, amount,
    captured_amount, refunded_amount, gateway_reference, created_at)
SELECT id, 'manual', '', 'AUTHORIZE_AND_CAPTURE', 'CAPTURED', 'USD', total, total, 0, '', placed_at
FROM orders_order;
INSERT INTO orders_orderemail (order_id, kind, event_key, state, language, recipient, context,
    subject, body, attempt_count, last_error, created_at, next_attempt_at)
SELECT id, 'CONFIRMATION', 'placed', 'SENT', 'en', customer_email, '{}', '', '', 1, '', placed_at,
    placed_at
FROM orders_order;
INSERT INTO inventory_futuresupply (product_id, source_id, quantity, expected_on, reference,
    received_quantity, allocated_quantity, state)
SELECT product.id, source.id, 10, now()::date + (product.id %% 300)::int - 5, '', 0, 0, 'OPEN'
FROM inventory_product AS product JOIN inventory_source AS source
    ON source.code = 'bench-' || 1 + product.id %% %(sources)s
WHERE product.id %% 5 = 0
"""

REVIEW = "fulfillment/shipment/review/"
# What people make of the lists, beside opening them: filters, searches, orders, far pages.
PAGES = {
    "my work": "",
    "dashboard": "dashboard/",
    "backorder review": REVIEW,
    "backorder review, over 30 days": f"{REVIEW}?age=OLDER",
    "backorder review, by value": f"{REVIEW}?sort=-value",
    "backorder review, by customer": f"{REVIEW}?sort=customer",
    "backorder review, by expected date": f"{REVIEW}?sort=expected",
    "backorder review, by why": f"{REVIEW}?reason=NO_STOCK",
    "backorder review, by why, found by a run": f"{REVIEW}?reason=FUTURE_DISABLED_SITE",
    "backorder review, by a rare why": f"{REVIEW}?reason=FUTURE_OVERDUE",
    "backorder review, by next supply": f"{REVIEW}?next_supply=DATED",
    "backorder review, by a rare next supply": f"{REVIEW}?next_supply=OVERDUE",
    "backorder review, of a SKU": f"{REVIEW}?sku=BENCH-7",
    "backorder review, searched": f"{REVIEW}?q=BENCH-77",
    "backorder review, page 1,000": f"{REVIEW}?page=1000",
    "a waiting shipment": "fulfillment/shipment/{shipment}/change/",
    "its explanation beside the list": "fulfillment/shipment/review/{shipment}/explanation/",
    "shipments, backorder": "fulfillment/shipment/?state__exact=BACKORDER",
    "shipments, searched": "fulfillment/shipment/?q=BENCH-77",
    "release board": "fulfillment/releaserun/board/",
    "release run": "fulfillment/releaserun/{run}/change/",
    "release run, by reason": "fulfillment/releaserun/{run}/change/?reason=NO_STOCK",
    "search of all, an order": "search/?list&q=OLD-77123",
    "search of all, an e-mail": "search/?list&q=c77%40example.com",
    "search of all, a common beginning": "search/?list&q=OLD-",
    "search of all, a customer": "search/?list&q=customer+77123",
    "search of all, a word of every customer": "search/?list&q=example",
    "search of all, a product": "search/?list&q=BENCH-77",
    "search of all, one letter": "search/?list&q=c",
    "search of all, nothing": "search/?list&q=zzzzqq",
    "search of all, empty": "search/?list",
    "orders, searched": "orders/order/?q=c77%40example.com",
    "source items, low": "inventory/sourceitem/?low=yes",
    "low stock": "inventory/lowstockdigest/items/",
}
OURS = {"fulfillment", "inventory", "orders"}
SORTED = {Order, Shipment, Product, SourceItem}


def run() -> Iterator[dict[str, Any]]:
    """Yield how long each page takes, and how many queries, on an empty database made large."""
    count = int(os.environ.get("LISTS_SHIPMENTS", "1000000"))
    _make_world(count)
    began = time.perf_counter()
    refresh_figures(now=datetime.now(UTC), zone=UTC_ZONE)
    yield _row("counting the figures", round((time.perf_counter() - began) * 1000))
    # Nothing is at hand: it releases nothing, and says why those wait for which something comes.
    done = engine.run_release(
        act=Act(datetime.now(UTC)), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.COMMAND
    )
    with connection.cursor() as cursor:
        # What autovacuum does within minutes of such writes, done before the first page is timed.
        cursor.execute("VACUUM ANALYZE")
    client = Client()
    client.force_login(user := User.objects.create_superuser("bench"))
    shipment = Shipment.objects.in_queue().queue_order().values_list("pk", flat=True)[1000]
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for name, address in _lists(user):
            yield _measure(client, name, address)
        for name, path in PAGES.items():
            address = f"/admin/{path.format(run=done.pk, shipment=shipment)}"
            yield _measure(client, name, address)


def _lists(user: User) -> Iterator[tuple[str, str]]:
    """Yield each list of ours as it opens, its tabs, and the long ones by each column."""
    for model, page in admin.site._registry.items():
        meta = model._meta
        if meta.app_label not in OURS or model is InventoryConfiguration:
            continue
        name = f"list of {meta.verbose_name_plural}"
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        yield name, address
        for tab in getattr(page, "tabs", ()):
            yield f"{name}, {tab.label}", f"{address}?tab={tab.name}"
        if model in SORTED:
            yield from _sorted(name, address, page, user)


def _sorted(name: str, address: str, page: Any, user: User) -> Iterator[tuple[str, str]]:
    """Yield a list by each column that it offers to sort by, both ways, in each of its tabs."""
    for tab in ("", *(tab.name for tab in getattr(page, "tabs", ()))):
        # One of its own: a request keeps the columns of the list that it is for.
        request = RequestFactory().get("/", {"tab": tab} if tab else {})
        request.user = user
        shown = page.get_changelist_instance(request)
        for index, column in enumerate(shown.list_display):
            if column in shown.sortable_by and shown.get_ordering_field(column):
                for sign, way in (("", ""), ("-", ", turned")):
                    label = f"{name}{tab and f', {tab}'}, by {column}{way}"
                    yield label, f"{address}?{tab and f'tab={tab}&'}o={sign}{index}"


def _measure(client: Client, name: str, path: str) -> dict[str, Any]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
        count = len(queries)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        client.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return _row(name, round(statistics.median(times)), queries=count, limit=LIMIT_MS)


def _row(
    name: str, milliseconds: int, *, queries: int | None = None, limit: int | None = None
) -> dict[str, Any]:
    return {
        "benchmark": "lists",
        "case": name,
        "unit": "ms",
        "ours": milliseconds,
        "floor": limit,
        "ratio": None if limit is None else round(milliseconds / limit, 2),
        "queries": queries,
    }


def _make_world(count: int) -> None:
    waiting = count // 10
    parameters = {
        "sources": SOURCES,
        "products": PRODUCTS,
        "shipments": waiting,
        "late": LATE_SHIPMENTS,
        "history": count - waiting,
    }
    with connection.cursor() as cursor:
        for statement in (WORLD + ";\n" + AGES + ";\n" + HISTORY).split(";\n"):
            cursor.execute(statement, parameters)
        cursor.execute("ANALYZE")

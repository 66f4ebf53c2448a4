"""Searches find texts whatever their accents, apostrophes and case, by an index."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.admin.theme import ModelAdmin
from core.folding import FoldedText, folded
from core.queries.search import Way
from fulfillment.models import Shipment
from fulfillment.review.shipment_conditions import found_by
from inventory.models import FutureSupply, Product, Source
from inventory.queries.search import product_ways, skus_meant, supply_ways
from orders.models import Order
from orders.queries.search import order_ways, orders_matching
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db

# Latin, Greek and Cyrillic with all their marks, punctuation, and what is as wide as two letters.
RANGES = [(0x20, 0x530), (0x1E00, 0x2000), (0x2010, 0x2040), (0xFB00, 0xFB05), (0xFF00, 0xFF5F)]
LETTERS = [chr(code) for first, end in RANGES for code in range(first, end)]


@pytest.fixture
def malmo() -> Any:
    """An order of O'Brien in Malmö, waiting for a café table that comes by PO-é7."""
    table = ProductFactory(sku="CAFÉ-1", name="Café table “Malmö”", barcode=None)
    ProductFactory(sku="OTHER", name="Other")
    source = SourceFactory(code="malmo-1", name="Malmö lager", city="Malmö")
    order = OrderFactory(
        number="1001", customer_name="Siân O'Brien", customer_email="sian.o'brien@example.com"
    )
    BackorderFactory(number="1001-1", order=order, lines={table: 1})
    FutureSupply.objects.create(
        product=table, source=source, quantity=4, expected_on=date(2026, 12, 1), reference="PO-é7"
    )
    OrderFactory(number="2002", customer_name="Ann Other", customer_email="ann@example.com")
    return order


def test_the_database_folds_as_python_does() -> None:
    expression = FoldedText.template % {"expressions": "letter"}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT letter, {expression} FROM unnest(%s::text[]) AS letter", [LETTERS])  # noqa: S608
        found = dict(cursor.fetchall())

    assert len(found) == len(LETTERS)
    assert {letter: form for letter, form in found.items() if form != folded(letter)} == {}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Malmö", "malmo"),
        ("O’Brien", "obrien"),
        ("Ærø Straße ŁÓDŹ", "aero strasse lodz"),
        ("Pâtisserie d'Été", "patisserie dete"),
        ("ＡＢＣ ﬁn", "abc fin"),
    ],
)
def test_texts_are_compared_without_accents_apostrophes_and_case(text: Any, form: Any) -> None:
    assert folded(text) == form


@pytest.mark.parametrize(
    "typed",
    [
        "obrien",
        "O'Brien",
        "o’brien",
        "brien",
        "sian",
        "SIÂN o'b",
        "o brien",
        "cafe-1",
        "CAFÉ",
        "Café",
    ],
)
def test_orders_and_shipments_are_found_by_customer_and_sku(malmo: Order, typed: Any) -> None:
    assert list(orders_matching(Order.objects.all(), typed)) == [malmo]
    assert [str(one) for one in Shipment.objects.filter(found_by(typed))] == ["1001-1"]


@pytest.mark.parametrize("typed", ["o’brien", "sian.o’brien@example.com", "sian.o'brien@"])
def test_the_search_finds_an_address_with_any_apostrophe(malmo: Order, typed: Any) -> None:
    assert {order for way in order_ways(typed) for order in way.rows} == {malmo}


@pytest.mark.parametrize("typed", ["malmo", "MALMÖ", "cafe table", "table café", "cafe-1", "Malmø"])
def test_products_are_found_and_meant(malmo: Order, typed: Any) -> None:
    found = {str(row) for way in product_ways(typed) for row in way.rows}

    assert {name.split(" ")[0] for name in found} == {"CAFÉ-1"}


def test_a_text_means_what_differs_in_case_alone_before_what_differs_in_accents() -> None:
    ProductFactory(sku="A", name="Café")
    ProductFactory(sku="B", name="Cafe")

    assert skus_meant({"café", "CAFE", "cafè"}) == {"café": "A", "CAFE": "B"}
    ProductFactory(sku="C", name="Crème")
    assert skus_meant({"creme", "’"}) == {"creme": "C"}


@pytest.mark.parametrize(
    ("page", "typed", "names"),
    [
        ("inventory_product", "malmo", ["CAFÉ-1"]),
        ("inventory_product", "cafe’ table", ["CAFÉ-1"]),
        ("inventory_product", "’", []),
        ("inventory_source", "malmo", ["malmo-1"]),
        ("inventory_futuresupply", "po-e", ["PO-é7"]),
        ("orders_order", "obrien", ["1001"]),
        ("fulfillment_shipment", "obrien", ["1001-1"]),
    ],
)
def test_search_boxes_of_lists_fold(
    admin_client: Client, malmo: Order, page: Any, typed: str, names: list[str]
) -> None:
    answer = admin_client.get(reverse(f"admin:{page}_changelist"), {"q": typed})

    column = {"inventory_product": "sku", "inventory_source": "code"}.get(
        page, "reference" if page == "inventory_futuresupply" else "number"
    )
    assert [getattr(row, column) for row in answer.context["cl"].result_list] == names


def test_every_list_searches_without_accents(admin_client: Client, malmo: Order) -> None:
    searched = {
        model: one
        for model, one in admin.site._registry.items()
        if isinstance(one, ModelAdmin) and one.search_fields
    }

    assert Source in searched
    for model in searched:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        answer = admin_client.get(reverse(name), {"q": "xyz Malmö-’nowhere"})
        assert list(answer.context["cl"].result_list) == [], model


def plans(*querysets: Any) -> str:
    """How the database would find rows if it looked for an index first."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return "\n".join(rows.explain() for rows in querysets)


@pytest.mark.parametrize(
    ("index", "ways"),
    [
        ("product_search", lambda: product_ways("cafe table")),
        ("future_supply_by_reference", lambda: supply_ways("po-e7")),
    ],
)
def test_every_way_is_answered_by_an_index(index: Any, ways: Callable[[], list[Way]]) -> None:
    for way in ways():
        assert index in plans(way.rows.order_by()), way.match


def test_customers_and_skus_of_orders_are_found_by_indexes() -> None:
    plan = plans(orders_matching(Order.objects.order_by(), "obrien"))

    assert "order_by_customer" in plan
    assert "order_line_by_beginning" in plan
    beginning = Product.objects.order_by().filter(sku__folded__startswith="cafe-1")
    assert "product_by_beginning" in plans(beginning)

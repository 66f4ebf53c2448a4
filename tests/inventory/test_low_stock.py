"""Low stock: the report, what is sold out, and the count beside the menu's entry."""

import csv
import html
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from inventory.admin.low_stock import KEY, low_badge
from inventory.models import FutureSupply, InventoryConfiguration, Source, Stock
from inventory.queries.low_items import low_count, sold_out
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.listed_cells import cells
from tests.opened_form import opened_form

TODAY = date(2026, 3, 2)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("product", "item", "is_sold_out"),
    [
        ({}, {"quantity": 0}, True),
        ({}, {"quantity": 1}, False),
        ({"out_of_stock_threshold": 3}, {"quantity": 3}, True),
        ({"out_of_stock_threshold": 3}, {"quantity": 4}, False),
        ({"backorders": "ALLOW_QTY_BELOW_0"}, {"quantity": 0}, False),
        ({}, {"quantity": 9, "status": "OUT_OF_STOCK"}, True),
        ({"manage_stock": False}, {"quantity": 0}, False),
        ({"is_enabled": False}, {"quantity": 0}, False),
    ],
)
def test_sold_out_is_what_a_stock_has_nothing_left_of(
    product: dict[Any, Any], item: dict[Any, Any], is_sold_out: bool
) -> None:
    source = SourceFactory()
    stock = StockFactory(sources=[source])
    SourceItemFactory(source=source, product=ProductFactory(sku="A", **product), **item)
    ProductFactory(sku="ELSEWHERE")

    found = sold_out(stock, configuration=InventoryConfiguration.load(), today=TODAY)

    assert [row.sku for row in found] == (["A"] if is_sold_out else [])
    assert (
        list(sold_out(Stock.objects.get(code="default"), configuration=_site(), today=TODAY)) == []
    )


@pytest.mark.parametrize(
    ("product", "items", "is_sold_out"),
    [
        ({}, ["NO_BACKORDERS", "ALLOW_QTY_BELOW_0"], False),
        ({"backorders": "ALLOW_QTY_BELOW_0"}, ["NO_BACKORDERS"], True),
        ({"backorders": "ALLOW_QTY_BELOW_0"}, ["NO_BACKORDERS", None], False),
        ({"backorders": "ALLOW_QTY_BELOW_0", "product_type": "VIRTUAL"}, [None], True),
        ({}, [None, None], True),
    ],
)
def test_sold_out_takes_the_most_permissive_backorders_of_the_items(
    product: dict[str, str], items: list[Any], is_sold_out: bool
) -> None:
    sources = [SourceFactory() for _item in items]
    stock = StockFactory(sources=sources)
    row = ProductFactory(sku="A", **product)
    for source, backorders in zip(sources, items, strict=True):
        SourceItemFactory(source=source, product=row, quantity=0, backorders=backorders)

    found = sold_out(stock, configuration=_site(), today=TODAY)

    assert [told.sku for told in found] == (["A"] if is_sold_out else [])


def _site() -> Any:
    return InventoryConfiguration.load()


def test_the_report_lists_those_that_miss_most_first(
    shelves: dict[str, Source], admin_client: Client
) -> None:
    page = admin_client.get(reverse("admin:inventory_low_stock"))

    found = [
        (item.product.sku, item.source.code, item.missing)
        for item in page.context["cl"].result_list
    ]
    assert found == [("EMPTY", "west", Decimal(1)), ("OWN", "east", Decimal("0.5"))]


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("?q=OWN", ["OWN"]),
        ("?q=sold", ["EMPTY"]),
        ("?status__exact=IN_STOCK", ["OWN"]),
        ("?o=3", ["EMPTY", "OWN"]),
        ("?o=-3", ["OWN", "EMPTY"]),
    ],
)
def test_the_report_searches_filters_and_sorts(
    shelves: dict[str, Source], admin_client: Client, query: str, skus: list[str]
) -> None:
    page = admin_client.get(reverse("admin:inventory_low_stock") + query)

    assert [item.product.sku for item in page.context["cl"].result_list] == skus


def test_the_report_is_narrowed_to_a_source(
    shelves: dict[str, Source], admin_client: Client
) -> None:
    query = f"?source__id__exact={shelves['east'].pk}"

    page = admin_client.get(reverse("admin:inventory_low_stock") + query)

    assert [item.product.sku for item in page.context["cl"].result_list] == ["OWN"]


def exported(client: Client, query: str = "") -> list[Any]:
    response = client.get(reverse("admin:inventory_low_stock_export") + query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = response.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def test_the_report_is_exported_as_it_is_filtered(
    shelves: dict[str, Source], admin_client: Client
) -> None:
    head = ["source_code", "sku", "name", "status", "quantity", "notify_on_stock_below", "missing"]
    own = ["east", "OWN", "Own threshold", "IN_STOCK", "9.5", "10", "0.5"]
    empty = ["west", "EMPTY", "Sold out", "OUT_OF_STOCK", "0", "1", "1"]

    assert exported(admin_client) == [head, empty, own]
    assert exported(admin_client, "?q=OWN") == [head, own]


def test_no_cell_of_the_export_runs_as_a_formula(admin_client: Client) -> None:
    SourceItemFactory(product=ProductFactory(sku="A", name="=HYPERLINK(1)"), quantity=Decimal(0))

    assert exported(admin_client)[1][2] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(("role", "status"), [("Viewer", 200), (None, 403)])
@pytest.mark.parametrize("name", ["inventory_low_stock", "inventory_low_stock_export"])
def test_the_report_opens_for_those_who_may_see_source_items(
    client: Client, role: str | None, status: int, name: str
) -> None:
    user = User.objects.create(username="somebody", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(reverse(f"admin:{name}")).status_code == status


def test_the_report_takes_as_many_queries_for_many_rows(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    source = SourceFactory()
    for _each in range(30):
        SourceItemFactory(source=source, quantity=Decimal(0))
    admin_client.get(reverse("admin:inventory_low_stock"))

    with django_assert_max_num_queries(10):
        admin_client.get(reverse("admin:inventory_low_stock"))


def test_the_menu_counts_what_is_low_and_asks_once_in_a_while(
    shelves: dict[str, Source], rf: RequestFactory, admin_client: Client
) -> None:
    cache.delete(KEY)
    assert low_badge(rf.get("/")) == "2"

    SourceItemFactory(quantity=Decimal(0))
    assert low_badge(rf.get("/")) == "2"

    cache.delete(KEY)
    assert low_badge(rf.get("/")) == "3"
    menu = admin_client.get(reverse("admin:index")).content.decode()
    assert ">3<" in "".join(menu.split())
    cache.delete(KEY)


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (999, "999"), (1000, "999+")])
def test_the_badge_is_short(rf: RequestFactory, count: int, shown: str) -> None:
    cache.set(KEY, count)

    assert low_badge(rf.get("/")) == shown
    cache.delete(KEY)


def test_counting_goes_no_further_than_asked(shelves: dict[str, Source]) -> None:
    assert low_count(configuration=_site(), most=1) == 1
    assert low_count(configuration=_site(), most=100) == 2


def test_what_is_low_shows_what_comes_and_leads_to_a_record_of_supply(
    admin_client: Client,
) -> None:
    item = SourceItemFactory(
        product=ProductFactory(sku="MUG", name="Blue mug", notify_quantity_below=30),
        quantity=Decimal(5),
    )
    FutureSupply.objects.create(product=item.product, source=item.source, quantity=12)
    FutureSupply.objects.create(product=item.product, source=SourceFactory(), quantity=99)
    address = f"?product={item.product_id}&source={item.source_id}"

    report = cells(admin_client.get(reverse("admin:inventory_low_stock")))
    page = admin_client.get(reverse("admin:inventory_sourceitem_changelist"))
    reported = admin_client.get(reverse("admin:inventory_low_stock")).text

    assert report["product_name"] == "Blue mug"
    assert (report["lacking"], report["incoming_units"]) == ("25", "12")
    assert (cells(page)["on_hand"], cells(page)["incoming_units"]) == ("Low 5", "12")
    record = reverse("admin:inventory_futuresupply_add") + address
    assert html.escape(f'{record}&quantity=25"', quote=False) in reported
    assert html.escape(f'{record}"', quote=False) in page.text
    form = opened_form(admin_client.get(f"{record}&quantity=25").text)
    assert [form[name] for name in ("product", "source", "quantity")] == [
        str(item.product_id),
        str(item.source_id),
        "25",
    ]


def test_who_may_not_record_supply_is_led_to_no_record(client: Client) -> None:
    user = User.objects.create(username="somebody", is_staff=True)
    user.groups.add(Group.objects.get(name="Viewer"))
    client.force_login(user)
    SourceItemFactory(quantity=Decimal(0))

    for name in ("inventory_low_stock", "inventory_sourceitem_changelist"):
        page = client.get(reverse(f"admin:{name}"))
        assert "incoming_units" in cells(page)
        assert "supply" not in cells(page)

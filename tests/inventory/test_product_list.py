"""The list of products sorts and narrows by what the rules say."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import FutureSupply, InventoryConfiguration, Product, Stock, StockBalance
from inventory.queries.positions import stock_positions
from inventory.salability import is_salable, salable_quantity
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.listed_cells import cells

TODAY = date(2026, 3, 2)

pytestmark = pytest.mark.django_db


def test_the_list_sorts_and_filters_by_what_the_rules_say(admin_client: Client) -> None:
    InventoryConfiguration.load()
    source = SourceFactory()
    stock = StockFactory(sources=[source])
    cases: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "PLAIN": ({}, {"quantity": 10}),
        "SAFE": ({}, {"quantity": 10, "safety_stock": 4}),
        "CAPPED": (
            {"backorders": "ALLOW_QTY_BELOW_0", "out_of_stock_threshold": -50},
            {"quantity": 25},
        ),
        "UNLIMITED": ({"backorders": "ALLOW_QTY_BELOW_0"}, {"quantity": 0}),
        "AT-SOURCE": ({"out_of_stock_threshold": -3}, {"backorders": "ALLOW_QTY_BELOW_0"}),
        "THRESHOLD": ({"out_of_stock_threshold": 10}, {"quantity": 12}),
        "EMPTY": ({}, {"quantity": 0}),
        "OUT": ({}, {"quantity": 5, "status": "OUT_OF_STOCK"}),
        "VIRTUAL": (
            {"product_type": "VIRTUAL", "backorders": "ALLOW_QTY_BELOW_0"},
            {"quantity": 0},
        ),
        "UNMANAGED": ({"manage_stock": False}, {"quantity": 0}),
        "DISABLED": ({"is_enabled": False}, {"quantity": 9}),
        "PREORDER": ({"release_on": date(2099, 1, 1), "preorder_limit": 30}, {"quantity": 100}),
        "PREORDER-ANY": ({"release_on": date(2099, 1, 1)}, {"quantity": 5}),
        "PREORDER-FULL": ({"release_on": date(2099, 1, 1), "preorder_limit": 7}, {"quantity": 9}),
        "PREORDER-OVER": ({"release_on": TODAY, "preorder_limit": 7}, {"quantity": 8}),
        "PREORDER-UNMANAGED": (
            {"release_on": date(2099, 1, 1), "manage_stock": False},
            {"quantity": 1},
        ),
        "PREORDER-VIRTUAL": (
            {"release_on": date(2099, 1, 1), "product_type": "VIRTUAL", "preorder_limit": 50},
            {"quantity": 3},
        ),
    }
    for sku, (own, held) in cases.items():
        SourceItemFactory(product=ProductFactory(sku=sku, **own), source=source, **held)
    StockBalance.objects.create(
        product=Product.objects.get(sku="PREORDER-FULL"), stock=StockFactory(), reserved=-7
    )
    url = reverse("admin:inventory_product_changelist")

    shown = admin_client.get(url).context["cl"].list_display
    columns = {
        getattr(column, "annotation", column): position for position, column in enumerate(shown)
    }
    by_salable = {"o": f"-{columns[f'salable_{stock.pk}']}"}
    listed = admin_client.get(url, by_salable).context["cl"].result_list
    by_quantity = admin_client.get(url, {"o": columns["on_hand"]}).context["cl"].result_list
    out = admin_client.get(url, {"out_of_stock": "yes"}).context["cl"].result_list
    not_out = admin_client.get(url, {"out_of_stock": "no"}).context["cl"].result_list

    positions = stock_positions(listed, configuration=InventoryConfiguration.load(), today=TODAY)
    facts = {product.sku: positions[product.sku][0].facts for product in listed}
    assert {product.sku: getattr(product, f"salable_{stock.pk}") for product in listed} == {
        sku: salable_quantity(found) for sku, found in facts.items()
    }
    salable = [salable_quantity(facts[product.sku]) for product in listed]
    assert salable == sorted(salable, reverse=True)
    on_hand = [product.total_on_hand for product in by_quantity]
    assert on_hand == sorted(on_hand)
    assert on_hand[-2:] == [25, 100]
    assert {product.sku for product in out} == {
        sku for sku, found in facts.items() if not is_salable(found)
    }
    assert {product.sku for product in out} == {
        *("EMPTY", "OUT", "VIRTUAL", "DISABLED", "PREORDER-FULL"),
    }
    assert {product.sku for product in not_out} == set(cases) - {product.sku for product in out}


@pytest.mark.parametrize(
    ("chosen", "listed"),
    [
        ({"takes_backorders": "allowed"}, {"CAPPED", "UNLIMITED"}),
        ({"takes_backorders": "unlimited"}, {"UNLIMITED"}),
        ({"takes_backorders": "capped"}, {"CAPPED"}),
        ({"takes_backorders": "off"}, {"PLAIN"}),
        ({"overridden": "yes"}, {"CAPPED", "UNLIMITED"}),
        ({"low": "yes"}, {"UNLIMITED"}),
    ],
)
def test_the_product_list_narrows(
    admin_client: Client, chosen: dict[str, str], listed: set[str]
) -> None:
    source = SourceFactory()
    allowed = {"backorders": "ALLOW_QTY_BELOW_0"}
    capped = ProductFactory(sku="CAPPED", out_of_stock_threshold=-5, **allowed)
    unlimited = ProductFactory(sku="UNLIMITED", **allowed)
    SourceItemFactory(product=ProductFactory(sku="PLAIN"), source=source)
    SourceItemFactory(product=capped, source=source)
    SourceItemFactory(product=unlimited, source=source, quantity=0)

    response = admin_client.get(reverse("admin:inventory_product_changelist"), chosen)

    assert {product.sku for product in response.context["cl"].result_list} == listed


@pytest.mark.parametrize(
    ("own", "at_sources", "in_force", "origin"),
    [
        (None, ["ALLOW_QTY_BELOW_0", None], "ALLOW_QTY_BELOW_0", "SOURCE_ITEM"),
        (
            "ALLOW_QTY_BELOW_0",
            ["ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER", "NO_BACKORDERS"],
            "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
            "SOURCE_ITEM",
        ),
        ("ALLOW_QTY_BELOW_0", ["NO_BACKORDERS", None], "ALLOW_QTY_BELOW_0", "PRODUCT"),
        ("ALLOW_QTY_BELOW_0", ["NO_BACKORDERS"], "NO_BACKORDERS", "SOURCE_ITEM"),
        (None, ["NO_BACKORDERS"], "NO_BACKORDERS", "SYSTEM"),
        (None, [None], "NO_BACKORDERS", "SYSTEM"),
        ("ALLOW_QTY_BELOW_0", [None], "ALLOW_QTY_BELOW_0", "PRODUCT"),
    ],
)
def test_the_list_knows_the_most_permissive_backorders_of_the_sources(
    admin_client: Client, own: str | None, at_sources: list[Any], in_force: str, origin: str
) -> None:
    linked = [SourceFactory() for _each in at_sources]
    StockFactory(sources=linked)
    product = ProductFactory(backorders=own)
    for source, backorders in zip(linked, at_sources, strict=True):
        SourceItemFactory(product=product, source=source, backorders=backorders)
    # What no stock can sell from counts for nothing.
    allowed = {"product": product, "backorders": "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"}
    SourceItemFactory(source=SourceFactory(), **allowed)
    closed, sold_out = SourceFactory(is_enabled=False), SourceFactory()
    StockFactory(sources=[closed, sold_out])
    SourceItemFactory(source=closed, **allowed)
    SourceItemFactory(source=sold_out, status="OUT_OF_STOCK", **allowed)

    url = reverse("admin:inventory_product_changelist")
    (listed,) = admin_client.get(url).context["cl"].result_list
    takes = "off" if in_force == "NO_BACKORDERS" else "allowed"
    found = admin_client.get(url, {"takes_backorders": takes}).context["cl"].result_list

    assert (listed.effective_backorders, listed.backorders_origin) == (in_force, origin)
    assert list(found) == [product]


def test_salable_columns_sort_by_a_click(admin_client: Client) -> None:
    source = SourceFactory()
    stock = StockFactory(sources=[source])
    SourceItemFactory(source=source)

    page = admin_client.get(reverse("admin:inventory_product_changelist"))

    shown = page.context["cl"].list_display
    position = next(
        position
        for position, column in enumerate(shown)
        if getattr(column, "annotation", "") == f"salable_{stock.pk}"
    )
    assert f'href="?o={position}.' in page.text


def test_quantities_stand_in_the_order_in_which_the_stock_tries_its_sources(
    admin_client: Client,
) -> None:
    first, second, nowhere = (SourceFactory(code=code) for code in ("zurich", "amiens", "aarau"))
    StockFactory(sources=[first, second])
    product = ProductFactory()
    for source in (nowhere, second, first):
        SourceItemFactory(product=product, source=source, quantity=Decimal(2))

    page = admin_client.get(reverse("admin:inventory_product_changelist"))

    assert "zurich 2 · amiens 2 · aarau 2" in page.text


def test_sources_to_narrow_by_are_looked_up_by_typing(admin_client: Client) -> None:
    sources = [SourceFactory(code=f"warehouse-{number}") for number in range(30)]
    held = SourceItemFactory(source=sources[7])
    SourceItemFactory(source=sources[8])
    url = reverse("admin:inventory_product_changelist")

    page = admin_client.get(url, {"source": str(sources[7].pk)})

    assert [product.sku for product in page.context["cl"].result_list] == [held.product.sku]
    assert "unfold-filter-autocomplete" in page.text
    # The chosen one is shown, and no other.
    assert "warehouse-7<" in page.text
    assert "warehouse-9<" not in page.text


def test_a_product_is_one_line_of_what_there_is_and_what_is_owed(admin_client: Client) -> None:
    source = SourceFactory(code="zurich")
    stock = StockFactory(code="north", sources=[source])
    product = ProductFactory(
        sku="MUG", backorders="ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER", price=Decimal("1234.5")
    )
    SourceItemFactory(product=product, source=source, quantity=39, allocated=39)
    StockBalance.objects.create(stock=stock, product=product, reserved=-144, allocated=39)
    FutureSupply.objects.create(product=product, source=source, quantity=40)
    FutureSupply.objects.create(product=product, source=source, quantity=9, received_quantity=4)
    FutureSupply.objects.create(product=product, source=source, quantity=7, state="CANCELED")

    page = admin_client.get(reverse("admin:inventory_product_changelist"))

    assert cells(page) == {
        "sku": "MUG",
        "product_name": product.name,
        "backorders_in_force": "Yes, notify",
        "on_hand": "39",
        "set_aside": "39",
        "waiting": "105",
        "incoming": "45",
        f"salable_{Stock.objects.get(code='default').pk}": "–",
        f"salable_{stock.pk}": "Unlimited · 105 backordered",
        "unit_price": "1,234.50",
        "flags": "Overridden",
    }


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({}, "No"),
        ({"manage_stock": False}, "–"),
        ({"backorders": "ALLOW_QTY_BELOW_0"}, "Yes"),
        ({"backorders": "ALLOW_QTY_BELOW_0", "out_of_stock_threshold": -50}, "Up to 50"),
        (
            {
                "backorders": "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
                "out_of_stock_threshold": Decimal(-1200),
            },
            "Up to 1,200, notify",
        ),
        ({"backorders": "ALLOW_QTY_BELOW_0", "product_type": "VIRTUAL"}, "No"),
    ],
)
def test_backorders_are_said_in_a_word_or_two(
    admin_client: Client, own: dict[Any, Any], words: str
) -> None:
    ProductFactory(**own)

    page = admin_client.get(reverse("admin:inventory_product_changelist"))

    assert cells(page)["backorders_in_force"] == words


@pytest.mark.parametrize(
    ("own", "held", "flags"),
    [
        ({}, {"quantity": 10}, ""),
        ({}, {"quantity": 0}, "Out Low"),
        ({"notify_quantity_below": 20}, {"quantity": 10}, "Low Overridden"),
        ({}, {"quantity": 10, "notify_quantity_below": 5}, "Overridden"),
        ({"is_enabled": False}, {"quantity": 0}, "Disabled"),
        (
            {"min_cart_qty": 5, "max_cart_qty": 4},
            {"quantity": 10},
            # The reason stands in the row, for those who point at nothing.
            "Cannot be bought Cannot be bought: the minimum of 5 is above the maximum of 4. "
            "Overridden",
        ),
    ],
)
def test_flags_name_what_stands_out(
    admin_client: Client, own: dict[Any, Any], held: dict[str, int], flags: str
) -> None:
    source = SourceFactory()
    StockFactory(sources=[source])
    SourceItemFactory(product=ProductFactory(**own), source=source, **held)

    page = admin_client.get(reverse("admin:inventory_product_changelist"))

    assert cells(page)["flags"] == flags


def test_more_than_three_stocks_have_one_column_of_the_least(admin_client: Client) -> None:
    product = ProductFactory(backorders="NO_BACKORDERS")
    for code, units in (("a", 5), ("b", 2), ("c", 9)):
        source = SourceFactory(code=f"source-{code}")
        StockFactory(code=code, sources=[source])
        SourceItemFactory(product=product, source=source, quantity=units)

    page = admin_client.get(reverse("admin:inventory_product_changelist"))

    assert Stock.objects.count() == 4
    assert cells(page)["least_salable"] == "b: 2"
    assert 'title="a: 5 · b: 2 · c: 9"' in page.text


def test_many_products_are_listed_with_as_many_statements(admin_client: Client) -> None:
    source = SourceFactory()
    StockFactory(sources=[source])
    url = reverse("admin:inventory_product_changelist")
    counts = []
    for _each in range(2):
        for _product in range(10):
            SourceItemFactory(source=source, quantity=0)
        admin_client.get(url)
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1]

"""The head of a product's pages, its tabs, and the pages beside its form."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import today
from inventory.models import InventoryConfiguration, Product, StockBalance
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.product_page import change_url, posted

pytestmark = pytest.mark.django_db

OFF = "?backorders=NO_BACKORDERS"


@pytest.fixture
def product() -> Product:
    """25 on hand, 5 of them set aside, 40 owed, 30 of 50 to come; backorders without a limit."""
    product = ProductFactory(sku="HEAD", backorders="ALLOW_QTY_BELOW_0", only_x_left_threshold=5)
    seattle, london = SourceFactory(code="seattle"), SourceFactory(code="london")
    stock = StockFactory(code="northwind", sources=[seattle, london])
    SourceItemFactory(product=product, source=seattle, quantity=20, allocated=5)
    SourceItemFactory(product=product, source=london, quantity=5)
    StockBalance.objects.create(stock=stock, product=product, reserved=-45, allocated=5)
    FutureSupplyFactory(
        product=product,
        source=seattle,
        quantity=50,
        received_quantity=20,
        reference="PO-7",
        expected_on=today() - timedelta(days=1),
    )
    return product


def person(client: Client, role: str) -> Client:
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", ["change", "waiting", "supply", "history"])
def test_every_page_of_a_product_has_its_figures(
    admin_client: Client, product: Product, page: str
) -> None:
    url = reverse(f"admin:inventory_product_{page}", args=[product.pk])

    head = admin_client.get(url).context["head"]

    assert [(figure.label, figure.value) for figure in head["figures"]] == [
        ("On hand", "25"),
        ("Set aside", "5"),
        ("Waiting", "40"),
        ("Incoming", "30"),
        ("Salable", "Unlimited · 20 backordered"),
    ]
    assert head["backorders"] == "Yes"
    assert [name for name, _label, _address in head["tabs"]] == [
        "overview",
        "advanced",
        "sources",
        "waiting",
        "supply",
        "history",
    ]


def test_two_stocks_have_a_figure_each_and_four_the_least(
    admin_client: Client, product: Product
) -> None:
    Product.objects.update(backorders="NO_BACKORDERS")
    shared = product.source_items.get(source__code="london").source
    StockFactory(code="abroad", sources=[shared])

    url = change_url(product)
    two = admin_client.get(url).context["head"]["figures"][4:]
    StockFactory(code="b", sources=[shared])
    StockFactory(code="c", sources=[shared])
    four = admin_client.get(url).context["head"]["figures"][4:]

    assert [(figure.label, figure.value) for figure in two] == [
        ("Salable: abroad", "5"),
        ("Salable: northwind", "0 · 20 backordered"),
    ]
    assert [(figure.label, figure.value) for figure in four] == [
        ("Lowest salable: northwind", "0 · 20 backordered")
    ]


def test_inherited_options_are_folded_to_one_line(admin_client: Client, product: Product) -> None:
    page = admin_client.get(change_url(product))

    assert [row.field.name for row in page.context["own_options"]] == [
        "backorders",
        "only_x_left_threshold",
    ]
    assert len(page.context["inherited_options"]) == 11
    assert "Follows the configuration in 11 of 13 options" in page.text


def test_an_option_at_fault_is_not_folded(admin_client: Client, product: Product) -> None:
    entered = posted(product, without_boxes=("max_cart_qty",), max_cart_qty_value="a dozen")

    answer = admin_client.post(change_url(product), entered)

    own = {row.field.name: row.field.errors for row in answer.context["own_options"]}
    assert own["max_cart_qty"] == ["“a dozen” is not a number. Write digits such as 1234.5."]


@pytest.mark.parametrize(
    ("own", "site", "is_offered"),
    [
        ("ALLOW_QTY_BELOW_0", None, True),
        (None, "ALLOW_QTY_BELOW_0", True),
        ("NO_BACKORDERS", "ALLOW_QTY_BELOW_0", False),
        (None, None, False),
    ],
)
def test_backorders_that_are_on_can_be_turned_off_from_the_head(
    admin_client: Client, product: Product, own: str | None, site: str | None, is_offered: bool
) -> None:
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(backorders=site)
    Product.objects.update(backorders=own)

    address = admin_client.get(change_url(product)).context["head"]["turn_off"]

    assert address == (f"{change_url(product)}{OFF}#advanced" if is_offered else "")


def test_what_an_address_proposes_is_shown_and_not_saved(
    admin_client: Client, product: Product
) -> None:
    page = admin_client.get(change_url(product) + OFF)

    row = page.context["own_options"][0]
    assert row.field.name == "backorders"
    assert '<option value="NO_BACKORDERS" selected>' in str(row.field)
    assert "Only units on hand are sold." in str(row.field)
    assert "Nothing is saved yet. Save to set backorders to “No Backorders”." in page.text
    assert Product.objects.filter(backorders="ALLOW_QTY_BELOW_0").count() == 1


def test_an_address_that_proposes_no_choice_shows_what_is_stored(
    admin_client: Client, product: Product
) -> None:
    page = admin_client.get(change_url(product) + "?backorders=MAYBE")

    assert '<option value="ALLOW_QTY_BELOW_0" selected>' in str(
        page.context["own_options"][0].field
    )
    assert "Nothing is saved yet" not in page.text


def test_who_may_only_look_is_offered_no_change(client: Client, product: Product) -> None:
    viewer = person(client, "Viewer")

    page = viewer.get(change_url(product) + OFF)

    assert page.status_code == 200
    assert page.context["head"]["turn_off"] == ""
    assert "Nothing is saved yet" not in page.text
    supply = viewer.get(reverse("admin:inventory_product_supply", args=[product.pk]))
    assert "Record supply" not in supply.text


def test_the_lists_about_a_product_are_those_that_its_reader_may_open(
    client: Client, product: Product
) -> None:
    links = person(client, "Operations").get(change_url(product)).context["head"]["links"]

    assert links == [
        ("Shipments", "/admin/fulfillment/shipment/?q=HEAD"),
        ("Ledger", "/admin/inventory/reservation/ledger/?sku=HEAD&stock=northwind"),
    ]


def test_supply_of_a_product_says_what_is_to_come(admin_client: Client, product: Product) -> None:
    FutureSupplyFactory(product=product, quantity=4, state="CANCELED", expected_on=None)
    FutureSupplyFactory(quantity=9)

    page = admin_client.get(reverse("admin:inventory_product_supply", args=[product.pk]))

    (row,) = page.context["rows"]
    assert (row["record"].reference, row["outstanding"]) == ("PO-7", Decimal(30))
    assert "Overdue" in page.text
    (closed,) = page.context["closed"]
    assert (closed["record"].quantity, closed["outstanding"]) == (Decimal(4), None)
    assert (
        page.context["record_address"] == f"/admin/inventory/futuresupply/add/?product={product.pk}"
    )


def test_what_waits_for_a_product_is_listed_with_its_units(
    admin_client: Client, product: Product
) -> None:
    waiting = BackorderFactory(lines={product: 3, ProductFactory(): 4})
    BackorderFactory(lines={ProductFactory(): 5})
    BackorderFactory(lines={product: 6}, state="CANCELED")

    page = admin_client.get(reverse("admin:inventory_product_waiting", args=[product.pk]))

    (row,) = page.context["rows"]
    assert (row["shipment"], row["units"], row["state"]) == (waiting, Decimal(3), ["Backorder"])
    assert "sku=HEAD" in page.context["review_address"]


@pytest.mark.parametrize("page", ["waiting", "supply"])
def test_pages_of_a_product_read_as_much_for_many_rows(
    admin_client: Client, product: Product, page: str
) -> None:
    url = reverse(f"admin:inventory_product_{page}", args=[product.pk])
    counts = []
    for _each in range(2):
        for _row in range(3):
            FutureSupplyFactory(product=product)
            BackorderFactory(lines={product: 1})
        admin_client.get(url)
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1]

"""The page of the configuration that every product follows."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import (
    InventoryConfiguration,
    StockBalance,
)
from inventory.queries.positions import stock_positions
from inventory.salability import salable_quantity
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.form_values import shown
from tests.inventory.product_page import change_url
from tests.inventory.test_use_config import SITE_BOXES
from tests.option_values import own_value

pytestmark = pytest.mark.django_db


def test_a_global_change_is_seen_by_every_product_that_inherits_and_by_no_other(
    admin_client: Client, available: list[list[int]]
) -> None:
    configuration = InventoryConfiguration.load()
    source = SourceFactory()
    StockFactory(sources=[source])
    inheriting, overriding = ProductFactory(), ProductFactory(out_of_stock_threshold=Decimal(2))
    for product in (inheriting, overriding):
        SourceItemFactory(product=product, source=source, quantity=Decimal(12))
    boxes = {name: on for name, on in SITE_BOXES.items() if "out_of_stock_t" not in name}

    admin_client.post(
        change_url(configuration),
        {**boxes, **shown(configuration), "out_of_stock_threshold_value": "5"},
    )

    positions = stock_positions(
        [inheriting, overriding],
        configuration=InventoryConfiguration.load(),
        today=date(2026, 3, 2),
    )
    assert salable_quantity(positions[inheriting.sku][0].facts) == Decimal(7)
    assert salable_quantity(positions[overriding.sku][0].facts) == Decimal(10)


def test_the_preview_of_the_configuration_writes_nothing(admin_client: Client) -> None:
    unticked = {name: on for name, on in SITE_BOXES.items() if not name.startswith("release_")}
    entered = {
        **unticked,
        "release_enabled_use_config": "on",
        "release_mode_use_config": "on",
        "release_policy_value": "AGEING",
    }

    url = reverse("admin:inventory_configuration_preview")
    sentences = admin_client.post(url, entered).json()["sentences"]

    assert sentences["release_policy"] == "Units are kept for shipments that have waited for long."
    assert sentences["ageing_days"] == "Units are kept for shipments that wait for 14 days or more."
    assert own_value(InventoryConfiguration.load(), "release_policy") is None


def test_each_option_says_how_many_products_follow_it(admin_client: Client) -> None:
    ProductFactory(backorders="NO_BACKORDERS", min_cart_qty=Decimal(2))
    ProductFactory(backorders="ALLOW_QTY_BELOW_0")
    ProductFactory()

    page = admin_client.get(change_url(InventoryConfiguration.load()))

    rows = {row.field.name: row for group in page.context["groups"] for row in group["rows"]}
    listed = reverse("admin:inventory_product_changelist")
    assert [(rows[name].note, rows[name].address) for name in ("backorders", "min_cart_qty")] == [
        ("Followed by 1 of 3 products", f"{listed}?overridden=backorders"),
        ("Followed by 2 of 3 products", f"{listed}?overridden=min_cart_qty"),
    ]
    assert (rows["manage_stock"].note, rows["manage_stock"].address) == (
        "Followed by 3 of 3 products",
        "",
    )
    assert rows["release_mode"].note == ""
    others = admin_client.get(rows["backorders"].address)
    assert others.context["cl"].result_count == 2


def test_groups_say_what_differs_from_the_system_value(admin_client: Client) -> None:
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(release_mode="BY_LINE", bulk_batch_size=1000)

    page = admin_client.get(reverse("admin:inventory_inventoryconfiguration_change", args=[1]))

    assert [(group["name"], group["own_count"]) for group in page.context["groups"]] == [
        ("stock", 1),
        ("product-stock", 0),
        ("release", 1),
        ("promises", 0),
        ("notices", 0),
    ]
    assert "Differs from the system value: 1 of 6" in page.text


@pytest.mark.parametrize(("own", "is_said"), [(None, True), ("ALLOW_QTY_BELOW_0", False)])
def test_backorders_that_go_off_everywhere_leave_owed_units_owed(
    admin_client: Client, available: list[list[int]], own: str | None, is_said: bool
) -> None:
    configuration = InventoryConfiguration.load()
    InventoryConfiguration.objects.update(backorders="ALLOW_QTY_BELOW_0")
    configuration.refresh_from_db()
    source = SourceFactory()
    stock = StockFactory(sources=[source])
    for units in (4, 0):
        product = ProductFactory(backorders=own)
        SourceItemFactory(product=product, source=source, quantity=Decimal(units))
        StockBalance.objects.create(stock=stock, product=product, reserved=-10)
    entered = {**SITE_BOXES, **shown(configuration)}

    saved = admin_client.post(change_url(configuration), entered, follow=True)

    assert own_value(InventoryConfiguration.load(), "backorders") is None
    sentence = "Backorders are off. Units still backordered: 16."
    assert (sentence in saved.text) == is_said


def test_the_first_change_of_the_configuration_is_in_its_history(
    admin_client: Client, available: list[list[int]]
) -> None:
    configuration = InventoryConfiguration.load()
    boxes = {name: on for name, on in SITE_BOXES.items() if "ageing_days" not in name}

    admin_client.post(
        change_url(configuration), {**boxes, **shown(configuration), "ageing_days_value": "21"}
    )

    url = reverse("admin:inventory_inventoryconfiguration_history", args=[configuration.pk])
    entries = admin_client.get(url).context["entries"]
    assert [field for entry in entries for field in entry["fields"]] == [
        {"label": "Ageing Days", "before": "inherited", "after": "21"}
    ]

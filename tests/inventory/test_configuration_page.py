"""The page of the configuration that every product follows."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import (
    InventoryConfiguration,
)
from inventory.queries.positions import stock_positions
from inventory.salability import salable_quantity
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.product_page import change_url
from tests.inventory.test_use_config import SITE_BOXES
from tests.shown import shown

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
        [inheriting, overriding], configuration=InventoryConfiguration.load()
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
    assert InventoryConfiguration.load().release_policy is None


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

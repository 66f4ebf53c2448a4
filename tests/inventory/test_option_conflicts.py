"""Options that contradict each other are refused wherever they are set, and nothing is written."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.acts import Act
from inventory.admin.configuration import ConfigurationForm
from inventory.admin.source_item_forms import SourceItemForm
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.operations.options import OptionConflictError, save_configuration, save_product
from inventory.operations.source_items import ItemChange, OptionOfVirtualError, set_items
from tests.api import api_of_superuser, codes
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.inventory.test_use_config import SITE_BOXES, form_for
from tests.option_values import give_own_values, own_value

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ALLOW = "ALLOW_QTY_BELOW_0"
VIRTUAL = "A virtual product with managed stock takes no backorders."


def configuration_form(**entered: str) -> ConfigurationForm:
    boxes = {
        name: on
        for name, on in SITE_BOXES.items()
        if name.replace("_use_config", "_value") not in entered
    }
    return ConfigurationForm({**boxes, **entered}, instance=InventoryConfiguration.load())


def test_the_configuration_page_refuses_a_minimum_above_the_maximum() -> None:
    form = configuration_form(min_cart_qty_value="7", max_cart_qty_value="6")

    assert form.errors == {
        "max_cart_qty": ["The minimum of 7 is above the maximum of 6: nothing can be bought."]
    }


def test_the_configuration_page_compares_with_the_system_value() -> None:
    form = configuration_form(min_cart_qty_value="10001")

    assert form.errors == {
        "min_cart_qty": [
            "The minimum of 10001 is above the maximum of 10000: nothing can be bought."
        ]
    }


def test_the_product_page_compares_with_what_is_inherited() -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"max_cart_qty": Decimal(6)})

    form = form_for(ProductFactory(), "min_cart_qty", min_cart_qty_value="7")

    assert form.errors == {
        "min_cart_qty": ["The minimum of 7 is above the maximum of 6: nothing can be bought."]
    }


def test_the_product_page_refuses_backorders_of_a_virtual_product() -> None:
    product = ProductFactory(product_type="VIRTUAL")

    form = form_for(product, "backorders", backorders_value=ALLOW)

    assert form.errors == {"backorders": [VIRTUAL]}


def test_an_increment_of_zero_is_reported_once() -> None:
    form = form_for(ProductFactory(), "qty_increments", qty_increments_value="0")

    assert list(form.errors) == ["qty_increments"]
    assert len(form.errors["qty_increments"]) == 1


def test_the_sources_area_refuses_backorders_of_a_virtual_product() -> None:
    item = SourceItemFactory(product__product_type="VIRTUAL")

    form = SourceItemForm(
        {
            "source": item.source_id,
            "status": "IN_STOCK",
            "quantity": "5",
            "safety_stock": "0",
            "backorders_value": ALLOW,
            "notify_quantity_below_use_config": "on",
            "qty_uses_decimals_use_config": "on",
        },
        instance=item,
    )

    assert form.errors == {"backorders": [VIRTUAL]}


def test_the_api_names_the_option_to_correct() -> None:
    api = api_of_superuser()
    ProductFactory(sku="A")

    status, body = api.patch(
        "products/A/", {"overrides": {"min_cart_qty": "7", "max_cart_qty": "6"}}
    )

    assert status == 422
    assert codes(body) == (
        "conflicting-options",
        [("/overrides/max_cart_qty", "MINIMUM_ABOVE_MAXIMUM")],
    )
    assert own_value(Product.objects.get(), "min_cart_qty") is None


def test_the_api_makes_no_product_whose_options_contradict() -> None:
    api = api_of_superuser()
    overrides = {"backorders": ALLOW}

    status, body = api.post(
        "products/", {"sku": "A", "name": "A", "type": "VIRTUAL", "overrides": overrides}
    )

    assert (status, codes(body)[1]) == (
        422,
        [("/overrides/backorders", "VIRTUAL_TAKES_NO_BACKORDERS")],
    )
    assert Product.objects.count() == 0


def test_the_api_refuses_a_configuration_that_contradicts_itself() -> None:
    status, body = api_of_superuser().patch("configuration/", {"qty_increments": "1.5"})

    assert (status, codes(body)) == (
        422,
        ("conflicting-options", [("/qty_increments", "INCREMENT_NOT_WHOLE")]),
    )
    assert own_value(InventoryConfiguration.load(), "qty_increments") is None


def test_the_api_refuses_backorders_at_a_source_of_a_virtual_product() -> None:
    item = SourceItemFactory(product__sku="A", product__product_type="VIRTUAL", source__code="east")
    row = {"sku": "A", "source": "east", "overrides": {"backorders": ALLOW}}

    status, body = api_of_superuser().post("source-items/set/", [row])

    assert (status, codes(body)[0]) == (422, "virtual-takes-no-backorders")
    item.refresh_from_db()
    assert own_value(item, "backorders") is None


def test_operations_refuse_whoever_calls_them() -> None:
    item = SourceItemFactory(product__sku="A", product__product_type="VIRTUAL")
    configuration = InventoryConfiguration.load()
    give_own_values(configuration, min_cart_qty=Decimal(10001))
    product = ProductFactory()
    give_own_values(product, max_cart_qty=Decimal("0.5"))

    with pytest.raises(OptionConflictError):
        save_configuration(configuration)
    with pytest.raises(OptionConflictError):
        save_product(product, Act(NOW))
    change = ItemChange(item.product_id, item.source_id, {"backorders": ALLOW})
    with pytest.raises(OptionOfVirtualError, match=r"^A$"):
        set_items([change], Act(NOW))

    assert own_value(InventoryConfiguration.objects.get(), "min_cart_qty") is None
    assert own_value(Product.objects.get(pk=product.pk), "max_cart_qty") is None
    assert own_value(SourceItem.objects.get(), "backorders") is None


def test_a_conflict_that_a_global_change_left_does_not_lock_the_product() -> None:
    product = ProductFactory(min_cart_qty=Decimal(7), max_cart_qty=Decimal(6))
    product.name = "A better name"

    save_product(product, Act(NOW))

    assert Product.objects.get().name == "A better name"

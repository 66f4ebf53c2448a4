"""The control "Use Config Settings" and its two siblings, as forms."""

from decimal import Decimal
from typing import Any

import pytest

from core.periods import CalendarPeriod, PeriodUnit
from inventory.admin.configuration import ConfigurationForm
from inventory.admin.product_page import ProductForm
from inventory.admin.source_item_forms import SourceItemForm
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.models.configuration import GLOBAL_OPTIONS
from inventory.models.product import PRODUCT_OPTIONS
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.option_values import give_own_values, own_value

pytestmark = pytest.mark.django_db

BOXES = {f"{option.name}_use_config": "on" for option in PRODUCT_OPTIONS}
SITE_BOXES = {f"{option.name}_use_config": "on" for option in GLOBAL_OPTIONS}


def form_for(product: Product, without_box: str = "", **entered: str) -> ProductForm:
    boxes = {name: on for name, on in BOXES.items() if name != f"{without_box}_use_config"}
    identity = {
        "sku": product.sku,
        "name": product.name,
        "price": "1.00",
        "product_type": product.product_type,
        "order_multiple": str(product.order_multiple),
        "is_enabled": "on",
    }
    return ProductForm({**identity, **boxes, **entered}, instance=product)


def test_ticked_the_posted_value_is_ignored() -> None:
    product = ProductFactory(out_of_stock_threshold=Decimal(7))

    form_for(product, out_of_stock_threshold_value="7").save()

    product.refresh_from_db()
    assert own_value(product, "out_of_stock_threshold") is None


def test_ticked_even_a_value_that_makes_no_sense_is_ignored() -> None:
    product = ProductFactory(min_cart_qty=Decimal(7))

    form_for(product, min_cart_qty_value="a dozen").save()

    product.refresh_from_db()
    assert own_value(product, "min_cart_qty") is None


@pytest.mark.parametrize(
    ("name", "entered", "stored"),
    [
        ("out_of_stock_threshold", "0", Decimal(0)),
        ("out_of_stock_threshold", "-50", Decimal(-50)),
        ("min_cart_qty", "0", Decimal(0)),
        ("only_x_left_threshold", "0.0001", Decimal("0.0001")),
        ("max_cart_qty", "999999999999.9999", Decimal("999999999999.9999")),
        ("manage_stock", "False", False),
        ("manage_stock", "True", True),
        ("backorders", "NO_BACKORDERS", "NO_BACKORDERS"),
    ],
)
def test_unticked_stores_the_value(name: str, entered: str, stored: Decimal | bool | str) -> None:
    item = SourceItemFactory(qty_uses_decimals=True)
    product = item.product

    form_for(product, name, **{f"{name}_value": entered}).save()

    product.refresh_from_db()
    assert getattr(product, name) == stored


@pytest.mark.parametrize(
    ("name", "entered", "message"),
    [
        ("out_of_stock_threshold", "", "Enter a value, or select “Use Config Settings”."),
        ("manage_stock", "", "Enter a value, or select “Use Config Settings”."),
        ("max_cart_qty", "0.00001", "“0.00001” has more than four decimals."),
        (
            "max_cart_qty",
            "1e3",
            "“1e3” is not a number. Write digits such as 1234.5.",
        ),
        ("max_cart_qty", "-1", "Ensure this value is greater than or equal to 0."),
        (
            "backorders",
            "MAYBE",
            "Select a valid choice. MAYBE is not one of the available choices.",
        ),
    ],
)
def test_a_value_without_a_meaning_is_refused_and_never_rewritten(
    name: str, entered: str, message: str
) -> None:
    product = ProductFactory()

    form = form_for(product, name, **{f"{name}_value": entered})

    assert form.errors == {name: [message]}


def test_inherited_value_and_its_origin_are_shown_while_ticked() -> None:
    InventoryConfiguration.objects.update(out_of_stock_threshold=Decimal(-5))

    html = str(ProductForm(instance=ProductFactory())["out_of_stock_threshold"])

    assert '-5 <span class="use-config-origin">(configuration)</span>' in html
    assert 'value="-5"' in html
    assert " checked>" in html
    assert 'aria-label="Out-of-Stock Threshold"' in html
    assert 'aria-describedby="id_out_of_stock_threshold_inherited"' in html
    assert 'id="id_out_of_stock_threshold_inherited"' in html


def test_a_zero_of_ones_own_is_shown_as_a_value_not_as_inherited() -> None:
    InventoryConfiguration.objects.update(out_of_stock_threshold=Decimal(5))

    html = str(
        ProductForm(instance=ProductFactory(out_of_stock_threshold=0))["out_of_stock_threshold"]
    )

    assert 'value="0"' in html
    assert " checked>" not in html


def test_decimals_are_shown_as_people_write_them() -> None:
    product = ProductFactory(max_cart_qty=Decimal("12.5000"))
    product.refresh_from_db()

    assert 'value="12.5"' in str(ProductForm(instance=product)["max_cart_qty"])


def test_what_is_ticked_and_was_inherited_has_not_changed() -> None:
    form = form_for(ProductFactory(), "max_cart_qty", max_cart_qty_value="10000")

    assert "max_cart_qty" in form.changed_data
    assert "min_cart_qty" not in form.changed_data


@pytest.mark.parametrize(
    ("own", "name", "sentence"),
    [
        ({"backorders": "ALLOW_QTY_BELOW_0"}, "backorders", "Unlimited backorders."),
        (
            {"backorders": "ALLOW_QTY_BELOW_0", "out_of_stock_threshold": Decimal(-50)},
            "out_of_stock_threshold",
            "Up to 50 more than the quantity on hand can be sold.",
        ),
        (
            {"backorders": "ALLOW_QTY_BELOW_0", "out_of_stock_threshold": Decimal(5)},
            "out_of_stock_threshold",
            "A positive threshold has no effect while backorders are allowed.",
        ),
        (
            {"out_of_stock_threshold": Decimal(-5)},
            "out_of_stock_threshold",
            "A negative threshold has no effect while backorders are off.",
        ),
        (
            {"product_type": "VIRTUAL", "backorders": "ALLOW_QTY_BELOW_0"},
            "backorders",
            "A virtual product with managed stock takes no backorders.",
        ),
    ],
)
def test_each_field_says_what_it_does_now(own: dict[Any, Any], name: str, sentence: str) -> None:
    html = str(ProductForm(instance=ProductFactory(**own))[name])

    assert f'data-words="{name}">{sentence}</p>' in html


def test_use_system_value_shows_the_system_default_and_clears_the_column() -> None:
    configuration = InventoryConfiguration.load()
    give_own_values(configuration, bulk_batch_size=5)

    form = ConfigurationForm(SITE_BOXES, instance=configuration)

    assert form.is_valid()
    assert form.instance.bulk_batch_size is None
    html = str(ConfigurationForm(instance=InventoryConfiguration())["bulk_batch_size"])
    assert "Use system value" in html
    assert '1000 <span class="use-config-origin">(system value)</span>' in html


def test_a_period_is_a_number_and_its_unit() -> None:
    boxes = {name: on for name, on in SITE_BOXES.items() if not name.startswith("future_date")}
    entered = {"future_date_limit_value_quantity": "3", "future_date_limit_value_unit": "MONTHS"}

    form = ConfigurationForm({**boxes, **entered}, instance=InventoryConfiguration.load())

    assert form.is_valid()
    assert form.instance.future_date_limit == CalendarPeriod(3, PeriodUnit.MONTHS)


def test_a_source_item_inherits_the_products_value() -> None:
    item = SourceItemFactory()
    form = SourceItemForm(
        instance=item,
        above={
            "configuration": {"backorders": "ALLOW_QTY_BELOW_0"},
            "product": {"notify_quantity_below": Decimal(3)},
        },
    )

    assert "Use Default" in str(form["notify_quantity_below"])
    assert '3 <span class="use-config-origin">(product)</span>' in str(
        form["notify_quantity_below"]
    )
    backorders = str(form["backorders"])
    assert 'Allow Qty Below 0 <span class="use-config-origin">(configuration)</span>' in backorders


def test_a_source_that_is_disabled_says_so() -> None:
    item = SourceItemFactory(source=SourceFactory(code="closed", is_enabled=False))

    html = str(SourceItemForm(instance=item)["source"])

    assert html.strip() == '<span class="fixed-source">closed (disabled)</span>'


def test_a_quantity_below_zero_is_refused() -> None:
    item = SourceItemFactory(quantity=Decimal(10))
    entered = {
        "source": item.source_id,
        "status": "IN_STOCK",
        "quantity": "-1",
        "safety_stock": "0",
        "backorders_use_config": "on",
        "notify_quantity_below_use_config": "on",
        "qty_uses_decimals_use_config": "on",
    }

    form = SourceItemForm(entered, instance=item)

    assert form.errors == {"quantity": ["A quantity on hand is never negative."]}
    assert SourceItem.objects.get(pk=item.pk).quantity == Decimal(10)

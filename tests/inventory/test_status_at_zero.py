"""The status of a source item with nothing on hand is the same, however the 0 comes about."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from inventory.operations import options, units
from inventory.operations.transfers import TransferredUnits, transfer
from tests.api import api_of_superuser
from tests.entries import api, file, page
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.form_values import shown as shown_by
from tests.inventory.bulk_changes import made, shown
from tests.inventory.product_page import change_url, posted
from tests.inventory.test_use_config import BOXES
from tests.option_values import give_own_values

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db
OFF, ON = "NO_BACKORDERS", "ALLOW_QTY_BELOW_0"
EMPTY = {"source_items-TOTAL_FORMS": "0", "source_items-INITIAL_FORMS": "0"}


def item_of(sku: str = "A") -> SourceItem:
    return SourceItem.objects.get(product__sku=sku, source__code="default")


def standing(sku: str = "A") -> tuple[Any, Any]:
    found = item_of(sku)
    return found.status, found.is_status_automatic


def on_product_page() -> None:
    product = Product.objects.get(sku="A")
    position = list(product.source_items.order_by("source__code")).index(item_of())
    assert (
        page(change_url(product), posted(product) | {f"source_items-{position}-quantity": "0"})
        == []
    )


def on_item_page() -> None:
    row = item_of()
    typed = {"status": row.status, "quantity": "0", "safety_stock": "0"}
    boxes = {
        f"{name}_use_config": "on"
        for name in ("backorders", "notify_quantity_below", "qty_uses_decimals")
    }
    assert page(change_url(row), typed | boxes | shown_by(row)) == []


def set_by_api() -> None:
    assert api("POST", "source-items/set/", row_of(quantity="0")) == []


def adjusted_by_api() -> None:
    row = [{"sku": "A", "source": "default", "by": "-5", "reason": "Lost"}]
    assert api("POST", "source-items/adjust/", json.dumps(row)) == []


def in_stock_file() -> None:
    row = {"source_code": "default", "sku": "A", "quantity": "0"}
    assert file("STOCK_SOURCES", row) == []


def replaced_in_stock_file() -> None:
    row = {"source_code": "default", "sku": "A", "quantity": "0"}
    assert file("STOCK_SOURCES", row, behavior="REPLACE") == []


def in_product_file() -> None:
    assert file("PRODUCTS", {"sku": "A", "qty": "0"}) == []


def by_transfer() -> None:
    north = Source.objects.get(code="north")
    transfer([TransferredUnits(item_of().product_id, item_of().source_id, north.pk, Decimal(5))])


def by_deduction() -> None:
    row = SourceItem.objects.filter(pk=item_of().pk).locked()[0]
    units.deduct({row.pk: Decimal(5)}, allocated={})


def row_of(**values: str) -> Any:
    return json.dumps([{"sku": "A", "source": "default", **values}])


TO_ZERO = [
    on_product_page,
    on_item_page,
    set_by_api,
    adjusted_by_api,
    in_stock_file,
    replaced_in_stock_file,
    in_product_file,
    by_transfer,
    by_deduction,
]


@pytest.fixture(autouse=True)
def sources() -> None:
    """The source default, and north."""
    InventoryConfiguration.load()
    SourceFactory(code="north")


def held(backorders: Any, quantity: int = 5, **values: str) -> SourceItem:
    InventoryConfiguration.objects.update(backorders=backorders)
    product = ProductFactory(sku="A")
    SourceItemFactory(product=product, source=Source.objects.get(code="north"))
    default = Source.objects.get(code="default")
    return SourceItemFactory(product=product, source=default, quantity=quantity, **values)


@pytest.mark.parametrize(
    ("backorders", "expected"), [(OFF, ("OUT_OF_STOCK", True)), (ON, ("IN_STOCK", False))]
)
@pytest.mark.parametrize("to_zero", TO_ZERO)
def test_what_becomes_0_is_out_of_stock_while_backorders_are_off(
    to_zero: Callable[..., Any], backorders: Any, expected: tuple[str, bool]
) -> None:
    held(backorders)

    to_zero()

    assert (item_of().quantity, standing()) == (Decimal(0), expected)


@pytest.mark.parametrize("to_zero", [set_by_api, adjusted_by_api, in_stock_file])
def test_a_status_that_a_person_set_stays(to_zero: Callable[..., Any]) -> None:
    held(OFF, status="OUT_OF_STOCK")

    to_zero()

    assert standing() == ("OUT_OF_STOCK", False)


def test_an_entry_that_names_in_stock_is_obeyed() -> None:
    held(OFF)

    assert api("POST", "source-items/set/", row_of(quantity="0", status="IN_STOCK")) == []
    assert standing() == ("IN_STOCK", False)

    SourceItem.objects.update(quantity=5)
    row = {"source_code": "default", "sku": "A", "quantity": "0", "status": "1"}
    assert file("STOCK_SOURCES", row) == []
    assert standing() == ("IN_STOCK", False)
    # The same 0 once more changes nothing.
    assert api("POST", "source-items/set/", row_of(quantity="0")) == []
    assert standing() == ("IN_STOCK", False)


@pytest.mark.parametrize("is_new", [True, False])
def test_out_of_stock_with_0_is_the_systems_from_programs_and_a_persons_on_pages(
    is_new: bool,
) -> None:
    ProductFactory(sku="A") if is_new else held(OFF, quantity=0)

    row = {"source_code": "default", "sku": "A", "quantity": "0", "status": "0"}
    assert file("STOCK_SOURCES", row) == []
    assert standing() == ("OUT_OF_STOCK", True)

    SourceItem.objects.filter(source__code="default").delete()
    assert api("POST", "source-items/set/", row_of(quantity="0", status="OUT_OF_STOCK")) == []
    assert standing() == ("OUT_OF_STOCK", True)

    assert api("POST", "source-items/set/", row_of(quantity="3")) == []
    assert standing() == ("IN_STOCK", False)

    product = Product.objects.get(sku="A")
    position = list(product.source_items.order_by("source__code")).index(item_of())
    named = {
        f"source_items-{position}-quantity": "0",
        f"source_items-{position}-status": "OUT_OF_STOCK",
    }
    assert page(change_url(product), posted(product) | named) == []
    assert standing() == ("OUT_OF_STOCK", False)


@pytest.mark.parametrize(
    ("backorders", "expected"), [(OFF, ("OUT_OF_STOCK", True)), (ON, ("IN_STOCK", False))]
)
@pytest.mark.parametrize("to_zero", [set_by_api, in_stock_file, replaced_in_stock_file])
def test_what_is_made_with_0_is_treated_alike(
    to_zero: Callable[..., Any], backorders: Any, expected: tuple[str, bool]
) -> None:
    ProductFactory(sku="A", backorders=backorders)

    to_zero()

    assert standing() == expected


def test_the_systems_status_ends_when_backorders_become_allowed() -> None:
    held(OFF)
    set_by_api()
    product = Product.objects.get(sku="A")

    give_own_values(product, backorders=ON)
    options.save_product(product, Act(NOW))

    assert standing() == ("IN_STOCK", False)


@pytest.mark.parametrize("backorders", [OFF, ON])
def test_bulk_assignment_is_out_of_stock_unless_in_stock_is_chosen(backorders: Any) -> None:
    product = ProductFactory(sku="A", backorders=backorders)
    default = Source.objects.get(code="default")
    values: dict[str, Any] = {"source_ids": [default.pk]}

    change = made("ASSIGN", [product.pk], **values)

    assert change.changed_count == 1
    assert standing() == ("OUT_OF_STOCK", True)
    # It ends with the first units.
    assert api("POST", "source-items/set/", row_of(safety_stock="1")) == []
    assert standing() == ("OUT_OF_STOCK", True)
    assert api("POST", "source-items/set/", row_of(quantity="3")) == []
    assert standing() == ("IN_STOCK", False)

    SourceItem.objects.all().delete()
    in_stock = {**values, "status": "IN_STOCK"}
    sells = [("sells_without_units", False, True)] if backorders == ON else []
    assert shown("ASSIGN", [product.pk], **in_stock) == [
        ("A", "default", [("assigned", False, True), ("status", None, "IN_STOCK"), *sells])
    ]
    made("ASSIGN", [product.pk], **in_stock)
    assert standing() == ("IN_STOCK", False)


def test_with_one_source_a_new_product_with_0_is_assigned_and_can_be_backordered(
    admin_client: Client,
) -> None:
    Source.objects.exclude(code="default").update(is_enabled=False)
    SalesChannelFactory(
        code="web", stock=StockFactory(code="shop", sources=[Source.objects.get(code="default")])
    )
    add = reverse("admin:inventory_product_add")
    boxes = {name: on for name, on in BOXES.items() if name != "backorders_use_config"}
    typed = {
        "sku": "A",
        "name": "Lamp",
        "product_type": "SIMPLE",
        "order_multiple": "1",
        "price": "1",
        "is_enabled": "on",
        **boxes,
        "backorders_value": ON,
        **EMPTY,
        "source_items-TOTAL_FORMS": "1",
        "source_items-0-quantity": "0",
        "source_items-0-status": "IN_STOCK",
    }

    assert page(add, typed) == []

    assert (item_of().quantity, standing()) == (Decimal(0), ("IN_STOCK", False))
    answer = api_of_superuser().get("availability/?stock=shop&sku=A")[1][0]
    assert (answer["assigned"], answer["unlimited"], answer["is_salable"]) == (True, True, True)
    # Without a quantity it says so.
    typed |= {"sku": "B", "source_items-0-quantity": ""}
    assert page(add, typed) == ["This field is required."]

from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import ArrivalNotice
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.operations import units
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.inventory.files.imports import (
    NOW,
    cells_of,
    checked,
    confirmed,
    counts,
    findings,
    sentences,
    steps,
    written,
)
from tests.inventory.test_source_item_operations import ready_shipments
from tests.option_values import own_value
from tests.orders.addresses import HOME

pytestmark = pytest.mark.django_db


def held() -> dict[tuple[Any, Any], tuple[Any, Any]]:
    return {
        (sku, code): (quantity, status)
        for sku, code, quantity, status in SourceItem.objects.values_list(
            "product__sku", "source__code", "quantity", "status"
        )
    }


@pytest.fixture
def world() -> tuple[Product, Product]:
    """A and B; A is held at north with 5."""
    a, b = ProductFactory(sku="A", qty_uses_decimals=True), ProductFactory(sku="B")
    north = SourceFactory(code="north")
    SourceFactory(code="south")
    SourceItemFactory(product=a, source=north, quantity=5, safety_stock=2, backorders=None)
    return a, b


def test_append_makes_items_and_changes_others(world: tuple[Product, Product]) -> None:
    file = checked("source_code,sku,status,quantity\nnorth,A,,7.5\nsouth,A,0,0\nnorth,B,1,3\n")

    assert (file.state, sentences(file)) == ("CHECKED", [])
    assert counts(file) == (2, 1, 0, 0, 0, 0)
    assert [(step.line, step.name, step.kind) for step in steps(file)] == [
        (2, "A @ north", "CHANGED"),
        (3, "A @ south", "NEW"),
        (4, "B @ north", "NEW"),
    ]
    cells = cells_of(steps(file)[0])
    assert cells == [("quantity", "5", "7.5")]
    assert held() == {("A", "north"): (5, "IN_STOCK")}


def test_confirmed_file_is_written(world: tuple[Product, Product]) -> None:
    file = written("source_code,sku,status,quantity\nnorth,A,,7.5\nsouth,A,0,0\nnorth,B,1,3\n")

    assert file.state == "WRITTEN"
    assert held() == {
        ("A", "north"): (Decimal("7.5"), "IN_STOCK"),
        ("A", "south"): (0, "OUT_OF_STOCK"),
        ("B", "north"): (3, "IN_STOCK"),
    }
    assert SourceItem.objects.get(product__sku="A", source__code="north").safety_stock == 2


def test_replace_starts_an_item_again(world: tuple[Product, Product]) -> None:
    SourceItem.objects.update(backorders="ALLOW_QTY_BELOW_0", status="OUT_OF_STOCK")

    file = written("source_code,sku,quantity\nnorth,A,5\n", behavior="REPLACE")

    assert counts(file) == (0, 1, 0, 0, 0, 0)
    cells = cells_of(steps(file)[0])
    assert cells == [("safety_stock", "2", "0"), ("status", "0", "1"), ("backorders", "1", "")]
    item = SourceItem.objects.get()
    assert (item.quantity, item.safety_stock, item.status, own_value(item, "backorders")) == (
        Decimal(5),
        Decimal(0),
        "IN_STOCK",
        None,
    )


def test_delete_unassigns(world: tuple[Product, Product]) -> None:
    file = written("source_code,sku\nnorth,A\n", behavior="DELETE")

    assert counts(file) == (0, 0, 0, 1, 0, 0)
    assert held() == {}


def test_status_that_the_system_wrote_is_undone_and_shown(world: tuple[Product, Product]) -> None:
    item = SourceItem.objects.get()
    units.deduct({item.pk: Decimal(5)}, allocated={})
    assert held() == {("A", "north"): (0, "OUT_OF_STOCK")}

    file = written("source_code,sku,status,quantity\nnorth,A,,4\n")

    cells = cells_of(steps(file)[0])
    assert cells == [("quantity", "0", "4"), ("status", "0", "1")]
    assert held() == {("A", "north"): (4, "IN_STOCK")}


def test_item_that_reaches_a_negative_or_unknown_source_is_refused_row_by_row(
    world: tuple[Product, Product],
) -> None:
    file = checked(
        "source_code,sku,status,quantity\n"
        "west,A,1,1\n"
        "north,C,1,1\n"
        "north,A,2,-1\n"
        "south,B,1,\n"
        "north,B,1,1\n"
        " north ,B,1,2\n"
    )

    assert file.state == "REFUSED"
    assert counts(file) == (1, 0, 0, 0, 0, 5)
    assert sentences(file) == [
        (2, "source_code", "There is no source with the code “west”; add it first."),
        (3, "sku", "There is no product with the SKU “C”; add it first."),
        (4, "status", "“2” is not a status. Write 1 for In Stock or 0 for Out of Stock."),
        (
            4,
            "quantity",
            "“-1” is below 0. A quantity on hand is never negative: write 0. Backordered "
            "units belong to their orders, so import those orders too.",
        ),
        (5, "quantity", "A value is needed here."),
        (7, "", "Duplicate of line 6 (north, B)."),
    ]


def test_replace_needs_every_quantity(world: tuple[Product, Product]) -> None:
    file = checked("source_code,sku,quantity\nnorth,A,\n", behavior="REPLACE")

    assert sentences(file) == [(2, "quantity", "A value is needed here.")]


def test_count_below_what_is_allocated_names_the_shipments_that_lose_their_units(
    world: tuple[Product, Product],
) -> None:
    item = SourceItem.objects.get()
    SourceItem.objects.update(quantity=10, safety_stock=0)
    first, second, third = ready_shipments(item, quantities=[4, 3, 3])

    file = checked("source_code,sku,quantity\nnorth,A,6\n")

    assert findings(file).fallen_back == ("S2", "S3")
    third.refresh_from_db()
    assert third.state == "READY"

    file = confirmed(file)

    assert (file.state, findings(file).fallen_back) == ("WRITTEN", ("S2", "S3"))
    states = []
    for shipment in (first, second, third):
        shipment.refresh_from_db()
        states.append(shipment.state)
    assert states == ["READY", "BACKORDER", "BACKORDER"]
    assert held() == {("A", "north"): (6, "IN_STOCK")}
    assert_invariants()


def test_more_shipments_that_would_lose_their_units_than_were_shown_stop_it(
    world: tuple[Product, Product],
) -> None:
    item = SourceItem.objects.get()
    SourceItem.objects.update(quantity=10, safety_stock=0)
    file = checked("source_code,sku,quantity\nnorth,A,6\n")
    ready_shipments(item, quantities=[4, 3])

    file = confirmed(file)

    assert file.state == "CHECKED"
    assert file.message.startswith("More shipments would lose their units than the preview showed.")
    assert findings(file).fallen_back == ("S2",)
    assert held() == {("A", "north"): (10, "IN_STOCK")}
    assert confirmed(file).state == "WRITTEN"


def test_deletion_is_refused_while_units_are_allocated_and_names_who_holds_them(
    world: tuple[Product, Product],
) -> None:
    item = SourceItem.objects.get()
    ready_shipments(item, quantities=[2])

    file = checked("source_code,sku\nnorth,A\nsouth,A\n", behavior="DELETE")

    assert sentences(file) == [
        (2, "sku", "Units are allocated here, to S1; release or move those first."),
        (3, "sku", "“A” is not assigned to this source, so there is nothing to delete."),
    ]


def test_count_below_what_virtual_lines_hold_is_refused_and_names_their_order() -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"payment_action": "AUTHORIZE"})
    product = ProductFactory(sku="V", product_type="VIRTUAL")
    source = SourceFactory(code="north")
    SourceItemFactory(product=product, source=source, quantity=5)
    channel = SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    place_order(
        OrderRequest(
            address=HOME,
            channel=channel.code,
            customer=Customer("Ada", "ada@example.com"),
            lines=(LineRequest("V", Decimal(3), Decimal(1)),),
            currency="USD",
            number="1001",
        ),
        Act(NOW),
    )
    assert SourceItem.objects.get().allocated == 3

    file = checked("source_code,sku,quantity\nnorth,V,2\n")

    assert sentences(file) == [
        (
            2,
            "quantity",
            "Virtual products of the orders 1001 hold 3; the quantity cannot be below that.",
        )
    ]
    assert written("source_code,sku,quantity\nnorth,V,3\n").state == "WRITTEN"


def test_those_who_wait_hear_of_what_arrives(world: tuple[Product, Product]) -> None:
    item = SourceItem.objects.get()
    SourceItem.objects.update(quantity=0, safety_stock=0)
    ready_shipments(item, quantities=[4])

    written("source_code,sku,quantity\nnorth,A,9\nnorth,B,9\n")

    assert list(ArrivalNotice.objects.values_list("product__sku", flat=True)) == ["A"]

"""Bulk changes: planned row by row, made once, refused where they must be."""

from decimal import Decimal
from typing import Any

import pytest

from fulfillment.models import ArrivalNotice
from inventory.models import Product, SourceItem
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants
from tests.inventory.bulk_changes import counts, item_with_ready_shipments, made, shown
from tests.option_values import own_value

pytestmark = pytest.mark.django_db


def test_assigning_makes_what_is_missing_with_nothing_on_hand() -> None:
    one, two = ProductFactory(sku="A"), ProductFactory(sku="B")
    london, oslo = SourceFactory(code="london"), SourceFactory(code="oslo")
    SourceItemFactory(product=one, source=oslo, quantity=7)
    values: dict[str, Any] = {"source_ids": [london.pk, oslo.pk]}

    assert shown("ASSIGN", [one.pk, two.pk], **values) == [
        ("A", "london", [("assigned", False, True), ("status", None, "OUT_OF_STOCK")]),
        ("A", "oslo", [("assigned", True, True)]),
        ("B", "london", [("assigned", False, True), ("status", None, "OUT_OF_STOCK")]),
        ("B", "oslo", [("assigned", False, True), ("status", None, "OUT_OF_STOCK")]),
    ]
    change = made("ASSIGN", [one.pk, two.pk], **values)

    assert counts(change) == (3, 1, 0)
    held = SourceItem.objects.order_by("product__sku", "source__code")
    assert list(held.values_list("product__sku", "source__code", "quantity", "status")) == [
        ("A", "london", Decimal(0), "OUT_OF_STOCK"),
        ("A", "oslo", Decimal(7), "IN_STOCK"),
        ("B", "london", Decimal(0), "OUT_OF_STOCK"),
        ("B", "oslo", Decimal(0), "OUT_OF_STOCK"),
    ]
    assert held.filter(is_status_automatic=True).count() == 3


def test_unassigning_is_refused_for_what_is_allocated_and_names_the_shipments_first() -> None:
    # given
    free = SourceItemFactory(
        product=ProductFactory(sku="FREE"), source=SourceFactory(code="oslo"), quantity=5
    )
    held = item_with_ready_shipments(3, 2)

    # then
    assert shown("UNASSIGN", [free.pk, held.pk]) == [
        ("HELD", "paris", "5 units are allocated there: S02, S01."),
        ("FREE", "oslo", [("assigned", True, False), ("quantity", Decimal(5), None)]),
    ]
    change = made("UNASSIGN", [free.pk, held.pk])

    assert counts(change) == (1, 0, 1)
    assert list(change.refusals.values("names", "message", "values", "shifts")) == [
        {
            "names": ["HELD", "paris"],
            "message": "%(units)s units are allocated there: %(holders)s.",
            "values": {"units": "5", "holders": "S02, S01", "more": "-8"},
            "shifts": [
                {"name": "assigned", "before": True, "after": False},
                {"name": "quantity", "before": "10", "after": None},
            ],
        }
    ]
    assert list(SourceItem.objects.values_list("pk", flat=True)) == [held.pk]
    assert_invariants()


def test_many_holders_are_counted_after_the_first_ten() -> None:
    held = item_with_ready_shipments(*[1] * 12, quantity=12)

    ((_sku, _source, sentence),) = shown("UNASSIGN", [held.pk])

    assert sentence == (
        "12 units are allocated there: S12, S11, S10, S09, S08, S07, S06, S05, S04, S03 and 2 more."
    )


def test_transfer_moves_what_is_not_allocated_and_leaves_what_cannot_give_it() -> None:
    # given
    held = item_with_ready_shipments(4)
    oslo = SourceFactory(code="oslo")
    there = SourceItemFactory(product=held.product, source=oslo, quantity=1)
    nowhere = SourceItemFactory(product=ProductFactory(sku="ZERO"), source=held.source, quantity=9)
    poor = SourceItemFactory(product=ProductFactory(sku="POOR"), source=held.source, quantity=5)
    SourceItemFactory(product=poor.product, source=oslo, quantity=0)
    keys = [held.pk, nowhere.pk, poor.pk, there.pk]
    Product.objects.update(qty_uses_decimals=True)
    values: dict[str, Any] = {"to_source_id": oslo.pk, "quantity": "5.5"}

    # then
    assert shown("TRANSFER", keys, **values) == [
        ("ZERO", "paris", "The product is not assigned to the other source. Assign it first."),
        ("POOR", "paris", "Only 5 of its 5 units are not allocated."),
        ("HELD", "oslo", "At this source already."),
        (
            "HELD",
            "paris",
            [
                ("quantity", Decimal(10), Decimal("4.5")),
                ("quantity_there", Decimal(1), Decimal("6.5")),
            ],
        ),
    ]
    change = made("TRANSFER", keys, **values)

    assert counts(change) == (1, 0, 3)
    held.refresh_from_db()
    there.refresh_from_db()
    poor.refresh_from_db()
    assert (held.quantity, held.allocated, there.quantity) == (
        Decimal("4.5"),
        Decimal(4),
        Decimal("6.5"),
    )
    assert poor.quantity == 5
    assert_invariants()


def test_transfer_of_everything_adds_up_from_several_sources_and_tells_who_waits() -> None:
    product = ProductFactory(sku="A")
    one, two, three = (SourceFactory(code=code) for code in ("one", "two", "three"))
    StockFactory(sources=[three])
    first = SourceItemFactory(product=product, source=one, quantity=3)
    second = SourceItemFactory(product=product, source=two, quantity=4)
    there = SourceItemFactory(product=product, source=three, quantity=0)
    values = {"to_source_id": three.pk, "quantity": None}

    assert shown("TRANSFER", [first.pk, second.pk], **values) == [
        ("A", "one", [("quantity", 3, 0), ("quantity_there", 0, 3)]),
        ("A", "two", [("quantity", 4, 0), ("quantity_there", 3, 7)]),
    ]
    BackorderFactory(
        order=OrderFactory(channel=SalesChannelFactory(stock=StockFactory(sources=[three]))),
        lines={product: 2},
    )
    made("TRANSFER", [first.pk, second.pk], **values)

    quantities = SourceItem.objects.order_by("pk").values_list("quantity", "status")
    assert list(quantities) == [
        (Decimal(0), "OUT_OF_STOCK"),
        (Decimal(0), "OUT_OF_STOCK"),
        (Decimal(7), "IN_STOCK"),
    ]
    assert there.pk
    assert list(ArrivalNotice.objects.values_list("product", flat=True)) == [product.pk]
    # What has nothing left to give stays as it is.
    assert counts(made("TRANSFER", [first.pk], **values)) == (0, 1, 0)


def test_status_is_set_where_it_is_another() -> None:
    one, two = SourceItemFactory(), SourceItemFactory(status="OUT_OF_STOCK")

    change = made("STATUS", [one.pk, two.pk], status="OUT_OF_STOCK")

    assert counts(change) == (1, 1, 0)
    assert set(SourceItem.objects.values_list("status", "is_status_automatic")) == {
        ("OUT_OF_STOCK", False)
    }


def test_an_option_is_set_on_products_and_cleared_again() -> None:
    one = ProductFactory(sku="A", max_cart_qty=Decimal(5))
    two, other = ProductFactory(sku="B"), ProductFactory(sku="C")

    assert shown("PRODUCT_OPTION", [one.pk, two.pk], name="max_cart_qty", value="20") == [
        ("A", "", [("max_cart_qty", Decimal(5), Decimal(20))]),
        ("B", "", [("max_cart_qty", None, Decimal(20))]),
    ]
    made("PRODUCT_OPTION", [one.pk, two.pk], name="max_cart_qty", value="20")
    by_sku = Product.objects.order_by("sku").values_list("sku", "max_cart_qty")
    assert list(by_sku) == [("A", 20), ("B", 20), ("C", None)]

    cleared = made("PRODUCT_OPTION", [one.pk, two.pk, other.pk], name="max_cart_qty", value=None)
    assert counts(cleared) == (2, 1, 0)
    assert list(by_sku.all()) == [("A", None), ("B", None), ("C", None)]


def test_an_option_without_a_meaning_is_refused_for_the_product_it_has_none_for() -> None:
    virtual = ProductFactory(sku="V", product_type="VIRTUAL")
    large = ProductFactory(sku="L", min_cart_qty=Decimal(50))
    plain = ProductFactory(sku="P")

    assert shown("PRODUCT_OPTION", [plain.pk, large.pk], name="max_cart_qty", value="20") == [
        (
            "L",
            "",
            "The minimum of 50 is above the maximum of 20: nothing can be bought.",
        ),
        ("P", "", [("max_cart_qty", None, Decimal(20))]),
    ]
    change = made(
        "PRODUCT_OPTION", [plain.pk, virtual.pk], name="backorders", value="ALLOW_QTY_BELOW_0"
    )

    assert counts(change) == (1, 0, 1)
    assert list(Product.objects.order_by("sku").values_list("sku", "backorders")) == [
        ("L", None),
        ("P", "ALLOW_QTY_BELOW_0"),
        ("V", None),
    ]


def test_backorders_allowed_for_products_undo_a_status_that_the_system_wrote() -> None:
    item = SourceItemFactory(quantity=0, status="OUT_OF_STOCK", is_status_automatic=True)

    made("PRODUCT_OPTION", [item.product_id], name="backorders", value="ALLOW_QTY_BELOW_0")

    item.refresh_from_db()
    assert (item.status, item.is_status_automatic) == ("IN_STOCK", False)


def test_an_option_is_set_at_sources_unless_the_product_takes_none() -> None:
    item = SourceItemFactory()
    virtual = SourceItemFactory(product=ProductFactory(sku="V", product_type="VIRTUAL"))

    change = made(
        "ITEM_OPTION", [item.pk, virtual.pk], name="backorders", value="ALLOW_QTY_BELOW_0"
    )

    assert counts(change) == (1, 0, 1)
    item.refresh_from_db()
    virtual.refresh_from_db()
    assert (own_value(item, "backorders"), own_value(virtual, "backorders")) == (
        "ALLOW_QTY_BELOW_0",
        None,
    )

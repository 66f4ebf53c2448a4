from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fulfillment.models import ArrivalNotice
from inventory.files.product_columns import COLUMNS
from inventory.models import ImportFile, Product, Source, SourceItem
from inventory.operations import units
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.inventory.files.imports import (
    cells_of,
    checked,
    counts,
    findings,
    sentences,
    steps,
    written,
)
from tests.option_values import own_value, own_values

pytestmark = pytest.mark.django_db


def products(text: str, **arguments: Any) -> ImportFile:
    return checked(text, format_code="PRODUCTS", name="products.csv", **arguments)


def bring_in(text: str) -> ImportFile:
    return written(text, format_code="PRODUCTS", name="products.csv")


def cells(file: ImportFile, position: Any = 0) -> list[tuple[Any, ...]]:
    return cells_of(steps(file)[position])


def test_columns_are_magentos() -> None:
    assert COLUMNS == (
        "sku",
        "barcode",
        "name",
        "product_type",
        "price",
        "product_online",
        "order_multiple",
        "lead_time_days",
        "release_on",
        "preorder_limit",
        "qty",
        "is_in_stock",
        "manage_stock",
        "use_config_manage_stock",
        "allow_backorders",
        "use_config_backorders",
        "out_of_stock_qty",
        "use_config_min_qty",
        "min_cart_qty",
        "use_config_min_sale_qty",
        "max_cart_qty",
        "use_config_max_sale_qty",
        "notify_on_stock_below",
        "use_config_notify_stock_qty",
        "enable_qty_increments",
        "use_config_enable_qty_inc",
        "qty_increments",
        "use_config_qty_increments",
        "is_qty_decimal",
        "is_decimal_divided",
    )


def test_new_product_with_its_quantity_at_the_default_source() -> None:
    file = bring_in(
        "sku,name,product_type,price,product_online,qty,is_in_stock,allow_backorders,"
        "use_config_backorders,out_of_stock_qty,use_config_min_qty,min_cart_qty,"
        "use_config_min_sale_qty,is_qty_decimal\n"
        "A,Chair,simple,18.0000,2,25.0000,1,2,0,-50,0,3,1,1\n"
    )

    assert (file.state, counts(file)) == ("WRITTEN", (1, 0, 0, 0, 0, 0))
    product = Product.objects.get()
    assert (product.sku, product.name, product.product_type) == ("A", "Chair", "SIMPLE")
    assert (product.price, product.is_enabled) == (Decimal("18.00"), False)
    own = {name: value for name, value in product.overrides().items() if value is not None}
    assert own == {
        "backorders": "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
        "out_of_stock_threshold": -50,
        "qty_uses_decimals": True,
    }
    item = SourceItem.objects.get()
    assert (item.source.code, item.quantity, item.status) == ("default", Decimal(25), "IN_STOCK")


def test_empty_cells_and_absent_columns_leave_values_as_they_are() -> None:
    ProductFactory(sku="A", name="Chair", price=18, out_of_stock_threshold=-50, min_cart_qty=2)

    file = bring_in("sku,name,price,out_of_stock_qty\nA,,19,\n")

    assert cells(file) == [("price", "18.00", "19.00")]
    product = Product.objects.get()
    assert (product.name, product.price) == ("Chair", Decimal(19))
    assert own_values(product, "out_of_stock_threshold", "min_cart_qty") == (-50, 2)


def test_use_config_wins_over_the_value_beside_it() -> None:
    ProductFactory(sku="A", out_of_stock_threshold=-50)

    file = bring_in("sku,out_of_stock_qty,use_config_min_qty\nA,7,1\n")

    assert cells(file) == [("use_config_min_qty", "0", "1"), ("out_of_stock_qty", "-50", "")]
    assert own_value(Product.objects.get(), "out_of_stock_threshold") is None


def test_use_config_0_needs_a_value() -> None:
    ProductFactory(sku="A")

    file = products("sku,out_of_stock_qty,use_config_min_qty\nA,,0\n")

    assert sentences(file) == [
        (
            2,
            "out_of_stock_qty",
            "A value is needed here, because use_config_min_qty is 0; or write 1 there.",
        )
    ]


def test_other_types_and_rows_for_one_store_are_skipped_and_counted() -> None:
    file = bring_in(
        "sku,name,product_type,store_view_code,color\n"
        "A,Chair,simple,,red\n"
        "A,Chaise,simple,fr,red\n"
        "B,Set,bundle,,red\n"
        "C,Chairs,configurable,,red\n"
        "D,License,virtual,,red\n"
    )

    assert counts(file) == (2, 0, 0, 0, 3, 0)
    assert findings(file).ignored == ("color",)
    assert list(Product.objects.values_list("sku", "product_type")) == [
        ("A", "SIMPLE"),
        ("D", "VIRTUAL"),
    ]


def test_what_is_wrong_is_said_cell_by_cell() -> None:
    ProductFactory(sku="A")

    file = products(
        "sku,name,price,product_online,qty,is_in_stock,allow_backorders,qty_increments\n"
        'A,Chair,1.234,3,"1,500",maybe,9,-1\n'
        "A,Chair,,,,,,\n"
        "B,,,,,,,\n"
        "C,Chair,,,,1,,\n"
        f"{'X' * 65},Chair,,,,,,\n"
        ",Chair,,,,,,\n"
    )

    assert sentences(file) == [
        (2, "price", "1.234 is not an amount in USD, which has 2 decimals."),
        (2, "product_online", "“3” is neither 1 (enabled) nor 2 (disabled)."),
        (
            2,
            "allow_backorders",
            "“9” is not one of the choices: 0 (No Backorders), 1 (Allow Qty Below 0), 2 "
            "(Allow Qty Below 0 and Notify Customer).",
        ),
        (2, "qty_increments", "“-1” is too small. Write 0.0001 or more."),
        (2, "qty", "“1,500” can mean 1500 or 1.500. Write one of these."),
        (2, "is_in_stock", "“maybe” is not a status. Write 1 for In Stock or 0 for Out of Stock."),
        (3, "", "Duplicate of line 2 (A)."),
        (4, "name", "A new product needs a name."),
        (5, "qty", "A value is needed here."),
        (6, "sku", "The text has 65 characters; at most 64 fit."),
        (7, "sku", "A value is needed here."),
    ]
    assert Product.objects.count() == 1


def test_product_and_its_default_source_are_one_step() -> None:
    product = ProductFactory(sku="A", name="Chair")
    SourceItemFactory(product=product, source=Source.objects.get(code="default"), quantity=5)

    file = products("sku,name,qty\nA,Stool,6\n")

    assert counts(file) == (0, 1, 0, 0, 0, 0)
    assert cells(file) == [("name", "Chair", "Stool"), ("qty", "5", "6")]
    assert steps(file)[0].name == "A"


def test_quantity_alone_changes_a_product() -> None:
    ProductFactory(sku="A")

    file = bring_in("sku,qty\nA,6\n")

    assert (counts(file), cells(file)) == (
        (0, 1, 0, 0, 0, 0),
        [("qty", "", "6")],
    )
    assert SourceItem.objects.get().quantity == 6


def test_status_that_the_system_wrote_is_undone_when_backorders_become_allowed() -> None:
    item = SourceItemFactory(product=ProductFactory(sku="A"), quantity=1)
    units.deduct({item.pk: Decimal(1)}, allocated={})
    assert SourceItem.objects.get().status == "OUT_OF_STOCK"

    bring_in("sku,allow_backorders\nA,1\n")

    assert SourceItem.objects.get().status == "IN_STOCK"


def test_those_who_wait_are_looked_at_again_when_an_option_of_release_changes() -> None:
    for sku in ("A", "B"):
        BackorderFactory(lines={ProductFactory(sku=sku): 4})

    bring_in("sku,name,allow_backorders\nA,Chair,1\nB,Stool,\n")

    assert list(ArrivalNotice.objects.values_list("product__sku", flat=True)) == ["A"]


def test_options_that_contradict_each_other_are_refused_at_the_cell_to_correct() -> None:
    ProductFactory(sku="OLD", min_cart_qty=Decimal(7))
    ProductFactory(sku="WAS", min_cart_qty=Decimal(7), max_cart_qty=Decimal(6))

    file = products(
        "sku,name,product_type,max_cart_qty,allow_backorders,qty_increments\n"
        "OLD,Old,simple,6,0,2\n"
        "NEW,New,virtual,20,1,1.5\n"
        "WAS,Was,simple,6,0,2\n"
    )

    assert sentences(file) == [
        (
            2,
            "max_cart_qty",
            "The minimum of 7 is above the maximum of 6: nothing can be bought.",
        ),
        (
            3,
            "allow_backorders",
            "A virtual product with managed stock takes no backorders.",
        ),
        (
            3,
            "qty_increments",
            "1.5 is a fraction, and this product is sold in whole units.",
        ),
    ]


def test_barcodes_are_exchanged_in_one_file_and_are_of_one_product() -> None:
    ProductFactory(sku="A", barcode="96385074")
    ProductFactory(sku="B", barcode="4006381333931")

    file = written(
        "sku,name,barcode\nA,,4006381333931\nB,,1234\nC,Candle,96385074\n", format_code="PRODUCTS"
    )

    assert (file.state, sentences(file)) == ("WRITTEN", [])
    assert dict(Product.objects.values_list("sku", "barcode")) == {
        "A": "4006381333931",
        "B": "1234",
        "C": "96385074",
    }

    refused = checked(
        "sku,name,barcode\nB,,0000096385074\nD,x,77\nE,x,77\n", format_code="PRODUCTS"
    )
    in_file = checked(
        "sku,name,barcode\nC,,0000096385074\nD,x,036000291452\nE,x,0036000291452\n",
        format_code="PRODUCTS",
    )

    assert sentences(refused) == [
        (
            2,
            "barcode",
            "Another product has the barcode “0000096385074”. Zeros before a code do not count.",
        ),
        (
            4,
            "barcode",
            "Another product has the barcode “77”. Zeros before a code do not count.",
        ),
    ]
    # Its own code in another form is no other product's.
    assert [line for line, *_told in sentences(in_file)] == [4]


def test_new_skus_that_look_like_others_are_taken_with_a_notice() -> None:
    ProductFactory(sku="lamp")
    ProductFactory(sku="old,one")

    file = written(
        "sku,name\nLAMP,Lamp\nDesk,Desk\ndesk,Desk\nlamp,Lamps\nold,one\n".replace(
            "old,one", '"old,one",Old'
        ),
        format_code="PRODUCTS",
    )

    assert (file.state, sentences(file)) == ("WRITTEN", [])
    assert [(notice.line, notice.sentence) for notice in findings(file).notices] == [
        (2, "The SKU “LAMP” looks like “lamp”, which is another product."),
        (4, "The SKU “desk” looks like “Desk”, which is another product."),
    ]


def test_order_multiple_and_lead_time_are_whole_numbers_within_limits() -> None:
    ProductFactory(sku="A")
    ProductFactory(sku="B", order_multiple=6, lead_time_days=7)

    bring_in("sku,name,order_multiple,lead_time_days\nA,,12,14\nB,,,\nC,Candle,,0\n")

    assert list(
        Product.objects.order_by("sku").values_list("sku", "order_multiple", "lead_time_days")
    ) == [("A", 12, 14), ("B", 6, 7), ("C", 1, 0)]
    refused = checked(
        "sku,order_multiple,lead_time_days\nA,0,-1\nB,2.5,3651\nC,1000001,x\n",
        format_code="PRODUCTS",
    )
    assert sentences(refused) == [
        (2, "order_multiple", "“0” is not a whole number from 1 to 1000000."),
        (2, "lead_time_days", "“-1” is not a whole number from 0 to 3650."),
        (3, "order_multiple", "“2.5” is not a whole number from 1 to 1000000."),
        (3, "lead_time_days", "“3651” is not a whole number from 0 to 3650."),
        (4, "order_multiple", "“1000001” is not a whole number from 1 to 1000000."),
        (
            4,
            "lead_time_days",
            "“x” is not a number. Write digits such as 1234.5.",
        ),
    ]


def test_release_date_and_preorder_limit_are_read_and_refused() -> None:
    ProductFactory(sku="A")
    ProductFactory(sku="B", release_on=date(2027, 5, 1), preorder_limit=7)

    bring_in("sku,name,release_on,preorder_limit\nA,,2027-04-01,500\nB,,,\nC,Game,2027-06-01,\n")

    stored = Product.objects.order_by("sku").values_list("release_on", "preorder_limit")
    assert list(stored) == [
        (date(2027, 4, 1), 500),
        (date(2027, 5, 1), 7),
        (date(2027, 6, 1), None),
    ]
    refused = checked("sku,release_on,preorder_limit\nA,1.4.2027,0\n", format_code="PRODUCTS")
    assert sentences(refused) == [
        (2, "release_on", "“1.4.2027” is not a date in the form 2026-12-31."),
        (2, "preorder_limit", "“0” is not a whole number from 1 to 1000000000."),
    ]

"""What is exported can be brought in again, and then nothing changes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from inventory.files.file_formats import export_lines
from inventory.models import FutureSupply, Product, Source, SourceItem
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
)
from tests.inventory.files.imports import counts, sentences, written

pytestmark = pytest.mark.django_db

NASTY = ["=1+1", "+A", "-50", "@SUM(A1)", "'=1", "''", "'Tis", 'a "b", c', "1e3", "Ünïcode ＝", ";"]


def exported(format_code: str, rows: Any) -> str:
    return "".join(export_lines(format_code, rows))


def unchanged(text: str, format_code: str) -> int:
    """Bring a text in, and return how many rows of it changed nothing."""
    file = written(text, format_code=format_code)
    assert (file.state, sentences(file)) == ("WRITTEN", [])
    new, changed, same, deleted, skipped, refused = counts(file)
    assert (new, changed, deleted, skipped, refused) == (0, 0, 0, 0, 0)
    return same


def states(model: type[FutureSupply] | type[Product] | type[SourceItem]) -> list[Any]:
    """Every value of every row, and the transaction that wrote it."""
    return list(model.objects.order_by("pk").extra(select={"written_by": "xmin::text"}).values())


def test_stock_sources() -> None:
    for position, name in enumerate(NASTY):
        source = SourceFactory(code=f"-{position}")
        SourceItemFactory(
            product=ProductFactory(sku=name),
            source=source,
            quantity=Decimal(position) / 8,
            status="OUT_OF_STOCK" if position % 2 else "IN_STOCK",
            safety_stock=1,
            backorders="ALLOW_QTY_BELOW_0",
        )
    before = states(SourceItem)

    text = exported("STOCK_SOURCES", SourceItem.objects.all())

    assert text.startswith("\ufeffsource_code,sku,status,quantity\r\n")
    assert "'-1,'+A,0,0.125\r\n" in text
    assert unchanged(text, "STOCK_SOURCES") == len(NASTY)
    assert states(SourceItem) == before


def test_products() -> None:
    default = Source.objects.get(code="default")
    for position, name in enumerate(NASTY):
        product = ProductFactory(sku=name, name=name, price=Decimal("0.10") * position)
        if position % 2:
            SourceItemFactory(product=product, source=default, quantity=position)
    Product.objects.filter(sku="=1+1").update(
        barcode="=0123",
        order_multiple=6,
        lead_time_days=14,
        release_on=date(2027, 4, 1),
        preorder_limit=500,
        product_type="VIRTUAL",
        is_enabled=False,
        manage_stock=False,
        backorders="ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
        out_of_stock_threshold=Decimal("-50.5"),
        min_cart_qty=0,
        qty_uses_decimals=True,
        only_x_left_threshold=7,
    )
    before = states(Product), states(SourceItem)

    text = exported("PRODUCTS", Product.objects.all())

    assert (
        "'=1+1,'=0123,'=1+1,virtual,0.00,2,6,14,2027-04-01,500,,,0,0,2,0,-50.5,0,0,0,,1,,1,,1,,1,1,\r\n"
        in text
    )
    assert unchanged(text, "PRODUCTS") == len(NASTY)
    assert (states(Product), states(SourceItem)) == before


def test_future_supply() -> None:
    product = ProductFactory(sku="=A")
    source = SourceFactory(code="-north")
    for name in [*NASTY, "", "", "PO-1", "PO-1"]:
        FutureSupplyFactory(product=product, source=source, quantity=5, reference=name)
    FutureSupplyFactory(
        product=product, source=source, expected_on=date(2026, 6, 1), reference="PO-2"
    )
    closed = {"product": product, "source": source, "state": "RECEIVED"}
    FutureSupplyFactory(**closed, reference="PO-3", received_quantity=10)
    FutureSupplyFactory(**closed, reference="", received_quantity=10)
    before = states(FutureSupply)

    text = exported("FUTURE_SUPPLY", FutureSupply.objects.all())

    assert "'=A,'-north,10,2026-06-01,PO-2\r\n" in text
    assert unchanged(text, "FUTURE_SUPPLY") == len(NASTY) + 6
    assert states(FutureSupply) == before


def test_what_is_filtered_is_what_is_exported() -> None:
    ProductFactory(sku="B")
    ProductFactory(sku="A")

    text = exported("PRODUCTS", Product.objects.filter(sku="A"))

    assert [line.split(",")[0] for line in text.splitlines()] == ["\ufeffsku", "A"]

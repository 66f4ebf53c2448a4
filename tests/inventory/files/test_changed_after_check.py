"""Files that were checked before others changed the same rows, and are confirmed after."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, transaction

from inventory.models import FutureSupply, ImportFile, Product, Source, SourceItem
from tests.beside import wait_until_waiting
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
)
from tests.inventory.files.imports import checked, confirmed, findings
from tests.present import present

NEXT_MAY = date(2026, 5, 1)
STOCK = "source_code,sku,status,quantity\nleeds,LAMP,,8\nleeds,SOFA,,3\n"
PRODUCTS = "sku,price,qty\nLAMP,12.50,8\nSOFA,,3\n"
SUPPLY = "sku,source_code,quantity,expected_on,reference\nLAMP,leeds,20,2026-05-01,PO-1\n"


@pytest.fixture
def items(db: None) -> None:
    """8 lamps and 2 sofas, in Leeds and at the default source."""
    leeds = SourceFactory(code="leeds")
    default = Source.objects.get(code="default")
    for sku, quantity in (("LAMP", 8), ("SOFA", 2)):
        product = ProductFactory(sku=sku, price=Decimal(10))
        for source in (leeds, default):
            SourceItemFactory(product=product, source=source, quantity=Decimal(quantity))


def held(source: str = "leeds") -> dict[str, Decimal]:
    rows = SourceItem.objects.filter(source__code=source)
    return dict(rows.values_list("product__sku", "quantity"))


def sell(sku: str) -> None:
    """Take all units off, as shipping does."""
    SourceItem.objects.filter(product__sku=sku).update(quantity=0, status="OUT_OF_STOCK")


def told(file: ImportFile) -> list[tuple[int, str]]:
    return [(notice.line, notice.sentence) for notice in findings(file).notices]


def test_a_file_checked_before_a_sale_puts_nothing_on_hand_again(items: None) -> None:
    file = checked(STOCK)
    sell("LAMP")

    refused = confirmed(file)

    assert (refused.state, refused.written_at) == ("CHECKED", None)
    assert refused.message == (
        "Some of these rows were changed after the file was checked. Nothing was written. Review "
        "them, and confirm again to write the file."
    )
    assert told(refused) == [
        (2, "quantity was “8” when the file was checked, and is “0” now."),
    ]
    assert held() == {"LAMP": 0, "SOFA": 2}


def test_confirmed_again_the_file_is_written_as_it_was_shown_last(items: None) -> None:
    file = checked(STOCK)
    sell("LAMP")

    assert confirmed(confirmed(file)).state == "WRITTEN"

    assert held() == {"LAMP": 8, "SOFA": 3}


def test_what_others_changed_elsewhere_does_not_matter(items: None) -> None:
    file = checked(STOCK)
    SourceItem.objects.update(safety_stock=1)
    Product.objects.update(price=Decimal(99))

    assert confirmed(file).state == "WRITTEN"

    assert held() == {"LAMP": 8, "SOFA": 3}
    assert set(SourceItem.objects.values_list("safety_stock", flat=True)) == {1}


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (lambda: Product.objects.filter(sku="LAMP").update(price=Decimal(11)), [2]),
        (lambda: Product.objects.filter(sku="SOFA").update(price=Decimal(11)), []),
        (lambda: sell("SOFA"), [3]),
        (lambda: Product.objects.update(name="Other"), []),
    ],
)
def test_products_and_their_quantities_are_compared_where_the_row_sets_them(
    items: None, change: Callable[..., Any], lines: list[int]
) -> None:
    file = checked(PRODUCTS, format_code="PRODUCTS")
    change()

    answer = confirmed(file)

    assert answer.state == ("CHECKED" if lines else "WRITTEN")
    assert sorted({line for line, _sentence in told(answer)}) == lines


def test_an_item_assigned_after_the_check_is_asked_about(items: None) -> None:
    product = ProductFactory(sku="DESK")
    file = checked("source_code,sku,status,quantity\nleeds,DESK,,5\n")
    SourceItemFactory(
        product=product, source=SourceItem.objects.filter(source__code="leeds")[0].source
    )

    assert confirmed(file).state == "CHECKED"

    assert held()["DESK"] == 10


def test_an_item_counted_after_the_check_is_not_unassigned(items: None) -> None:
    file = checked("source_code,sku\nleeds,SOFA\n", behavior="DELETE")
    SourceItem.objects.filter(product__sku="SOFA").update(quantity=7)

    assert confirmed(file).state == "CHECKED"

    assert held()["SOFA"] == 7


def test_supply_that_moved_after_the_check_is_not_moved_back(items: None) -> None:
    lamp = Product.objects.get(sku="LAMP")
    leeds = SourceItem.objects.filter(source__code="leeds")[0].source
    FutureSupplyFactory(product=lamp, source=leeds, reference="PO-1", expected_on=NEXT_MAY)
    file = checked(SUPPLY, format_code="FUTURE_SUPPLY")
    FutureSupply.objects.update(quantity=15)

    refused = confirmed(file)

    assert (refused.state, told(refused)[0][0]) == ("CHECKED", 2)
    assert FutureSupply.objects.get().quantity == 15
    assert confirmed(refused).state == "WRITTEN"
    assert FutureSupply.objects.get().quantity == 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("text", "code", "model"),
    [
        (STOCK, "STOCK_SOURCES", SourceItem),
        (PRODUCTS, "PRODUCTS", Product),
        (SUPPLY, "FUTURE_SUPPLY", FutureSupply),
    ],
)
def test_rows_are_compared_once_more_when_they_are_locked(
    text: str, code: str, model: type[FutureSupply] | type[Product] | type[SourceItem]
) -> None:
    leeds = SourceFactory(code="leeds")
    # Other tests may have emptied what the first migration made.
    default = Source.objects.filter(code="default").first() or SourceFactory(code="default")
    for sku in ("LAMP", "SOFA"):
        product = ProductFactory(sku=sku)
        SourceItemFactory(product=product, source=leeds, quantity=Decimal(2))
        SourceItemFactory(product=product, source=default, quantity=Decimal(2))
        FutureSupplyFactory(product=product, source=leeds, reference="PO-1", expected_on=NEXT_MAY)
    file = checked(text, format_code=code)
    answers = []

    def confirm() -> None:
        answers.append(confirmed(file))
        connections.close_all()

    thread = threading.Thread(target=confirm)
    with transaction.atomic():
        changed = present(model.objects.order_by("pk").first())
        name, value = ("price", 11) if model is Product else ("quantity", 7)
        model.objects.filter(pk=changed.pk).update(**{name: value})
        thread.start()
        wait_until_waiting(1)
    thread.join(120)

    assert [answer.state for answer in answers] == ["CHECKED"]
    changed.refresh_from_db()
    assert getattr(changed, name) == value

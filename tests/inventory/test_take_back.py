"""Imports and bulk changes are taken back: rows that are still as they were left."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from core.acts import Act
from core.models import BulkChange
from core.operations.bulk.preview import preview
from fulfillment.models import Shipment
from fulfillment.release.runs import engine
from inventory import ports
from inventory.models import FutureSupply, ImportFile, Product, SourceItem
from inventory.operations.bulk import take_back
from inventory.operations.receipts import receive_supply
from inventory.operations.source_items import adjust_items
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
)
from tests.invariants import assert_invariants
from tests.inventory.bulk_changes import counts, item_with_ready_shipments, made
from tests.inventory.files.imports import TODAY, written
from tests.option_values import own_value

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
HEADER = "source_code,sku,status,quantity\n"
pytestmark = pytest.mark.django_db


def request_for(change: BulkChange | ImportFile) -> tuple[list[int], dict[str, Any]]:
    values = take_back.values_of(change, today=TODAY)
    return take_back.keys_of(take_back.read(values)), values


def imported(text: str, **arguments: str) -> ImportFile:
    file = written(text, **arguments)
    end_entry()
    return file


def changed(action: str, keys: Sequence[int], **values: Any) -> BulkChange:
    change = made(action, keys, **values)
    end_entry()
    return change


def end_entry() -> None:
    """An entry of history ends with its transaction, which a test has only one of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_id', '', TRUE)")


def taken_back(change: BulkChange | ImportFile) -> BulkChange:
    keys, values = request_for(change)
    return changed("TAKE_BACK", keys, **values)


def shown(change: BulkChange | ImportFile) -> list[tuple[Any, ...]]:
    """Each row of the preview: SKU, source, shifts, and why it stays."""
    keys, values = request_for(change)
    planned = preview("TAKE_BACK", keys, values, Act(NOW), page=1, page_size=100)
    return [
        (
            *row.names,
            [(shift.name, shift.before, shift.after) for shift in row.shifts],
            row.refusal and row.refusal.message % row.refusal.values,
        )
        for row in planned.rows
    ]


def held() -> list[Any]:
    rows = SourceItem.objects.order_by("product__sku", "source__code")
    return list(rows.values_list("product__sku", "source__code", "quantity", "status"))


@pytest.fixture
def items() -> tuple[list[SourceItem], Product]:
    """A and B at north with 5 each, C nowhere."""
    north = SourceFactory(code="north")
    a, b, c = (ProductFactory(sku=sku) for sku in "ABC")
    return [SourceItemFactory(product=p, source=north, quantity=5) for p in (a, b)], c


def test_rows_that_are_as_an_import_left_them_get_their_values_back(
    items: tuple[list[SourceItem], Product],
) -> None:
    file = imported(HEADER + "north,A,1,900\nnorth,B,0,0\nnorth,C,1,7\n")
    assert held()[0] == ("A", "north", 900, "IN_STOCK")

    assert shown(file) == [
        ("A", "north", [("quantity", 900, 5)], None),
        ("B", "north", [("quantity", 0, 5), ("status", "OUT_OF_STOCK", "IN_STOCK")], None),
        ("C", "north", [("assigned", True, False), ("quantity", 7, None)], None),
    ]
    change = taken_back(file)

    assert counts(change) == (3, 0, 0)
    assert held() == [("A", "north", 5, "IN_STOCK"), ("B", "north", 5, "IN_STOCK")]
    assert counts(taken_back(file)) == (0, 3, 0)
    assert_invariants()


def test_rows_that_changed_since_stay_and_are_listed_with_what_changed(
    items: tuple[list[SourceItem], Product],
) -> None:
    [(a, b), _c] = items
    file = imported(HEADER + "north,A,,900\nnorth,B,,700\nnorth,C,,7\n")
    adjust_items({(a.product_id, a.source_id): Decimal(-2)}, Act(NOW))
    SourceItem.objects.filter(pk=b.pk).update(safety_stock=3)
    SourceItem.objects.filter(product__sku="C").update(safety_stock=1)

    assert shown(file) == [
        ("A", "north", [("quantity", 900, 898)], "Changed since. It stays as it is now."),
        ("C", "north", [("safety_stock", 0, 1)], "Changed since. It stays as it is now."),
        ("B", "north", [("quantity", 700, 5)], None),
    ]
    change = taken_back(file)

    assert counts(change) == (1, 0, 2)
    assert [row[2] for row in held()] == [898, 5, 7]
    # What others changed on the row stays.
    assert SourceItem.objects.get(pk=b.pk).safety_stock == 3


def test_an_item_that_was_used_since_stays(items: tuple[list[SourceItem], Product]) -> None:
    _items, c = items
    file = imported(HEADER + "north,C,,7\n")
    item = SourceItem.objects.get(product=c)
    for by in (-1, 1):
        adjust_items({(item.product_id, item.source_id): Decimal(by)}, Act(NOW))

    [(_sku, _source, _shifts, why)] = shown(file)

    assert why == "It was used since, so it stays. Unassign it where it is not wanted."
    assert counts(taken_back(file)) == (0, 0, 1)


def test_items_that_were_unassigned_are_assigned_again(
    items: tuple[list[SourceItem], Product],
) -> None:
    [(a, b), _c] = items
    SourceItem.objects.filter(pk=a.pk).update(safety_stock=2, backorders="ALLOW_QTY_BELOW_0")
    file = imported("source_code,sku\nnorth,A\nnorth,B\n", behavior="DELETE")
    SourceItemFactory(product=b.product, source=b.source, quantity=1)

    change = taken_back(file)

    assert counts(change) == (1, 0, 1)
    back = SourceItem.objects.get(product=a.product)
    assert (back.quantity, back.safety_stock) == (Decimal(5), Decimal(2))
    assert own_value(back, "backorders") == "ALLOW_QTY_BELOW_0"


def test_shipments_that_got_units_of_a_wrong_import_wait_again() -> None:
    item = item_with_ready_shipments(3, 4, quantity=1)
    file = imported(HEADER + f"{item.source.code},HELD,,9\n")
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    assert set(Shipment.objects.values_list("state", flat=True)) == {"READY"}

    keys, values = request_for(file)
    hit = take_back.affected_shipments(keys, take_back.read(values))
    change = taken_back(file)

    assert hit == ["S01", "S02"]
    assert counts(change) == (1, 0, 0)
    assert set(Shipment.objects.values_list("state", flat=True)) == {"BACKORDER"}
    assert_invariants()


def test_a_preview_takes_it_that_units_were_given_back_since_it_counted() -> None:
    item = item_with_ready_shipments(3, 4)

    assert ports.current().would_give_way({item.pk: Decimal(9)}) == ["S01", "S02"]
    with pytest.raises(ports.HeldByVirtualLinesError):
        ports.current().deallocate_shortfall({item.pk: Decimal(9)}, Act(NOW))


def test_products_get_their_values_back_and_new_ones_are_disabled() -> None:
    SourceFactory(code="other")
    ProductFactory(sku="OLD", name="Kettle", price=Decimal("10.00"), max_cart_qty=5)
    ProductFactory(sku="SOLD", name="Pot", price=Decimal("10.00"))
    file = imported(
        "sku,name,price,max_cart_qty,qty\nOLD,Pan,12.00,9,\nNEW,New,1.00,,40\nSOLD,Pot,3.00,,\n",
        format_code="PRODUCTS",
    )
    Product.objects.filter(sku="SOLD").update(price=4)

    change = taken_back(file)

    assert counts(change) == (3, 0, 1)
    old, new = Product.objects.get(sku="OLD"), Product.objects.get(sku="NEW")
    assert (old.name, old.price, own_value(old, "max_cart_qty")) == ("Kettle", Decimal("10.00"), 5)
    assert (new.is_enabled, new.source_items.count()) == (False, 0)
    assert Product.objects.get(sku="SOLD").price == 4


def test_a_barcode_that_another_product_has_in_another_form_is_not_given_back() -> None:
    SourceFactory(code="other")
    ProductFactory(sku="OLD", barcode="036000291452")
    file = imported("sku,barcode\nOLD,1234\n", format_code="PRODUCTS")
    ProductFactory(sku="NEW", barcode="0036000291452")

    [(*_names, _shifts, refusal)] = shown(file)

    assert refusal == "Another product has the barcode 036000291452 now."


def test_supply_gets_its_values_back_and_new_records_are_canceled() -> None:
    day = date(2026, 5, 1)
    item = {"product": ProductFactory(sku="A"), "source": SourceFactory(code="north")}
    FutureSupplyFactory(**item, quantity=10, expected_on=day, reference="PO1")
    came = FutureSupplyFactory(**item, quantity=10, expected_on=day, reference="PO2")
    file = imported(
        "sku,source_code,quantity,expected_on,reference\n"
        "A,north,90,2026-05-09,PO1\nA,north,90,2026-05-01,PO2\nA,north,7,,PO3\n",
        format_code="FUTURE_SUPPLY",
    )
    receive_supply(came.pk, Act(NOW), quantity=Decimal(12))

    change = taken_back(file)

    assert counts(change) == (2, 0, 1)
    rows = FutureSupply.objects.order_by("reference")
    assert list(rows.values_list("reference", "quantity", "expected_on", "state")) == [
        ("PO1", Decimal(10), day, "OPEN"),
        ("PO2", Decimal(90), day, "OPEN"),
        ("PO3", Decimal(7), None, "CANCELED"),
    ]
    assert_invariants()


def test_a_transfer_is_moved_back_once_if_the_units_are_there(
    items: tuple[list[SourceItem], Product],
) -> None:
    [(a, b), _c] = items
    south = SourceFactory(code="south")
    for item in (a, b):
        SourceItemFactory(product=item.product, source=south, quantity=0)
    values = {"to_source_id": south.pk, "quantity": "4"}
    change = changed("TRANSFER", [a.pk, b.pk], **values)
    adjust_items({(a.product_id, south.pk): Decimal(3)}, Act(NOW))
    adjust_items({(b.product_id, south.pk): Decimal(-1)}, Act(NOW))

    assert shown(change) == [
        (
            "B",
            "north",
            [("quantity", 1, 5), ("quantity_there", 3, -1)],
            "Only 3 of its 3 units are not allocated.",
        ),
        ("A", "north", [("quantity", 1, 5), ("quantity_there", 7, 3)], None),
    ]
    back = taken_back(change)

    assert counts(back) == (1, 0, 1)
    assert [row[2] for row in held()] == [5, 3, 1, 3]
    # What was moved back is not moved a second time.
    adjust_items({(b.product_id, south.pk): Decimal(5)}, Act(NOW))
    assert counts(taken_back(change)) == (1, 1, 0)
    assert [row[2] for row in held()] == [5, 3, 5, 4]
    assert_invariants()


def test_units_that_came_from_several_sources_go_back_to_each(
    items: tuple[list[SourceItem], Product],
) -> None:
    [(a, _b), _c] = items
    east, south = SourceFactory(code="east"), SourceFactory(code="south")
    other = SourceItemFactory(product=a.product, source=east, quantity=2)
    SourceItemFactory(product=a.product, source=south, quantity=0)
    change = changed("TRANSFER", [a.pk, other.pk], to_source_id=south.pk, quantity=None)

    taken_back(change)

    assert [row[1:3] for row in held() if row[0] == "A"] == [
        ("east", 2),
        ("north", 5),
        ("south", 0),
    ]


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("STATUS", {"status": "OUT_OF_STOCK"}),
        ("ITEM_OPTION", {"name": "backorders", "value": "ALLOW_QTY_BELOW_0"}),
        ("UNASSIGN", {}),
    ],
)
def test_every_change_of_items_is_taken_back_and_that_again(
    items: tuple[list[SourceItem], Product], action: str, values: dict[str, str]
) -> None:
    [(a, b), _c] = items
    rows = SourceItem.objects.order_by("product__sku")
    columns = ("product__sku", "quantity", "status", "backorders", "is_status_automatic")
    before = list(rows.values_list(*columns))
    change = changed(action, [a.pk, b.pk], **values)
    after = list(rows.values_list(*columns))
    assert after != before

    back = taken_back(change)
    assert (counts(back), list(rows.values_list(*columns))) == ((2, 0, 0), before)
    again = taken_back(back)

    assert (counts(again), list(rows.values_list(*columns))) == ((2, 0, 0), after)


def test_assigned_sources_and_options_of_products_are_taken_back() -> None:
    product, source = ProductFactory(sku="A"), SourceFactory(code="north")
    assigned = changed("ASSIGN", [product.pk], source_ids=[source.pk])
    option = changed("PRODUCT_OPTION", [product.pk], name="max_cart_qty", value="7")

    assert counts(taken_back(assigned)) == (1, 0, 0)
    assert counts(taken_back(option)) == (1, 0, 0)
    product.refresh_from_db()
    assert (own_value(product, "max_cart_qty"), SourceItem.objects.count()) == (None, 0)


def test_a_status_that_the_system_wrote_is_its_own_again(
    items: tuple[list[SourceItem], Product],
) -> None:
    [(a, _b), _c] = items
    SourceItem.objects.filter(pk=a.pk).update(
        quantity=0, status="OUT_OF_STOCK", is_status_automatic=True
    )
    file = imported(HEADER + "north,A,1,9\n")

    taken_back(file)

    a.refresh_from_db()
    assert (a.quantity, a.status, a.is_status_automatic) == (Decimal(0), "OUT_OF_STOCK", True)


def test_what_would_be_taken_back_is_counted_as_it_is_shown(
    items: tuple[list[SourceItem], Product],
) -> None:
    file = imported(HEADER + "north,A,,900\nnorth,B,,700\n")
    keys, values = request_for(file)

    tally = preview("TAKE_BACK", keys, values, Act(NOW), page=1, page_size=100).tally

    assert (tally.changed_count, tally.refused_count) == (2, 0)


FRACTION = "5.5 is a fraction, and this product is sold in whole units"
LEFT = "on hand at north"


@pytest.mark.parametrize("kind", ["PRODUCT_OPTION", "ITEM_OPTION"])
def test_decimals_stay_on_where_a_fraction_came_since_and_others_are_taken_back(
    items: tuple[list[SourceItem], Product], kind: str
) -> None:
    [(a, b), _c] = items
    keys = [(each.product_id if kind == "PRODUCT_OPTION" else each.pk) for each in (a, b)]
    change = changed(kind, keys, name="qty_uses_decimals", value=True)
    adjust_items({(a.product_id, a.source_id): Decimal("0.5")}, Act(NOW))
    end_entry()

    assert [LEFT in (told or "") for *_row, told in shown(change)] == [True, False]
    assert counts(taken_back(change)) == (1, 0, 1)
    model = Product if kind == "PRODUCT_OPTION" else SourceItem
    found = model.objects.filter(pk__in=keys).order_by("pk")
    assert list(found.values_list("qty_uses_decimals", flat=True)) == [True, None]


@pytest.mark.parametrize("behavior", ["APPEND", "DELETE"])
def test_a_fraction_does_not_come_back_where_units_are_whole_by_now(
    items: tuple[list[SourceItem], Product], behavior: str
) -> None:
    [(a, _b), _c] = items
    Product.objects.filter(pk=a.product_id).update(qty_uses_decimals=True)
    SourceItem.objects.filter(pk=a.pk).update(quantity=Decimal("5.5"))
    end_entry()
    file = imported(HEADER + "north,A,1,7\nnorth,B,1,7\n", behavior=behavior)
    Product.objects.filter(pk=a.product_id).update(qty_uses_decimals=False)

    assert [FRACTION in (told or "") for *_row, told in shown(file)] == [True, False]
    assert counts(taken_back(file)) == (1, 0, 1)
    kept = [("A", "north", 7, "IN_STOCK")] if behavior == "APPEND" else []
    assert held() == [*kept, ("B", "north", 5, "IN_STOCK")]


def test_supply_of_a_fraction_does_not_come_back_where_units_are_whole_by_now() -> None:
    product = ProductFactory(sku="A", qty_uses_decimals=True)
    item = {"product": product, "source": SourceFactory(code="north")}
    for reference, quantity in (("PO1", "5.5"), ("PO2", "8")):
        FutureSupplyFactory(
            **item, quantity=Decimal(quantity), expected_on=None, reference=reference
        )
    file = imported(
        "sku,source_code,quantity,reference\nA,north,9,PO1\nA,north,9,PO2\n",
        format_code="FUTURE_SUPPLY",
    )
    Product.objects.update(qty_uses_decimals=None)

    assert [FRACTION in (told or "") for *_row, told in shown(file)] == [True, False]
    assert counts(taken_back(file)) == (1, 0, 1)
    rows = FutureSupply.objects.order_by("reference")
    assert list(rows.values_list("quantity", flat=True)) == [9, 8]


def test_a_transfer_of_a_fraction_is_not_moved_back_where_units_are_whole_by_now(
    items: tuple[list[SourceItem], Product],
) -> None:
    [(a, b), _c] = items
    south = SourceFactory(code="south")
    Product.objects.update(qty_uses_decimals=True)
    for each, there in ((a, "0.5"), (b, "0")):
        SourceItemFactory(product=each.product, source=south, quantity=Decimal(there))
    SourceItem.objects.filter(pk=a.pk).update(quantity=Decimal("5.5"))
    end_entry()
    change = changed("TRANSFER", [a.pk], to_source_id=south.pk, quantity="5.5")
    Product.objects.update(qty_uses_decimals=None)

    [(*_row, told)] = shown(change)
    assert FRACTION in told
    assert counts(taken_back(change)) == (0, 0, 1)
    assert SourceItem.objects.get(pk=a.pk).quantity == 0

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from fulfillment.models import ArrivalNotice, Shipment
from fulfillment.release.runs import engine
from inventory.files.supply_matches import SupplyRecord, SupplyRow, match_supply
from inventory.models import FutureSupply, InventoryConfiguration
from inventory.operations.future_supply import NewSupply
from inventory.operations.supply_records import correct_unpromised
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
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

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
HEADER = "sku,source_code,quantity,expected_on,reference\n"


def row(
    line: int, quantity: int = 10, expected_on: Any = MAY, reference: str = "PO-1"
) -> SupplyRow:
    return SupplyRow(line, 1, 1, Decimal(quantity), expected_on, reference)


def record(
    pk: int,
    quantity: Any = 10,
    expected_on: Any = MAY,
    reference: str = "PO-1",
    *,
    received: int = 0,
    is_open: bool = True,
) -> SupplyRecord:
    return SupplyRecord(
        pk, 1, 1, Decimal(quantity), expected_on, reference, Decimal(received), Decimal(0), is_open
    )


def outcome(
    rows: list[SupplyRow], records: list[SupplyRecord]
) -> tuple[list[int], list[tuple[int, int]], list[tuple[int, str]]]:
    """New lines, (line, key) of changes, and (line, sentence) of problems."""
    matching = match_supply(rows, records)
    return (
        [found.line for found in matching.new],
        [(found.line, known.pk) for found, known in matching.changed],
        [(problem.line, problem.sentence) for problem in matching.problems],
    )


def test_row_that_says_what_a_record_says_needs_nothing() -> None:
    assert outcome([row(2)], [record(1)]) == ([], [], [])


def test_row_without_a_record_is_new() -> None:
    assert outcome([row(2)], []) == ([2], [], [])


def test_same_row_twice_needs_two_records() -> None:
    again = "This is the row of line 2 again: same SKU, source, date and reference."

    assert outcome([row(2), row(3)], [record(1), record(2)]) == ([], [], [])
    assert outcome([row(2), row(3)], []) == ([2], [], [(3, again)])


def test_one_row_of_a_reference_changes_its_one_record() -> None:
    assert outcome([row(2, 12, JUNE)], [record(7)]) == ([], [(2, 7)], [])


def test_row_with_the_date_of_a_record_changes_that_one() -> None:
    records = [record(1, expected_on=MAY), record(2, expected_on=JUNE)]

    assert outcome([row(2, 12, JUNE)], records) == ([], [(2, 2)], [])


def test_row_that_may_be_about_several_records_is_refused() -> None:
    records = [record(1, expected_on=MAY), record(2, expected_on=JUNE)]

    assert outcome([row(2, 12, JULY)], records) == (
        [],
        [],
        [
            (
                2,
                "2 open records of this SKU and source have the reference “PO-1”; change them on "
                "their own pages.",
            )
        ],
    )


def test_row_without_a_reference_changes_the_record_of_its_date_or_is_new() -> None:
    records = [record(1, expected_on=MAY, reference="")]

    assert outcome([row(2, 12, MAY, "")], records) == ([], [(2, 1)], [])
    assert outcome([row(2, 10, JUNE, "")], records) == ([2], [], [])


def test_closed_record_is_not_recorded_again() -> None:
    closed = [record(1, is_open=False)]

    assert outcome([row(2)], closed) == ([], [], [])
    assert outcome([row(2, 12, JUNE)], closed) == (
        [],
        [],
        [
            (
                2,
                "“PO-1” is received or canceled already at this source; give what is still to "
                "come another reference.",
            )
        ],
    )


def test_less_than_is_received_is_refused() -> None:
    assert outcome([row(2, 3)], [record(1, received=4)]) == (
        [],
        [],
        [(2, "4 are received already; the quantity cannot be below that.")],
    )


@pytest.mark.django_db
def test_file_records_and_changes_supply() -> None:
    product, source = ProductFactory(sku="A", qty_uses_decimals=True), SourceFactory(code="north")
    known = FutureSupplyFactory(
        product=product, source=source, quantity=10, expected_on=MAY, reference="PO-1"
    )

    file = written(
        f"{HEADER}A,north,12.5,2026-06-01,PO-1\nA,north,5,,\n", format_code="FUTURE_SUPPLY"
    )

    assert (file.state, counts(file)) == ("WRITTEN", (1, 1, 0, 0, 0, 0))
    assert [(step.kind, step.name, cells_of(step)) for step in steps(file)] == [
        (
            "CHANGED",
            "A @ north",
            [("quantity", "10", "12.5"), ("expected_on", "2026-05-01", "2026-06-01")],
        ),
        ("NEW", "A @ north", [("quantity", "", "5")]),
    ]
    known.refresh_from_db()
    assert (known.quantity, known.expected_on) == (Decimal("12.5"), JUNE)
    new = FutureSupply.objects.exclude(pk=known.pk).get()
    assert (new.quantity, new.expected_on, new.reference) == (Decimal(5), None, "")


@pytest.mark.django_db
def test_promises_that_would_break_are_named_and_break_when_it_is_confirmed() -> None:
    # given 7 chairs, of which 4 and 2 are promised
    chair, source = ProductFactory(sku="A"), SourceFactory(code="north")
    SourceItemFactory(product=chair, source=source, quantity=0)
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"future_inventory": True})
    supply = FutureSupplyFactory(
        product=chair, source=source, quantity=7, expected_on=MAY, reference="PO-1"
    )
    other = FutureSupplyFactory(product=chair, source=source, reference="PO-2")
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    for day, quantity in ((1, 4), (2, 2)):
        order = OrderFactory(channel=channel, placed_at=datetime(2026, 4, day, tzinfo=UTC))
        BackorderFactory(number=f"S{day}", order=order, lines={chair: quantity})
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    assert shipments() == ["S1.1 FUTURE", "S2.1 FUTURE"]

    # when fewer come
    text = f"{HEADER}A,north,5,2026-05-01,PO-1\nA,north,11,,PO-2\n"
    file = checked(text, format_code="FUTURE_SUPPLY")

    # then the last in the queue is named, and falls back once it is confirmed
    assert findings(file).fallen_back == ("S2.1",)
    assert shipments() == ["S1.1 FUTURE", "S2.1 FUTURE"]
    file = confirmed(file)
    assert (file.state, findings(file).fallen_back) == ("WRITTEN", ("S2.1",))
    assert shipments() == ["S1.1 FUTURE", "S2.1 BACKORDER"]
    supply.refresh_from_db()
    other.refresh_from_db()
    assert (supply.quantity, supply.allocated_quantity, other.quantity) == (
        Decimal(5),
        Decimal(4),
        Decimal(11),
    )
    assert_invariants()


@pytest.mark.django_db
def test_those_who_wait_are_looked_at_again_when_supply_is_recorded_or_corrected() -> None:
    known = FutureSupplyFactory(product=ProductFactory(sku="A"), reference="PO-1")
    SourceFactory(code="north")
    channel = SalesChannelFactory(stock=StockFactory(sources=[known.source]))
    other = ProductFactory(sku="B")
    for product in (known.product, other, ProductFactory(sku="C")):
        BackorderFactory(order=OrderFactory(channel=channel), lines={product: 1})

    written(f"{HEADER}A,{known.source.code},12,,PO-1\nB,north,5,,\n", format_code="FUTURE_SUPPLY")

    noted = ArrivalNotice.objects.order_by("product__sku").values_list("product__sku", flat=True)
    assert list(noted) == ["A", "B"]


def shipments() -> list[str]:
    open_now = Shipment.objects.exclude(state="REASSIGNED")
    return [f"{s.number} {s.state}" for s in open_now.order_by("number")]


@pytest.mark.django_db
def test_correction_leaves_out_what_is_closed_promised_or_received_beyond_it() -> None:
    free = FutureSupplyFactory(quantity=10)
    closed = FutureSupplyFactory(quantity=10, state="CANCELED")
    promised = FutureSupplyFactory(quantity=10, allocated_quantity=1)
    received = FutureSupplyFactory(quantity=10, received_quantity=9)
    new = NewSupply(Decimal(8), JUNE)

    moved = FutureSupplyFactory(quantity=11)
    records = (free, closed, promised, received, moved)

    corrected = correct_unpromised(
        {supply.pk: new for supply in records},
        Act(NOW),
        shown={supply.pk: NewSupply(Decimal(10), None) for supply in records},
    )

    assert corrected == {free.pk}
    rows = FutureSupply.objects.order_by("pk").values_list("quantity", "expected_on")
    assert list(rows) == [
        (Decimal(8), JUNE),
        (Decimal(10), None),
        (Decimal(10), None),
        (Decimal(10), None),
        (Decimal(11), None),
    ]


@pytest.mark.django_db
def test_what_is_wrong_is_said_cell_by_cell() -> None:
    ProductFactory(sku="A")

    file = checked(
        f"{HEADER}A,default,0,31.12.2026,{'x' * 101}\nB,west,1,,\n", format_code="FUTURE_SUPPLY"
    )

    assert sentences(file) == [
        (2, "expected_on", "“31.12.2026” is not a date in the form 2026-12-31."),
        (2, "quantity", "“0” is too small. Write 0.0001 or more."),
        (2, "reference", "The text has 101 characters; at most 100 fit."),
        (3, "source_code", "There is no source with the code “west”; add it first."),
        (3, "sku", "There is no product with the SKU “B”; add it first."),
    ]
    assert not FutureSupply.objects.exists()

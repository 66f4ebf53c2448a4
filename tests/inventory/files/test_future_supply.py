from datetime import date
from decimal import Decimal

import pytest

from inventory.files.supply_matching import SupplyRecord, SupplyRow, match_supply
from inventory.models import FutureSupply
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceFactory
from tests.inventory.files.importing import checked, counts, findings, sentences, written

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
HEADER = "sku,source_code,quantity,expected_on,reference\n"


def row(line, quantity=10, expected_on=MAY, reference="PO-1"):
    return SupplyRow(line, 1, 1, Decimal(quantity), expected_on, reference)


def record(pk, quantity=10, expected_on=MAY, reference="PO-1", *, received=0, is_open=True):
    return SupplyRecord(
        pk, 1, 1, Decimal(quantity), expected_on, reference, Decimal(received), Decimal(0), is_open
    )


def outcome(rows, records):
    """New lines, (line, key) of changes, and (line, sentence) of problems."""
    matching = match_supply(rows, records)
    return (
        [found.line for found in matching.new],
        [(found.line, known.pk) for found, known in matching.changed],
        [(problem.line, problem.sentence) for problem in matching.problems],
    )


def test_row_that_says_what_a_record_says_needs_nothing():
    assert outcome([row(2)], [record(1)]) == ([], [], [])


def test_row_without_a_record_is_new():
    assert outcome([row(2)], []) == ([2], [], [])


def test_same_row_twice_needs_two_records():
    again = "This is the row of line 2 again: same SKU, source, date and reference."

    assert outcome([row(2), row(3)], [record(1), record(2)]) == ([], [], [])
    assert outcome([row(2), row(3)], []) == ([2], [], [(3, again)])


def test_one_row_of_a_reference_changes_its_one_record():
    assert outcome([row(2, 12, JUNE)], [record(7)]) == ([], [(2, 7)], [])


def test_row_with_the_date_of_a_record_changes_that_one():
    records = [record(1, expected_on=MAY), record(2, expected_on=JUNE)]

    assert outcome([row(2, 12, JUNE)], records) == ([], [(2, 2)], [])


def test_row_that_may_be_about_several_records_is_refused():
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


def test_row_without_a_reference_changes_the_record_of_its_date_or_is_new():
    records = [record(1, expected_on=MAY, reference="")]

    assert outcome([row(2, 12, MAY, "")], records) == ([], [(2, 1)], [])
    assert outcome([row(2, 10, JUNE, "")], records) == ([2], [], [])


def test_closed_record_is_not_recorded_again():
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


def test_less_than_is_received_is_refused():
    assert outcome([row(2, 3)], [record(1, received=4)]) == (
        [],
        [],
        [(2, "4 are received already; the quantity cannot be below that.")],
    )


@pytest.mark.django_db
def test_file_records_and_changes_supply():
    product, source = ProductFactory(sku="A"), SourceFactory(code="north")
    known = FutureSupplyFactory(
        product=product, source=source, quantity=10, expected_on=MAY, reference="PO-1"
    )

    file = written(
        f"{HEADER}A,north,12.5,2026-06-01,PO-1\nA,north,5,,\n", format_code="FUTURE_SUPPLY"
    )

    assert (file.state, counts(file)) == ("WRITTEN", (1, 1, 0, 0, 0, 0))
    assert [
        (step.kind, step.name, [(cell.column, cell.before, cell.after) for cell in step.cells])
        for step in findings(file).steps
    ] == [
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
    assert (new.quantity, new.expected_on, new.reference) == (5, None, "")


@pytest.mark.django_db
def test_what_is_wrong_is_said_cell_by_cell():
    ProductFactory(sku="A")

    file = checked(
        f"{HEADER}A,default,0,31.12.2026,{'x' * 101}\nB,west,1,,\n", format_code="FUTURE_SUPPLY"
    )

    assert sentences(file) == [
        (2, "expected_on", "“31.12.2026” is no day in the form 2026-12-31."),
        (2, "quantity", "“0” is too small; 0.0001 or more is right."),
        (2, "reference", "The text has 101 characters; at most 100 fit."),
        (3, "source_code", "There is no source with the code “west”; add it first."),
        (3, "sku", "There is no product with the SKU “B”; add it first."),
    ]
    assert not FutureSupply.objects.exists()

"""Which parcel a row of a file is about."""

import pytest

from fulfillment.files.parcel_matches import ParcelRecord, ParcelRow, match_parcels

UPS, DHL = 1, 2


def row(line: int, carrier: int, tracking: str, *, shipment: int = 1) -> ParcelRow:
    return ParcelRow(line, shipment, f"W-{shipment}", carrier, tracking)


def outcome(
    rows: list[ParcelRow], records: list[ParcelRecord], *, replaces: bool = False
) -> tuple[list[int], list[tuple[int, int]]]:
    """Return the lines that add a parcel, and (line, key) of those that correct one."""
    found = match_parcels(rows, records, replaces=replaces)
    return (
        [one.line for one in found.new],
        [(one.line, record.pk) for one, record in found.corrected],
    )


def test_a_number_that_is_there_needs_nothing() -> None:
    assert outcome([row(2, UPS, "A")], [ParcelRecord(7, 1, UPS, "A")]) == ([], [])


def test_a_number_of_another_shipment_is_new() -> None:
    assert outcome([row(2, UPS, "A")], [ParcelRecord(7, 2, UPS, "A")]) == ([2], [])


def test_another_number_is_added_or_takes_the_place_of_one_that_no_row_names() -> None:
    rows = [row(2, UPS, "A"), row(3, UPS, "C")]
    records = [ParcelRecord(7, 1, DHL, "B"), ParcelRecord(8, 1, UPS, "A")]

    assert outcome(rows, records) == ([3], [])
    assert outcome(rows, records, replaces=True) == ([], [(3, 7)])


@pytest.mark.parametrize("replaces", [False, True])
def test_a_parcel_without_a_number_gets_one_of_its_carrier(replaces: bool) -> None:
    rows = [row(2, UPS, "A"), row(3, DHL, "B")]
    records = [ParcelRecord(7, 1, DHL, ""), ParcelRecord(8, 1, DHL, "")]

    new, corrected = outcome(rows, records, replaces=replaces)

    assert (new, corrected) == (([], [(2, 8), (3, 7)]) if replaces else ([2], [(3, 7)]))


@pytest.mark.parametrize("replaces", [False, True])
def test_the_carrier_of_a_number_is_corrected(replaces: bool) -> None:
    records = [ParcelRecord(7, 1, DHL, "B"), ParcelRecord(8, 1, UPS, "A")]

    assert outcome([row(2, DHL, "A")], records, replaces=replaces) == ([], [(2, 8)])


def test_a_replaced_number_is_of_the_same_carrier_first() -> None:
    rows = [row(2, DHL, "C"), row(3, UPS, "D"), row(4, UPS, "E")]
    records = [ParcelRecord(7, 1, UPS, "A"), ParcelRecord(8, 1, DHL, "B")]

    assert outcome(rows, records, replaces=True) == ([4], [(2, 8), (3, 7)])

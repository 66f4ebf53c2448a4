from decimal import Decimal

from fulfillment.sourcing.cancellation import OpenPart, units_to_cancel

LINE = 1


def part(shipment: int, state: str, quantity: int) -> OpenPart:
    return OpenPart(10 * shipment, shipment, state, LINE, Decimal(quantity))


PARTS = [
    part(1, "READY", 2),
    part(2, "READY", 2),
    part(3, "FUTURE", 2),
    part(4, "BACKORDER", 2),
    part(5, "CUSTOMER_CARE", 2),
]


def test_what_waits_is_taken_first_then_the_newest_ready_shipment() -> None:
    for units, taken in [(2, [50]), (4, [50, 40]), (6, [50, 40, 30]), (8, [50, 40, 30, 20])]:
        assert list(units_to_cancel(PARTS, {LINE: Decimal(units)})) == taken

    assert units_to_cancel(PARTS, {LINE: Decimal("8.5")})[10] == Decimal("0.5")


def test_less_is_taken_where_there_is_less_and_nothing_of_other_lines() -> None:
    assert sum(units_to_cancel(PARTS, {LINE: Decimal(11)}).values()) == Decimal(10)
    assert units_to_cancel(PARTS, {2: Decimal(1)}) == {}

"""Which units their holders keep."""

from decimal import Decimal

from core.text import Sentence
from inventory.holders import PACKED_HOLD, VIRTUAL_HOLD, Holder, why_units_stay

VIRTUAL = Holder("", "1001", Decimal(4), is_virtual=True)
PACKED = Holder("SHP-7", "1002", Decimal(3), is_virtual=False, is_packed=True)
WAITS = Holder("SHP-8", "1003", Decimal(9), is_virtual=False)


def test_packed_shipments_are_named_with_their_own_units() -> None:
    found = why_units_stay([VIRTUAL, PACKED, WAITS], Decimal(6))

    assert found == Sentence(PACKED_HOLD, {"shipments": "SHP-7", "held": "3"})


def test_virtual_lines_are_named_where_nothing_is_packed() -> None:
    assert why_units_stay([VIRTUAL, WAITS], Decimal(3)) == Sentence(
        VIRTUAL_HOLD, {"orders": "1001", "held": "4"}
    )


def test_units_that_are_enough_for_all_who_keep_them_may_be_counted() -> None:
    assert why_units_stay([VIRTUAL, PACKED, WAITS], Decimal(7)) is None

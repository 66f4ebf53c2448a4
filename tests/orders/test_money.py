from decimal import Decimal

from orders.money import shares


def test_the_last_share_has_the_cent_that_remains() -> None:
    parts = [Decimal(1), Decimal(1), Decimal(1)]

    assert shares(Decimal("10.00"), parts) == [Decimal("3.33"), Decimal("3.33"), Decimal("3.34")]


def test_one_share_is_the_whole_amount() -> None:
    assert shares(Decimal("10.01"), [Decimal("2.5")]) == [Decimal("10.01")]

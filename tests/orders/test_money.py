from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.currencies import amount_error, exact_text, smallest_unit
from orders.money import rounded, share, shares

CURRENCIES = ("JPY", "SEK", "KWD")
CENT = Decimal("0.01")

currencies = st.sampled_from(CURRENCIES)
quantities = st.decimals(Decimal("0.0001"), Decimal(10_000), places=4)


def test_the_last_share_has_the_cent_that_remains() -> None:
    parts = [Decimal(1), Decimal(1), Decimal(1)]

    found = shares(Decimal("10.00"), parts, unit=CENT)

    assert found == [Decimal("3.33"), Decimal("3.33"), Decimal("3.34")]


def test_one_share_is_the_whole_amount() -> None:
    assert shares(Decimal("10.01"), [Decimal("2.5")], unit=CENT) == [Decimal("10.01")]


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("JPY", [Decimal(33), Decimal(33), Decimal(34)]),
        ("SEK", [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]),
        ("KWD", [Decimal("33.333"), Decimal("33.333"), Decimal("33.334")]),
    ],
)
def test_shares_are_whole_smallest_units(currency: str, expected: list[Decimal]) -> None:
    parts = [Decimal(1), Decimal(1), Decimal(1)]

    assert shares(Decimal(100), parts, unit=smallest_unit(currency)) == expected


@given(currencies, st.integers(0, 10**12), st.lists(quantities, min_size=1, max_size=8))
def test_shares_come_to_the_whole_in_whole_smallest_units(
    currency: str, count: int, parts: list[Decimal]
) -> None:
    unit = smallest_unit(currency)
    amount = count * unit

    found = shares(amount, parts, unit=unit)

    assert sum(found) == amount
    assert all(part >= 0 and part % unit == 0 for part in found)


@given(currencies, st.integers(0, 10**12), st.lists(quantities, min_size=1, max_size=8))
def test_units_taken_one_after_the_other_leave_nothing(
    currency: str, count: int, parts: list[Decimal]
) -> None:
    """As cancels, captures and refunds take them: each of what the earlier ones left."""
    unit = smallest_unit(currency)
    left = amount = count * unit
    whole = sum(parts, Decimal(0))
    taken = []
    for part, before in zip(parts, [Decimal(0), *accumulate(parts)], strict=False):
        taken.append(share(left, part, whole - before, unit=unit))
        left -= taken[-1]

    assert left == 0
    assert sum(taken) == amount
    assert all(part >= 0 and part % unit == 0 for part in taken)


@pytest.mark.parametrize(
    ("currency", "expected"), [("JPY", "13"), ("SEK", "12.50"), ("KWD", "12.500")]
)
def test_half_a_smallest_unit_is_rounded_up(currency: str, expected: str) -> None:
    amount = rounded(Decimal("12.4996"), smallest_unit(currency))

    assert rounded(Decimal("12.5"), Decimal(1)) == Decimal(13)
    assert exact_text(rounded(Decimal("12.5"), smallest_unit(currency)), currency) == expected
    assert amount % smallest_unit(currency) == 0


@pytest.mark.parametrize(
    ("amount", "currency", "sentence"),
    [
        ("10.50", "JPY", "10.5 is not an amount in JPY, which has no decimals."),
        ("10.505", "SEK", "10.505 is not an amount in SEK, which has 2 decimals."),
        ("1.2505", "KWD", "1.2505 is not an amount in KWD, which has 3 decimals."),
        ("-1", "SEK", "An amount is 0 or more."),
        ("NaN", "SEK", "An amount is 0 or more."),
        ("1000000000000", "JPY", "An amount is at most 999,999,999,999.99."),
    ],
)
def test_what_is_no_amount_is_refused_in_words(amount: str, currency: str, sentence: str) -> None:
    error = amount_error(Decimal(amount), currency)

    assert error is not None
    assert str(error) == sentence


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("10.00", "JPY"), ("10.500", "SEK"), ("1.250", "KWD"), ("0", "JPY"), ("12.5", "USD")],
)
def test_zeros_after_the_smallest_unit_are_no_fraction(amount: str, currency: str) -> None:
    assert amount_error(Decimal(amount), currency) is None

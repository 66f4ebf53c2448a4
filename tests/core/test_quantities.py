from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quantities import (
    DECIMALS,
    MAX_DIGITS,
    MAX_QUANTITY,
    QuantityError,
    format_quantity,
    parse_quantity,
)

QUANTITIES = st.decimals(
    min_value=-MAX_QUANTITY, max_value=MAX_QUANTITY, places=DECIMALS, allow_nan=False
)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("0", "0"),
        ("5", "5"),
        ("5.", "5"),
        (".5", "0.5"),
        ("-50", "-50"),
        ("+2.5", "2.5"),
        (" 7 ", "7"),
        ("007", "7"),
        ("0.0001", "0.0001"),
        ("999999999999.9999", "999999999999.9999"),
        ("-999999999999.9999", "-999999999999.9999"),
    ],
)
def test_a_plain_number_is_read_exactly(text: str, quantity: str) -> None:
    assert parse_quantity(text) == Decimal(quantity)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "NOT_A_NUMBER"),
        (".", "NOT_A_NUMBER"),
        ("-", "NOT_A_NUMBER"),
        ("1,5", "NOT_A_NUMBER"),
        ("1 000", "NOT_A_NUMBER"),
        ("1_000", "NOT_A_NUMBER"),
        ("1e3", "NOT_A_NUMBER"),
        ("NaN", "NOT_A_NUMBER"),
        ("Infinity", "NOT_A_NUMBER"),
        ("0x10", "NOT_A_NUMBER"),
        ("٣", "NOT_A_NUMBER"),
        ("5\n6", "NOT_A_NUMBER"),
        ("0.00001", "TOO_MANY_DECIMALS"),
        ("1.50000", "TOO_MANY_DECIMALS"),
        ("1000000000000", "TOO_LARGE"),
        ("-1000000000000", "TOO_LARGE"),
    ],
)
def test_anything_else_is_refused_with_its_code(text: str, code: str) -> None:
    with pytest.raises(QuantityError) as refused:
        parse_quantity(text)

    assert refused.value.code == code


def test_a_refusal_quotes_what_was_written() -> None:
    with pytest.raises(
        QuantityError,
        match=r"^“1,5” is not a number; write digits with a decimal point, such as 2.5.$",
    ):
        parse_quantity("1,5")
    with pytest.raises(QuantityError, match=r"^“0.00001” has more than four decimals.$"):
        parse_quantity("0.00001")
    with pytest.raises(
        QuantityError, match=r"^“1000000000000” is more than 999,999,999,999.9999.$"
    ):
        parse_quantity("1000000000000")


def test_a_refusal_quotes_no_more_than_forty_characters() -> None:
    with pytest.raises(QuantityError) as refused:
        parse_quantity("x" * 1000)

    assert refused.value.values == {"value": "x" * 40}


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("5.0000", "5"),
        ("2.5000", "2.5"),
        ("-50", "-50"),
        ("0", "0"),
        ("-0.0000", "0"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("0.0001", "0.0001"),
    ],
)
def test_a_quantity_is_shown_as_people_write_it(quantity: str, text: str) -> None:
    assert format_quantity(Decimal(quantity)) == text


@given(QUANTITIES)
def test_what_is_shown_reads_back_as_the_same_quantity(quantity: Any) -> None:
    assert parse_quantity(format_quantity(quantity)) == quantity


def test_the_largest_quantity_fills_every_digit_of_the_column() -> None:
    assert len(MAX_QUANTITY.as_tuple().digits) == MAX_DIGITS

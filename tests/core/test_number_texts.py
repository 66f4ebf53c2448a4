"""Numbers as people write them; a number with two readings is refused, never guessed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.number_texts import COMMAS, POINTS, NumberSigns, read_number
from core.quantities import DECIMALS, MAX_QUANTITY, QuantityError, format_quantity

ENGLISH = NumberSigns(".", thousands=",")
SIGNS = {"english": ENGLISH, "commas": COMMAS, "points": POINTS}
QUANTITIES = st.decimals(
    min_value=-MAX_QUANTITY, max_value=MAX_QUANTITY, places=DECIMALS, allow_nan=False
)

# By the text: what it is in English, where commas are before decimals, and where points are.
READ = [
    ("5", "5", "5", "5"),
    ("-50", "-50", "-50", "-50"),
    ("\u221250", "-50", "-50", "-50"),
    ("+2", "2", "2", "2"),
    (" 007 ", "7", "7", "7"),
    ("1234", "1234", "1234", "1234"),
    ("12.5", "12.5", "12.5", "12.5"),
    ("12,5", "NOT_A_NUMBER", "12.5", "12.5"),
    ("-0,25", "NOT_A_NUMBER", "-0.25", "-0.25"),
    (".5", "0.5", "0.5", "0.5"),
    (",5", "NOT_A_NUMBER", "0.5", "0.5"),
    ("5.", "5", "NOT_A_NUMBER", "5"),
    ("5,", "NOT_A_NUMBER", "5", "NOT_A_NUMBER"),
    ("1 234", "1234", "1234", "1234"),
    ("1\u00a0234\u00a0567", "1234567", "1234567", "1234567"),
    ("1\u202f234,5", "NOT_A_NUMBER", "1234.5", "1234.5"),
    ("1\u2009234.5", "1234.5", "1234.5", "1234.5"),
    ("1 234,567", "NOT_A_NUMBER", "1234.567", "1234.567"),
    ("1,234", "1234", "1.234", "AMBIGUOUS_NUMBER"),
    ("-1,234", "-1234", "-1.234", "AMBIGUOUS_NUMBER"),
    ("1.234", "1.234", "AMBIGUOUS_NUMBER", "1.234"),
    ("0.125", "0.125", "0.125", "0.125"),
    ("0,125", "NOT_A_NUMBER", "0.125", "0.125"),
    ("1234.567", "1234.567", "1234.567", "1234.567"),
    ("1234,567", "NOT_A_NUMBER", "1234.567", "1234.567"),
    ("1,234.5", "1234.5", "1234.5", "1234.5"),
    ("1.234,5", "NOT_A_NUMBER", "1234.5", "1234.5"),
    ("1,234.567", "1234.567", "1234.567", "1234.567"),
    ("1.234,567", "NOT_A_NUMBER", "1234.567", "1234.567"),
    ("1,234,567", "1234567", "1234567", "1234567"),
    ("1.234.567", "NOT_A_NUMBER", "1234567", "1234567"),
    ("12.3456", "12.3456", "12.3456", "12.3456"),
    ("1.23456", "TOO_MANY_DECIMALS", "TOO_MANY_DECIMALS", "TOO_MANY_DECIMALS"),
    ("1 000 000 000 000", "TOO_LARGE", "TOO_LARGE", "TOO_LARGE"),
    *(
        (text, "NOT_A_NUMBER", "NOT_A_NUMBER", "NOT_A_NUMBER")
        for text in (
            *("", " ", ".", ",", "-", "--1", "1-", "- 1", "1e3", "NaN", "Infinity", "0x10"),
            *("٣", "1_000", "1'234", "12 34", "1 2345", "1  234", "01 234", "1,23,456", "12,34.5"),
            *("1,234 567.5", "1.2.3", "1,2,3", "1.234,5,6", "5\n6", "12,5 kg", "1.234.56"),
        )
    ),
]


@pytest.mark.parametrize("column", [1, 2, 3], ids=list(SIGNS))
def test_a_number_is_read_by_the_signs_of_its_language_or_file(column: int) -> None:
    signs = list(SIGNS.values())[column - 1]

    found = {}
    for text, *_readings in READ:
        try:
            found[text] = format_quantity(read_number(text, signs))
        except QuantityError as error:
            found[text] = error.code

    assert found == {row[0]: row[column] for row in READ}


@pytest.mark.parametrize(
    ("text", "signs", "sentence"),
    [
        ("1.234", COMMAS, "“1.234” can mean 1234 or 1,234. Write one of these."),
        ("1,234", POINTS, "“1,234” can mean 1234 or 1.234. Write one of these."),
        (
            "12,5",
            ENGLISH,
            "“12,5” has a comma that separates no thousands. Write a decimal point: 12.5.",
        ),
        ("five", ENGLISH, "“five” is not a number. Write digits such as 1234.5."),
        ("five", COMMAS, "“five” is not a number. Write digits such as 1234,5."),
        ("0,00001", COMMAS, "“0,00001” has more than four decimals."),
    ],
)
def test_a_refusal_says_what_would_be_right(text: str, signs: NumberSigns, sentence: str) -> None:
    with pytest.raises(QuantityError) as refused:
        read_number(text, signs)

    assert str(refused.value) == sentence


def test_a_refusal_quotes_no_more_than_forty_characters() -> None:
    with pytest.raises(QuantityError) as refused:
        read_number("x" * 1000, COMMAS)

    assert refused.value.values["value"] == "x" * 40


@given(QUANTITIES, st.sampled_from([ENGLISH, COMMAS, POINTS]))
def test_what_is_written_by_the_signs_is_read_as_the_same(quantity: Any, signs: Any) -> None:
    assert read_number(signs.example(format_quantity(quantity)), signs) == Decimal(quantity)

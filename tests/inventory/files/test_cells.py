from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import FaultError
from inventory.files.cells import (
    code_of,
    date_of,
    escape,
    lines,
    option_cell,
    price_of,
    quantity_of,
    read_option,
    read_status,
    text_of,
    unescape,
    yes_no_of,
)
from inventory.options import StockOption, option
from tests.examples import examples


def refusal(reader: Callable[..., Any], *arguments: StockOption | str, **limits: int) -> str:
    with pytest.raises(FaultError) as caught:
        reader(*arguments, **limits)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+A", "'+A"),
        ("-50", "'-50"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tA", "'\tA"),
        ("\rA", "'\rA"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("''", "'''"),
        ("'Tis", "'Tis"),
        ("A-1", "A-1"),
        ("", ""),
    ],
)
def test_texts_that_a_spreadsheet_would_run_are_escaped_and_read_back(text: str, cell: str) -> None:
    assert escape(text) == cell
    assert unescape(cell) == text


@examples(200)
@given(st.text(alphabet="'=+-@\t A1", max_size=5))
def test_every_text_survives_and_none_is_run(text: Any) -> None:
    assert unescape(escape(text)) == text
    assert escape(text)[:1] not in {"=", "+", "-", "@", "\t"}


@pytest.mark.parametrize(
    ("cell", "quantity"), [("5", "5"), (" 2.50 ", "2.5"), ("+3", "3"), (".5", "0.5"), ("0", "0")]
)
def test_quantities_are_read_exactly(cell: str, quantity: str) -> None:
    assert quantity_of(cell) == Decimal(quantity)


def test_negative_number_is_read_where_it_may_be() -> None:
    assert quantity_of("-50", minimum=None) == -50


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("1.2E+3", "“1.2E+3” is in scientific form; write 1200."),
        ("5e-1", "“5e-1” is in scientific form; write 0.5."),
        ("1,234", "“1,234” can mean 1234 or 1.234. Write one of these."),
        ("1,2,3", "“1,2,3” is not a number. Write digits such as 1234.5."),
        ("", "“” is not a number. Write digits such as 1234.5."),
        ("five", "“five” is not a number. Write digits such as 1234.5."),
        ("NaN", "“NaN” is not a number. Write digits such as 1234.5."),
        ("1e999", "“1e999” is not a number. Write digits such as 1234.5."),
        ("٣", "“٣” is not a number. Write digits such as 1234.5."),
        ("1.23456", "“1.23456” has more than four decimals."),
        ("9999999999999", "“9999999999999” is more than 999,999,999,999.9999."),
        ("-1", "“-1” is too small. Write 0 or more."),
    ],
)
def test_what_is_no_quantity_is_refused_with_what_would_be_right(cell: str, sentence: str) -> None:
    assert refusal(quantity_of, cell) == sentence


@pytest.mark.parametrize(
    ("cell", "price"), [("18", "18.00"), ("18.5", "18.50"), ("18.000000", "18.00")]
)
def test_prices_are_read_to_the_cent(cell: str, price: str) -> None:
    assert price_of(cell, currency="USD") == Decimal(price)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("18.005", "18.005 is not an amount in USD, which has 2 decimals."),
        (
            "999999999999.999",
            "An amount is at most 999,999,999,999.99.",
        ),
        ("-1", "“-1” is too small. Write 0 or more."),
        (
            "$18",
            "“$18” has a currency in it; write the amount alone, such as 4.20.",
        ),
    ],
)
def test_what_is_no_price_is_refused(cell: str, sentence: str) -> None:
    assert refusal(partial(price_of, currency="USD"), cell) == sentence


def test_texts_have_a_length_and_no_control_characters() -> None:
    assert text_of("'=1", limit=2) == "=1"
    assert refusal(text_of, "abc", limit=2) == "The text has 3 characters; at most 2 fit."
    assert refusal(text_of, "a\tb", limit=9) == (
        "Use no control characters, such as tabs and line breaks."
    )


def test_codes_are_not_empty() -> None:
    assert code_of(" A 1 ", limit=3) == "A 1"
    assert refusal(code_of, "  ", limit=3) == "A value is needed here."


@pytest.mark.parametrize(
    ("cell", "answer"), [("1", True), ("Yes", True), ("0", False), ("no", False)]
)
def test_yes_and_no(cell: str, answer: bool) -> None:
    assert yes_no_of(cell) is answer


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    assert refusal(yes_no_of, "2") == "“2” is neither 1 (yes) nor 0 (no)."


def test_dates_are_iso_days() -> None:
    assert date_of("2026-02-28") == date(2026, 2, 28)
    for cell in ("28.02.2026", "2026-02-30", "2026-2-3", "20260228"):
        assert refusal(date_of, cell) == f"“{cell}” is not a date in the form 2026-12-31."


def test_choices_are_magentos_numbers() -> None:
    backorders = option("backorders")

    assert read_option(backorders, "2") == "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"
    assert read_option(backorders, "no_backorders") == "NO_BACKORDERS"
    assert option_cell(backorders, "ALLOW_QTY_BELOW_0") == "1"
    assert refusal(read_option, backorders, "3") == (
        "“3” is not one of the choices: 0 (No Backorders), 1 (Allow Qty Below 0), 2 "
        "(Allow Qty Below 0 and Notify Customer)."
    )


def test_options_have_their_minimum() -> None:
    assert read_option(option("out_of_stock_threshold"), "-50") == -50
    assert refusal(read_option, option("qty_increments"), "0") == (
        "“0” is too small. Write 0.0001 or more."
    )


def test_statuses_are_magentos_numbers() -> None:
    assert (read_status("1"), read_status(" 0 ")) == ("IN_STOCK", "OUT_OF_STOCK")
    assert refusal(read_status, "2") == (
        "“2” is not a status. Write 1 for In Stock or 0 for Out of Stock."
    )


def test_lines_are_written_with_the_mark_and_quoted_where_needed() -> None:
    rows = [("A,1", Decimal("2.5000"), None, True), ('=5" pipe', Decimal("-50.0000"), "x", 0)]

    assert list(lines(("sku", "quantity", "reference", "flag"), rows)) == [
        "\ufeffsku,quantity,reference,flag\r\n",
        '"A,1",2.5,,1\r\n',
        '"\'=5"" pipe",-50,x,0\r\n',
    ]

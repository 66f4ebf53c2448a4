from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from orders.placing.request import Address, Customer, LineRequest, OrderRequest
from orders.placing.validation import line_total, problems_of
from tests.orders.addresses import HOME

REQUEST = OrderRequest(
    address=HOME,
    channel="web",
    customer=Customer("Ada Example", "ada@example.com"),
    lines=(LineRequest("A", Decimal(1)),),
)


def codes(request: Any) -> list[tuple[str, int | None, str]]:
    return [(problem.code, problem.line, problem.path) for problem in problems_of(request)]


def test_a_plain_request_has_no_problems() -> None:
    assert codes(REQUEST) == []


@pytest.mark.parametrize(
    "quantity",
    ["-1", "0", "NaN", "Infinity", "1e400", "10000000000000000000", "1.00001", "1e-5"],
)
def test_a_quantity_that_is_none_is_refused(quantity: str) -> None:
    request = replace(REQUEST, lines=(LineRequest("A", Decimal(quantity)),))

    assert codes(request) == [("INVALID_QUANTITY", 1, "quantity")]


@pytest.mark.parametrize("quantity", ["0.0001", "999999999999.9999", "1.50000", "1e2"])
def test_a_quantity_with_four_decimals_in_sixteen_digits_is_taken(quantity: str) -> None:
    assert codes(replace(REQUEST, lines=(LineRequest("A", Decimal(quantity)),))) == []


def test_every_line_says_what_is_wrong_with_it() -> None:
    lines = (
        LineRequest("A", Decimal(1)),
        LineRequest("A", Decimal(0), unit_price=Decimal(-1)),
        LineRequest("A", Decimal(1), tax=Decimal("0.001")),
    )

    assert codes(replace(REQUEST, lines=lines)) == [
        ("INVALID_QUANTITY", 2, "quantity"),
        ("INVALID_AMOUNT", 2, "unit_price"),
        ("INVALID_AMOUNT", 3, "tax"),
    ]


def test_ten_thousand_lines_are_taken_and_one_more_is_not() -> None:
    line = LineRequest("A", Decimal(1))

    assert codes(replace(REQUEST, lines=(line,) * 10_000)) == []
    assert codes(replace(REQUEST, lines=(line,) * 10_001)) == [("TOO_MANY_LINES", None, "lines")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": ()}, "NO_LINES"),
        ({"number": "no spaces"}, "INVALID_NUMBER"),
        ({"number": "x" * 33}, "INVALID_NUMBER"),
        ({"currency": "usd"}, "INVALID_CURRENCY"),
        ({"customer": Customer("Ada", "nobody")}, "INVALID_EMAIL"),
        ({"customer": Customer(" ", "ada@example.com")}, "INVALID_NAME"),
        ({"priority": 2**31}, "INVALID_PRIORITY"),
        ({"placed_at": datetime(2026, 1, 1)}, "INVALID_TIME"),  # noqa: DTZ001
        ({"address": Address(city="x" * 101)}, "INVALID_TEXT"),
        ({"address": Address(city="a\x00b")}, "INVALID_TEXT"),
        ({"fulfillment_method": "DRONE"}, "INVALID_METHOD"),
        ({"fulfillment_method": "PICKUP"}, "INVALID_PICKUP_SOURCE"),
        ({"pickup_source": "store"}, "INVALID_PICKUP_SOURCE"),
        ({"address": Address(latitude=Decimal(1))}, "INVALID_COORDINATES"),
        (
            {"address": Address(latitude=Decimal(91), longitude=Decimal(0))},
            "INVALID_COORDINATES",
        ),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(change: dict[Any, Any], code: str) -> None:
    assert [problem.code for problem in problems_of(replace(REQUEST, **change))] == [code]


def test_a_line_is_worth_its_units_less_discount_plus_tax() -> None:
    line = LineRequest("A", Decimal("2.5"), discount=Decimal("1.00"), tax=Decimal("0.33"))

    assert line_total(line, Decimal("3.33"), "USD") == Decimal("7.66")  # 8.325 - 1.00 + 0.33


def test_equal_requests_have_equal_fingerprints_however_numbers_are_written() -> None:
    one = replace(REQUEST, lines=(LineRequest("A", Decimal("1.50")),))
    same = replace(REQUEST, lines=(LineRequest("A", Decimal("1.5")),))
    other = replace(REQUEST, lines=(LineRequest("A", Decimal("1.6")),))

    assert one.fingerprint() == same.fingerprint()
    assert one.fingerprint() != other.fingerprint()

from decimal import Decimal
from typing import Any

import pytest

from orders.models import Order
from orders.order_status import LineOutcome, OrderStatus, status_of


def line(
    *, open: Any = 0, shipped: Any = 0, deducted: Any = None, taken_back: Any = 0
) -> LineOutcome:
    left = shipped if deducted is None else deducted
    return LineOutcome(Decimal(open), Decimal(shipped), Decimal(left), Decimal(taken_back))


@pytest.mark.parametrize(
    ("lines", "current", "expected"),
    [
        ([line(open=2)], "PENDING_PAYMENT", "PENDING_PAYMENT"),
        ([line(open=2)], "PAYMENT_REVIEW", "PAYMENT_REVIEW"),
        ([line(open=2)], "PROCESSING", "PROCESSING"),
        ([line(open=2), line(deducted=1)], "PROCESSING", "PROCESSING"),  # a virtual line left
        ([line(open=1, shipped=1)], "PROCESSING", "PARTIALLY_SHIPPED"),
        ([line(open=1), line(shipped=1)], "PROCESSING", "PARTIALLY_SHIPPED"),
        ([line(shipped=2)], "PARTIALLY_SHIPPED", "COMPLETE"),
        ([line(deducted=1)], "PROCESSING", "COMPLETE"),
        ([line(shipped=2, taken_back=1)], "COMPLETE", "COMPLETE"),
        ([line(shipped=2, taken_back=2)], "COMPLETE", "CLOSED"),
        ([line()], "PROCESSING", "CANCELED"),
        ([line(), line(shipped=1)], "PROCESSING", "COMPLETE"),
    ],
)
def test_status_says_what_became_of_the_lines(
    lines: list[LineOutcome], current: str, expected: str
) -> None:
    assert status_of(lines, current=current) == expected


def test_the_pure_names_are_those_that_are_stored() -> None:
    assert {status.value for status in OrderStatus} == set(Order.Status.values)

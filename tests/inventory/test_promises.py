from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.promises import (
    Promise,
    PromisePlan,
    may_be_promised,
    plan_promises,
    plan_receipt,
)

TODAY = date(2026, 3, 1)
HORIZON = date(2026, 3, 31)


def promises(*quantities: Any) -> list[Promise]:
    return [
        Promise(number, f"S{number}", f"O{number}", Decimal(quantity))
        for number, quantity in enumerate(quantities, start=1)
    ]


def numbers(found: tuple[Promise, ...]) -> list[str]:
    return [promise.shipment_number for promise in found]


@pytest.mark.parametrize(
    ("expected_on", "answer"),
    [
        (None, False),
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_promised_are_units_that_come_from_today_to_the_limit(
    expected_on: Any, answer: bool
) -> None:
    assert may_be_promised(expected_on, today=TODAY, horizon=HORIZON) is answer


def test_promises_that_fit_exactly_stay() -> None:
    assert plan_promises(promises(3, 7), Decimal(10)) == PromisePlan(tuple(promises(3, 7)), ())


def test_the_last_in_the_queue_is_broken_first_and_whole() -> None:
    plan = plan_promises(promises(3, 2, 6), Decimal("10.9999"))

    assert (numbers(plan.kept), numbers(plan.broken)) == (["S1", "S2"], ["S3"])


def test_the_broken_are_named_in_queue_order() -> None:
    plan = plan_promises(promises(3, 2, 6), Decimal(4))

    assert (numbers(plan.kept), numbers(plan.broken)) == (["S1"], ["S2", "S3"])


def test_where_nothing_comes_every_promise_is_broken() -> None:
    plan = plan_promises(promises(3, 2), Decimal(0))

    assert (numbers(plan.kept), numbers(plan.broken)) == ([], ["S1", "S2"])


def test_without_promises_nothing_is_broken() -> None:
    assert plan_promises([], Decimal(0)) == PromisePlan((), ())


QUANTITIES = st.decimals(min_value=Decimal("0.0001"), max_value=100, places=4)


@given(st.lists(QUANTITIES, max_size=8), st.decimals(min_value=0, max_value=500, places=4))
def test_what_stays_fits_and_no_more_than_needed_is_broken(
    quantities: Any, outstanding: Any
) -> None:
    every = promises(*quantities)

    plan = plan_promises(every, outstanding)

    kept = sum((promise.quantity for promise in plan.kept), Decimal(0))
    assert [*plan.kept, *plan.broken] == every
    assert kept <= outstanding
    if plan.broken:
        assert kept + plan.broken[0].quantity > outstanding


@pytest.mark.parametrize(
    ("came", "outstanding", "kept", "broken"),
    [
        (0, 9, ["S1 3", "S2 4", "S3 2"], []),
        (2, 8, ["S1 1", "S2 4", "S3 2"], []),
        (3, 7, ["S2 4", "S3 2"], []),
        (5, 0, [], ["S2 2", "S3 2"]),
        (0, 0, [], ["S1 3", "S2 4", "S3 2"]),
        (9, 1, [], []),
        (50, 0, [], []),
    ],
)
def test_what_came_goes_to_the_promised_in_queue_order(
    came: int, outstanding: int, kept: list[str], broken: list[str]
) -> None:
    plan = plan_receipt(promises(3, 4, 2), Decimal(came), outstanding=Decimal(outstanding))

    def told(found: tuple[Promise, ...]) -> list[str]:
        return [f"{promise.shipment_number} {promise.quantity}" for promise in found]

    assert (told(plan.kept), told(plan.broken)) == (kept, broken)

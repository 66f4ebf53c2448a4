from decimal import Decimal
from typing import Any

import pytest

from fulfillment.sourcing.assignment import AfterActionRules, rest_of
from inventory.options import AfterAction, AfterActionScope

ASKED = {1: Decimal(5), 2: Decimal(3)}


def rest(
    assigned: dict[int, int], scope: Any, *, is_pickup: bool = False
) -> tuple[Any, dict[Any, int]]:
    rules = AfterActionRules(AfterAction.CUSTOMER_CARE, scope, AfterAction.CANCEL)
    units = {line: Decimal(quantity) for line, quantity in assigned.items()}
    found = rest_of(ASKED, units, rules, is_pickup=is_pickup)
    return found.action.value, {line: int(units) for line, units in found.quantities.items()}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (AfterActionScope.BY_QUANTITY, {1: 2}),
        (AfterActionScope.BY_LINE, {1: 5}),
        (AfterActionScope.ALL, {1: 5, 2: 3}),
    ],
)
def test_a_partial_match_leaves_as_much_as_its_scope_says(
    scope: Any, expected: dict[int, int]
) -> None:
    assert rest({1: 3, 2: 3}, scope) == ("CUSTOMER_CARE", expected)


def test_a_match_of_everything_leaves_nothing_in_every_scope() -> None:
    assert rest({1: 5, 2: 3}, AfterActionScope.ALL)[1] == {}


def test_no_match_follows_its_own_action() -> None:
    assert rest({}, AfterActionScope.BY_QUANTITY) == ("CANCEL", {1: 5, 2: 3})


def test_the_remainder_of_a_pickup_order_always_backorders() -> None:
    assert rest({}, AfterActionScope.ALL, is_pickup=True)[0] == "BACKORDER"
    assert rest({1: 3}, AfterActionScope.BY_QUANTITY, is_pickup=True)[0] == "BACKORDER"

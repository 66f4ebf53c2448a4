"""How far a rule raises, how often it acts, and when it asks."""

from datetime import date

import pytest

from fulfillment.rule_terms import (
    LIMITED,
    RuleActionKind,
    acted_before,
    asks_first,
    raised_priority,
)

Kind = RuleActionKind


@pytest.mark.parametrize(
    ("priority", "by", "up_to", "raised"),
    [(0, 5, 10, 5), (8, 5, 10, 10), (10, 5, 10, 10), (30, 5, 10, 30), (-9, 5, -5, -5)],
)
def test_raising_stops_at_its_limit_and_never_lowers(
    priority: int, by: int, up_to: int, raised: int
) -> None:
    assert raised_priority(priority, by=by, up_to=up_to) == raised


def test_a_rule_acts_once_or_again_after_some_days() -> None:
    assert acted_before(date(2026, 3, 12), None) is None
    assert acted_before(date(2026, 3, 12), 7) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("acted", "found", "asks"), [(0, 50, 0), (0, 51, 1), (50, 1, 1), (50, 0, 0)]
)
def test_only_cancels_holds_and_e_mails_to_customers_ask_first(
    acted: int, found: int, asks: int
) -> None:
    for kind in Kind:
        is_asking = asks_first(kind, acted_count=acted, found_count=found, limit=50)
        assert is_asking == (bool(asks) and kind in LIMITED)
    assert {Kind.CANCEL, Kind.HOLD, Kind.TELL_CUSTOMER} == LIMITED

"""The terms of waiting rules: what they do, how often; PURE.

Rule: Rules and demand (§23).
"""

from datetime import date, timedelta
from enum import StrEnum


class RuleActionKind(StrEnum):
    """The one action of a rule."""

    RAISE_PRIORITY = "RAISE_PRIORITY"
    SET_PRIORITY = "SET_PRIORITY"
    CUSTOMER_CARE = "CUSTOMER_CARE"
    ASSIGN = "ASSIGN"
    HOLD = "HOLD"
    TELL_CUSTOMER = "TELL_CUSTOMER"
    EMAIL = "EMAIL"
    CANCEL = "CANCEL"


# The values of each action, by the name of their column; an action takes all of its own but the
# optional ones, and no other.
VALUES: dict[RuleActionKind, tuple[str, ...]] = {
    RuleActionKind.RAISE_PRIORITY: ("raise_by", "raise_up_to"),
    RuleActionKind.SET_PRIORITY: ("priority",),
    RuleActionKind.CUSTOMER_CARE: ("reason",),
    RuleActionKind.ASSIGN: ("assignee",),
    RuleActionKind.HOLD: (),
    RuleActionKind.TELL_CUSTOMER: (),
    RuleActionKind.EMAIL: ("recipients",),
    RuleActionKind.CANCEL: ("cause",),
}
# Values without which an action follows the conditions of its rule.
OPTIONAL = frozenset({"cause"})
# Values that a rule may lack while it is off: the shop's own people, whom no example knows.
LATER = frozenset({"assignee", "recipients"})
# Those that stop and ask before they act on many shipments.
LIMITED = frozenset({RuleActionKind.HOLD, RuleActionKind.TELL_CUSTOMER, RuleActionKind.CANCEL})


def raised_priority(priority: int, *, by: int, up_to: int) -> int:
    """Return the priority that is raised by ``by``, at most to ``up_to``; it never gets lower."""
    return max(priority, min(priority + by, up_to))


def acted_before(today: date, repeat_days: int | None) -> date | None:
    """Return the last day of an act after which a rule acts again; None where it acts once."""
    return None if repeat_days is None else today - timedelta(days=repeat_days)


def asks_first(kind: RuleActionKind, *, acted_count: int, found_count: int, limit: int) -> bool:
    """Whether a rule asks before it acts on ``found_count`` shipments.

    It acted on ``acted_count`` others on the same day; ``limit`` is the option ``rule_limit``.
    """
    return kind in LIMITED and found_count > 0 and acted_count + found_count > limit

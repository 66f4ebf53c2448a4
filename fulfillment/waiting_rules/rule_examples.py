"""Examples of rules, off until somebody enables them; a migration makes them.

Rule: Rules and demand (§23).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fulfillment.rule_terms import RuleActionKind

Kind = RuleActionKind
# Rules that people make come first unless they say otherwise: a new one has position 100.
FIRST_POSITION, STEP = 110, 10


@dataclass(frozen=True, slots=True)
class ExampleRule:
    """An example: its name, the sentence that says what it does, and the columns of the rule.

    ``reason`` is the one that customer care reads.
    """

    name: Promise
    description: Promise
    action: RuleActionKind
    values: Mapping[str, Any]
    reason: Promise | None = None
    repeat_days: int | None = field(default=None, kw_only=True)

    def columns(self, position: int) -> dict[str, Any]:
        """Return the columns of the rule at a position, with its texts in the active language."""
        return {
            "name": str(self.name),
            "description": str(self.description),
            "position": position,
            "action": self.action.value,
            "reason": "" if self.reason is None else str(self.reason),
            "repeat_days": self.repeat_days,
            **self.values,
        }


EXAMPLES = (
    ExampleRule(
        _("Old backorders: raise the priority"),
        _(
            "Raises the priority of shipments that have waited for 30 days or more by 10, and "
            "again every 30 days, up to 50."
        ),
        Kind.RAISE_PRIORITY,
        {"age_days_min": 30, "raise_by": 10, "raise_up_to": 50},
        repeat_days=30,
    ),
    ExampleRule(
        _("After the agreed date: release first"),
        _("Gives shipments whose agreed date has passed the priority 100."),
        Kind.SET_PRIORITY,
        {"overdue_days_min": 1, "priority": 100},
    ),
    ExampleRule(
        _("High value: assign to a person"),
        _(
            "Assigns shipments worth 500 or more, in the currency of their order, to a person once "
            "they have waited for 7 days."
        ),
        Kind.ASSIGN,
        {"age_days_min": 7, "value_min": Decimal(500)},
    ),
    ExampleRule(
        _("Authorization about to expire: assign to a person"),
        _("Assigns shipments whose authorization expires within 5 days to a person."),
        Kind.ASSIGN,
        {"expires_within_days": 5},
    ),
    ExampleRule(
        _("Authorization expires today: hold"),
        _(
            "Holds shipments whose authorization expires today or has expired, so that units go to "
            "orders that can be paid. Staff lift the hold when the payment is renewed."
        ),
        Kind.HOLD,
        {"expires_within_days": 0},
    ),
    ExampleRule(
        _("No answer about a delay: ask again"),
        _("E-mails customers who have not answered about a delay again, every 3 days."),
        Kind.TELL_CUSTOMER,
        {"has_unanswered_request": True},
        repeat_days=3,
    ),
    ExampleRule(
        _("Long wait: write to the customer"),
        _(
            "E-mails customers whose units have waited for 30 days or more the expected date, or "
            "that there is none yet, every 30 days."
        ),
        Kind.TELL_CUSTOMER,
        {"age_days_min": 30},
        repeat_days=30,
    ),
    ExampleRule(
        _("Incoming supply too late: e-mail purchasing"),
        _(
            "Lists shipments that wait for incoming supply although their agreed date has passed, "
            "in an e-mail to staff every 7 days."
        ),
        Kind.EMAIL,
        {"state": "FUTURE", "overdue_days_min": 1},
        repeat_days=7,
    ),
    ExampleRule(
        _("Two weeks late: e-mail staff"),
        _(
            "Lists shipments whose agreed date passed 14 or more days ago, in an e-mail to staff "
            "every 7 days."
        ),
        Kind.EMAIL,
        {"overdue_days_min": 14},
        repeat_days=7,
    ),
    ExampleRule(
        _("Two missed promises: customer care"),
        _("Sends shipments with two or more missed promises to customer care."),
        Kind.CUSTOMER_CARE,
        {"missed_promises_min": 2},
        _("Two expected dates have passed. Call the customer."),
    ),
    ExampleRule(
        _("Pickup waits too long: customer care"),
        _("Sends pickup shipments that have waited for 14 days or more to customer care."),
        Kind.CUSTOMER_CARE,
        {"method": "PICKUP", "age_days_min": 14},
        _("The pickup has waited for 14 days. Offer another store, or to ship the units."),
    ),
    ExampleRule(
        _("Two months late: cancel and refund"),
        _(
            "Cancels and refunds shipments whose agreed date passed 60 or more days ago, unless "
            "the customer agreed to wait."
        ),
        Kind.CANCEL,
        {"overdue_days_min": 60},
    ),
)


def example_columns() -> Iterator[dict[str, Any]]:
    """Yield the columns of each example, in the active language."""
    for number, example in enumerate(EXAMPLES):
        yield example.columns(FIRST_POSITION + number * STEP)

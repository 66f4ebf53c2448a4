"""What a rule would do now: its shipments, the promises that would move."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import Moment
from core.trials import trial
from fulfillment.models import RuleStep, Shipment, WaitingRule
from fulfillment.release.runs.passed_dates import planned_days
from fulfillment.release.runs.scope import EVERYTHING
from fulfillment.review.listing import is_queue_long
from fulfillment.rule_terms import RuleActionKind
from fulfillment.waiting_rules.rule_actions import RuleWork, write_without_record
from fulfillment.waiting_rules.rule_runs import asks_about, shipments_of

Kind = RuleActionKind
# Actions after which units go to other shipments.
MOVING = (
    Kind.RAISE_PRIORITY,
    Kind.SET_PRIORITY,
    Kind.CUSTOMER_CARE,
    Kind.HOLD,
    Kind.CANCEL,
)
# The change of more is not tried for a page.
MOST_TRIED = 500


@dataclass(frozen=True, slots=True)
class RulePreview:
    """The shipments that a rule would act on now, by id, and whether it would ask first.

    ``moved_count`` is how many shipments a run would give another date; None where that would take
    too long to find out.
    """

    shipment_ids: Sequence[int]
    moved_count: int | None
    asks: bool

    def shipments(self, *, most: int) -> list[Shipment]:
        """Return the first of the shipments, with the names that lists show."""
        shipments = Shipment.objects.with_names().filter(pk__in=self.shipment_ids[:most])
        return list(shipments.order_by("order", "pk"))


def preview_rule(rule: WaitingRule, moment: Moment) -> RulePreview:
    """Return what a rule would do now; writes nothing.

    ``rule`` is read with what its conditions name. Its act is tried and taken back, with the rows
    locked meanwhile.

    Rule: Rules, preview (§23).
    """
    found = shipments_of(rule, moment)
    asks = asks_about(rule, len(found), moment)
    return RulePreview(found, _moved_count(rule, found, moment), asks)


def _moved_count(rule: WaitingRule, found: Sequence[int], moment: Moment) -> int | None:
    if not found or rule.kind not in MOVING:
        return 0
    if len(found) > MOST_TRIED or is_queue_long():
        return None
    with trial():
        before, _leaving = planned_days(EVERYTHING, now=moment.now, zone=moment.zone)
        promised = _promised(found)
        step = RuleStep(rule=rule, name=rule.name, action=rule.action)
        write_without_record(RuleWork(rule, step, moment, None), found)
        after, _leaving = planned_days(EVERYTHING, now=moment.now, zone=moment.zone)
        lost = promised - _promised(found)
    # What is canceled has no promise that could move.
    ended = set(found) if rule.kind is Kind.CANCEL else set()
    moved = {pk for pk in before.keys() | after.keys() if before.get(pk) != after.get(pk)}
    return len((moved | lost) - ended)


def _promised(shipment_ids: Sequence[int]) -> set[int]:
    """Return those that are promised incoming units."""
    promised = Shipment.objects.filter(pk__in=shipment_ids, state=Shipment.State.FUTURE)
    return set(promised.values_list("pk", flat=True))

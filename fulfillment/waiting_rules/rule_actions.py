"""What rules do to locked shipments: the moves by hand, recorded as the rule's."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import F, Func, JSONField, Value

from core.acts import Act
from core.clock import Moment
from fulfillment.models import (
    DelayRequest,
    RuleAct,
    RuleStep,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
    WaitingRule,
)
from fulfillment.operations.delays.requests import ask_again
from fulfillment.operations.moves.assignees import assign_shipments
from fulfillment.operations.moves.customer_care import send_to_care
from fulfillment.operations.moves.holds import hold_shipments
from fulfillment.operations.moves.priority import set_priorities
from fulfillment.operations.shipments.dates import DateRules, tell_dates
from fulfillment.operations.shipments.locking import lock_shipment_rows, note_events
from fulfillment.rule_terms import RuleActionKind, raised_priority
from fulfillment.waiting_rules.rule_shipments import asked_again, matching
from orders.changes.cancel import cancel
from orders.notices.email_queue import CancelCause
from orders.refusals import OrderChangeError

Kind = RuleActionKind


@dataclass(frozen=True, slots=True)
class RuleWork:
    """A rule at work in a step of a run: when, and for whom."""

    rule: WaitingRule
    step: RuleStep
    moment: Moment
    actor_id: int | None

    @property
    def act(self) -> Act:
        """Return the act, whose reason is the name of the rule."""
        return Act(self.moment.now, self.actor_id, self.rule.name)


def act_on(work: RuleWork, shipment_ids: Sequence[int]) -> list[int]:
    """Act on those of the shipments that the rule would still act on; return the payment
    operations to send after the commit.

    Opens one transaction, or, to cancel, one for each shipment; locks orders, then shipments, and
    looks again: a second worker, or a second run, finds nothing left to do. A shipment that cannot
    be canceled stays as it is, and is tried by a later run.

    Rule: Rules and demand (§23).
    """
    if work.rule.kind is Kind.CANCEL:
        return [operation for pk in shipment_ids for operation in _cancel(work, pk)]
    with transaction.atomic():
        if chosen := _locked(work, shipment_ids):
            WRITES[work.rule.kind](work, chosen)
            _note(work, chosen)
    return []


def write_without_record(work: RuleWork, shipment_ids: Sequence[int]) -> None:
    """Write what a rule does, in the caller's transaction, for a preview that takes it back."""
    chosen = _locked(work, shipment_ids)
    if work.rule.kind is Kind.CANCEL:
        for shipment in chosen:
            _withdraw(work, shipment)
    elif chosen:
        WRITES[work.rule.kind](work, chosen)


def _locked(work: RuleWork, shipment_ids: Sequence[int]) -> list[Shipment]:
    """Lock shipments, and return those that the rule acts on as they are now."""
    lock_shipment_rows(shipment_ids)
    shipments = matching(work.rule, work.moment).filter(pk__in=shipment_ids)
    return list(shipments.select_related("order", "assignee").order_by("pk"))


def _cancel(work: RuleWork, shipment_id: int) -> list[int]:
    with transaction.atomic():
        operations: list[int] = []
        for shipment in _locked(work, [shipment_id]):
            found = _withdraw(work, shipment)
            if found is None:
                continue
            operations += found
            _note(work, [shipment])
    return operations


def _withdraw(work: RuleWork, shipment: Shipment) -> list[int] | None:
    """Cancel all of a locked shipment; None where that is refused, and nothing was written."""
    key = f"rule-{work.step.pk or 0}-{shipment.number}"
    try:
        with transaction.atomic():
            _, operations = cancel.within(
                shipment.order_id,
                replace(work.act, key=key),
                shipment_number=shipment.number,
                cause=_cause(work.rule),
            )
    except OrderChangeError:
        return None
    return operations


def _cause(rule: WaitingRule) -> CancelCause:
    """Return why the rule cancels, as customers read it: what it says, else what it looks for."""
    if rule.cause:
        return CancelCause(rule.cause)
    return CancelCause.DELAYED if rule.is_about_delays else CancelCause.NOT_AVAILABLE


def _note(work: RuleWork, shipments: Sequence[Shipment]) -> None:
    """Keep that the rule acted: with the waiting spell, the run, and the timeline."""
    keys = [shipment.pk for shipment in shipments]
    acted = {work.rule.spell_key: work.moment.today.isoformat()}
    Shipment.objects.filter(pk__in=keys).update(
        spell=Func(
            F("spell"), Value(acted, JSONField()), arg_joiner=" || ", template="(%(expressions)s)"
        )
    )
    RuleAct.objects.bulk_create(
        RuleAct(step=work.step, shipment=shipment, created_at=work.moment.now)
        for shipment in shipments
    )
    RuleStep.objects.filter(pk=work.step.pk).update(acted_count=F("acted_count") + len(keys))
    detail = {"rule": work.rule.name, "action": work.rule.action}
    note_events(shipments, ShipmentEvent.Kind.RULE, work.act, details=dict.fromkeys(keys, detail))


def _raise_priorities(work: RuleWork, shipments: Sequence[Shipment]) -> None:
    raised: defaultdict[int, list[Shipment]] = defaultdict(list)
    for shipment in shipments:
        by, up_to = work.rule.raise_by or 0, work.rule.raise_up_to or 0
        raised[raised_priority(shipment.priority, by=by, up_to=up_to)].append(shipment)
    for priority, group in sorted(raised.items()):
        set_priorities(group, work.act, priority=priority)


def _set_priorities(work: RuleWork, shipments: Sequence[Shipment]) -> None:
    set_priorities(shipments, work.act, priority=work.rule.priority or 0)


def _send_to_care(work: RuleWork, shipments: Sequence[Shipment]) -> None:
    send_to_care(shipments, replace(work.act, reason=work.rule.reason))


def _assign(work: RuleWork, shipments: Sequence[Shipment]) -> None:
    assign_shipments(shipments, work.act, person=work.rule.assignee)


def _hold(work: RuleWork, shipments: Sequence[Shipment]) -> None:
    hold_shipments(shipments, work.act)


def _tell_again(work: RuleWork, shipments: Sequence[Shipment]) -> None:
    """Ask again where the customer did not answer; else give the date, or no date yet, again."""
    now, keys = work.moment.now, [shipment.pk for shipment in shipments]
    asked = set(Shipment.objects.filter(asked_again(), pk__in=keys).values_list("pk", flat=True))
    lines = ShipmentLine.objects.filter(shipment__in=asked, quantity__gt=0)
    requests = DelayRequest.objects.filter(
        pk__in=lines.values("delay_request"), state=DelayRequest.State.OPEN
    )
    by_order: defaultdict[int, list[DelayRequest]] = defaultdict(list)
    for request in requests.select_related("order__channel", "shipment").order_by("pk"):
        by_order[request.order_id].append(request)
    for found in by_order.values():
        ask_again(found, now=now)
    event_keys = {pk: f"rule-{work.step.pk}-{pk}" for pk in keys if pk not in asked}
    dates = replace(DateRules.in_force(), zone=work.moment.zone)
    tell_dates(event_keys, dates, now=now, is_again=True)


def _leave(_work: RuleWork, _shipments: Sequence[Shipment]) -> None:
    """Change nothing: the e-mail to staff is written at the end of the step."""


WRITES: Mapping[RuleActionKind, Callable[[RuleWork, Sequence[Shipment]], None]] = {
    Kind.RAISE_PRIORITY: _raise_priorities,
    Kind.SET_PRIORITY: _set_priorities,
    Kind.CUSTOMER_CARE: _send_to_care,
    Kind.ASSIGN: _assign,
    Kind.HOLD: _hold,
    Kind.TELL_CUSTOMER: _tell_again,
    Kind.EMAIL: _leave,
}

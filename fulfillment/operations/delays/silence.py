"""The job of delays: questions about late units, silence after a deadline."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.acts import Act
from fulfillment.delays.terms import (
    DelayAnswer,
    Outcome,
    Terms,
    money_back_by,
    outcome_of,
)
from fulfillment.models import DelayDecision, DelayRequest, Shipment
from fulfillment.operations.delays.answers import (
    AskedUnits,
    agree,
    cancel_asked,
    lock_asked,
    reason_of_person,
)
from fulfillment.operations.delays.late_units import DelayRules, orders_to_ask
from fulfillment.operations.delays.later_dates import tell_later_dates
from fulfillment.operations.delays.request_terms import terms_in
from fulfillment.operations.delays.requests import ask_about_order
from fulfillment.operations.moves.customer_care import SENDABLE, send_to_care
from fulfillment.operations.moves.holds import hold_shipments
from fulfillment.operations.shipments.complete_orders import waits_for_rest
from fulfillment.operations.shipments.delay_ends import end_requests_without_units
from fulfillment.queries.delay_requests import emails_sent_about
from orders.models import Order, OrderChange, OrderEmail
from orders.payments import gateway_requests

State = DelayRequest.State


@dataclass(frozen=True, slots=True)
class DelayCounts:
    """What one pass of the job did: requests asked, e-mails that inform, deadlines acted on."""

    asked: int
    informed: int
    acted_on: int


def act_on_delays(*, now: datetime) -> DelayCounts:
    """Act on deadlines that passed, and ask or inform customers about units that are late.

    Each order, and each request, has a transaction of its own that looks again under the lock of
    the order: what was committed stays when the worker dies, and a second worker, or a second
    pass, finds nothing left to do.

    Rule: Delays, §18a.
    """
    rules = DelayRules.in_force()
    due = DelayRequest.objects.filter(
        state=State.OPEN, money_back_by=None, answer_by__lt=rules.today(now)
    )
    ids = list(due.order_by("answer_by", "pk").values_list("pk", flat=True))
    acted_on = sum(act_on_silence(pk, rules, now=now) for pk in ids)
    orders = orders_to_ask(rules, now=now)
    asked = sum(ask_about_order(pk, rules, now=now) for pk in orders)
    informed = tell_later_dates(rules.dates, now=now)
    return DelayCounts(asked, informed, acted_on)


def act_on_silence(request_id: int, rules: DelayRules, *, now: datetime) -> bool:
    """Do what silence means for one request whose deadline has passed; return whether it did.

    Opens the transaction, and locks the order first. Canceled units that were paid for are
    refunded after the commit.
    """
    operations: list[int] = []
    with transaction.atomic():
        asked = lock_asked(request_id)
        request = asked.request
        if request.state != State.OPEN or request.money_back_by is not None:
            return False
        if not asked.lines:
            end_requests_without_units([request.order_id], now=now)
            return True
        terms = terms_in(request)
        outcome = outcome_of(
            terms,
            today=rules.today(now),
            is_told=_is_last_told(request),
            is_canceled_by_silence=request.is_canceled_by_silence,
        )
        if outcome is None:
            return False
        # While a payment is not decided, of the order or of a change, a person looks after it.
        if outcome is Outcome.CANCEL and _is_undecided(request.order):
            outcome = Outcome.PERSON
        act, silence = Act(now), DelayDecision.By.SILENCE
        match outcome:
            case Outcome.AGREE:
                wait = DelayAnswer.WAIT_UNTIL
                agree(asked, wait, act, by=silence, agreed_on=request.new_on)
            case Outcome.CANCEL:
                operations = cancel_asked(asked, act, by=silence)
            case Outcome.PERSON:
                _leave_to_person(asked, terms, act)
    gateway_requests.send(operations, now=now)
    return True


def _is_undecided(order: Order) -> bool:
    pending = order.orderchanges.filter(state=OrderChange.State.PENDING)
    return not order.is_paid_for or pending.exists()


def _is_last_told(request: DelayRequest) -> bool:
    """Return whether the last e-mail that asked was sent, and asked about this request."""
    sent = emails_sent_about(request).filter(state=OrderEmail.State.SENT, delay_requests=request)
    return sent.exists()


def _leave_to_person(asked: AskedUnits, terms: Terms, act: Act) -> None:
    """Send what waits to customer care, and hold what is READY, until a person decides."""
    request = asked.request
    request.money_back_by = money_back_by(terms.answer_by)
    request.save(update_fields=["money_back_by"])
    act = Act(act.at, reason=reason_of_person(request.money_back_by))
    ready = Shipment.State.READY
    send_to_care([s for s in asked.shipments if s.state in SENDABLE and s.state != ready], act)
    free = [s for s in asked.shipments if not s.is_held or waits_for_rest(s)]
    hold_shipments([s for s in free if s.state == ready], act)

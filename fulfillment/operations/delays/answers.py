"""Answers to delay requests: customers wait, or cancel units; so do staff for them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from core.acts import Act
from core.formats import day
from fulfillment.delays.terms import DelayAnswer, answers_open
from fulfillment.models import (
    DelayDecision,
    DelayRequest,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
)
from fulfillment.operations.delays.request_terms import terms_in
from fulfillment.operations.moves.customer_care import put_back
from fulfillment.operations.moves.holds import lift_holds
from fulfillment.operations.moves.withdrawal_locks import lock_for_withdrawals
from fulfillment.operations.shipments.delay_ends import close_requests
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    lock_shipments_of,
    note_events,
)
from fulfillment.queries.delay_requests import emails_sent_about
from orders.changes.cancel import cancel
from orders.line_fractions import refuse_fractions
from orders.notices.email_queue import CancelCause
from orders.payments import gateway_requests

State = DelayRequest.State
By = DelayDecision.By
ENDS = {
    By.CUSTOMER: State.CANCELED,
    By.STAFF: State.CANCELED,
    By.SILENCE: State.CANCELED_BY_SILENCE,
}


class DelayAnswerError(ShipmentError):
    """The delay request takes no such answer now; nothing was written."""


class DelayOverError(DelayAnswerError):
    """The units have left, or the request was answered otherwise."""


class DelayDateChangedError(DelayAnswerError):
    """The request has another new date by now than the customer was shown, and is to wait."""


@dataclass(frozen=True, slots=True)
class AskedUnits:
    """A request that is locked, with the lines whose units did not leave, and their shipments."""

    request: DelayRequest
    lines: Sequence[ShipmentLine]
    shipments: Sequence[Shipment]


def answer(
    order_id: int,
    shown: Mapping[int, date | None],
    given: DelayAnswer,
    act: Act,
    *,
    by: DelayDecision.By,
    today: date,
) -> list[DelayRequest]:
    """Take one answer to delay requests of an order, to all or to none; return them.

    ``shown`` has the new date that the customer was shown, by request: *wait until* agrees to that,
    and what is to wait has to have it still. ``act.reason`` is how staff were informed. Opens the
    transaction and locks the order first. The same answer again has no second effect. Canceled
    units that were paid for are refunded after the commit.

    :raises DelayOverError: where units have left, or a request was answered otherwise.
    :raises DelayDateChangedError: where one is to wait, and has another new date by now.
    :raises DelayAnswerError: where a request is not of the order, or does not take this answer.
    :raises orders.refusals.UnpaidOrderError: to cancel while the payment is not decided.

    Rule: Delays, those of one order are answered one by one or all at once (§18a).
    """
    requests: list[DelayRequest] = []
    operations: list[int] = []
    with transaction.atomic():
        known = DelayRequest.objects.filter(order=order_id).values_list("pk", flat=True)
        if not shown.keys() <= set(known):
            raise DelayAnswerError(str(order_id))
        _hold_fractions(shown)
        if given is DelayAnswer.CANCEL:
            _lock_what_ends(order_id, shown)
        for request_id, shown_on in sorted(shown.items()):
            # What was canceled for an earlier one has changed their shipments: each reads anew.
            asked = lock_asked(request_id)
            operations += _take(asked, given, act, by=by, today=today, shown_on=shown_on)
            requests.append(asked.request)
    gateway_requests.send(operations, now=act.at)
    return requests


def _lock_what_ends(order_id: int, request_ids: Collection[int]) -> None:
    """Lock all that canceling the units of these requests needs, each kind of row at once."""
    lock_shipments_of(order_id)
    requests = DelayRequest.objects.filter(pk__in=request_ids).order_by("pk")
    list(requests.select_for_update(of=("self",)).values_list("pk"))
    lines = list(_open_lines(request_ids).select_related("shipment"))
    lock_for_withdrawals(lines)


def open_answers(request: DelayRequest, *, today: date, has_units: bool) -> frozenset[DelayAnswer]:
    """Return the answers that a request takes now; none where its units have left.

    After the deadline, while a person decides, an agreement that comes late is taken.
    """
    if not has_units or request.state not in DelayRequest.UNDECIDED:
        return frozenset()
    given = DelayAnswer(request.answer) if request.answer else None
    if request.state == State.OPEN and request.money_back_by is not None:
        wait = DelayAnswer.WAIT if request.new_on is None else DelayAnswer.WAIT_UNTIL
        return frozenset({wait, DelayAnswer.CANCEL})
    return answers_open(terms_in(request), new_on=request.new_on, given=given, today=today)


def reason_of_person(money_back_by: date) -> str:
    """Return why a person decides, in the language of the site: shipments keep it."""
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("The customer did not agree to the delay. The money must be back by %(day)s.")
        return reason % {"day": day(money_back_by)}


def lock_asked(request_id: int) -> AskedUnits:
    """Lock a request, its order and shipments first, and read its units; in the transaction."""
    # The order is locked first: what was read before may have changed.
    order_id = DelayRequest.objects.values_list("order_id", flat=True).get(pk=request_id)
    open_shipments = lock_shipments_of(order_id)
    request = DelayRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    lines = list(_open_lines([request_id]))
    concerned = {line.shipment_id for line in lines}
    shipments = [shipment for shipment in open_shipments if shipment.pk in concerned]
    return AskedUnits(request, lines, shipments)


def agree(
    asked: AskedUnits,
    given: DelayAnswer,
    act: Act,
    *,
    by: DelayDecision.By,
    agreed_on: date | None,
) -> None:
    """Let the customer wait; in the caller's transaction, all of it locked.

    What went to customer care, or was held, because nobody answered goes back with its age.
    """
    request = asked.request
    if agreed_on is not None:
        lines = ShipmentLine.objects.filter(pk__in=[line.pk for line in asked.lines])
        lines.update(agreed_on=agreed_on)
    _send_back(asked, act)
    request.money_back_by = None
    request.answer = given.value
    request.save(update_fields=["answer", "money_back_by"])
    state = State.AGREED_BY_SILENCE if by == By.SILENCE else State.AGREED
    close_requests([request], state, now=act.at)
    _keep(asked, given, act, by=by, agreed_on=agreed_on)


def cancel_asked(asked: AskedUnits, act: Act, *, by: DelayDecision.By) -> list[int]:
    """Cancel exactly the units of a request; in the caller's transaction, all of it locked.

    Returns the payment operations to send after the commit.
    """
    request = asked.request
    request.answer, request.money_back_by = DelayAnswer.CANCEL.value, None
    request.save(update_fields=["answer", "money_back_by"])
    close_requests([request], ENDS[by], now=act.at)
    _keep(asked, DelayAnswer.CANCEL, act, by=by, agreed_on=None)
    units: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    for line in asked.lines:
        units[line.shipment_id][line.order_line_id] = line.quantity
    operations: list[int] = []
    for shipment in asked.shipments:
        key = f"delay-{request.pk}-{shipment.pk}"
        _, sent = cancel.within(
            request.order_id,
            Act(act.at, act.actor_id, act.reason, key),
            quantities=units[shipment.pk],
            shipment_number=shipment.number,
            cause=CancelCause.DELAYED,
        )
        operations += sent
    return operations


def _take(
    asked: AskedUnits,
    given: DelayAnswer,
    act: Act,
    *,
    by: DelayDecision.By,
    today: date,
    shown_on: date | None,
) -> list[int]:
    """Write an answer to a locked request; return the payment operations to send."""
    request = asked.request
    is_known = request.answer == given and request.state != State.OPEN
    if is_known and _is_as_shown(request, given, shown_on):
        return []
    _check(asked, given, today=today, shown_on=shown_on)
    if given is DelayAnswer.CANCEL:
        return cancel_asked(asked, act, by=by)
    agreed_on = shown_on if given is DelayAnswer.WAIT_UNTIL else None
    agree(asked, given, act, by=by, agreed_on=agreed_on)
    return []


def _check(asked: AskedUnits, given: DelayAnswer, *, today: date, shown_on: date | None) -> None:
    request = asked.request
    if not asked.lines or request.state not in DelayRequest.UNDECIDED:
        raise DelayOverError(str(request))
    if not _is_as_shown(request, given, shown_on):
        raise DelayDateChangedError(str(request))
    if given not in open_answers(request, today=today, has_units=True):
        raise DelayAnswerError(str(request))


def _is_as_shown(request: DelayRequest, given: DelayAnswer, shown_on: date | None) -> bool:
    """Return whether an answer is to the date that was shown; to cancel, none is needed."""
    return given is DelayAnswer.CANCEL or shown_on == request.new_on


def _open_lines(request_ids: Collection[int]) -> QuerySet[ShipmentLine]:
    lines = ShipmentLine.objects.filter(delay_request__in=request_ids)
    return lines.with_units_to_leave().order_by("pk")


def _hold_fractions(request_ids: Collection[int]) -> None:
    """Hold the products of fractions, which comes before every other lock."""
    lines = _open_lines(request_ids)
    fractions = {line.order_line_id: line.quantity for line in lines if line.quantity % 1}
    refuse_fractions(fractions)


def _send_back(asked: AskedUnits, act: Act) -> None:
    """Put shipments back that were left to a person for this request, and no other reason."""
    request = asked.request
    if request.money_back_by is None:
        return
    reason = reason_of_person(request.money_back_by)
    put_back([one for one in asked.shipments if one.care_reason == reason], act)
    lift_holds([one for one in asked.shipments if one.hold_note == reason], act)


def _keep(
    asked: AskedUnits,
    given: DelayAnswer,
    act: Act,
    *,
    by: DelayDecision.By,
    agreed_on: date | None,
) -> None:
    """Keep the answer with the text that it answers."""
    request = asked.request
    email = emails_sent_about(request).last()
    DelayDecision.objects.create(
        request=request,
        answer=given.value,
        by=by,
        agreed_on=agreed_on,
        text="" if email is None else email.body,
        note=act.reason,
        actor_id=act.actor_id,
        created_at=act.at,
    )
    detail = {"answer": given.value, "by": by.value}
    details = {shipment.pk: detail for shipment in asked.shipments}
    note_events(asked.shipments, ShipmentEvent.Kind.DELAY_DECIDED, act, details=details)

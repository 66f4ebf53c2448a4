"""Delay requests as their customer answers them, on the page of the order."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from core.acts import Act
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import DelayDecision, DelayRequest
from fulfillment.operations.delays.answers import DelayAnswerError, answer, open_answers
from fulfillment.operations.delays.notice import no_date_reason
from fulfillment.queries.delay_requests import requests_of_order
from orders.asked_delay import AskedDelay
from orders.refusals import StaleError

SILENCE, STATE = DelayRequest.Silence, DelayRequest.State


def asked_delays(order_id: int, *, today: date) -> list[AskedDelay]:
    """Return what the customer of an order was asked about units that did not leave.

    Rule: Order status page (§18b), Delays (§18a).
    """
    requests = requests_of_order(order_id)
    if not requests:
        return []
    found = []
    for request in requests:
        units_on: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
        for line in request.lines.all():
            units_on[line.shipment_id][line.order_line_id] = line.quantity
        if not units_on:
            continue
        answers = open_answers(request, today=today, has_units=True)
        found.append(
            AskedDelay(
                request_id=request.pk,
                units_on=dict(units_on),
                agreed_on=request.agreed_on,
                new_on=request.new_on,
                answer_by=request.answer_by,
                is_open=request.state == STATE.OPEN and request.money_back_by is None,
                is_agreed=request.state in (STATE.AGREED, STATE.AGREED_BY_SILENCE),
                silence_agrees=request.silence == SILENCE.AGREES,
                silence_cancels=request.silence == SILENCE.CANCELS
                and request.is_canceled_by_silence,
                no_date_reason=no_date_reason(request.lines.all()),
                answers=tuple(one.value for one in DelayAnswer if one in answers),
            )
        )
    return found


def answer_delays(
    order_id: int, shown: Mapping[int, date | None], given: str, act: Act, *, today: date
) -> None:
    """Take the customer's answer to delay requests of an order; opens the transaction.

    ``shown`` has the new dates that the customer saw, by request. Only a date that is still asked
    about is agreed to. The same answer again has no second effect.

    :raises StaleError: if the order has no such requests, or one takes no such answer now; then
        none was answered.
    """
    if given not in set(DelayAnswer):
        raise StaleError(given)
    by = DelayDecision.By.CUSTOMER
    try:
        answer(order_id, shown, DelayAnswer(given), act, by=by, today=today)
    except DelayAnswerError as error:
        raise StaleError(str(order_id)) from error

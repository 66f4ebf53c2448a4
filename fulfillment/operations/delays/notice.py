"""What the e-mail about a delay says: its facts, as they are when it is written."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from fulfillment.models import DelayRequest, ShipmentLine
from fulfillment.operations.delays.late_units import DelayRules
from fulfillment.operations.delays.request_terms import put_terms, terms_in
from fulfillment.queries.delay_requests import emails_sent_about
from orders.models import Order
from orders.notices.email_queue import line_facts


def delay_context(requests: Sequence[DelayRequest], rules: DelayRules) -> dict[str, Any]:
    """Return what an e-mail says of open requests, as JSON values."""
    allowed = rules.allows_auto_cancel
    facts = [_facts(request, allows_auto_cancel=allowed) for request in requests]
    return {"lines": [line for one in facts for line in one["lines"]], "delays": facts}


def write_delays(order_id: int, email_id: int, *, now: datetime) -> dict[str, Any] | None:
    """Return what an e-mail that is being written says; None where it asks about nothing more.

    Runs in the caller's transaction; locks the order. Days that count from the notice count from
    now. What a person decides by now is not asked.

    Rule: Notices to customers, what a request asks is read at the writing (§18).
    """
    Order.objects.select_for_update().get(pk=order_id)
    rules = DelayRules.in_force()
    asking = DelayRequest.objects.filter(
        email=email_id, state=DelayRequest.State.OPEN, money_back_by=None
    )
    requests = list(asking.order_by("pk").select_for_update(of=("self",)))
    for request in requests:
        _put_terms_of_writing(request, rules, today=rules.today(now))
    return delay_context(requests, rules) if requests else None


def _put_terms_of_writing(request: DelayRequest, rules: DelayRules, *, today: date) -> None:
    """Let a request mean what is true of an e-mail that is sent today; up to its agreed date no
    terms depend on the day."""
    if today > request.agreed_on:
        former = terms_in(request) if emails_sent_about(request).exists() else None
        put_terms(request, rules, told_on=today, former=former)
        request.save(update_fields=["silence", "answer_by", "is_asked_too_late"])


def _facts(request: DelayRequest, *, allows_auto_cancel: bool) -> dict[str, Any]:
    lines = ShipmentLine.objects.filter(delay_request=request).with_units_to_leave()
    return {
        "request": request.pk,
        "lines": [
            line_facts(line.order_line, line.quantity)
            for line in lines.select_related("order_line").order_by("order_line__number", "pk")
        ],
        "agreed_on": request.agreed_on.isoformat(),
        "new_on": _text(request.new_on),
        "silence": request.silence,
        "answer_by": request.answer_by.isoformat(),
        "is_canceled_by_silence": allows_auto_cancel,
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

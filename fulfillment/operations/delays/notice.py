"""What the e-mail about a delay says: its facts, as they are when it is written."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from fulfillment.models import DelayRequest, Shipment, ShipmentLine
from fulfillment.operations.delays.late_units import DelayRules, OpenUnits, latest_date, open_units
from fulfillment.operations.delays.request_terms import lapse, put_terms
from fulfillment.operations.shipments.locking import lock_shipments_of
from orders.no_date_reason import NoDateReason, reason_of
from orders.notices.email_queue import line_facts


def delay_context(requests: Sequence[DelayRequest]) -> dict[str, Any]:
    """Return what an e-mail says of open requests, as JSON values."""
    facts = [_facts(request) for request in requests]
    return {"lines": [line for one in facts for line in one["lines"]], "delays": facts}


def write_delays(order_id: int, email_id: int, *, now: datetime) -> dict[str, Any] | None:
    """Return what an e-mail that is being written says; None where it asks about nothing more.

    Runs in the caller's transaction; locks the order, then its shipments. Days that count from the
    notice count from now, and the new date is the one that something stands behind now: with it
    goes the promise. What a person decides by now is not asked; what comes in time after all, or
    is ready in time, lapses.

    Rule: Notices to customers, what a request asks is read at the writing (§18).
    """
    lock_shipments_of(order_id)
    rules = DelayRules.in_force()
    asking = DelayRequest.objects.filter(
        email=email_id, state=DelayRequest.State.OPEN, money_back_by=None
    )
    waiting: defaultdict[int | None, list[OpenUnits]] = defaultdict(list)
    for one in open_units(order_id, rules, now=now):
        if not one.is_ready:
            waiting[one.request_id].append(one)
    requests, today = [], rules.today(now)
    for request in asking.order_by("pk").select_for_update(of=("self",)):
        units = waiting[request.pk]
        new_on = latest_date(units) if units else request.new_on
        is_ready_in_time = not units and today <= request.agreed_on
        if is_ready_in_time or (new_on is not None and new_on <= request.agreed_on):
            lapse(request, now=now)
            continue
        _put_terms_of_writing(request, new_on, rules, today=today)
        requests.append(request)
    return delay_context(requests) if requests else None


def no_date_reason(lines: Iterable[ShipmentLine]) -> NoDateReason:
    """Return why units of a request that did not leave have no date, as their customer reads it.

    The lines come with their shipments.
    """
    shipments = [line.shipment for line in lines]
    here = [
        one.state == Shipment.State.READY and one.hold_reason != Shipment.HoldReason.REST
        for one in shipments
    ]
    with_person = [
        one.state == Shipment.State.CUSTOMER_CARE
        or (one.is_held and one.state != Shipment.State.READY)
        for one in shipments
    ]
    return reason_of(is_ready=bool(here) and all(here), is_held=any(with_person))


def _put_terms_of_writing(
    request: DelayRequest, new_on: date | None, rules: DelayRules, *, today: date
) -> None:
    """Let a request mean what is true of an e-mail that is sent today, and promise that."""
    if new_on != request.new_on:
        request.new_on = new_on
        lines = ShipmentLine.objects.filter(delay_request=request, quantity__gt=0)
        lines.update(promised_on=new_on)
    put_terms(request, rules, told_on=today)
    request.save(
        update_fields=[
            "new_on",
            "silence",
            "answer_by",
            "is_asked_too_late",
            "is_canceled_by_silence",
        ]
    )


def _facts(request: DelayRequest) -> dict[str, Any]:
    asked = ShipmentLine.objects.filter(delay_request=request).with_units_to_leave()
    rows = asked.select_related("order_line", "shipment").order_by("order_line__number", "pk")
    lines = list(rows)
    return {
        "request": request.pk,
        "lines": [line_facts(line.order_line, line.quantity) for line in lines],
        "agreed_on": request.agreed_on.isoformat(),
        "new_on": _text(request.new_on),
        "no_date_reason": no_date_reason(lines),
        "silence": request.silence,
        "answer_by": request.answer_by.isoformat(),
        "is_canceled_by_silence": request.is_canceled_by_silence,
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

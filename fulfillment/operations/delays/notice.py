"""What the e-mail about a delay says: its facts, as they are when it is written."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from fulfillment.models import DelayRequest, Shipment, ShipmentLine
from fulfillment.operations.delays.late_units import (
    DelayRules,
    latest_date,
    open_units,
    waiting_by_request,
)
from fulfillment.operations.delays.request_terms import lapse, set_terms
from fulfillment.operations.shipments.locking import lock_shipments_of
from orders.no_date_reason import NoDateReason, common_reason
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
    waiting = waiting_by_request(open_units(order_id, rules, now=now))
    requests, today = [], rules.today(now)
    for request in asking.order_by("pk").select_for_update(of=("self",)):
        units = waiting.get(request.pk)
        new_on = latest_date(units) if units else request.new_on
        is_ready_in_time = not units and today <= request.agreed_on
        if is_ready_in_time or (new_on is not None and new_on <= request.agreed_on):
            lapse(request, now=now)
            continue
        if new_on != request.new_on:
            lines = ShipmentLine.objects.filter(delay_request=request, quantity__gt=0)
            lines.update(promised_on=new_on)
        set_terms(request, new_on, rules, told_on=today)
        requests.append(request)
    return delay_context(requests) if requests else None


def no_date_reason(lines: Iterable[ShipmentLine]) -> NoDateReason:
    """Return why units of a request that did not leave have no date, as their customer reads it.

    The lines come with their shipments.
    """
    return common_reason([_reason_of(line.shipment) for line in lines])


def _reason_of(shipment: Shipment) -> NoDateReason:
    if shipment.state == Shipment.State.READY:
        waits_for_rest = shipment.hold_reason == Shipment.HoldReason.REST
        return NoDateReason.SUPPLY if waits_for_rest else NoDateReason.READY
    is_with_person = shipment.is_held or shipment.state == Shipment.State.CUSTOMER_CARE
    return NoDateReason.HELD if is_with_person else NoDateReason.SUPPLY


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

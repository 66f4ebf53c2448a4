"""What the e-mail about a delay says: its facts, as they are when it is written."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fulfillment.models import DelayRequest, Shipment, ShipmentLine
from fulfillment.operations.delays.late_units import DelayRules
from orders.models import Order
from orders.notices.queue import line_facts


def delay_context(requests: Sequence[DelayRequest], rules: DelayRules) -> dict[str, Any]:
    """Return what an e-mail says of open requests, as JSON values."""
    allowed = rules.allows_auto_cancel
    facts = [_facts(request, allows_auto_cancel=allowed) for request in requests]
    return {"lines": [line for one in facts for line in one["lines"]], "delays": facts}


def write_delays(order_id: int, email_id: int, *, now: datetime) -> dict[str, Any] | None:
    """Return what an e-mail that is being written says; None where it asks about nothing more.

    Runs in the caller's transaction; locks the order. The days of an answer to a request that was
    opened too late count from now.

    Rule: Notices to customers, what a request asks is read at the writing (§18).
    """
    Order.objects.select_for_update().get(pk=order_id)
    rules = DelayRules.in_force()
    asking = DelayRequest.objects.filter(email=email_id, state=DelayRequest.State.OPEN)
    requests = list(asking.order_by("pk").select_for_update(of=("self",)))
    for request in requests:
        if request.is_asked_too_late and request.money_back_by is None:
            days = timedelta(days=rules.answer_days)
            request.answer_by = max(request.answer_by, rules.today(now) + days)
            request.save(update_fields=["answer_by"])
    return delay_context(requests, rules) if requests else None


def _facts(request: DelayRequest, *, allows_auto_cancel: bool) -> dict[str, Any]:
    lines = ShipmentLine.objects.filter(
        delay_request=request, quantity__gt=0, shipment__state__in=Shipment.OPEN_STATES
    )
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

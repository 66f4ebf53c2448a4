"""Delay requests: opened for late units, changed for those that slip further."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import transaction

from core.acts import Act
from fulfillment.delays.terms import is_late, is_told_now
from fulfillment.models import DelayRequest, ShipmentEvent, ShipmentLine
from fulfillment.operations.delays.late_units import (
    DelayRules,
    OpenUnits,
    latest_date,
    open_units,
    waiting_by_request,
)
from fulfillment.operations.delays.notice import delay_context
from fulfillment.operations.delays.request_terms import lapse, set_terms
from fulfillment.operations.shipments.delay_ends import forget_emails
from fulfillment.operations.shipments.locking import lock_shipments_of, note_events
from inventory.options import DelayRule
from orders.models import Order, OrderEmail
from orders.notices.email_queue import Notice, queue_emails

State = DelayRequest.State


def ask_about_order(order_id: int, rules: DelayRules, *, now: datetime) -> int:
    """Ask a customer about units that are late, or later than asked; return how many requests.

    What opens together is one e-mail; the promise of the units is what it says. A request whose
    units will leave in time after all is closed. Opens the transaction, and locks the order first:
    a second worker finds nothing left to ask.

    Rule: Delays, §18a.
    """
    with transaction.atomic():
        shipments = lock_shipments_of(order_id)
        if not shipments:
            return 0
        order = shipments[0].order
        units = open_units(order_id, rules, now=now)
        asked = [*_slipped(units, rules, now=now), *_opened(order, units, rules, now=now)]
        if asked:
            _ask(order, asked, now=now)
    return len(asked)


def ask_again(requests: Sequence[DelayRequest], *, now: datetime) -> None:
    """Queue the e-mail that asks about open requests of one order once more.

    Runs in the caller's transaction, which has locked the order. Their terms stay.

    Rule: Rules, tell the customer again (§23).
    """
    _ask(requests[0].order, requests, now=now)


def ask_delays_again(order_id: int, *, now: datetime) -> None:
    """Send the e-mail about the open delay requests of an order again, at its address as it is now.

    Runs in the caller's transaction, which has locked the order. What a person decides by now is
    not asked.

    Rule: Changing an order, a changed e-mail address (§20).
    """
    asking = DelayRequest.objects.filter(order=order_id, state=State.OPEN, money_back_by=None)
    rows = asking.select_related("order__channel", "shipment").order_by("pk")
    if requests := list(rows.select_for_update(of=("self",))):
        ask_again(requests, now=now)


def _slipped(
    units: Sequence[OpenUnits], rules: DelayRules, *, now: datetime
) -> Iterator[DelayRequest]:
    """Yield open requests whose new date is another than they say, with their new terms."""
    waiting = waiting_by_request(units)
    found = DelayRequest.objects.filter(pk__in=list(waiting), money_back_by=None).order_by("pk")
    today = rules.today(now)
    for request in found.select_for_update():
        new_on = latest_date(waiting[request.pk])
        if new_on is not None and new_on <= request.agreed_on:
            lapse(request, now=now)
            continue
        since = max(one.later_since for one in waiting[request.pk])
        is_due = is_told_now(
            later_since=since,
            now=now,
            agreed_on=request.agreed_on,
            today=today,
            ask_days=rules.dates.ask_days,
        )
        if new_on != request.new_on and is_due:
            set_terms(request, new_on, rules, told_on=today)
            yield request


def _opened(
    order: Order, units: Sequence[OpenUnits], rules: DelayRules, *, now: datetime
) -> Iterator[DelayRequest]:
    """Yield a new request for each shipment with late units, not saved yet asked."""
    if order.channel.delay_rule != DelayRule.CONSENT:
        return
    today = rules.today(now)
    late: defaultdict[tuple[int, date, int], list[OpenUnits]] = defaultdict(list)
    for one in units:
        if _is_to_be_asked(one, rules, now=now):
            late[one.shipment_id, one.agreed_on, one.ordinal + 1].append(one)
    for (shipment_id, agreed_on, ordinal), parts in sorted(late.items()):
        request = DelayRequest(
            order=order,
            shipment_id=shipment_id,
            ordinal=ordinal,
            agreed_on=agreed_on,
            opened_at=now,
        )
        set_terms(request, latest_date(parts), rules, told_on=today)
        lines = ShipmentLine.objects.filter(pk__in=[one.line_id for one in parts])
        lines.update(delay_request=request)
        yield request


def _is_to_be_asked(one: OpenUnits, rules: DelayRules, *, now: datetime) -> bool:
    if one.is_asked or one.waits_on:
        return False
    today = rules.today(now)
    # READY units have their supply: without a date they are late once their day has passed.
    rule = DelayRule.NOTIFY if one.is_ready else DelayRule.CONSENT
    return is_late(
        agreed_on=one.agreed_on,
        expected_on=one.new_on,
        today=today,
        rule=rule,
        ask_days=rules.dates.ask_days,
    ) and is_told_now(
        later_since=one.later_since,
        now=now,
        agreed_on=one.agreed_on,
        today=today,
        ask_days=rules.dates.ask_days,
    )


def _ask(order: Order, requests: Sequence[DelayRequest], *, now: datetime) -> None:
    """Queue the one e-mail that asks, and promise what it says."""
    former = [request.email_id for request in requests if request.email_id is not None]
    key = f"delay-{max(request.pk for request in requests)}-{now:%Y%m%dT%H%M%S}"
    notice = Notice(order, key, delay_context(requests))
    queue_emails([notice], kind=OrderEmail.Kind.DELAYED, now=now)
    # A customer without an address is asked by staff.
    asking = OrderEmail.objects.filter(order=order, kind=OrderEmail.Kind.DELAYED, event_key=key)
    email = asking.order_by("pk").first()
    for request in requests:
        request.email = email
        request.save(update_fields=["email"])
        lines = ShipmentLine.objects.filter(delay_request=request, quantity__gt=0)
        lines.update(promised_on=request.new_on, promise_told_at=now)
    forget_emails(former)
    shipments = {request.shipment_id: request.shipment for request in requests}
    note_events(shipments.values(), ShipmentEvent.Kind.DELAY_ASKED, Act(now))

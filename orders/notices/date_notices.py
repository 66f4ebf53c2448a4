"""What notices of expected dates say when they are written.

Rule: Notices to customers (§18), Shipment states, two dates (§14a).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from core.quantities import ZERO
from orders import ports
from orders.date_statement import DateStatement
from orders.models import OrderEmail
from orders.no_date_reason import NoDateReason, reason_of
from orders.notices.email_queue import line_facts
from orders.notices.writing_moment import WritingMoment


def is_promised(email: OrderEmail, moment: WritingMoment) -> bool:
    """Return whether units still wait with the date of a notice, and their customer is new to it.

    The shipment may have been split: its children have the promise then. Units that were ready and
    late when it was queued are told while they have not left. Where nothing stands behind the date
    any more, the notice says what is so now, and the promise with it.
    """
    if "shipments" not in email.context:
        return True
    said = _day(email.context["expected_on"])
    named = _still_promised(email, moment, said)
    if not named:
        return False
    first = next(
        other
        for other in moment.emails
        if other.kind == email.kind and other.context.get("shipments") == email.context["shipments"]
    )
    former = _day(first.context["former_expected_on"])
    day, may_be_told = _date_now(email, moment, named, former)
    units: dict[int, Decimal] = {}
    for one in named:
        for pk, promised in one.promises.items():
            if promised == said:
                units[pk] = units.get(pk, ZERO) + one.units[pk]
    email.context = {
        **email.context,
        "former_expected_on": _text(former),
        "expected_on": _text(day),
        "no_date_reason": _no_date_reason(named),
        "may_cancel": _may_cancel(named, moment),
        "lines": [line_facts(line, units[line.pk]) for line in moment.lines if line.pk in units],
    }
    # Moved away and back: the customer was given this date before.
    is_new = (first is email and day == said) or day is None or day != former
    return may_be_told and is_new


def _still_promised(
    email: OrderEmail, moment: WritingMoment, said: date | None
) -> list[ports.OrderShipment]:
    """Return the shipments of a notice, or those split off them, that have its date and are here.

    Ready ones only where they were ready, and late, when it was queued.
    """
    is_late = bool(email.context.get("is_ready"))
    return [
        one
        for one in moment.with_children(email.context["shipments"])
        if one.units
        and said in one.promises.values()
        and (one.waits or (is_late and one.is_open and not one.is_set_aside))
    ]


def _date_now(
    email: OrderEmail,
    moment: WritingMoment,
    named: Sequence[ports.OrderShipment],
    former: date | None,
) -> tuple[date | None, bool]:
    """Return the date that a notice gives, and whether it is told."""
    said = _day(email.context["expected_on"])
    waiting = [one.shipment_id for one in named if one.waits]
    if said is None or not waiting:
        return said, True
    sets_agreed_date = bool(email.context.get("sets_agreed_date"))
    statement = DateStatement(said, former, sets_agreed_date)
    return ports.current().restate_date(moment.order.pk, waiting, statement, now=moment.now)


def _may_cancel(named: Sequence[ports.OrderShipment], moment: WritingMoment) -> bool:
    may = moment.in_force("customers_may_cancel") and moment.order.is_paid_for
    return bool(may) and all(one.waits for one in named)


def _no_date_reason(shipments: Sequence[ports.OrderShipment]) -> NoDateReason:
    is_ready = all(not one.waits and not one.waits_for_rest for one in shipments)
    is_held = any(one.waits and (one.hold or one.is_with_person) for one in shipments)
    return reason_of(is_ready=is_ready, is_held=is_held)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

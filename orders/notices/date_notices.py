"""What notices of expected dates say when they are written.

Rule: Notices to customers (§18), Shipment states, two dates (§14a).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from orders import ports
from orders.date_statement import DateStatement
from orders.models import OrderEmail
from orders.no_date_reason import NoDateReason, common_reason
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
    named = _still_promised(email, moment)
    if not named:
        return False
    first = moment.first_about(email)
    former = _day(first.context["former_expected_on"])
    day, may_be_told = _date_now(email, moment, named, former)
    lines = moment.line_facts_of(
        (pk, one.units[pk]) for one in named for pk in _promised_by(email, one)
    )
    email.context = {
        **email.context,
        "former_expected_on": _text(former),
        "expected_on": _text(day),
        "no_date_reason": common_reason([_no_date_reason(one) for one in named]),
        "may_cancel": _may_cancel(named, moment),
        "lines": lines,
    }
    # Moved away and back: the customer was given this date before.
    is_new = (first is email and day == said) or day != former
    if day is None and not is_new:
        is_new = _is_undated_news(email, moment, named)
    return may_be_told and is_new


def _is_undated_news(
    email: OrderEmail, moment: WritingMoment, named: Sequence[ports.OrderShipment]
) -> bool:
    """Return whether to say that there is no date yet where there was none before the notices.

    It is said once, and again after some days; what is not said now counts from when it was.
    """
    told = moment.first_about(email).context.get("undated_at")
    if told is None:
        return True
    told_at = datetime.fromisoformat(told)
    if moment.now - told_at >= timedelta(days=moment.in_force("delay_retell_days")):
        return True
    shipments = [one.shipment_id for one in named]
    ports.current().keep_undated(
        moment.order.pk, shipments, said_at=email.created_at, told_at=told_at
    )
    return False


def _still_promised(email: OrderEmail, moment: WritingMoment) -> list[ports.OrderShipment]:
    """Return the shipments of a notice, or those split off them, that have its date and are here.

    Ready ones only where they were ready, and late, when it was queued.
    """
    is_late = bool(email.context.get("is_ready"))
    return [
        one
        for one in moment.with_children(email.context["shipments"])
        if _promised_by(email, one)
        and (one.waits or (is_late and one.is_open and not one.is_set_aside))
    ]


def _promised_by(email: OrderEmail, shipment: ports.OrderShipment) -> list[int]:
    """Return the order lines of which a notice still has the last word.

    What another notice has told of the same shipment, with the same date or none, is not told by
    this one.
    """
    said = _day(email.context["expected_on"])
    return [
        pk
        for pk, promised in shipment.promises.items()
        if promised == said and shipment.told_at[pk] == email.created_at and pk in shipment.units
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
    statement = DateStatement(said, email.created_at, former, sets_agreed_date)
    return ports.current().restate_date(moment.order.pk, waiting, statement, now=moment.now)


def _may_cancel(named: Sequence[ports.OrderShipment], moment: WritingMoment) -> bool:
    may = moment.in_force("customers_may_cancel") and moment.order.is_paid_for
    return bool(may) and all(one.can_be_canceled for one in named)


def _no_date_reason(shipment: ports.OrderShipment) -> NoDateReason:
    if not shipment.waits:
        return NoDateReason.SUPPLY if shipment.waits_for_rest else NoDateReason.READY
    is_with_person = shipment.hold or shipment.is_with_person
    return NoDateReason.HELD if is_with_person else NoDateReason.SUPPLY


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

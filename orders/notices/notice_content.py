"""What queued notices say when they are written, or which of them are left out.

A notice was queued by what was true then. At its writing, under the lock of its order, it gets the
facts of that moment; one whose matter is over is left out.

Rule: Notices to customers (§18).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum

from core.quantities import ZERO
from inventory.models import InventoryConfiguration, Source
from orders import ports
from orders.models import CancellationLine, Order, OrderEmail, Payment
from orders.notices.date_notices import is_promised
from orders.notices.email_queue import Together, line_facts, store_facts, unpaid_facts
from orders.notices.writing_moment import WritingMoment

Kind = OrderEmail.Kind
# What says how parcels can be followed.
TELLING = (Kind.DISPATCHED, Kind.TRACKING)
# What says that units are sent, or that they are collected.
SAYING_HOW = (Kind.EXPECTED_DATE_CHANGED, Kind.DELAYED, Kind.PAYMENT_NEEDED)
LeftOut = OrderEmail.LeftOut
# The option that switches a kind off. Delays are asked where a channel's delay rule says so, and
# new dates are queued only where they are sent.
SWITCHES: Mapping[str, str] = {
    kind: f"send_{kind.lower()}"
    for kind in Kind
    if kind not in (Kind.DELAYED, Kind.EXPECTED_DATE_CHANGED)
}


def left_out(emails: Sequence[OrderEmail], *, now: datetime) -> list[str]:
    """Return of each notice of one e-mail why it is left out; empty for those that are written.

    These get their facts as they are now. Runs in the caller's transaction, which has locked the
    order; ``emails`` have it, oldest first.
    """
    configuration = InventoryConfiguration.load().overrides()
    moment = WritingMoment(emails, configuration, now)
    reasons = []
    for email in emails:
        switch = SWITCHES.get(email.kind)
        if switch and not moment.in_force(switch):
            reasons.append(LeftOut.SWITCHED_OFF.value)
        else:
            is_true = IS_TRUE[Kind(email.kind)](email, moment)
            if email.kind in SAYING_HOW:
                _say_how_it_leaves(email, moment)
            reasons.append("" if is_true else LeftOut.OVER.value)
    return reasons


def _say_how_it_leaves(email: OrderEmail, moment: WritingMoment) -> None:
    """Say whether the units are all collected, where they leave another way than the order.

    What is on a pick list when the method of its order changes keeps its own.
    """
    named = email.context.get("shipments")
    ones = moment.shipments.values() if named is None else moment.with_children(named)
    left = [one.is_pickup for one in ones if one.units and one.is_open]
    if left and all(left) != moment.order.is_pickup:
        email.context = {**email.context, "is_collected": all(left)}


def leave_out(reasons: Mapping[OrderEmail, str]) -> None:
    """Keep of notices that they were left out, and why, in the caller's transaction."""
    for email, reason in reasons.items():
        email.state, email.left_out_reason = OrderEmail.State.LEFT_OUT, reason
        email.last_error = ""
        email.save(update_fields=["state", "left_out_reason", "last_error"])


def _is_not_canceled_whole(email: OrderEmail, moment: WritingMoment) -> bool:
    """Add lines and their dates to a confirmation, unless nothing of the order is left.

    The statement that records the payment queues it, and does not read shipments. The dates that
    it states are promised with it.
    """
    if moment.order.status == Order.Status.CANCELED:
        return False
    if email.context:
        return True
    promised = ports.current().confirm_dates(moment.order.pk, now=moment.now)
    canceled = CancellationLine.objects.filter(cancellation__order=moment.order)
    off = canceled.aggregate(amount=Sum("amount", default=ZERO))["amount"]
    email.context = {
        "lines": [
            {
                **line_facts(line, line.quantity),
                "canceled_quantity": str(line.canceled_quantity),
                **_backordered(promised.get(line.pk)),
            }
            for line in moment.lines
        ],
        "total": str(moment.order.total - off),
    }
    if promised and moment.order.ship_complete:
        email.context["together"] = Together.of(moment.order).value
    email.context |= _destinations(moment)
    return True


def _destinations(moment: WritingMoment) -> dict[str, Any]:
    """Return whether something of an order is sent, and the stores where the rest is collected.

    What is on a pick list when the method of its order changes keeps its own.
    """
    found = {one.pickup_source_id for one in moment.shipments.values() if one.units}
    to_stores = found or {moment.order.pickup_source_id}
    stores = Source.objects.filter(pk__in=[pk for pk in to_stores if pk]).order_by("pk")
    return {"is_sent": None in to_stores, "stores": [store_facts(store) for store in stores]}


def _backordered(promised: ports.PromisedLine | None) -> dict[str, str | bool | None]:
    """Return what a confirmation says of the units of a line that wait, as JSON values."""
    if promised is None:
        return {"backordered_quantity": "0", "expected_on": None}
    day = promised.promised_on
    return {
        "backordered_quantity": str(promised.quantity),
        "expected_on": None if day is None else day.isoformat(),
        **({"is_preorder": True} if promised.is_preorder else {}),
    }


def _asks(email: OrderEmail, moment: WritingMoment) -> bool:
    """Let an e-mail about delays say what is asked now."""
    facts = ports.current().write_delays(moment.order.pk, email.pk, now=moment.now)
    email.context = dict(facts or email.context)
    return facts is not None


def _is_being_prepared(email: OrderEmail, moment: WritingMoment) -> bool:
    """Name the units that are ready and not held, and that the customer waits for.

    Of units that can be collected, the notice that says so is enough. It follows at once where
    stores set nothing aside.
    """

    def named_lines(one: ports.OrderShipment) -> Mapping[int, Any]:
        is_told_soon = one.is_pickup and moment.in_force("pickup_without_setting_aside")
        return {} if one.is_set_aside or is_told_soon else one.promises

    return _names_ready_units(email, moment, named_lines)


def _can_be_collected(email: OrderEmail, moment: WritingMoment) -> bool:
    """Name the units that are still kept for the customer; the last notice of them does."""
    if "shipments" in email.context and email is not moment.about_the_same(email)[-1]:
        return False
    return _names_ready_units(email, moment, lambda one: one.units if one.is_set_aside else {})


def _names_ready_units(
    email: OrderEmail,
    moment: WritingMoment,
    named_lines: Callable[[ports.OrderShipment], Mapping[int, Any]],
) -> bool:
    if "shipments" not in email.context:
        return True
    lines = moment.line_facts_of(
        (pk, shipment.units[pk])
        for shipment in moment.named_in(email)
        if shipment.can_ship
        for pk in named_lines(shipment)
    )
    email.context = {**email.context, "lines": lines}
    return bool(lines)


def _has_left(email: OrderEmail, moment: WritingMoment) -> bool:
    """Return whether the units of a notice have left, and are not back.

    Of units that were sent, back and sent again, the last notice says it.
    """
    if "shipments" not in email.context:
        return True
    if email is not moment.about_the_same(email)[-1]:
        return False
    email.context = {**email.context, "parcels": moment.numbered_parcels(email)}
    return any(one.has_left for one in moment.named_in(email))


def _says_new_numbers(email: OrderEmail, moment: WritingMoment) -> bool:
    """Return whether parcels of units that have left have a number that no e-mail said.

    One of this writing that names them counts as if it were sent.
    """
    if "shipments" not in email.context:
        return True
    sent = moment.order.emails.filter(
        kind__in=TELLING,
        sent_at__isnull=False,
        context__shipments__contains=email.context["shipments"],
    )
    told = [*sent, *(one for one in moment.emails if one is not email and one.kind in TELLING)]
    said = [parcel for one in told for parcel in one.context.get("parcels", ())]
    parcels = moment.numbered_parcels(email)
    email.context = {**email.context, "parcels": parcels}
    has_left = any(one.has_left for one in moment.named_in(email))
    return has_left and any(parcel not in said for parcel in parcels)


def _has_not_left(email: OrderEmail, moment: WritingMoment) -> bool:
    """Return whether the units of a notice are here, though an e-mail said that they had left."""
    if "shipments" not in email.context:
        return True
    said = moment.order.emails.filter(
        kind=Kind.DISPATCHED,
        sent_at__isnull=False,
        context__shipments__contains=email.context["shipments"],
    )
    is_here = not any(one.has_left for one in moment.named_in(email))
    return email is moment.about_the_same(email)[-1] and is_here and said.exists()


def _is_unpaid(email: OrderEmail, moment: WritingMoment) -> bool:
    """Name the units that are not paid for, unless another authorization stands for them."""
    if "payment" not in email.context:
        return True
    renewed = Payment.objects.filter(order=moment.order, state=Payment.State.AUTHORIZED)
    if renewed.exclude(pk=email.context["payment"]).exists():
        return False
    lines = unpaid_facts(moment.lines)
    email.context = {**email.context, "lines": lines}
    return bool(lines)


def _is_canceled(email: OrderEmail, moment: WritingMoment) -> bool:
    """Let a cancellation say nothing of money that the same e-mail says was paid back."""
    refund = email.context.get("refund")
    is_paid_back = any(
        other.kind == Kind.REFUNDED and other.context.get("refund") == refund
        for other in moment.emails
    )
    if refund is not None and is_paid_back and moment.in_force(SWITCHES[Kind.REFUNDED]):
        email.context = {**email.context, "refund_amount": None, "is_uncharged": False}
    return True


def _always(_email: OrderEmail, _moment: WritingMoment) -> bool:
    return True


# Whether what a notice says is still so; gives it the facts of its writing.
IS_TRUE: Mapping[Kind, Callable[[OrderEmail, WritingMoment], bool]] = {
    Kind.CONFIRMATION: _is_not_canceled_whole,
    Kind.EXPECTED_DATE_CHANGED: is_promised,
    Kind.DELAYED: _asks,
    Kind.BEING_PREPARED: _is_being_prepared,
    Kind.DISPATCHED: _has_left,
    Kind.TRACKING: _says_new_numbers,
    Kind.SHIPPING_UNDONE: _has_not_left,
    Kind.READY_TO_COLLECT: _can_be_collected,
    Kind.COLLECT_REMINDER: _can_be_collected,
    Kind.CANCELED: _is_canceled,
    Kind.REFUNDED: _always,
    Kind.PAYMENT_NEEDED: _is_unpaid,
}

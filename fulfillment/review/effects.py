"""What a move by hand would do to a shipment, in words, before it is made."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from fulfillment.models import Shipment
from fulfillment.operations.care import SENDABLE
from fulfillment.operations.expected_date import WITHOUT_PROMISE, PastDateError
from fulfillment.operations.holds import HOLDABLE
from fulfillment.operations.locked_shipments import StaleShipmentError
from fulfillment.operations.reassign import SourceNotEligibleError
from fulfillment.operations.serving import NotServedError
from fulfillment.review.change import BulkAction, BulkChange
from inventory.quantities import format_quantity
from orders.downstream import NotOnShipmentError, StaleError
from orders.order_books import UnpaidOrderError


@dataclass(frozen=True, slots=True)
class Effect:
    """What a shipment would get, in a sentence; ``is_change`` is false where nothing would."""

    is_change: bool
    sentence: str


def effect_of(shipment: Shipment, change: BulkChange, *, today: date) -> Effect:
    """Return what ``change`` does to ``shipment``, whose order and source are read along."""
    if shipment.is_terminal:
        return _unchanged(_("It is over: %(state)s."), state=shipment.get_state_display())
    match change.action:
        case BulkAction.HOLD:
            return _held(shipment)
        case BulkAction.LIFT_HOLD:
            return _lifted(shipment)
        case BulkAction.SET_PRIORITY:
            return _prioritized(shipment, change.priority)
        case BulkAction.REASSIGN:
            return _reassigned(shipment, change.source)
        case BulkAction.SET_EXPECTED_DATE:
            return _dated(shipment, change, today)
        case BulkAction.CUSTOMER_CARE:
            return _cared_for(shipment)
        case BulkAction.CANCEL:
            return _canceled(shipment)


def refusal(error: Exception) -> Effect:
    """Return why a move was refused, in a sentence."""
    match error:
        case NotServedError():
            missing = ", ".join(
                f"{format_quantity(quantity)} × {sku}" for sku, quantity in error.missing.items()
            )
            return _unchanged(
                _("The source cannot give %(missing)s without overtaking others."), missing=missing
            )
        case SourceNotEligibleError():
            return _unchanged(_("The source may not serve it."))
        case UnpaidOrderError():
            return _unchanged(_("The payment of its order is not decided yet."))
        case StaleShipmentError() | StaleError():
            return _unchanged(_("Somebody else has changed it in the meantime."))
        case NotOnShipmentError():
            return _unchanged(_("Its units have moved in the meantime."))
        case PastDateError():
            return _unchanged(_("The date has passed: name today or a later day."))
    return _unchanged(_("It is in a state that does not allow this."))


def _held(shipment: Shipment) -> Effect:
    if shipment.is_held:
        return _unchanged(_("Held already: %(hold)s."), hold=shipment.get_hold_reason_display())
    if shipment.state not in HOLDABLE:
        return _unchanged(_("Customer care is not held."))
    if shipment.state == Shipment.State.READY:
        return _changed(_("Held: not picked until the hold is lifted."))
    return _changed(_("Held: release runs leave it out until the hold is lifted."))


def _lifted(shipment: Shipment) -> Effect:
    if not shipment.is_held:
        return _unchanged(_("Not held."))
    if shipment.hold_reason != Shipment.HoldReason.STAFF:
        return _unchanged(_("Held for payment: that hold ends with the payment."))
    if shipment.state == Shipment.State.READY:
        return _changed(_("May be picked again."))
    return _changed(_("Back in the queue; a release run follows."))


def _prioritized(shipment: Shipment, priority: int) -> Effect:
    if shipment.priority == priority:
        return _unchanged(_("Has priority %(priority)s already."), priority=priority)
    sentence = _("Priority %(former)s → %(priority)s.")
    return _changed(sentence, former=shipment.priority, priority=priority)


def _reassigned(shipment: Shipment, source: str) -> Effect:
    if shipment.is_held:
        return _unchanged(_("Held: lift the hold first."))
    if shipment.state == Shipment.State.READY and _source_code(shipment) == source:
        return _unchanged(_("Leaves from %(source)s already."), source=source)
    return _changed(_("Ready at %(source)s, with all its units."), source=source)


def _dated(shipment: Shipment, change: BulkChange, today: date) -> Effect:
    if shipment.state == Shipment.State.FUTURE:
        return _unchanged(_("Promised: it has the date of its supply."))
    if shipment.state not in WITHOUT_PROMISE:
        return _unchanged(_("It does not wait."))
    if change.expected_on is None:
        if not shipment.is_expected_on_fixed:
            return _unchanged(_("Release runs set its date already."))
        return _changed(_("The next release run sets its date."))
    if shipment.expected_on == change.expected_on and shipment.is_expected_on_fixed:
        return _unchanged(_("Has this date already."))
    if change.expected_on < today:
        return _unchanged(_("The date has passed: name today or a later day."))
    day = date_format(change.expected_on, "DATE_FORMAT")
    if shipment.expected_on is None:
        return _changed(_("Expected on %(date)s; the customer is told."), date=day)
    former = date_format(shipment.expected_on, "DATE_FORMAT")
    if former == day:
        return _changed(_("Stays on %(date)s; release runs leave it there."), date=day)
    return _changed(_("%(former)s → %(date)s; the customer is told."), former=former, date=day)


def _cared_for(shipment: Shipment) -> Effect:
    if shipment.state not in SENDABLE:
        return _unchanged(_("With customer care already."))
    if shipment.state == Shipment.State.BACKORDER:
        return _changed(_("Leaves the queue until a person puts it back."))
    return _changed(_("Gives its units back, and leaves the queue."))


def _canceled(shipment: Shipment) -> Effect:
    if not shipment.order.is_paid_for:
        return _unchanged(_("The payment of its order is not decided yet."))
    value = f"{shipment.amount} {shipment.order.currency}"
    sentence = _("Canceled for good: %(value)s. What was paid is refunded, the customer is told.")
    return _changed(sentence, value=value)


def _changed(sentence: str, **values: object) -> Effect:
    return Effect(is_change=True, sentence=sentence % values)


def _unchanged(sentence: str, **values: object) -> Effect:
    return Effect(is_change=False, sentence=sentence % values)


def _source_code(shipment: Shipment) -> str:
    return "" if shipment.source is None else shipment.source.code

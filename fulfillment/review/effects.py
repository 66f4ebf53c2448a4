"""What a move by hand would do to a shipment, before it is made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core import formats
from core.formats import money
from fulfillment.models import Shipment
from fulfillment.models.release_conditions import HELD, reasons_of
from fulfillment.operations.moves.assignees import UnknownPersonError
from fulfillment.operations.moves.backorder import (
    CountRefusedError,
    NothingCorrectedError,
    NotOfShipmentError,
)
from fulfillment.operations.moves.bars import NotBarredError
from fulfillment.operations.moves.customer_care import SENDABLE
from fulfillment.operations.moves.departures import (
    HeldShipmentError,
    NotAtStoreError,
    SlipOutOfDateError,
    WaitsForRestError,
    refusal_to_leave,
)
from fulfillment.operations.moves.expected_date import WITHOUT_PROMISE, PastDateError
from fulfillment.operations.moves.holds import HOLDABLE, NotReleasableError
from fulfillment.operations.moves.pack import can_be_unpacked
from fulfillment.operations.moves.reassignment import NotServedError, SourceNotEligibleError
from fulfillment.operations.moves.received_units import NoUnitsReceivedError
from fulfillment.operations.moves.set_aside import can_be_set_aside
from fulfillment.operations.moves.undo_fulfillment import (
    CaptureUnansweredError,
    UndoTooLateError,
    UnitsSettledError,
)
from fulfillment.operations.shipments.complete_orders import waits_for_rest
from fulfillment.operations.shipments.locking import OnPickListError, StaleShipmentError
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from fulfillment.review.effect_words import Code, sentence_of
from fulfillment.sourcing.eligibility import Ineligibility
from orders.models import Order
from orders.refusals import NoAuthorizationError, NotOnShipmentError, StaleError, UnpaidOrderError

INELIGIBLE_SOURCE = {
    Ineligibility.NOT_LINKED: Code.SOURCE_NOT_LINKED,
    Ineligibility.DISABLED: Code.SOURCE_DISABLED,
    Ineligibility.BARRED: Code.SOURCE_BARRED,
    Ineligibility.NOT_SHIPPING_HOME: Code.SOURCE_NOT_SHIPPING_HOME,
    Ineligibility.NOT_FOR_PICKUP: Code.SOURCE_NOT_FOR_PICKUP,
}
# Of two that fit, the first.
REFUSALS: Mapping[type[Exception], Code] = {
    OnPickListError: Code.ON_PICK_LIST,
    UnpaidOrderError: Code.UNPAID,
    NothingCorrectedError: Code.NOTHING_CORRECTED,
    NotOfShipmentError: Code.NOT_OF_SHIPMENT,
    NotBarredError: Code.NOT_BARRED,
    NoUnitsReceivedError: Code.NOTHING_RECEIVED,
    UndoTooLateError: Code.UNDO_TOO_LATE,
    UnitsSettledError: Code.UNITS_SETTLED,
    CaptureUnansweredError: Code.CAPTURE_UNANSWERED,
    WaitsForRestError: Code.WAITS_FOR_REST,
    HeldShipmentError: Code.HOLD_FIRST_LIFTED,
    NotAtStoreError: Code.NOT_AT_STORE,
    SlipOutOfDateError: Code.SLIP_OUT_OF_DATE,
    NoAuthorizationError: Code.NOT_AUTHORIZED,
    StaleShipmentError: Code.CHANGED_MEANWHILE,
    StaleError: Code.CHANGED_MEANWHILE,
    NotOnShipmentError: Code.UNITS_MOVED,
    PastDateError: Code.DATE_PASSED,
    UnknownPersonError: Code.UNKNOWN_PERSON,
}


@dataclass(frozen=True, slots=True)
class ShipmentEffect:
    """What a shipment would get, by code; ``is_change`` is false where nothing would.

    ``values`` are what the sentence names: codes and ISO dates, which it shows in words.
    """

    is_change: bool
    code: Code
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Say it in the reader's language."""
        return sentence_of(self.code, self.values)


def _changed(code: Code, **values: str) -> ShipmentEffect:
    return ShipmentEffect(is_change=True, code=code, values=values)


def _unchanged(code: Code, **values: str) -> ShipmentEffect:
    return ShipmentEffect(is_change=False, code=code, values=values)


def effect_of(shipment: Shipment, change: ShipmentBulkChange, *, today: date) -> ShipmentEffect:
    """Return what ``change`` does to ``shipment``, read with its order, source and assignee."""
    if shipment.is_terminal:
        return _unchanged(Code.OVER, state=shipment.state)
    match change.action:
        case BulkAction.ASSIGN_PERSON:
            effect = _assigned(shipment, change.username)
        case BulkAction.SET_PRIORITY:
            effect = _prioritized(shipment, change.priority)
        case BulkAction.REASSIGN:
            effect = _reassigned(shipment, change.source)
        case BulkAction.SET_EXPECTED_DATE:
            effect = _dated(shipment, change, today)
        case _:
            effect = BY_STATE[change.action](shipment)
    return effect


def refusal(error: Exception) -> ShipmentEffect:
    """Return why a move was refused."""
    match error:
        case NotServedError():
            missing = ", ".join(
                f"{formats.quantity(quantity)} × {sku}" for sku, quantity in error.missing.items()
            )
            return _unchanged(Code.NOT_SERVED, missing=missing)
        case SourceNotEligibleError():
            return _unchanged(INELIGIBLE_SOURCE[error.cause], source=error.source_code)
        case CountRefusedError():
            return _unchanged(Code.COUNT_REFUSED, why=str(error))
        case NotReleasableError():
            return _unchanged(_left_out(error.reasons, error.order_status))
    codes = (REFUSALS[kind] for kind in REFUSALS if isinstance(error, kind))
    return _unchanged(next(codes, Code.WRONG_STATE))


def kept_here(shipment: Shipment) -> Code | None:
    """Return why a READY shipment, read with its order, may not leave.

    None where it may, and in every other state: what an action is for is its own to say.
    """
    error = refusal_to_leave(shipment)
    if error is None or shipment.state != Shipment.State.READY:
        return None
    return refusal(error).code


def no_slip(shipment: Shipment) -> Code:
    """Return why a shipment, read with its order, has no packing slip."""
    return kept_here(shipment) or Code.NO_SLIP


def left_out(shipment: Shipment) -> ShipmentEffect:
    """Return why a run leaves out a shipment, read with its order."""
    if shipment.state not in Shipment.QUEUED_STATES:
        return _unchanged(Code.WRONG_STATE)
    return _unchanged(_left_out(reasons_of(shipment), shipment.order.status))


def stays(*, is_promised: bool, has_failed: bool) -> ShipmentEffect:
    """Return why a run released nothing of a shipment that is short of no units."""
    if has_failed:
        return _unchanged(Code.BROKEN)
    return _unchanged(Code.STAYS_PROMISED if is_promised else Code.CHANGED_MEANWHILE)


def canceled(shipment: Shipment) -> ShipmentEffect:
    """Return what becomes of a shipment that is canceled."""
    return _changed(Code.CANCELED, value=money(shipment.amount, shipment.order.currency))


def shipped(shipment: Shipment, error: Exception | None) -> ShipmentEffect:
    """Return what becomes of a shipment that is shipped whole; ``error`` is why it cannot be."""
    if shipment.is_terminal:
        return _unchanged(Code.OVER, state=shipment.state)
    if error is not None:
        return refusal(error)
    source = "" if shipment.source is None else shipment.source.code
    return _changed(Code.HANDED_OVER if shipment.is_pickup else Code.SHIPPED, source=source)


def _left_out(reasons: Sequence[str], order_status: str) -> Code:
    """Return what keeps a shipment out of release runs: the strongest reason."""
    if reasons[0] == HELD:
        return Code.LEFT_OUT_HELD
    if order_status == Order.Status.PAYMENT_REVIEW:
        return Code.LEFT_OUT_IN_REVIEW
    if order_status in Order.UNPAID:
        return Code.LEFT_OUT_UNPAID
    return Code.LEFT_OUT_UNAUTHORIZED


def _held(shipment: Shipment) -> ShipmentEffect:
    if shipment.is_held and not waits_for_rest(shipment):
        return _unchanged(Code.HELD_ALREADY, hold=shipment.hold_reason)
    if shipment.state not in HOLDABLE:
        return _unchanged(Code.CARE_IS_NOT_HELD)
    if shipment.state == Shipment.State.READY:
        return _changed(Code.HELD_READY)
    return _changed(Code.HELD)


def _lifted(shipment: Shipment) -> ShipmentEffect:
    if not shipment.is_held:
        return _unchanged(Code.NOT_HELD)
    if waits_for_rest(shipment):
        return _unchanged(Code.WAITS_FOR_REST)
    if shipment.hold_reason != Shipment.HoldReason.STAFF:
        return _unchanged(Code.HELD_FOR_PAYMENT)
    if shipment.state == Shipment.State.READY:
        return _changed(Code.LIFTED_READY)
    return _changed(Code.LIFTED)


def _packed(shipment: Shipment) -> ShipmentEffect:
    if shipment.packed_at is not None:
        return _unchanged(Code.PACKED_ALREADY)
    if not shipment.is_to_pack:
        return _unchanged(kept_here(shipment) or Code.NOT_TO_BE_PACKED)
    return _changed(Code.PACKED)


def _unpacked(shipment: Shipment) -> ShipmentEffect:
    if not can_be_unpacked(shipment):
        return _unchanged(Code.NOT_PACKED)
    return _changed(Code.UNPACKED)


def _set_aside(shipment: Shipment) -> ShipmentEffect:
    if shipment.set_aside_at is not None:
        return _unchanged(Code.SET_ASIDE_ALREADY)
    if not can_be_set_aside(shipment):
        return _unchanged(kept_here(shipment) or Code.NOT_FOR_COLLECTION)
    return _changed(Code.SET_ASIDE)


def _assigned(shipment: Shipment, person: str) -> ShipmentEffect:
    former = "" if shipment.assignee is None else shipment.assignee.get_username()
    if former == person:
        return (
            _unchanged(Code.SAME_PERSON, person=person) if person else _unchanged(Code.NOT_ASSIGNED)
        )
    if not person:
        return _changed(Code.UNASSIGNED, former=former)
    if not former:
        return _changed(Code.ASSIGNED, person=person)
    return _changed(Code.ASSIGNEE_CHANGED, former=former, person=person)


def _prioritized(shipment: Shipment, priority: int) -> ShipmentEffect:
    if shipment.priority == priority:
        return _unchanged(Code.SAME_PRIORITY, priority=str(priority))
    return _changed(Code.PRIORITY_SET, former=str(shipment.priority), priority=str(priority))


def _reassigned(shipment: Shipment, source: str) -> ShipmentEffect:
    if shipment.is_held and not waits_for_rest(shipment):
        return _unchanged(Code.HOLD_FIRST_LIFTED)
    is_there = shipment.source is not None and shipment.source.code == source
    # What was on a pick list when its order changed is given its units anew where it is, too.
    is_there &= shipment.pickup_source_id == shipment.order.pickup_source_id
    if shipment.state == Shipment.State.READY and is_there:
        return _unchanged(Code.SAME_SOURCE, source=source)
    return _changed(Code.REASSIGNED, source=source)


def _dated(shipment: Shipment, change: ShipmentBulkChange, today: date) -> ShipmentEffect:
    if shipment.state == Shipment.State.FUTURE:
        return _unchanged(Code.PROMISED)
    if shipment.state not in WITHOUT_PROMISE:
        return _unchanged(Code.NOT_WAITING)
    if change.expected_on is not None:
        return _moved_to(change.expected_on, shipment, today)
    if shipment.is_expected_on_fixed:
        return _changed(Code.DATE_GIVEN_BACK)
    return _unchanged(Code.DATED_BY_RUNS)


def _moved_to(day: date, shipment: Shipment, today: date) -> ShipmentEffect:
    former = shipment.expected_on
    if former == day and shipment.is_expected_on_fixed:
        return _unchanged(Code.SAME_DATE)
    if day < today:
        return _unchanged(Code.DATE_PASSED)
    if former == day:
        return _changed(Code.DATE_KEPT, date=day.isoformat())
    if former is None:
        return _changed(Code.DATE_SET, date=day.isoformat())
    return _changed(Code.DATE_MOVED, former_date=former.isoformat(), date=day.isoformat())


def _cared_for(shipment: Shipment) -> ShipmentEffect:
    if shipment.state not in SENDABLE:
        return _unchanged(Code.IN_CARE)
    if shipment.state == Shipment.State.BACKORDER:
        return _changed(Code.SENT_TO_CARE)
    return _changed(Code.SENT_TO_CARE_WITHOUT_UNITS)


def _canceled(shipment: Shipment) -> ShipmentEffect:
    if not shipment.order.is_paid_for:
        return _unchanged(Code.UNPAID)
    return canceled(shipment)


# What asks for nothing: the shipment alone says what becomes of it.
BY_STATE: Mapping[BulkAction, Callable[[Shipment], ShipmentEffect]] = {
    BulkAction.HOLD: _held,
    BulkAction.LIFT_HOLD: _lifted,
    BulkAction.CUSTOMER_CARE: _cared_for,
    BulkAction.PACK: _packed,
    BulkAction.UNPACK: _unpacked,
    BulkAction.SET_ASIDE: _set_aside,
    BulkAction.CANCEL: _canceled,
}

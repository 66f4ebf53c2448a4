"""What becomes of future supply: it is received, moved, cut down, closed short or canceled."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from core.acts import Act
from core.operations.stale_rows import StaleRowsError
from core.quantities import ZERO
from inventory import ports
from inventory.models import FutureSupply, InventoryConfiguration, Receipt, SourceItem
from inventory.operations import units
from inventory.operations.whole_units import refuse_fractions_at
from inventory.promises import PromisePlan, may_be_promised, plan_promises, plan_receipt

OPEN = FutureSupply.State.OPEN


class SupplyError(Exception):
    """Future supply does not allow this; nothing was written."""


class ClosedSupplyError(SupplyError):
    """The record is received or canceled already."""


class BelowReceivedError(SupplyError):
    """More than that has been received already."""


class SupplyMovedError(SupplyError):
    """Units of the record were just promised; the change can be tried again."""


class SupplyChangedError(SupplyError, StaleRowsError):
    """The record says something else now than was shown."""


class OutstandingMovedError(SupplyError):
    """Another quantity is outstanding now than was shown."""


class AlreadyReceivedError(SupplyError):
    """The page was confirmed before; nothing was written a second time."""


class OverReceiptError(SupplyError):
    """More than is outstanding, without a confirmation; ``outstanding`` is how many are."""

    def __init__(self, outstanding: Decimal) -> None:
        super().__init__(f"{outstanding:f}")
        self.outstanding = outstanding


class UnexplainedReceiptError(OverReceiptError):
    """More than twice as many as are outstanding, without a reason."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a person or program says besides how many units came.

    ``outstanding`` is what was shown to be; ``token`` that of the page that is confirmed.
    """

    confirms_over: bool = False
    reason: str = ""
    outstanding: Decimal | None = None
    token: UUID | None = None


PLAIN = Confirmation()


@dataclass(frozen=True, slots=True)
class NewSupply:
    """What a record is to say; both are given, changed or not."""

    quantity: Decimal
    expected_on: date | None


def preview_change(supply_id: int, new: NewSupply, *, today: date) -> PromisePlan:
    """Return the promises that :func:`change_supply` would keep and break now."""
    supply = FutureSupply.objects.get(pk=supply_id)
    return plan_promises(ports.current().promises(supply_id), _promisable(supply, new, today=today))


def preview_close(supply_id: int) -> PromisePlan:
    """Return the promises that canceling or closing a record short would break now."""
    return plan_promises(ports.current().promises(supply_id), ZERO)


def preview_receipt(supply_id: int, *, quantity: Decimal, is_last: bool) -> PromisePlan:
    """Return the promises that :func:`receive_supply` would leave and break now."""
    supply = FutureSupply.objects.get(pk=supply_id)
    return plan_receipt(
        ports.current().promises(supply_id),
        quantity,
        outstanding=_outstanding(supply, supply.received_quantity + quantity, is_last=is_last),
    )


def change_supply(
    supply_id: int,
    new: NewSupply,
    act: Act,
    *,
    reference: str | None = None,
    shown: NewSupply | None = None,
    today: date,
) -> PromisePlan:
    """Set a record's quantity and date; return the promises kept and broken.

    Opens the transaction.

    A ``reference`` is set with them, where one is given.

    A date inside the limit moves promised shipments along, and customers are told; any other
    sends them back to wait. So does a lower quantity, last in queue order first, until the
    promises fit. ``shown`` is what the record must still say, if that matters.

    :raises ClosedSupplyError: if the record is no longer open.
    :raises SupplyChangedError: if it says something else than ``shown``.
    :raises BelowReceivedError: if more has been received, or the quantity is not above 0.
    :raises FractionError: for a fraction where the source item does not use decimals.

    Rule: Future supply over time.
    """
    with transaction.atomic():
        if new.quantity != FutureSupply.objects.values_list("quantity", flat=True).get(
            pk=supply_id
        ):
            refuse_fraction(supply_id, new.quantity)
        supply = _locked_record(supply_id)
        if shown not in (None, NewSupply(supply.quantity, supply.expected_on)):
            raise SupplyChangedError(f"{supply.pk}")
        if new.quantity < supply.received_quantity or new.quantity <= 0:
            raise BelowReceivedError(f"{supply.received_quantity:f}")
        promisable = _promisable(supply, new, today=today)
        plan = _fit_promises(supply_id, promisable, act)
        supply.refresh_from_db()
        is_moved = supply.expected_on != new.expected_on
        supply.quantity, supply.expected_on = new.quantity, new.expected_on
        if reference is not None:
            supply.reference = reference
        supply.save(update_fields=["quantity", "expected_on", "reference"])
        if is_moved:
            ports.current().move_promises(supply_id, act)
        ports.current().note_arrival([supply.product_id])
    return plan


def receive_supply(
    supply_id: int,
    act: Act,
    *,
    quantity: Decimal,
    is_last: bool = False,
    confirmation: Confirmation = PLAIN,
) -> PromisePlan:
    """Receive units, a part or more than expected; return the promises kept and broken.

    Opens the transaction. Units go to the promised shipments in queue order; the rest becomes on
    hand, and a release run follows. ``is_last`` closes the record short: shipments that are still
    promised units wait again.

    :raises ClosedSupplyError: if the record is no longer open.
    :raises AlreadyReceivedError: if the page that is confirmed was confirmed before.
    :raises OutstandingMovedError: if another quantity is outstanding than was shown.
    :raises OverReceiptError: for more than is outstanding, unless that is confirmed.
    :raises UnexplainedReceiptError: for more than twice as many, without a reason.
    :raises SupplyError: for a quantity below 0, or of 0 with more to come.
    :raises FractionError: for a fraction where the source item does not use decimals.

    Rule: Future supply over time.
    """
    if quantity < 0 or (quantity == 0 and not is_last):
        raise SupplyError(f"{quantity:f}")
    with transaction.atomic():
        refuse_fraction(supply_id, quantity)
        supply = _locked_record(supply_id, token=confirmation.token)
        refuse_unconfirmed(supply, quantity, confirmation)
        item = _item_of(supply)
        receipt_id = None
        if quantity:
            units.add({item.pk: quantity})
            receipt_id = Receipt.objects.create(
                future_supply=supply,
                quantity=quantity,
                reason=confirmation.reason.strip(),
                token=confirmation.token,
                received_at=act.at,
                received_by_id=act.actor_id,
            ).pk
        promised = min(quantity, supply.allocated_quantity)
        supply.allocated_quantity -= promised
        supply.received_quantity += quantity
        supply.save(update_fields=["allocated_quantity", "received_quantity"])
        ports.current().supply_arrived(
            supply_id, item.pk, act, quantity=promised, receipt_id=receipt_id
        )
        outstanding = _outstanding(supply, supply.received_quantity, is_last=is_last)
        plan = _fit_promises(supply_id, outstanding, act)
        if not outstanding:
            FutureSupply.objects.filter(pk=supply_id).update(state=FutureSupply.State.RECEIVED)
        ports.current().note_arrival([supply.product_id])
    return plan


def cancel_supply(supply_id: int, act: Act) -> PromisePlan:
    """Cancel a record; shipments that it was promised to wait again. Opens the transaction.

    :raises ClosedSupplyError: if the record is no longer open.

    Rule: Future supply over time.
    """
    with transaction.atomic():
        supply = _locked_record(supply_id)
        plan = _fit_promises(supply_id, ZERO, act)
        FutureSupply.objects.filter(pk=supply_id).update(state=FutureSupply.State.CANCELED)
        ports.current().note_arrival([supply.product_id])
    return plan


def refuse_fraction(supply_id: int, quantity: Decimal) -> None:
    """Hold the product of a fraction, before the promises of its record are locked.

    :raises FractionError: where the source item does not use decimals.
    """
    if quantity % 1:
        records = FutureSupply.objects.filter(pk=supply_id)
        place = records.values_list("product_id", "source_id").get()
        refuse_fractions_at([(place, quantity)])


def refuse_unconfirmed(supply: FutureSupply, quantity: Decimal, confirmation: Confirmation) -> None:
    """Refuse a receipt of another quantity than is outstanding, unless it is confirmed.

    :raises OutstandingMovedError: if another quantity is outstanding than was shown.
    :raises OverReceiptError: for more than is outstanding, unless that is confirmed.
    :raises UnexplainedReceiptError: for more than twice as many, without a reason.

    Rule: Future supply over time, a receipt of more than is outstanding.
    """
    outstanding = supply.outstanding_quantity
    if confirmation.outstanding not in (None, outstanding):
        raise OutstandingMovedError
    if quantity > outstanding and not confirmation.confirms_over:
        raise OverReceiptError(outstanding)
    if quantity > 2 * outstanding and not confirmation.reason.strip():
        raise UnexplainedReceiptError(outstanding)


def _locked_record(supply_id: int, *, token: UUID | None = None) -> FutureSupply:
    """Lock the shipments that a record is promised to, its source item, then the record.

    Orders are locked before their shipments.
    """
    locked = set(ports.current().lock_promises([supply_id]))
    supply: FutureSupply = FutureSupply.objects.filter(pk=supply_id).locked().get()
    if token is not None and Receipt.objects.filter(token=token).exists():
        raise AlreadyReceivedError
    if supply.state != OPEN:
        raise ClosedSupplyError(supply.get_state_display())
    promised = {promise.shipment_id for promise in ports.current().promises(supply_id)}
    if promised - locked:
        raise SupplyMovedError
    return supply


def _item_of(supply: FutureSupply) -> SourceItem:
    SourceItem.objects.bulk_create(
        [SourceItem(product_id=supply.product_id, source_id=supply.source_id)],
        ignore_conflicts=True,
    )
    item = SourceItem.objects.filter(product_id=supply.product_id, source_id=supply.source_id)
    return item.locked().get()


def _outstanding(supply: FutureSupply, received: Decimal, *, is_last: bool) -> Decimal:
    """Return what still comes once so much has come; 0 closes the record."""
    return ZERO if is_last else max(supply.quantity - received, ZERO)


def _promisable(supply: FutureSupply, new: NewSupply, *, today: date) -> Decimal:
    """Return how many units of the record may stay promised when it says ``new``.

    A date that stays breaks no promise, whatever the limit is now.
    """
    limit = InventoryConfiguration.load().in_force("future_date_limit")
    stays = supply.expected_on == new.expected_on
    if stays or may_be_promised(new.expected_on, today=today, horizon=limit.add_to(today)):
        return max(new.quantity - supply.received_quantity, ZERO)
    return ZERO


def _fit_promises(supply_id: int, promisable: Decimal, act: Act) -> PromisePlan:
    """Break promises of a record until the rest is no more than ``promisable``."""
    plan = plan_promises(ports.current().promises(supply_id), promisable)
    ids = [promise.shipment_id for promise in plan.broken]
    if ids:
        ports.current().break_promises(ids, act)
    return plan

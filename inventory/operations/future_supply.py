"""What becomes of future supply that does not come as recorded: moved, cut down or canceled."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from core.acts import Act
from core.operations.stale_rows import StaleRowsError
from core.quantities import ZERO
from inventory import ports
from inventory.models import FutureSupply, InventoryConfiguration
from inventory.operations import transit
from inventory.operations.whole_units import refuse_fractions_at
from inventory.promises import (
    DateMove,
    Promise,
    PromisePlan,
    fitted_promises,
    may_be_promised,
)

OPEN = FutureSupply.State.OPEN


class SupplyError(Exception):
    """Future supply does not allow this; nothing was written."""


class ClosedSupplyError(SupplyError):
    """The record is received or canceled already."""


class BelowReceivedError(SupplyError):
    """More than that has been received already."""


class InTransitError(SupplyError):
    """The units of a transfer are on their way: there are as many as were sent."""


class SupplyMovedError(SupplyError):
    """Units of the record were just promised; the change can be tried again."""


class SupplyChangedError(SupplyError, StaleRowsError):
    """The record says something else now than was shown."""


class OutstandingMovedError(SupplyError):
    """Another quantity is outstanding now than was shown."""


@dataclass(frozen=True, slots=True)
class NewSupply:
    """What a record is to say; both are given, changed or not."""

    quantity: Decimal
    expected_on: date | None


def preview_changes(changes: Mapping[int, NewSupply], *, today: date) -> dict[int, PromisePlan]:
    """Return, by record, the promises that changes in key order would keep and break now.

    The number of statements is that of one record.
    """
    horizon = _horizon(today)
    promisable = {
        pk: _promisable(record, changes[pk], today=today, horizon=horizon)
        for pk, record in FutureSupply.objects.in_bulk(list(changes)).items()
    }
    return fitted_promises(ports.current().promises(promisable), promisable)


def preview_closes(supply_ids: Collection[int]) -> dict[int, PromisePlan]:
    """Return, by record, the promises that canceling or closing them short would break now."""
    return fitted_promises(ports.current().promises(supply_ids), dict.fromkeys(supply_ids, ZERO))


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
    :raises InTransitError: for another quantity of a transfer.
    :raises BelowReceivedError: if more has been received, or the quantity is not above 0.
    :raises FractionError: for a fraction where the source item does not use decimals.

    Rule: Future supply over time.
    """
    with transaction.atomic():
        if new.quantity != FutureSupply.objects.values_list("quantity", flat=True).get(
            pk=supply_id
        ):
            refuse_fraction(supply_id, new.quantity)
        supply = _open_record(supply_id)
        _refuse_changed(supply, shown)
        if supply.is_transfer and new.quantity != supply.quantity:
            raise InTransitError(f"{supply.quantity:f}")
        if new.quantity < supply.received_quantity or new.quantity <= 0:
            raise BelowReceivedError(f"{supply.received_quantity:f}")
        promisable = _promisable(supply, new, today=today, horizon=_horizon(today))
        plan = fit_promises({supply_id: promisable}, act)[supply_id]
        supply.refresh_from_db()
        move = move_to(new, supply)
        supply.quantity, supply.expected_on = new.quantity, new.expected_on
        if reference is not None:
            supply.reference = reference
        supply.save(update_fields=["quantity", "expected_on", "reference"])
        if move.former != move.later:
            ports.current().move_promises(supply_id, act)
        ports.current().free_dates({supply_id: move}, act)
        ports.current().note_arrival([supply.product_id])
    return plan


def cancel_supply(
    supply_id: int,
    act: Act,
    *,
    shown: NewSupply | None = None,
    outstanding: Decimal | None = None,
) -> PromisePlan:
    """Cancel a record; shipments that it was promised to wait again. Opens the transaction.

    The units of a transfer that are still on their way are given back to the sender, and history
    says so. ``shown`` is what the record must still say, and ``outstanding`` what must still be,
    if that matters.

    :raises ClosedSupplyError: if the record is no longer open.
    :raises SupplyChangedError: if it says something else than ``shown``.
    :raises OutstandingMovedError: if another quantity is outstanding.

    Rule: Future supply over time.
    """
    with transaction.atomic():
        supply = _open_record(supply_id)
        _refuse_changed(supply, shown)
        if outstanding not in (None, supply.outstanding_quantity):
            raise OutstandingMovedError
        with transit.cause_of_cancellation(supply_id):
            return _cancel({supply_id: supply}, act)[supply_id]


def cancel_supplies(supply_ids: Collection[int], act: Act) -> dict[int, PromisePlan]:
    """Cancel records as :func:`cancel_supply` does, all or none; opens the transaction.

    What history says of it is the caller's.

    :raises ClosedSupplyError: if one of the records is no longer open.

    Rule: Future supply over time.
    """
    with transaction.atomic():
        return _cancel(locked_records(supply_ids, losing=supply_ids), act)


def _cancel(records: Mapping[int, FutureSupply], act: Act) -> dict[int, PromisePlan]:
    refuse_closed(records.values())
    plans = fit_promises(dict.fromkeys(records, ZERO), act)
    transit.give_back(records.values())
    FutureSupply.objects.filter(pk__in=records).update(state=FutureSupply.State.CANCELED)
    moves = {pk: DateMove(record.expected_on, None) for pk, record in records.items()}
    ports.current().free_dates(moves, act)
    ports.current().note_arrival(sorted({record.product_id for record in records.values()}))
    return plans


def refuse_fraction(supply_id: int, quantity: Decimal) -> None:
    """Hold the product of a fraction, before the promises of its record are locked.

    :raises FractionError: where the source item does not use decimals.
    """
    if quantity % 1:
        records = FutureSupply.objects.filter(pk=supply_id)
        key = records.values_list("product_id", "source_id").get()
        refuse_fractions_at([(key, quantity)])


def move_to(new: NewSupply, former: FutureSupply | NewSupply) -> DateMove:
    """Return how the date of a record moves when it says ``new``."""
    is_cut = new.quantity < former.quantity
    return DateMove(former.expected_on, new.expected_on, is_cut=is_cut)


def locked_records(
    supply_ids: Collection[int], *, losing: Collection[int]
) -> dict[int, FutureSupply]:
    """Lock the shipments that records are promised to, their source items, then the records.

    So are shipments that wait with a date by one of the records that are ``losing`` date or units.
    Orders are locked before their shipments. Runs in the caller's transaction.

    :raises SupplyMovedError: if one was promised to another shipment in the meantime.

    Rule: Locks are taken in one order.
    """
    locked = set(ports.current().lock_promises(supply_ids, losing=losing))
    records = {row.pk: row for row in FutureSupply.objects.filter(pk__in=supply_ids).locked()}
    found = ports.current().promises(supply_ids)
    if {promise.shipment_id for held in found.values() for promise in held} - locked:
        raise SupplyMovedError
    return records


def refuse_closed(records: Iterable[FutureSupply]) -> None:
    """Refuse what can no longer be done.

    :raises ClosedSupplyError: if one of the records is no longer open.
    """
    for record in records:
        if record.state != OPEN:
            raise ClosedSupplyError(record.get_state_display())


def _refuse_changed(supply: FutureSupply, shown: NewSupply | None) -> None:
    if shown not in (None, NewSupply(supply.quantity, supply.expected_on)):
        raise SupplyChangedError(f"{supply.pk}")


def _open_record(supply_id: int) -> FutureSupply:
    records = locked_records([supply_id], losing=[supply_id])
    refuse_closed(records.values())
    return records[supply_id]


def promises_of(supply_id: int) -> Sequence[Promise]:
    """Return what shipments are still to get from one record, in queue order."""
    return ports.current().promises([supply_id])[supply_id]


def _horizon(today: date) -> date:
    """Return the last day for which units may be promised."""
    horizon: date = InventoryConfiguration.load().in_force("future_date_limit").add_to(today)
    return horizon


def _promisable(supply: FutureSupply, new: NewSupply, *, today: date, horizon: date) -> Decimal:
    """Return how many units of the record may stay promised when it says ``new``.

    A date that stays breaks no promise, whatever the limit is now.
    """
    stays = supply.expected_on == new.expected_on
    if stays or may_be_promised(new.expected_on, today=today, horizon=horizon):
        return max(new.quantity - supply.received_quantity, ZERO)
    return ZERO


def fit_promises(promisable: Mapping[int, Decimal], act: Act) -> dict[int, PromisePlan]:
    """Break promises of records, by id, until the rest is no more than ``promisable`` of each.

    Runs in the caller's transaction, which holds them as :func:`locked_records`.
    """
    plans = fitted_promises(ports.current().promises(promisable), promisable)
    ids = {promise.shipment_id for plan in plans.values() for promise in plan.broken}
    if ids:
        ports.current().break_promises(ids, act)
    return plans

"""Moves by hand for many shipments, previewed for each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.auth.models import User

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow, RowAction
from core.text import Sentence
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.assignees import (
    UnknownPersonError,
    assign_shipments,
    person_named,
)
from fulfillment.operations.moves.customer_care import send_to_care
from fulfillment.operations.moves.departures import refusals_to_ship, units_on
from fulfillment.operations.moves.expected_date import set_expected_dates
from fulfillment.operations.moves.fulfill import ship_for_workers
from fulfillment.operations.moves.holds import hold_shipments, lift_holds
from fulfillment.operations.moves.pack import pack_shipments, unpack_shipments
from fulfillment.operations.moves.priority import set_priorities
from fulfillment.operations.moves.reassigned_sets import reassign_shipments
from fulfillment.operations.moves.set_aside import set_aside_shipments
from fulfillment.operations.moves.withdrawal_locks import lock_for_withdrawals
from fulfillment.operations.shipments.locking import ShipmentError, lock_shipment_rows
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange, row_values
from fulfillment.review.effects import ShipmentEffect, effect_of, refusal, shipped
from orders.changes.cancel import ShipmentCancel, cancel, cancel_shipments
from orders.models import Cancellation
from orders.notices.email_queue import CancelCause
from orders.refusals import OrderChangeError

# How many shipments are changed in one transaction: others wait for their rows until its end.
CHUNK = 200
# More than this is done by a worker.
AT_ONCE = 50
# What operations answer when a move cannot be made; nothing was written then.
REFUSALS = (ShipmentError, OrderChangeError)


def plan(shipment_ids: Sequence[int], change: ShipmentBulkChange, act: Act) -> list[BulkRow]:
    """Return what each shipment would get, in the order given."""
    shipments = read_shipments(shipment_ids)
    today = change.today(act.at)
    present = [shipments[key] for key in shipment_ids if key in shipments]
    if (unknown := _unknown_person(change)) is not None:
        return [_row(shipment, unknown) for shipment in present]
    if change.action == BulkAction.FULFILL:
        refused = refusals_to_ship(present)
        effects = [shipped(one, refused.get(one.pk)) for one in present]
    else:
        effects = [effect_of(shipment, change, today=today) for shipment in present]
    return [_row(*pair) for pair in zip(present, effects, strict=True)]


def _unknown_person(change: ShipmentBulkChange) -> ShipmentEffect | None:
    """Return why nothing can be assigned; None if the person may work on shipments, or is nobody.

    Who was chosen in a preview may have left since.
    """
    try:
        _person(change)
    except UnknownPersonError as error:
        return refusal(error)
    return None


def _person(change: ShipmentBulkChange) -> User | None:
    return person_named(change.username) if change.username else None


def _row(shipment: Shipment, effect: ShipmentEffect) -> BulkRow:
    sentence = Sentence(effect.code.value, effect.values)
    return row_of(shipment, sentence, is_change=effect.is_change)


def row_of(shipment: Shipment, sentence: Sentence, *, is_change: bool) -> BulkRow:
    """Return what a shipment gets, or why it stays, as a row of a plan."""
    return BulkRow(
        shipment.pk,
        (shipment.number,),
        refusal=None if is_change else sentence,
        effect=sentence if is_change else None,
        details=(shipment.order.customer_name, str(shipment.get_state_display())),
        subject=shipment,
    )


def lock(shipment_ids: Sequence[int], _change: ShipmentBulkChange) -> None:
    """Lock the shipments, their orders first."""
    lock_shipment_rows(shipment_ids)


def write_together(
    operation: Callable[[ShipmentBulkChange], Callable[..., object]],
    rows: Sequence[BulkRow],
    change: ShipmentBulkChange,
    act: Act,
) -> None:
    """Make a change of locked shipments that allow it."""
    shipments = [row.subject for row in rows]
    operation(change)(shipments, replace(act, reason=change.reason))


def write_reassignments(
    rows: Sequence[BulkRow], change: ShipmentBulkChange, act: Act
) -> dict[int, Sentence]:
    """Give locked shipments their units at the source; return why not, by id of those that stay."""
    own = replace(act, reason=change.reason)
    refused = reassign_shipments([row.key for row in rows], own, source_code=change.source)
    return {pk: _sentence(error) for pk, error in refused.items()}


def write_cancellations(
    rows: Sequence[BulkRow], change: ShipmentBulkChange, act: Act
) -> dict[int, Sentence]:
    """Cancel locked shipments; return why others stay, by id. Workers ask gateways later."""
    by_number = {row.subject.number: row.subject for row in rows}
    leaving = units_on(by_number.values())
    asked = [
        ShipmentCancel(one.order_id, one.number, leaving[one.pk]) for one in by_number.values()
    ]
    own = replace(act, reason=change.reason, key=None)
    if len({one.order_id for one in by_number.values()}) < len(by_number):
        # The shipments of one order are canceled one after another.
        lines = ShipmentLine.objects.filter(shipment__in=by_number.values(), quantity__gt=0)
        lock_for_withdrawals(list(lines.select_related("shipment")))
    refused = cancel_shipments(asked, own, cause=change.cause)
    return {by_number[number].pk: _sentence(error) for number, error in refused.items()}


def cancel_shipment(
    shipment: Shipment,
    act: Act,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    cause: CancelCause = CancelCause.NOT_NAMED,
    expected_version: int | None = None,
) -> Cancellation:
    """Cancel ``quantities``, by order line id, of what is still on a shipment; None: all of it.

    Opens transactions of its own. ``cause`` is what the customer reads.

    :raises orders.refusals.OrderChangeError: if nothing of it is open.
    :raises orders.refusals.StaleError: if ``expected_version`` is not the row's.
    """
    return cancel(
        shipment.order_id,
        act,
        quantities=quantities,
        shipment_number=shipment.number,
        shipment_version=expected_version,
        cause=cause,
    )


def _sentence(error: Exception) -> Sentence:
    effect = refusal(error)
    return Sentence(effect.code.value, effect.values)


def read_shipments(shipment_ids: Collection[int]) -> dict[int, Shipment]:
    """Return shipments with their order, source and assignee, by id."""
    shipments = Shipment.objects.select_related("order", "source", "assignee")
    return shipments.in_bulk(list(shipment_ids))


def _action(action: BulkAction, write: Any, **described: Any) -> RowAction[ShipmentBulkChange]:
    return RowAction(
        plan=plan,
        read=partial(ShipmentBulkChange.from_json, action),
        shown=partial(row_values, action),
        write=write,
        at_once=lambda: AT_ONCE,
        **described,
    )


# Made for many shipments in one transaction.
TOGETHER: Mapping[BulkAction, Callable[[ShipmentBulkChange], Callable[..., object]]] = {
    BulkAction.HOLD: lambda _change: hold_shipments,
    BulkAction.LIFT_HOLD: lambda _change: lift_holds,
    BulkAction.ASSIGN_PERSON: lambda change: partial(assign_shipments, person=_person(change)),
    BulkAction.SET_PRIORITY: lambda change: partial(set_priorities, priority=change.priority),
    BulkAction.SET_EXPECTED_DATE: lambda change: partial(
        set_expected_dates, expected_on=change.expected_on
    ),
    BulkAction.CUSTOMER_CARE: lambda _change: send_to_care,
    BulkAction.PACK: lambda _change: pack_shipments,
    BulkAction.UNPACK: lambda _change: unpack_shipments,
    BulkAction.SET_ASIDE: lambda _change: set_aside_shipments,
    BulkAction.FULFILL: lambda _change: ship_for_workers,
}
ROW_ACTIONS = {
    action.value: _action(action, partial(write_together, operation), lock=lock, chunk=CHUNK)
    for action, operation in TOGETHER.items()
} | {
    BulkAction.REASSIGN.value: _action(
        BulkAction.REASSIGN, write_reassignments, lock=lock, chunk=CHUNK, is_tried=True
    ),
    BulkAction.CANCEL.value: _action(
        BulkAction.CANCEL, write_cancellations, lock=lock, chunk=CHUNK
    ),
}

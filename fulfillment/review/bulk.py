"""Moves by hand for many shipments, previewed for each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.auth.models import User

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow, RowAction, RowRefusedError
from core.text import Sentence
from fulfillment.models import Shipment
from fulfillment.operations.moves.assignees import (
    UnknownPersonError,
    assign_shipments,
    person_named,
)
from fulfillment.operations.moves.customer_care import send_to_care
from fulfillment.operations.moves.departures import refusals_to_ship
from fulfillment.operations.moves.expected_date import set_expected_dates
from fulfillment.operations.moves.fulfill import ship_for_workers
from fulfillment.operations.moves.holds import hold_shipments, lift_holds
from fulfillment.operations.moves.pack import pack_shipments, unpack_shipments
from fulfillment.operations.moves.priority import set_priorities
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.operations.moves.set_aside import set_aside_shipments
from fulfillment.operations.shipments.locking import ShipmentError, lock_shipment_rows
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange, row_values
from fulfillment.review.effects import ShipmentEffect, canceled, effect_of, refusal, shipped
from orders.changes.cancel import cancel
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
    """Return what each shipment would get, in the order given.

    One that was canceled under the key of this change counts as changed.
    """
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
    rows = [_row(*pair) for pair in zip(present, effects, strict=True)]
    if change.action != BulkAction.CANCEL or not act.key:
        return rows
    return [
        _row(row.subject, canceled(row.subject), is_made=True)
        if not row.is_change and _is_canceled_by(row.subject, act.key)
        else row
        for row in rows
    ]


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


def _row(shipment: Shipment, effect: ShipmentEffect, *, is_made: bool = False) -> BulkRow:
    sentence = Sentence(effect.code.value, effect.values)
    return row_of(shipment, sentence, is_change=effect.is_change, is_made=is_made)


def row_of(
    shipment: Shipment, sentence: Sentence, *, is_change: bool, is_made: bool = False
) -> BulkRow:
    """Return what a shipment gets, or why it stays, as a row of a plan."""
    return BulkRow(
        shipment.pk,
        (shipment.number,),
        refusal=None if is_change else sentence,
        effect=sentence if is_change else None,
        details=(shipment.order.customer_name, str(shipment.get_state_display())),
        subject=shipment,
        is_made=is_made,
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


def write_reassignment(rows: Sequence[BulkRow], change: ShipmentBulkChange, act: Act) -> None:
    """Give a shipment its units at the source."""
    [row] = rows
    try:
        reassign(
            row.key,
            replace(act, reason=change.reason),
            source_code=change.source,
            expected_version=row.subject.version,
        )
    except REFUSALS as error:
        raise RowRefusedError(_sentence(error)) from error


def write_cancellation(rows: Sequence[BulkRow], change: ShipmentBulkChange, act: Act) -> None:
    """Cancel a shipment; opens transactions of its own."""
    [row] = rows
    key = _key_of(row.subject, act.key) if act.key else None
    own = replace(act, reason=change.reason, key=key)
    try:
        cancel_shipment(row.subject, own, cause=change.cause, expected_version=row.subject.version)
    except REFUSALS as error:
        raise RowRefusedError(_sentence(error)) from error


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


def _is_canceled_by(shipment: Shipment, key: str) -> bool:
    return Cancellation.objects.filter(idempotency_key=_key_of(shipment, key)).exists()


def _key_of(shipment: Shipment, key: str) -> str:
    return f"{key}-{shipment.number}"


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
# A cancellation asks gateways between its transactions; a reassignment is planned with what the
# one before it left.
ROW_ACTIONS = {
    action.value: _action(action, partial(write_together, operation), lock=lock, chunk=CHUNK)
    for action, operation in TOGETHER.items()
} | {
    BulkAction.REASSIGN.value: _action(
        BulkAction.REASSIGN, write_reassignment, chunk=1, is_tried=True
    ),
    BulkAction.CANCEL.value: _action(
        BulkAction.CANCEL, write_cancellation, chunk=1, asks_others=True
    ),
}

"""Moves by hand for many shipments: what each would get, and doing it."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.customer_care import send_to_care
from fulfillment.operations.moves.expected_date import set_expected_dates
from fulfillment.operations.moves.holds import lift_holds, place_holds
from fulfillment.operations.moves.priority import set_priorities
from fulfillment.operations.moves.reassign import reassign
from fulfillment.operations.shipments.locked import ShipmentError, locked_shipments
from fulfillment.review.change import BulkAction, Occasion, ShipmentBulkChange
from fulfillment.review.effects import (
    CHANGED_MEANWHILE,
    ShipmentEffect,
    canceled,
    effect_of,
    refusal,
)
from fulfillment.review.selection import changed_since
from orders.changes.cancel import cancel
from orders.models import Cancellation
from orders.refusals import OrderChangeError

# How many shipments are changed in one transaction: others wait for their rows until its end.
CHUNK = 200
# What is made for many shipments at once. A cancellation asks gateways between its transactions,
# and a reassignment is planned with what the one before it left.
TOGETHER = frozenset(BulkAction) - {BulkAction.CANCEL, BulkAction.REASSIGN}
# What operations answer when a move cannot be made; nothing was written then.
REFUSALS = (ShipmentError, OrderChangeError)


@dataclass(frozen=True, slots=True)
class MoveOutcome:
    """What came of one shipment: changed, or left as it is for a reason."""

    shipment: Shipment
    effect: ShipmentEffect


class _PreviewedError(Exception):
    """Takes back what was done for the preview."""


def preview_moves(
    shipment_ids: Collection[int], change: ShipmentBulkChange, occasion: Occasion
) -> list[MoveOutcome]:
    """Return what each shipment would get, in the order given; writes nothing.

    Only the move itself finds out whether a source can serve a shipment: it is made and taken
    back, for one shipment at a time as if it were the only one.
    """
    shipments = _read(shipment_ids)
    present = [shipments[key] for key in shipment_ids if key in shipments]
    if change.action == BulkAction.REASSIGN:
        return [_taken_back(shipment, change, occasion) for shipment in present]
    return [
        MoveOutcome(shipment, effect_of(shipment, change, today=occasion.today))
        for shipment in present
    ]


def _taken_back(shipment: Shipment, change: ShipmentBulkChange, occasion: Occasion) -> MoveOutcome:
    outcome: list[MoveOutcome] = []
    try:
        with transaction.atomic():
            outcome.append(make(shipment.pk, change, occasion))
            raise _PreviewedError
    except _PreviewedError:
        return MoveOutcome(shipment, outcome[0].effect)


def make(shipment_id: int, change: ShipmentBulkChange, occasion: Occasion) -> MoveOutcome:
    """Make the change for one shipment, in transactions of its own, or say why not.

    Safe to repeat: a shipment that has the new value is left alone, and one that was canceled
    under the key of this change counts as changed.
    """
    if change.action in TOGETHER:
        with transaction.atomic():
            [made] = make_together([shipment_id], change, occasion)
        return made
    shipment = _read([shipment_id])[shipment_id]
    is_changed = changed_since(occasion.shown, [shipment_id], change.action)
    effect = effect_of(shipment, change, today=occasion.today)
    if not effect.is_change:
        is_repeated = change.action == BulkAction.CANCEL and _is_canceled_by(shipment, occasion.key)
        return MoveOutcome(shipment, canceled(shipment) if is_repeated else effect)
    if is_changed:
        return MoveOutcome(shipment, CHANGED_MEANWHILE)
    version = shipment.version if occasion.shown else None
    reason, now, actor_id = change.reason, occasion.now, occasion.actor_id
    try:
        if change.action == BulkAction.CANCEL:
            cancel_shipment(
                shipment,
                reason=reason,
                now=now,
                actor_id=actor_id,
                key=occasion.key,
                expected_version=version,
            )
        else:
            reassign(
                shipment.pk,
                source_code=change.source,
                now=now,
                actor_id=actor_id,
                reason=reason,
                expected_version=version,
            )
    except REFUSALS as error:
        return MoveOutcome(shipment, refusal(error))
    return MoveOutcome(shipment, effect)


def make_together(
    shipment_ids: Collection[int], change: ShipmentBulkChange, occasion: Occasion
) -> list[MoveOutcome]:
    """Make one of the changes that are ``TOGETHER`` for these shipments, or say why not.

    Runs in the caller's transaction. Each effect is decided under lock; a shipment that is no
    longer as the preview showed it is left as it is. The outcomes are in key order. Safe to
    repeat, as :func:`make`.

    :raises ValueError: if the change is none of those.
    """
    operation = _operation(change)
    locked = locked_shipments(shipment_ids)
    changed = changed_since(occasion.shown, shipment_ids, change.action)
    outcomes = [
        MoveOutcome(
            shipment,
            CHANGED_MEANWHILE
            if shipment.pk in changed
            else effect_of(shipment, change, today=occasion.today),
        )
        for shipment in locked
    ]
    changing = [outcome.shipment for outcome in outcomes if outcome.effect.is_change]
    operation(changing, now=occasion.now, actor_id=occasion.actor_id, reason=change.reason)
    return outcomes


def _operation(change: ShipmentBulkChange) -> Callable[..., object]:
    """Return what makes a change of locked shipments that allow it."""
    match change.action:
        case BulkAction.HOLD:
            return place_holds
        case BulkAction.LIFT_HOLD:
            return lift_holds
        case BulkAction.SET_PRIORITY:
            return partial(set_priorities, priority=change.priority)
        case BulkAction.SET_EXPECTED_DATE:
            return partial(set_expected_dates, expected_on=change.expected_on)
        case BulkAction.CUSTOMER_CARE:
            return send_to_care
    raise ValueError(change.action)


def cancel_shipment(
    shipment: Shipment,
    *,
    reason: str,
    now: datetime,
    actor_id: int | None,
    key: str,
    expected_version: int | None = None,
) -> Cancellation:
    """Cancel everything that is still on a shipment; opens transactions of its own.

    :raises orders.refusals.OrderChangeError: if nothing of it is open.
    :raises orders.refusals.StaleError: if ``expected_version`` is not the row's.
    """
    return cancel(
        shipment.order_id,
        Act(now, actor_id=actor_id, reason=reason, key=_key_of(shipment, key) if key else None),
        shipment_number=shipment.number,
        expected_version=expected_version,
    )


def _is_canceled_by(shipment: Shipment, key: str) -> bool:
    return bool(key) and (
        Cancellation.objects.filter(idempotency_key=_key_of(shipment, key)).exists()
    )


def _key_of(shipment: Shipment, key: str) -> str:
    return f"{key}-{shipment.number}"


def sets_of_keys(shipments: QuerySet[Shipment], *, after: int, up_to: int) -> Iterator[list[int]]:
    """Yield the keys of what matches beyond ``after``, ascending, ``CHUNK`` by ``CHUNK``.

    What is changed may cease to match: each set begins behind the last key of the one before.
    """
    last = after
    while keys := list(
        shipments.order_by("pk")
        .filter(pk__gt=last, pk__lte=up_to)
        .values_list("pk", flat=True)[:CHUNK]
    ):
        last = keys[-1]
        yield keys


def _read(shipment_ids: Collection[int]) -> dict[int, Shipment]:
    shipments = Shipment.objects.select_related("order", "source")
    return shipments.in_bulk(list(shipment_ids))

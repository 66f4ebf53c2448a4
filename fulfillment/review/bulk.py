"""Moves by hand for many shipments: what each would get, and doing it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from fulfillment.models import Shipment
from fulfillment.operations.moves.customer_care import send_to_care
from fulfillment.operations.moves.expected_date import set_expected_dates
from fulfillment.operations.moves.holds import lift_holds, place_holds
from fulfillment.operations.moves.priority import set_priorities
from fulfillment.operations.moves.reassign import reassign
from fulfillment.operations.shipments.locked import VERSION, ShipmentError, locked_shipments
from fulfillment.review.change import BulkAction, ShipmentBulkChange
from fulfillment.review.effects import (
    ShipmentEffect,
    canceled,
    changed_meanwhile,
    effect_of,
    refusal,
)
from fulfillment.review.selection import changed_since
from orders.changes.cancel import cancel
from orders.line_units import NotThatManyError
from orders.locking import OrderChangeError
from orders.models import Cancellation
from orders.ports import NotOnShipmentError, StaleError

# How many shipments are changed in one transaction: others wait for their rows until its end.
CHUNK = 200
# What is made for many shipments at once. A cancellation asks gateways between its transactions,
# and a reassignment is planned with what the one before it left.
TOGETHER = frozenset(BulkAction) - {BulkAction.CANCEL, BulkAction.REASSIGN}
# What operations answer when a move cannot be made; nothing was written then.
REFUSALS = (ShipmentError, OrderChangeError, NotOnShipmentError, NotThatManyError, StaleError)


Shown = Mapping[int, str]
NOTHING_SHOWN: Shown = {}


@dataclass(frozen=True, slots=True)
class MoveOutcome:
    """What came of one shipment: changed, or left as it is for a reason."""

    shipment: Shipment
    effect: ShipmentEffect


class _RehearsedError(Exception):
    """Takes back what was done for show."""


def rehearse(
    shipment_ids: Collection[int],
    change: ShipmentBulkChange,
    *,
    today: date,
    now: datetime,
    actor_id: int | None,
) -> list[MoveOutcome]:
    """Say what each shipment would get, in the order given; writes nothing.

    ``today`` is the date of ``now`` where the site is.

    Whether a source can serve a shipment only the move itself can tell: it is made, for one
    shipment at a time as if it were the only one, and taken back.
    """
    shipments = _read(shipment_ids)
    chosen = [shipments[key] for key in shipment_ids if key in shipments]
    if change.action == BulkAction.REASSIGN:
        return [
            _taken_back(shipment, change, today=today, now=now, actor_id=actor_id)
            for shipment in chosen
        ]
    return [MoveOutcome(shipment, effect_of(shipment, change, today=today)) for shipment in chosen]


def _taken_back(
    shipment: Shipment,
    change: ShipmentBulkChange,
    *,
    today: date,
    now: datetime,
    actor_id: int | None,
) -> MoveOutcome:
    outcome: list[MoveOutcome] = []
    try:
        with transaction.atomic():
            outcome.append(
                make(shipment.pk, change, today=today, now=now, actor_id=actor_id, key="")
            )
            raise _RehearsedError
    except _RehearsedError:
        return MoveOutcome(shipment, outcome[0].effect)


def make(
    shipment_id: int,
    change: ShipmentBulkChange,
    *,
    today: date,
    now: datetime,
    actor_id: int | None,
    key: str,
    shown: Shown = NOTHING_SHOWN,
) -> MoveOutcome:
    """Make the change for one shipment, in transactions of its own, or say why not.

    ``shown`` are the values that shipments had when they were confirmed, by id. Safe to
    repeat: a shipment that has what it was to get is left alone. ``key`` names the whole change,
    so that nothing is canceled twice: what this very change canceled is told as changed.
    """
    if change.action in TOGETHER:
        with transaction.atomic():
            [made] = make_together(
                [shipment_id], change, today=today, now=now, actor_id=actor_id, shown=shown
            )
        return made
    shipment = _read([shipment_id])[shipment_id]
    is_changed = changed_since(shown, [shipment_id], change.action)
    effect = effect_of(shipment, change, today=today)
    if not effect.is_change:
        was_canceled = change.action == BulkAction.CANCEL and _is_canceled_by(shipment, key)
        return MoveOutcome(shipment, canceled(shipment) if was_canceled else effect)
    if is_changed:
        return MoveOutcome(shipment, changed_meanwhile())
    version = shipment.version if shown else None
    try:
        if change.action == BulkAction.CANCEL:
            cancel_shipment(
                shipment,
                reason=change.reason,
                now=now,
                actor_id=actor_id,
                key=key,
                expected_version=version,
            )
        else:
            reassign(
                shipment.pk,
                source_code=change.source,
                now=now,
                actor_id=actor_id,
                reason=change.reason,
                expected_version=version,
            )
    except REFUSALS as error:
        return MoveOutcome(shipment, refusal(error))
    return MoveOutcome(shipment, effect)


def make_together(
    shipment_ids: Collection[int],
    change: ShipmentBulkChange,
    *,
    today: date,
    now: datetime,
    actor_id: int | None,
    shown: Shown = NOTHING_SHOWN,
) -> list[MoveOutcome]:
    """Make one of the changes that are ``TOGETHER`` for these shipments, or say why not.

    Runs in the caller's transaction. What each gets is decided under lock, so nobody comes in
    between; one that is no longer as it was ``shown`` is left as it is. The outcomes are in key
    order. Safe to repeat, as :func:`make`.

    :raises ValueError: if the change is none of those.
    """
    locked = locked_shipments(shipment_ids)
    changed = changed_since(shown, shipment_ids, change.action)
    outcomes = [
        MoveOutcome(
            shipment,
            changed_meanwhile()
            if shipment.pk in changed
            else effect_of(shipment, change, today=today),
        )
        for shipment in locked
    ]
    changing = [outcome.shipment for outcome in outcomes if outcome.effect.is_change]
    _make_together(changing, change, now=now, actor_id=actor_id)
    return outcomes


def _make_together(
    shipments: Sequence[Shipment],
    change: ShipmentBulkChange,
    *,
    now: datetime,
    actor_id: int | None,
) -> None:
    reason = change.reason
    match change.action:
        case BulkAction.HOLD:
            place_holds(shipments, note=reason, now=now, actor_id=actor_id)
        case BulkAction.LIFT_HOLD:
            lift_holds(shipments, reason=reason, now=now, actor_id=actor_id)
        case BulkAction.SET_PRIORITY:
            priority = change.priority
            set_priorities(shipments, priority=priority, now=now, actor_id=actor_id, reason=reason)
        case BulkAction.SET_EXPECTED_DATE:
            day = change.expected_on
            set_expected_dates(
                shipments, expected_on=day, now=now, actor_id=actor_id, reason=reason
            )
        case BulkAction.CUSTOMER_CARE:
            send_to_care(shipments, reason=reason, now=now, actor_id=actor_id)
        case _:
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

    :raises orders.locking.OrderChangeError: if nothing of it is open.
    :raises orders.ports.StaleError: if ``expected_version`` is not the row's.
    """
    return cancel(
        shipment.order_id,
        shipment_number=shipment.number,
        expected_version=expected_version,
        now=now,
        actor_id=actor_id,
        reason=reason,
        idempotency_key=_key_of(shipment, key) if key else None,
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


def _read(shipment_ids: Collection[int]) -> dict[int, Any]:
    shipments = Shipment.objects.select_related("order", "source").annotate(version=VERSION)
    return shipments.in_bulk(list(shipment_ids))

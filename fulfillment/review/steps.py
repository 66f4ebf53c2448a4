"""Steps of a change for many: each made and noted as one, whatever the database says."""

import logging
from collections.abc import Callable, Iterator, Sequence

from django.db import DatabaseError, connection, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure

from core.database_faults import PassingFault, is_passing, passing_fault
from fulfillment.models import Shipment
from fulfillment.review.bulk import (
    TOGETHER,
    MoveOutcome,
    make,
    make_together,
)
from fulfillment.review.change import BulkAction, Occasion, ShipmentBulkChange
from fulfillment.review.effects import BROKEN, BUSY

logger = logging.getLogger(__name__)

TRIES = 4

Note = Callable[[Sequence[MoveOutcome]], None]


class RefusedError(Exception):
    """The database does not take what was to be written; nothing was."""

    def __init__(self, error: DatabaseError) -> None:
        super().__init__(str(error))
        self.error = error


def unnoted(_outcomes: Sequence[MoveOutcome]) -> None:
    """Keep nothing: the answer is shown at once."""


def steps(
    shipment_ids: Sequence[int],
    change: ShipmentBulkChange,
    occasion: Occasion,
    *,
    note: Note = unnoted,
) -> Iterator[list[MoveOutcome]]:
    """Make the change for these shipments, and yield what came of each step once it is written.

    All of them are one step, where the change can be made for many together. Where it cannot, or
    the database refuses it for one of them, each is a step of its own, as :func:`step`.

    :raises django.db.DatabaseError: if the database is gone, or its disk is full.
    """

    def together() -> list[MoveOutcome]:
        with transaction.atomic():
            outcomes = make_together(shipment_ids, change, occasion)
            note(outcomes)
        return outcomes

    if change.action in TOGETHER:
        try:
            outcomes = _tried(together)
        except RefusedError:
            count = len(shipment_ids)
            logger.warning("%s of %d shipments: one by one", change.action, count, exc_info=True)
        else:
            yield outcomes
            return
    for shipment_id in shipment_ids:
        yield [step(shipment_id, change, occasion, note=note)]


def step(
    shipment_id: int,
    change: ShipmentBulkChange,
    occasion: Occasion,
    *,
    note: Note = unnoted,
) -> MoveOutcome:
    """Make the change for one shipment, as :func:`make`; one that fails never stops the others.

    Where others were in the way it is tried again; what the database still refuses is logged and
    told as unchanged, and so is one that others are still changing. ``note`` writes in the same
    transaction, so that what is made and what is counted are one; a cancellation, which asks
    gateways after its own commit, is noted right after it, and found by ``key`` if the worker died
    in between.

    :raises django.db.DatabaseError: if the database is gone, or its disk is full.
    """

    def alone() -> list[MoveOutcome]:
        outcome = make(shipment_id, change, occasion)
        note([outcome])
        return [outcome]

    work = alone if change.action == BulkAction.CANCEL else transaction.atomic(alone)
    try:
        [outcome] = _tried(work)
    except RefusedError as refused:
        logger.exception("%s of shipment %d failed", change.action, shipment_id)
        effect = BUSY if is_passing(refused.error) else BROKEN
        outcome = MoveOutcome(Shipment.objects.get(pk=shipment_id), effect)
        note([outcome])
    return outcome


def _tried(work: Callable[[], list[MoveOutcome]]) -> list[MoveOutcome]:
    """Do ``work``, and again where others were in the way.

    :raises RefusedError: if the database refuses it, or others are always in the way.
    :raises django.db.DatabaseError: if the database is gone, or its disk is full.
    """
    tries = 0
    while True:
        tries += 1
        try:
            return work()
        except DatabaseError as error:
            if passing_fault(error) is PassingFault.DISK_FULL:
                raise
            if not connection.in_atomic_block and not connection.is_usable():
                raise
            # Who was in the way is over by now, unless the time to wait for it is.
            is_over = isinstance(error.__cause__, (SerializationFailure, DeadlockDetected))
            if tries == TRIES or not is_over:
                raise RefusedError(error) from error

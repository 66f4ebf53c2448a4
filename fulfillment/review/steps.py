"""One shipment's step of a change for many: made and noted together, whatever the database says."""

import logging
from collections.abc import Callable
from datetime import date, datetime

from django.db import DatabaseError, connection, transaction

from fulfillment.models import Shipment
from fulfillment.review.bulk import Outcome, make
from fulfillment.review.change import BulkAction, BulkChange
from fulfillment.review.effects import broken

logger = logging.getLogger(__name__)

# Serialization failure and deadlock: another transaction was in the way, and is over by now.
PASSING = ("40001", "40P01")
TRIES = 4

Note = Callable[[Outcome], None]


def unnoted(_outcome: Outcome) -> None:
    """Keep nothing: the answer is shown at once."""


def step(
    shipment_id: int,
    change: BulkChange,
    *,
    today: date,
    now: datetime,
    actor_id: int | None,
    key: str = "",
    note: Note = unnoted,
) -> Outcome:
    """Make the change for one shipment, as :func:`make`; one that fails never stops the others.

    Where others were in the way it is tried again; what the database still refuses is logged and
    told as unchanged. ``note`` writes in the same transaction, so that what is made and what is
    counted are one; a cancellation, which asks gateways after its own commit, is noted right
    after it, and found by ``key`` if the worker died in between.

    :raises django.db.DatabaseError: if the database is gone.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _made(
                shipment_id, change, today=today, now=now, actor_id=actor_id, key=key, note=note
            )
        except DatabaseError as error:
            if not connection.in_atomic_block and not connection.is_usable():
                raise
            if attempt < TRIES and _is_passing(error):
                continue
            logger.exception("%s of shipment %d failed", change.action, shipment_id)
            break
    outcome = Outcome(Shipment.objects.get(pk=shipment_id), broken())
    note(outcome)
    return outcome


def _made(
    shipment_id: int,
    change: BulkChange,
    *,
    today: date,
    now: datetime,
    actor_id: int | None,
    key: str,
    note: Note,
) -> Outcome:
    if change.action == BulkAction.CANCEL:
        outcome = make(shipment_id, change, today=today, now=now, actor_id=actor_id, key=key)
        note(outcome)
        return outcome
    with transaction.atomic():
        outcome = make(shipment_id, change, today=today, now=now, actor_id=actor_id, key=key)
        note(outcome)
    return outcome


def _is_passing(error: DatabaseError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in PASSING

"""Counters that disagree with the rows they sum up, and counting them anew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from fulfillment.operations.upkeep.counters_sql import COUNTERS, CounterKind

ZERO = Decimal(0)
# The order in which their rows are locked everywhere.
LOCK_ORDER = list(CounterKind)


class CounterKey(NamedTuple):
    """Which counter: of a product at a source, in a stock, or (the place) of a future supply."""

    kind: CounterKind
    product_id: int
    place_id: int
    pickup_id: int | None


@dataclass(frozen=True, slots=True)
class WrongCounter:
    """A counter that has ``kept`` where its rows sum to ``counted``."""

    key: CounterKey
    sku: str
    place: str
    kept: Decimal
    counted: Decimal


@dataclass(frozen=True, slots=True)
class CounterCorrection:
    """The counters that now say what their rows say, and those that the database refused.

    A source that has fewer units than are allocated there needs a count of what is on hand.
    """

    keys: Sequence[CounterKey]
    refused: Sequence[CounterKey]


def wrong_counters() -> list[WrongCounter]:
    """Return every counter that disagrees with its rows, in the order in which they are locked."""
    found = []
    with connection.cursor() as cursor:
        for kind in LOCK_ORDER:
            cursor.execute(COUNTERS[kind].report)
            found += [
                WrongCounter(CounterKey(kind, *row[:3]), *row[3:]) for row in cursor.fetchall()
            ]
    return found


def recount(keys: Collection[CounterKey]) -> CounterCorrection:
    """Make counters say what their rows say; opens the transaction, safe to do twice.

    Each is locked before its rows are counted: whoever writes rows moves the counter in the same
    transaction, so nothing is counted twice, nor missed.
    """
    done, refused = [], []
    with transaction.atomic():
        for key in sorted(set(keys), key=_lock_order):
            try:
                with transaction.atomic():
                    _recount(key)
            except IntegrityError:
                refused.append(key)
            else:
                done.append(key)
    return CounterCorrection(done, refused)


def _lock_order(key: CounterKey) -> tuple[int, int, int, int]:
    return (LOCK_ORDER.index(key.kind), key.product_id, key.place_id, key.pickup_id or 0)


def _recount(key: CounterKey) -> None:
    sql = COUNTERS[key.kind]
    ids = {"product": key.product_id, "place": key.place_id, "pickup": key.pickup_id}
    with connection.cursor() as cursor:
        cursor.execute(sql.make, ids)
        cursor.execute(sql.lock, ids)
        cursor.execute(sql.count, ids)
        row = cursor.fetchone()
        cursor.execute(sql.write, {**ids, "counted": (row and row[-1]) or ZERO})

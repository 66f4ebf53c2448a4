"""Appends to the reservation ledger and moves the balances that sum it up."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from core.quantities import ZERO
from core.sql import array, prepared_cursor

INSERT_ENTRIES = """
INSERT INTO inventory_reservation
    (stock_id, product_id, quantity, event, order_line_id, order_number, sequence, reason,
     actor_id, created_at)
SELECT stock_id, product_id, quantity, event, order_line_id, order_number, sequence, reason,
       %s, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[], %s::text[],
            %s::bigint[], %s::text[])
     AS entry(stock_id, product_id, quantity, event, order_line_id, order_number, sequence, reason)
"""

SHIFT_BALANCES = """
INSERT INTO inventory_stockbalance AS balance (stock_id, product_id, reserved, allocated)
SELECT stock_id, product_id, reserved, allocated
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[])
     AS change(stock_id, product_id, reserved, allocated)
ORDER BY product_id, stock_id
ON CONFLICT (product_id, stock_id) DO UPDATE
SET reserved = balance.reserved + EXCLUDED.reserved,
    allocated = balance.allocated + EXCLUDED.allocated
"""

# Both at once, one way to the server and back.
INSERT_AND_SHIFT = f"WITH written AS ({INSERT_ENTRIES}) {SHIFT_BALANCES}"

# A negative change cannot be written as "insert or update": PostgreSQL holds the row it would
# insert to the CHECKs first. So rows are made empty, locked in key order, then moved.
MAKE_BALANCES = """
INSERT INTO inventory_stockbalance (stock_id, product_id, reserved, allocated)
SELECT stock_id, product_id, 0, 0
FROM unnest(%s::bigint[], %s::bigint[]) AS change(stock_id, product_id)
ORDER BY product_id, stock_id
ON CONFLICT (product_id, stock_id) DO NOTHING
"""

LOCK_AND_SHIFT_BALANCES = """
WITH change AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[])
        AS change(stock_id, product_id, reserved, allocated)
), locked AS MATERIALIZED (
    SELECT balance.id FROM inventory_stockbalance AS balance
    JOIN change USING (stock_id, product_id)
    ORDER BY balance.product_id, balance.stock_id FOR UPDATE OF balance
)
UPDATE inventory_stockbalance AS balance
SET reserved = balance.reserved + change.reserved,
    allocated = balance.allocated + change.allocated
FROM change, locked
WHERE balance.id = locked.id
  AND balance.stock_id = change.stock_id AND balance.product_id = change.product_id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One signed entry to append: negative when units are sold, positive when that ends."""

    stock_id: int
    product_id: int
    quantity: Decimal
    event: str
    order_line_id: int | None = None
    order_number: str = ""
    sequence: int = 0
    reason: str = ""


class BalanceChange(NamedTuple):
    """What is added to the balance of a product in a stock."""

    stock_id: int
    product_id: int
    reserved: Decimal
    allocated: Decimal


def record(
    entries: Collection[Entry],
    *,
    at: datetime,
    actor_id: int | None = None,
    allocated: Mapping[tuple[int, int], Decimal] | None = None,
) -> None:
    """Append ``entries`` and move the balances; call it last, inside the transaction.

    ``allocated`` changes what is allocated to a stock's orders, by (stock id, product id). The
    balances are the hottest rows there are, so they are written in key order in the last
    statement, and their locks live shortest.

    :raises django.db.IntegrityError: when an (order line, event, sequence) is already there.

    Rule: Reservations.
    """
    rows = [entry for entry in entries if entry.quantity]
    reserved: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for row in rows:
        reserved[row.stock_id, row.product_id] += row.quantity
    changes = _changes(reserved, allocated or {})
    with prepared_cursor() as cursor:
        if rows and changes and not _takes_away(changes):
            cursor.execute(INSERT_AND_SHIFT, [*_columns_of(rows, at, actor_id), *_arrays(changes)])
            return
        if rows:
            cursor.execute(INSERT_ENTRIES, _columns_of(rows, at, actor_id))
    _shift(changes)


def shift_balances(
    *,
    reserved: Mapping[tuple[int, int], Decimal],
    allocated: Mapping[tuple[int, int], Decimal],
) -> None:
    """Add to the balances by (stock id, product id), in key order; the last thing to write."""
    _shift(_changes(reserved, allocated))


def _changes(
    reserved: Mapping[tuple[int, int], Decimal], allocated: Mapping[tuple[int, int], Decimal]
) -> list[BalanceChange]:
    keys = sorted({*reserved, *allocated}, key=lambda key: (key[1], key[0]))
    changes = [
        BalanceChange(*key, reserved.get(key, ZERO), allocated.get(key, ZERO)) for key in keys
    ]
    return [change for change in changes if change.reserved or change.allocated]


def _takes_away(changes: Collection[BalanceChange]) -> bool:
    return any(change.allocated < 0 for change in changes)


def _shift(changes: Collection[BalanceChange]) -> None:
    if not changes:
        return
    columns = _arrays(changes)
    with prepared_cursor() as cursor:
        if _takes_away(changes):
            cursor.execute(MAKE_BALANCES, columns[:2])
            cursor.execute(LOCK_AND_SHIFT_BALANCES, columns)
        else:
            cursor.execute(SHIFT_BALANCES, columns)


def _arrays(changes: Collection[BalanceChange]) -> list[str]:
    return [
        array([change.stock_id for change in changes]),
        array([change.product_id for change in changes]),
        array([change.reserved for change in changes]),
        array([change.allocated for change in changes]),
    ]


def _columns_of(rows: Collection[Entry], at: datetime, actor_id: int | None) -> list[object]:
    return [
        actor_id,
        at,
        array([row.stock_id for row in rows]),
        array([row.product_id for row in rows]),
        array([row.quantity for row in rows]),
        array([row.event for row in rows]),
        array([row.order_line_id for row in rows]),
        array([row.order_number for row in rows]),
        array([row.sequence for row in rows]),
        array([row.reason for row in rows]),
    ]

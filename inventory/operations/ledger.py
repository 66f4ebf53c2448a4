"""Appends to the reservation ledger, whose balances move with it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple

from core.acts import Act
from core.counters import Counters
from core.quantities import ZERO
from core.sql import arrays, execute_prepared


class Entry(NamedTuple):
    """One signed entry to append: negative when units are sold, positive when that ends."""

    stock_id: int
    product_id: int
    quantity: Decimal
    event: str
    order_line_id: int | None = None
    order_number: str = ""
    sequence: int = 0
    reason: str = ""


COLUMNS = ", ".join(Entry._fields)
INSERT_ENTRIES = f"""
INSERT INTO inventory_reservation (actor_id, created_at, {COLUMNS})
SELECT %s, %s, {COLUMNS}
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[], %s::text[],
            %s::bigint[], %s::text[]) AS entry({COLUMNS})
"""  # noqa: S608 - constants

BALANCES = Counters("inventory_stockbalance", ("product_id", "stock_id"), ("reserved", "allocated"))

# Both at once, one way to the server and back.
INSERT_AND_ADD = f"WITH written AS ({INSERT_ENTRIES}) {BALANCES.add(BALANCES.sent)}"


def record(
    entries: Collection[Entry],
    act: Act,
    *,
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
    takes_away = _takes_away(changes)
    written = [act.actor_id, act.at, *arrays(rows)]
    if rows and changes and not takes_away:
        execute_prepared(INSERT_AND_ADD, [*written, *BALANCES.arrays(changes)])
        return
    if rows:
        execute_prepared(INSERT_ENTRIES, written)
    BALANCES.move(changes, takes_away=takes_away)


def shift_balances(
    *,
    reserved: Mapping[tuple[int, int], Decimal],
    allocated: Mapping[tuple[int, int], Decimal],
) -> None:
    """Add to the balances by (stock id, product id), in key order; the last thing to write."""
    changes = _changes(reserved, allocated)
    BALANCES.move(changes, takes_away=_takes_away(changes))


def _changes(
    reserved: Mapping[tuple[int, int], Decimal], allocated: Mapping[tuple[int, int], Decimal]
) -> dict[tuple[int, int], tuple[Decimal, Decimal]]:
    """Return what is reserved and allocated by (product id, stock id), where either changes."""
    keys = {*reserved, *allocated}
    changes = {
        (product_id, stock_id): (
            reserved.get((stock_id, product_id), ZERO),
            allocated.get((stock_id, product_id), ZERO),
        )
        for stock_id, product_id in keys
    }
    return {key: amounts for key, amounts in changes.items() if any(amounts)}


def _takes_away(changes: Mapping[tuple[int, int], tuple[Decimal, Decimal]]) -> bool:
    return any(allocated < 0 for _reserved, allocated in changes.values())

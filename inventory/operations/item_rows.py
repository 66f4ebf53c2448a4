"""Writes new values of any number of source items, in a fixed number of statements.

The keys of a row are ``product_id`` and ``source_id``; it may set each of ``COLUMNS``.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from core.operations.stale_rows import nothing_compared
from core.sql import listed
from inventory import ports
from inventory.models import Product, SourceItem
from inventory.models.source import SOURCE_ITEM_OPTIONS
from inventory.operations.row_values import OPTION_TYPES, RowValues, differs
from inventory.operations.whole_units import refuse_fractions
from inventory.options import Backorders
from inventory.ports import NOBODY

OPTIONS = [option.name for option in SOURCE_ITEM_OPTIONS]
COLUMNS = {
    "quantity": "numeric",
    "safety_stock": "numeric",
    "status": "text",
    **{option.name: OPTION_TYPES[option.kind] for option in SOURCE_ITEM_OPTIONS},
}

INSERT = """
WITH made AS (
    INSERT INTO inventory_sourceitem
        (product_id, source_id, allocated, is_status_automatic, quantity, safety_stock, status,
         $options)
    SELECT product_id, source_id, 0,
        is_emptied OR (NOT $is_by_person AND asked = $out_of_stock AND held = 0),
        held, COALESCE(safety_stock, 0),
        CASE WHEN is_emptied THEN $out_of_stock ELSE asked END, $options
    FROM (
        SELECT wanted.*, COALESCE(wanted.quantity, 0) AS held,
            COALESCE(wanted.status, $in_stock) AS asked,
            COALESCE(wanted.quantity, 0) = 0 AND NOT $names_status AND $empties_new AS is_emptied
        FROM $wanted AS wanted
        JOIN inventory_product AS product ON product.id = wanted.product_id
        LEFT JOIN inventory_inventoryconfiguration AS configuration ON configuration.id = 1
        WHERE NOT EXISTS (
            SELECT FROM inventory_sourceitem AS item
            WHERE item.product_id = wanted.product_id AND item.source_id = wanted.source_id)
    ) AS new
    ORDER BY product_id, source_id
    ON CONFLICT (product_id, source_id) DO NOTHING
    RETURNING product_id,
        status = $in_stock
        AND (quantity > safety_stock OR num_nonnulls($options) > 0) AS is_loosened
)
SELECT count(*), COALESCE(array_agg(DISTINCT product_id) FILTER (WHERE is_loosened), '{}')
FROM made
"""

# The setting spares the history of each row a failing look for it: a subtransaction that ends
# over all that is deferred, which makes a large write take a time that grows with its square.
LOCK = """
SELECT count(*), set_config('pgtrigger.ignore', '{}', TRUE) FROM (
    SELECT item.id FROM inventory_sourceitem AS item
    WHERE item.id IN (
        SELECT known.id FROM inventory_sourceitem AS known
        JOIN $wanted AS wanted USING (product_id, source_id)
        UNION SELECT unnest(%s::bigint[]))
    ORDER BY item.id FOR UPDATE OF item
) AS locked
"""

SHORTFALLS = """
SELECT item.id, item.allocated - GREATEST(wanted.quantity, 0)
FROM inventory_sourceitem AS item JOIN $wanted AS wanted USING (product_id, source_id)
WHERE wanted.sets_quantity AND item.allocated > GREATEST(wanted.quantity, 0)
ORDER BY item.id
"""

# What each row becomes, beside what it was. A status that is changed stays; one that the system
# wrote is undone by an increase above 0, and when backorders become allowed. The system writes Out
# of Stock where the quantity becomes 0 while backorders are off, unless the entry names a status.
BECOMING = """
SELECT next.*,
    CASE WHEN is_undone THEN $in_stock WHEN is_emptied THEN $out_of_stock ELSE next_status
    END AS status,
    NOT is_undone AND (is_emptied OR is_of_system
        OR was_is_status_automatic AND next_status = was_status) AS is_status_automatic
FROM (
    SELECT item.id, item.product_id, item.source_id, $was_values, $next_values,
        item.is_status_automatic AS was_is_status_automatic,
        CASE WHEN wanted.sets_status THEN wanted.status ELSE item.status END AS next_status,
        item.is_status_automatic
        AND (NOT wanted.sets_status OR wanted.status = item.status)
        AND ((wanted.sets_quantity AND wanted.quantity > item.quantity AND wanted.quantity > 0)
             OR ($takes_next AND NOT $took)) AS is_undone,
        wanted.sets_quantity AND wanted.quantity = 0 AND NOT $names_status
        AND (item.quantity > 0 OR wanted.sets_status)
        AND CASE WHEN wanted.sets_status THEN wanted.status ELSE item.status END = $in_stock
        AND NOT $takes_next AS is_emptied,
        NOT $is_by_person AND $names_status AND wanted.status = $out_of_stock
        AND wanted.sets_quantity AND wanted.quantity = 0 AS is_of_system
    FROM inventory_sourceitem AS item
    JOIN $wanted AS wanted USING (product_id, source_id)
    JOIN inventory_product AS product ON product.id = item.product_id
    LEFT JOIN inventory_inventoryconfiguration AS configuration ON configuration.id = 1
) AS next
"""

UPDATE = """
WITH becoming AS MATERIALIZED ($becoming), changed AS (
    UPDATE inventory_sourceitem AS item
    SET $sets, is_status_automatic = becoming.is_status_automatic
    FROM becoming
    WHERE item.id = becoming.id AND $is_changed
    RETURNING item.id, item.product_id, becoming.quantity <> was_quantity AS is_recounted,
        becoming.status = $in_stock
        AND (becoming.quantity - becoming.safety_stock > was_quantity - was_safety_stock
             OR becoming.status <> was_status
             OR $are_options_changed) AS is_loosened
)
SELECT count(*), COALESCE(array_agg(DISTINCT product_id) FILTER (WHERE is_loosened), '{}'),
    COALESCE(array_agg(id) FILTER (WHERE is_recounted), '{}')
FROM changed
"""


def takes_backorders(own: str) -> str:
    """Return the condition over ``product`` and ``configuration``; ``own`` is the item's value.

    Rule: §2, backorders; a virtual product with managed stock takes none.
    """
    return (
        f"(product.product_type <> '{Product.Type.VIRTUAL}' AND COALESCE("
        f"{own}, product.backorders, configuration.backorders, '{Backorders.NO_BACKORDERS}')"
        f" <> '{Backorders.NO_BACKORDERS}')"
    )


NAMES = {
    "in_stock": f"'{SourceItem.Status.IN_STOCK}'",
    "out_of_stock": f"'{SourceItem.Status.OUT_OF_STOCK}'",
    "options": ", ".join(OPTIONS),
    "was_values": listed("item.{0} AS was_{0}", COLUMNS),
    "next_values": listed(
        "CASE WHEN wanted.sets_{0} THEN wanted.{0} ELSE item.{0} END AS {0}",
        [name for name in COLUMNS if name != "status"],
    ),
    "sets": listed("{0} = becoming.{0}", COLUMNS),
    "is_changed": differs([*COLUMNS, "is_status_automatic"]),
    "are_options_changed": differs(OPTIONS),
    "took": takes_backorders("item.backorders"),
    "takes_next": takes_backorders(
        "CASE WHEN wanted.sets_backorders THEN wanted.backorders ELSE item.backorders END"
    ),
}
# Whether a row that is made with nothing on hand, and no status named, is Out of Stock.
EMPTIES_NEW = {
    None: f"NOT {takes_backorders('wanted.backorders')}",
    "OUT_OF_STOCK": "TRUE",
    "IN_STOCK": "FALSE",
}


@dataclass(frozen=True, slots=True)
class ItemValues(RowValues):
    """New values of source items.

    ``names_status`` is the condition that a row names its status. ``is_by_person``: a person set
    it, so that Out of Stock stays; a file's or a program's, together with quantity 0, counts as the
    system's. ``made_status`` is what rows that are made with nothing on hand get where they name
    none; None: Out of Stock while backorders are off.
    """

    names_status: str = "wanted.sets_status"
    is_by_person: bool = False
    made_status: str | None = None

    becoming = BECOMING
    names = NAMES

    def own_names(self) -> Mapping[str, str]:
        return {
            "names_status": self.names_status,
            "is_by_person": str(self.is_by_person),
            "empties_new": EMPTIES_NEW[self.made_status],
        }


@dataclass(frozen=True, slots=True)
class WrittenItems:
    """What was written; ``fallen_back`` are shipments that lost their units to a count."""

    created_count: int
    changed_count: int
    fallen_back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockedItems:
    """Rows that are made and locked, with the allocated units that the new counts do not cover.

    ``loosened`` are products of rows that were made and have units to allocate.
    """

    created_count: int
    loosened: tuple[int, ...]
    shortfalls: Mapping[int, Decimal]


class _MovedError(Exception):
    """Other shipments than the locked ones would lose units; the locks were released."""


def write_items(
    wanted: ItemValues,
    *,
    now: datetime,
    actor_id: int | None = None,
    compare: Callable[[], None] = nothing_compared,
) -> WrittenItems:
    """Make missing rows, and give every row its new values, in the caller's transaction.

    Rows are locked as :func:`lock_items` does, and compared there. Shipments lose their units where
    a count is below what is allocated, and a release run follows where units become available.

    :raises inventory.ports.HeldByVirtualLinesError: when virtual lines hold what must go.
    :raises django.db.IntegrityError: for a value that the database refuses, such as a negative.

    Rule: Reservations, counts.
    """
    locked = lock_items(wanted, compare=compare)
    return write_locked_items(wanted, locked, now=now, actor_id=actor_id)


def lock_items(
    wanted: ItemValues,
    *,
    also_locked: Collection[int] = (),
    compare: Callable[[], None] = nothing_compared,
) -> LockedItems:
    """Make missing rows and lock every row, after the shipments that will lose units.

    Products are locked before them where a quantity is a fraction, or Qty Uses Decimals is set.

    The items are locked in key order, together with the others that these shipments hold and those
    in ``also_locked``. Where other shipments turn out to lose units, all locks are released and
    taken again. ``compare`` is called when the existing rows are locked, and may refuse them.
    Runs in the caller's transaction.

    :raises inventory.ports.HeldByVirtualLinesError: when virtual lines hold what must go.
    :raises inventory.operations.whole_units.FractionError: for a fraction where decimals are not
        used.
    :raises inventory.operations.whole_units.FractionsLeftError: where decimals would be used no
        longer, and there are fractions.

    Rule: Locks are taken in one order: shipments before source items.
    """
    refuse_fractions(wanted)
    while True:
        try:
            with transaction.atomic():
                return _locked_once(wanted, also_locked, compare)
        except _MovedError:
            continue


def _locked_once(
    wanted: ItemValues, also_locked: Collection[int], compare: Callable[[], None]
) -> LockedItems:
    expected = shortfalls_of(wanted)
    giving = ports.current().lock_giving_way(expected) if expected else NOBODY
    others = [*giving.item_ids, *also_locked]
    if compare is not nothing_compared:
        wanted.rows(LOCK, others)
        compare()
    [(created_count, loosened)] = wanted.rows(INSERT)
    wanted.rows(LOCK, others)
    shortfalls = shortfalls_of(wanted)
    if shortfalls and not set(ports.current().would_give_way(shortfalls)) <= giving.numbers:
        raise _MovedError
    return LockedItems(created_count, tuple(loosened), shortfalls)


def write_locked_items(
    wanted: ItemValues, locked: LockedItems, *, now: datetime, actor_id: int | None = None
) -> WrittenItems:
    """Do what :func:`write_items` does, on rows that :func:`lock_items` has locked."""
    fallen_back = (
        ports.current().deallocate_shortfall(locked.shortfalls, now=now, actor_id=actor_id)
        if locked.shortfalls
        else []
    )
    [(changed_count, also_loosened, recounted)] = wanted.rows(UPDATE)
    if recounted:
        ports.current().end_bars(recounted)
    products = sorted({*locked.loosened, *also_loosened})
    if products:
        ports.current().note_arrival(products)
    return WrittenItems(locked.created_count, changed_count, tuple(fallen_back))


def shortfalls_of(wanted: ItemValues) -> dict[int, Decimal]:
    """Return how many allocated units must go for the counts wanted, by source item id."""
    return dict(wanted.rows(SHORTFALLS))

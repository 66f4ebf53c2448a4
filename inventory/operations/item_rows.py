"""Writes new values of any number of source items, in a fixed number of statements.

What is wanted is staged in the table ``wanted_item``: for each product and source the new value of
each of ``COLUMNS`` with ``sets_…``, whether there is one.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from core.acts import Act
from core.operations.stale_rows import nothing_compared
from core.sql import fetch_column, fetch_rows, listed
from inventory import ports
from inventory.models import Product, SourceItem
from inventory.models.source_item import SOURCE_ITEM_OPTIONS
from inventory.operations.row_values import OPTION_TYPES, differs
from inventory.operations.whole_units import FractionsLeftError, hold_products, refuse
from inventory.option_rules import Conflict
from inventory.options import Backorders
from inventory.ports import NOBODY
from inventory.queries.decimals import Fraction, ItemKey, conflicts_at

OPTIONS = [option.name for option in SOURCE_ITEM_OPTIONS]
COLUMNS = {
    "quantity": "numeric",
    "safety_stock": "numeric",
    "status": "text",
    **{option.name: OPTION_TYPES[option.kind] for option in SOURCE_ITEM_OPTIONS},
}
IN_STOCK, OUT_OF_STOCK = SourceItem.Status.IN_STOCK, SourceItem.Status.OUT_OF_STOCK

# ``names_status``: the row names its status. ``is_by_person``: a person set it, so that Out of
# Stock stays; a file's or a program's, together with quantity 0, counts as the system's.
# ``made_status`` is what a row that is made with nothing on hand gets where it names none; empty:
# Out of Stock while backorders are off.
# Analyzed while it is empty, for the server takes a table that it never saw for ten pages.
MAKE_TABLE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS wanted_item (
    line integer, name text, product_id bigint, source_id bigint,
    {", ".join(f"{name} {kind}, sets_{name} boolean" for name, kind in COLUMNS.items())},
    names_status boolean, is_by_person boolean, made_status text
) ON COMMIT DELETE ROWS;
DELETE FROM wanted_item;
ANALYZE wanted_item (line);
"""  # noqa: S608 - constants alone


def takes_backorders(own: str) -> str:
    """Return the condition over ``product`` and ``configuration``; ``own`` is the item's value.

    Rule: §2, backorders; a virtual product with managed stock takes none.
    """
    return (
        f"(product.product_type <> '{Product.Type.VIRTUAL}' AND COALESCE("
        f"{own}, product.backorders, configuration.backorders, '{Backorders.NO_BACKORDERS}')"
        f" <> '{Backorders.NO_BACKORDERS}')"
    )


def next_value(name: str) -> str:
    """Return what a column of ``item`` becomes."""
    return f"CASE WHEN wanted.sets_{name} THEN wanted.{name} ELSE item.{name} END"


INSERT = f"""
WITH made AS (
    INSERT INTO inventory_sourceitem
        (product_id, source_id, allocated, is_status_automatic, quantity, safety_stock, status,
         {", ".join(OPTIONS)})
    SELECT product_id, source_id, 0,
        is_emptied OR (NOT is_by_person AND asked = '{OUT_OF_STOCK}' AND held = 0),
        held, COALESCE(safety_stock, 0),
        CASE WHEN is_emptied THEN '{OUT_OF_STOCK}' ELSE asked END, {", ".join(OPTIONS)}
    FROM (
        SELECT wanted.*, COALESCE(wanted.quantity, 0) AS held,
            COALESCE(wanted.status, '{IN_STOCK}') AS asked,
            COALESCE(wanted.quantity, 0) = 0 AND NOT wanted.names_status AND COALESCE(
                wanted.made_status = '{OUT_OF_STOCK}', NOT {takes_backorders("wanted.backorders")}
            ) AS is_emptied
        FROM wanted_item AS wanted
        JOIN inventory_product AS product ON product.id = wanted.product_id
        LEFT JOIN inventory_inventoryconfiguration AS configuration ON configuration.id = 1
        WHERE NOT EXISTS (
            SELECT FROM inventory_sourceitem AS item
            WHERE item.product_id = wanted.product_id AND item.source_id = wanted.source_id)
    ) AS new
    ORDER BY product_id, source_id
    ON CONFLICT (product_id, source_id) DO NOTHING
    RETURNING product_id,
        status = '{IN_STOCK}'
        AND (quantity > safety_stock OR num_nonnulls({", ".join(OPTIONS)}) > 0) AS is_loosened
)
SELECT count(*), COALESCE(array_agg(DISTINCT product_id) FILTER (WHERE is_loosened), '{{}}')
FROM made
"""  # noqa: S608 - constants alone

# The setting spares the history of each row a failing look for it: a subtransaction that ends
# over all that is deferred, which makes a large write take a time that grows with its square.
LOCK = """
SELECT count(*), set_config('pgtrigger.ignore', '{}', TRUE) FROM (
    SELECT item.id FROM inventory_sourceitem AS item
    WHERE item.id IN (
        SELECT known.id FROM inventory_sourceitem AS known
        JOIN wanted_item AS wanted USING (product_id, source_id)
        UNION SELECT unnest(%s::bigint[]))
    ORDER BY item.id FOR UPDATE OF item
) AS locked
"""

SHORTFALLS = """
SELECT item.id, item.allocated - GREATEST(wanted.quantity, 0)
FROM inventory_sourceitem AS item JOIN wanted_item AS wanted USING (product_id, source_id)
WHERE wanted.sets_quantity AND item.allocated > GREATEST(wanted.quantity, 0)
ORDER BY item.id
"""

# What each row becomes, beside what it was. A status that is changed stays; one that the system
# wrote is undone by an increase above 0, and when backorders become allowed. The system writes Out
# of Stock where the quantity becomes 0 while backorders are off, unless the entry names a status.
BECOMING = f"""
SELECT next.*,
    CASE WHEN is_undone THEN '{IN_STOCK}' WHEN is_emptied THEN '{OUT_OF_STOCK}' ELSE next_status
    END AS status,
    NOT is_undone AND (is_emptied OR is_of_system
        OR was_is_status_automatic AND next_status = was_status) AS is_status_automatic
FROM (
    SELECT item.id, item.product_id, item.source_id, {listed("item.{0} AS was_{0}", COLUMNS)},
        {", ".join(f"{next_value(name)} AS {name}" for name in COLUMNS if name != "status")},
        item.is_status_automatic AS was_is_status_automatic,
        {next_value("status")} AS next_status,
        item.is_status_automatic
        AND (NOT wanted.sets_status OR wanted.status = item.status)
        AND ((wanted.sets_quantity AND wanted.quantity > item.quantity AND wanted.quantity > 0)
             OR ({takes_backorders(next_value("backorders"))}
                 AND NOT {takes_backorders("item.backorders")})) AS is_undone,
        wanted.sets_quantity AND wanted.quantity = 0 AND NOT wanted.names_status
        AND (item.quantity > 0 OR wanted.sets_status)
        AND {next_value("status")} = '{IN_STOCK}'
        AND NOT {takes_backorders(next_value("backorders"))} AS is_emptied,
        NOT wanted.is_by_person AND wanted.names_status AND wanted.status = '{OUT_OF_STOCK}'
        AND wanted.sets_quantity AND wanted.quantity = 0 AS is_of_system
    FROM inventory_sourceitem AS item
    JOIN wanted_item AS wanted USING (product_id, source_id)
    JOIN inventory_product AS product ON product.id = item.product_id
    LEFT JOIN inventory_inventoryconfiguration AS configuration ON configuration.id = 1
) AS next
"""  # noqa: S608 - constants alone
IS_CHANGED = differs([*COLUMNS, "is_status_automatic"])

UPDATE = f"""
WITH becoming AS MATERIALIZED ({BECOMING}), changed AS (
    UPDATE inventory_sourceitem AS item
    SET {listed("{0} = becoming.{0}", COLUMNS)}, is_status_automatic = becoming.is_status_automatic
    FROM becoming
    WHERE item.id = becoming.id AND {IS_CHANGED}
    RETURNING item.id, item.product_id, becoming.quantity <> was_quantity AS is_recounted,
        becoming.status = '{IN_STOCK}'
        AND (becoming.quantity - becoming.safety_stock > was_quantity - was_safety_stock
             OR becoming.status <> was_status
             OR {differs(OPTIONS)}) AS is_loosened
)
SELECT count(*), COALESCE(array_agg(DISTINCT product_id) FILTER (WHERE is_loosened), '{{}}'),
    COALESCE(array_agg(id) FILTER (WHERE is_recounted), '{{}}')
FROM changed
"""  # noqa: S608 - constants alone


QUANTITIES = ("quantity", "safety_stock", "notify_quantity_below")
# What is wanted of each row that sets a fraction, or Qty Uses Decimals; most set neither.
IS_FRACTION = listed("sets_{0} AND mod({0}, 1) <> 0", QUANTITIES, separator=" OR ")
DECIMALS_AT_STAKE = f"""
SELECT DISTINCT product_id FROM wanted_item AS wanted WHERE sets_qty_uses_decimals OR {IS_FRACTION}
"""  # noqa: S608 - constants alone
QUANTITY_VALUES = listed("('{0}', wanted.sets_{0}, wanted.{0}, item.{0})", QUANTITIES)
FRACTIONS = f"""
SELECT wanted.product_id, wanted.source_id, value.becomes, value.name
FROM wanted_item AS wanted
JOIN inventory_product AS product ON product.id = wanted.product_id
LEFT JOIN inventory_sourceitem AS item
    ON item.product_id = wanted.product_id AND item.source_id = wanted.source_id
CROSS JOIN LATERAL (VALUES {QUANTITY_VALUES}) AS value(name, is_set, becomes, was)
WHERE value.is_set AND mod(value.becomes, 1) <> 0 AND value.becomes IS DISTINCT FROM value.was
  AND NOT COALESCE(
    CASE WHEN wanted.sets_qty_uses_decimals THEN wanted.qty_uses_decimals
         ELSE item.qty_uses_decimals END,
    product.qty_uses_decimals, FALSE)
ORDER BY wanted.product_id, wanted.source_id
"""  # noqa: S608 - constants alone
ENDING = """
SELECT item.product_id, item.source_id, source.code,
    mod(CASE WHEN wanted.sets_quantity THEN wanted.quantity ELSE item.quantity END, 1) <> 0
    OR mod(CASE WHEN wanted.sets_safety_stock THEN wanted.safety_stock ELSE item.safety_stock END,
           1) <> 0
    OR mod(item.allocated, 1) <> 0
FROM wanted_item AS wanted
JOIN inventory_sourceitem AS item
    ON item.product_id = wanted.product_id AND item.source_id = wanted.source_id
JOIN inventory_product AS product ON product.id = item.product_id
JOIN inventory_source AS source ON source.id = item.source_id
WHERE wanted.sets_qty_uses_decimals
  AND COALESCE(item.qty_uses_decimals, product.qty_uses_decimals, FALSE)
  AND NOT COALESCE(wanted.qty_uses_decimals, product.qty_uses_decimals, FALSE)
ORDER BY item.product_id, item.source_id
"""


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


def lock_items(
    *,
    also_locked: Collection[int] = (),
    compare: Callable[[], None] = nothing_compared,
) -> LockedItems:
    """Make missing rows and lock every staged row, after the shipments that will lose units.

    Products are locked before them where a quantity is a fraction, or Qty Uses Decimals is set.

    The items are locked in key order, together with the others that these shipments hold and those
    in ``also_locked``. Where other shipments turn out to lose units, all locks are released and
    taken again. ``compare`` is called when the existing rows are locked, and may refuse them.
    Runs in the caller's transaction.

    :raises inventory.operations.whole_units.FractionError: for a fraction where decimals are not
        used.
    :raises inventory.operations.whole_units.FractionsLeftError: where decimals would be used no
        longer, and there are fractions.

    Rule: Locks are taken in one order: shipments before source items.
    """
    refuse_fractions()
    while True:
        try:
            with transaction.atomic():
                return _locked_once(also_locked, compare)
        except _MovedError:
            continue


def _locked_once(also_locked: Collection[int], compare: Callable[[], None]) -> LockedItems:
    expected = staged_shortfalls()
    giving = ports.current().lock_giving_way(expected) if expected else NOBODY
    others = [[*giving.item_ids, *also_locked]]
    if compare is not nothing_compared:
        fetch_rows(LOCK, others)
        compare()
    [(created_count, loosened)] = fetch_rows(INSERT)
    fetch_rows(LOCK, others)
    shortfalls = staged_shortfalls()
    if shortfalls and not set(ports.current().would_give_way(shortfalls)) <= giving.numbers:
        raise _MovedError
    return LockedItems(created_count, tuple(loosened), shortfalls)


def write_locked_items(locked: LockedItems, act: Act) -> WrittenItems:
    """Give all staged rows, which :func:`lock_items` has locked, their values.

    Shipments lose their units where a count is below what is allocated, and a release run follows
    where units become available.

    :raises inventory.ports.HeldUnitsError: when virtual lines or packed shipments hold what must
        go.
    :raises django.db.IntegrityError: for a value that the database refuses, such as a negative.

    Rule: Reservations, counts.
    """
    fallen_back = (
        ports.current().deallocate_shortfall(locked.shortfalls, act) if locked.shortfalls else []
    )
    [(changed_count, also_loosened, recounted)] = fetch_rows(UPDATE)
    if recounted:
        ports.current().end_bars(recounted)
    products = sorted({*locked.loosened, *also_loosened})
    if products:
        ports.current().note_arrival(products)
    return WrittenItems(locked.created_count, changed_count, tuple(fallen_back))


def staged_shortfalls() -> dict[int, Decimal]:
    """Return how many allocated units must go for the staged counts, by source item id."""
    return dict(fetch_rows(SHORTFALLS))


def refuse_fractions() -> None:
    """Hold the products whose decimals matter, and refuse staged values that may not be written.

    Runs inside the caller's transaction, before it locks anything else.

    :raises inventory.operations.whole_units.FractionError: for a fraction where decimals are not
        used, that is not there already.
    :raises inventory.operations.whole_units.FractionsLeftError: where decimals would be used no
        longer, and there are fractions.

    Rule: Qty Uses Decimals, §2.
    """
    touched = fetch_column(DECIMALS_AT_STAKE)
    if not touched:
        return
    hold_products(touched)
    refuse(staged_fractions())
    left = staged_fractions_left()
    if left:
        raise FractionsLeftError(left)


def staged_fractions() -> list[Fraction]:
    """Return the new values that are fractions and may not be; each is named by its column."""
    return [Fraction(*row) for row in fetch_rows(FRACTIONS)]


def items_ending_decimals() -> list[ItemKey]:
    """Return the source items that would use decimals no longer."""
    return [(product_id, source_id) for product_id, source_id, *_rest in fetch_rows(ENDING)]


def staged_fractions_left() -> dict[int, Conflict]:
    """Return what forbids that source items use decimals no longer, by product id."""
    ending = fetch_rows(ENDING)
    if not ending:
        return {}
    return conflicts_at(
        [(product_id, source_id) for product_id, source_id, *_rest in ending],
        on_hand=[(product_id, code) for product_id, _source, code, is_held in ending if is_held],
    )

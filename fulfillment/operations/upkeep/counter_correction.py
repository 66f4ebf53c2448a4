"""Counters that disagree with the rows they sum up, counted again.

A counter is of a product and its holder: a source, a stock, or a future supply.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from core.sql import literals
from fulfillment.models import Shipment
from fulfillment.operations.shipments.allocation_counters import QUEUES
from inventory.operations.ledger import BALANCES


class CounterKind(models.TextChoices):
    ITEM_ALLOCATED = "ITEM_ALLOCATED", _("Allocated at a source")
    SUPPLY_PROMISED = "SUPPLY_PROMISED", _("Promised from future supply")
    STOCK_RESERVED = "STOCK_RESERVED", _("Reserved in a stock")
    STOCK_ALLOCATED = "STOCK_ALLOCATED", _("Allocated to a stock's orders")
    WAITING = "WAITING", _("Waited for in a stock")


@dataclass(frozen=True, slots=True)
class CounterSql:
    """Where a counter is: its table, the columns of its holder and of its value; its row's sum.

    ``rows`` selects product id, holder id, pickup source id and total. ``name`` is the holder's,
    from ``named``. ``make`` makes the row where it is missing.
    """

    table: str
    holder: str
    column: str
    rows: str
    named: str
    name: str
    pickup: str = "NULL::bigint"
    make: str = "SELECT 1"

    @property
    def report(self) -> str:
        """What ``WrongCounter`` holds, of each counter that is not the sum of its rows."""
        return f"""
            SELECT found.product_id, found.holder_id, found.pickup_id, product.sku, {self.name},
                found.kept, found.counted
            FROM (
                SELECT COALESCE(counter.product_id, summed.product_id) AS product_id,
                    COALESCE(counter.holder_id, summed.holder_id) AS holder_id,
                    COALESCE(counter.pickup_id, summed.pickup_id) AS pickup_id,
                    COALESCE(counter.kept, 0) AS kept, COALESCE(summed.total, 0) AS counted
                FROM (SELECT product_id, {self.holder} AS holder_id, {self.pickup} AS pickup_id,
                          {self.column} AS kept FROM {self.table}) AS counter
                FULL JOIN ({self.rows}) AS summed ON summed.product_id = counter.product_id
                    AND summed.holder_id = counter.holder_id
                    AND COALESCE(summed.pickup_id, 0) = COALESCE(counter.pickup_id, 0)
            ) AS found
            JOIN inventory_product AS product ON product.id = found.product_id
            JOIN {self.named} AS holder ON holder.id = found.holder_id
            LEFT JOIN inventory_source AS pickup ON pickup.id = found.pickup_id
            WHERE found.kept <> found.counted
            ORDER BY found.product_id, found.holder_id, found.pickup_id
        """  # noqa: S608 - constants

    @property
    def lock(self) -> str:
        """The statement that locks one counter."""
        return f"SELECT 1 FROM {self.table} WHERE {self._is_chosen} FOR UPDATE"  # noqa: S608

    @property
    def write(self) -> str:
        """The statement that writes the sum of a counter's rows to it."""
        return f"""
            UPDATE {self.table} SET {self.column} = COALESCE((
                SELECT total FROM ({self.rows}) AS summed
                WHERE product_id = %(product)s AND holder_id = %(holder)s
                  AND pickup_id IS NOT DISTINCT FROM %(pickup)s), 0)
            WHERE {self._is_chosen}
        """  # noqa: S608 - constants

    @property
    def _is_chosen(self) -> str:
        return (
            f"product_id = %(product)s AND {self.holder} = %(holder)s"
            f" AND {self.pickup} IS NOT DISTINCT FROM %(pickup)s"
        )


CHOSEN = "(SELECT %(product)s::bigint AS product_id, %(holder)s::bigint AS stock_id)"
CHOSEN_QUEUE = f"""(
    SELECT *, %(pickup)s::bigint AS pickup_source_id FROM {CHOSEN} AS chosen
)"""  # noqa: S608 - constants
MAKE_BALANCE, MAKE_QUEUE = BALANCES.make(CHOSEN), QUEUES.make(CHOSEN_QUEUE)

HELD_AT_ITEMS = """
    SELECT item.product_id, item.source_id AS holder_id, NULL::bigint AS pickup_id,
        SUM(allocation.quantity) AS total
    FROM fulfillment_allocation AS allocation
    JOIN inventory_sourceitem AS item ON item.id = allocation.source_item_id
    GROUP BY item.product_id, item.source_id
"""
PROMISED = """
    SELECT supply.product_id, supply.id AS holder_id, NULL::bigint AS pickup_id,
        SUM(allocation.quantity) AS total
    FROM fulfillment_allocation AS allocation
    JOIN inventory_futuresupply AS supply ON supply.id = allocation.future_supply_id
    GROUP BY supply.id
"""
RESERVED = """
    SELECT product_id, stock_id AS holder_id, NULL::bigint AS pickup_id, SUM(quantity) AS total
    FROM inventory_reservation GROUP BY product_id, stock_id
"""
HELD_BY_STOCKS = """
    SELECT line.product_id, placed.stock_id AS holder_id, NULL::bigint AS pickup_id,
        SUM(allocation.quantity) AS total
    FROM fulfillment_allocation AS allocation
    JOIN orders_orderline AS line ON line.id = allocation.order_line_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    WHERE allocation.source_item_id IS NOT NULL
    GROUP BY line.product_id, placed.stock_id
"""
WAITED_FOR = f"""
    SELECT part.product_id, shipment.stock_id AS holder_id, shipment.pickup_source_id AS pickup_id,
        SUM(part.quantity - COALESCE(received.quantity, 0)) AS total
    FROM fulfillment_shipmentline AS part
    JOIN fulfillment_shipment AS shipment ON shipment.id = part.shipment_id
    JOIN orders_orderline AS line ON line.id = part.order_line_id
    LEFT JOIN LATERAL (
        SELECT SUM(allocation.quantity) AS quantity FROM fulfillment_allocation AS allocation
        WHERE allocation.shipment_line_id = part.id AND allocation.source_item_id IS NOT NULL
    ) AS received ON TRUE
    WHERE shipment.state IN ({literals(*Shipment.WAITING_STATES)}) AND line.is_reserving
        AND part.quantity > 0
    GROUP BY part.product_id, shipment.stock_id, shipment.pickup_source_id
"""  # noqa: S608 - constants

ITEMS, SUPPLY = "inventory_sourceitem", "inventory_futuresupply"
SOURCES, STOCKS = "inventory_source", "inventory_stock"
CODE, REFERENCE = "holder.code", "holder.reference || ' #' || holder.id"
CODE_AND_PICKUP = "holder.code || COALESCE(' · ' || pickup.code, '')"
BALANCE, QUEUE = BALANCES.table, QUEUES.table
COUNTERS = {
    CounterKind.ITEM_ALLOCATED: CounterSql(
        ITEMS, "source_id", "allocated", HELD_AT_ITEMS, SOURCES, CODE
    ),
    CounterKind.SUPPLY_PROMISED: CounterSql(
        SUPPLY, "id", "allocated_quantity", PROMISED, SUPPLY, REFERENCE
    ),
    CounterKind.STOCK_RESERVED: CounterSql(
        BALANCE, "stock_id", "reserved", RESERVED, STOCKS, CODE, make=MAKE_BALANCE
    ),
    CounterKind.STOCK_ALLOCATED: CounterSql(
        BALANCE, "stock_id", "allocated", HELD_BY_STOCKS, STOCKS, CODE, make=MAKE_BALANCE
    ),
    CounterKind.WAITING: CounterSql(
        QUEUE, "stock_id", "quantity", WAITED_FOR, STOCKS, CODE_AND_PICKUP,
        pickup="pickup_source_id", make=MAKE_QUEUE,
    ),
}  # fmt: skip


# The order in which their rows are locked everywhere.
LOCK_ORDER = list(CounterKind)


class CounterKey(NamedTuple):
    """Which counter: of a product and its holder: a source, a stock, or a future supply."""

    kind: CounterKind
    product_id: int
    holder_id: int
    pickup_id: int | None


@dataclass(frozen=True, slots=True)
class WrongCounter:
    """A counter that has ``kept`` where its rows sum to ``counted``."""

    key: CounterKey
    sku: str
    holder: str
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
                WrongCounter(CounterKey(kind, product_id, holder_id, pickup_id), *facts)
                for product_id, holder_id, pickup_id, *facts in cursor.fetchall()
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
    return (LOCK_ORDER.index(key.kind), key.product_id, key.holder_id, key.pickup_id or 0)


def _recount(key: CounterKey) -> None:
    sql = COUNTERS[key.kind]
    ids = {"product": key.product_id, "holder": key.holder_id, "pickup": key.pickup_id}
    with connection.cursor() as cursor:
        for statement in (sql.make, sql.lock, sql.write):
            cursor.execute(statement, ids)

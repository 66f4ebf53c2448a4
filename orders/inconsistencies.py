"""Order lines whose entries in the ledger do not cancel out their open units."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from core.acts import Act
from core.sql import fetch_rows
from core.text import gettext_noop
from inventory.models import Reservation
from inventory.operations import ledger
from orders.models import Order

REASON = gettext_noop("Corrects the ledger of this line")

# The lines that break the invariant, of those that are named, or of all where none is.
BROKEN = """
WITH entries AS (
    SELECT order_line_id, SUM(quantity) AS total FROM inventory_reservation
    WHERE order_line_id IS NOT NULL
      AND (%(lines)s::bigint[] IS NULL OR order_line_id = ANY(%(lines)s::bigint[]))
    GROUP BY order_line_id
)
SELECT line.id, placed.number, line.number, placed.stock_id, stock.code, line.product_id,
    line.sku, COALESCE(entries.total, 0), reserving.open_quantity
FROM orders_orderline AS line
CROSS JOIN LATERAL (
    SELECT CASE WHEN line.is_reserving THEN line.open_quantity ELSE 0 END AS open_quantity
) AS reserving
JOIN orders_order AS placed ON placed.id = line.order_id
JOIN inventory_stock AS stock ON stock.id = placed.stock_id
LEFT JOIN entries ON entries.order_line_id = line.id
WHERE COALESCE(entries.total, 0) + reserving.open_quantity <> 0
  AND (%(lines)s::bigint[] IS NULL OR line.id = ANY(%(lines)s::bigint[]))
ORDER BY line.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class LineInconsistency:
    """A line whose entries sum to ``reserved`` where they should sum to minus ``open_quantity``.

    A line that does not reserve should have none: its open quantity counts as 0 here.
    """

    order_line_id: int
    order_number: str
    line_number: int
    stock_id: int
    stock_code: str
    product_id: int
    sku: str
    reserved: Decimal
    open_quantity: Decimal

    @property
    def compensation(self) -> Decimal:
        """The entry that puts it right."""
        return -(self.reserved + self.open_quantity)


@dataclass(frozen=True, slots=True)
class CompensationResult:
    """What was put right, and the ids of the lines that had changed and were left alone."""

    lines: Sequence[LineInconsistency]
    stale_line_ids: Sequence[int]


def inconsistent_lines(
    *, order_line_ids: Collection[int] | None = None, limit: int = 1_000
) -> list[LineInconsistency]:
    """Return the lines that break the invariant, by id, among some or among all there are.

    Rule: Reservations, invariant.
    """
    chosen = None if order_line_ids is None else list(order_line_ids)
    rows = fetch_rows(BROKEN, {"lines": chosen, "limit": limit})
    return [LineInconsistency(*row) for row in rows]


def compensate_lines(compensations: Mapping[int, Decimal], act: Act) -> CompensationResult:
    """Append the proposed compensations, by order line id; opens the transaction.

    A line is put right only by what it still needs, so doing it twice writes nothing more, and a
    proposal that has become wrong is left alone.

    Rule: Reservations, manual compensation.
    """
    with transaction.atomic():
        orders = Order.objects.filter(lines__in=compensations).order_by("pk")
        list(Order.objects.filter(pk__in=orders.values("pk")).order_by("pk").select_for_update())
        found = inconsistent_lines(order_line_ids=compensations, limit=len(compensations))
        right = [row for row in found if row.compensation == compensations[row.order_line_id]]
        written = Reservation.objects.filter(
            order_line_id__in=compensations, event=Reservation.Event.COMPENSATION
        )
        last = dict(
            written.order_by()
            .values("order_line_id")
            .annotate(last=Max("sequence"))
            .values_list("order_line_id", "last")
        )
        ledger.record(
            [
                ledger.Entry(
                    stock_id=row.stock_id,
                    product_id=row.product_id,
                    quantity=row.compensation,
                    event=Reservation.Event.COMPENSATION,
                    order_line_id=row.order_line_id,
                    order_number=row.order_number,
                    sequence=last.get(row.order_line_id, 0) + 1,
                    reason=REASON,
                )
                for row in right
            ],
            act,
        )
    done = {row.order_line_id for row in right}
    return CompensationResult(right, sorted(set(compensations) - done))

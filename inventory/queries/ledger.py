"""The ledger of one product in one stock, page by page, with its running balance."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from core.quantities import ZERO
from inventory.models import Reservation, StockBalance

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An entry, and the sum of all entries up to it: what is sold and has not left, below 0."""

    entry: Reservation
    balance: Decimal


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, the newest first; ``older_than`` is where the next page begins, None at the end."""

    rows: list[LedgerRow]
    older_than: int | None


def ledger_of_product(
    product_id: int, stock_id: int, *, older_than: int | None = None
) -> LedgerPage:
    """Return a page of what was reserved of a product in a stock, from the newest entry down.

    The balance starts from the kept counter and goes back entry by entry, so that no page sums
    a ledger that grows for ever; only the entries passed over are summed.
    """
    entries = Reservation.objects.filter(product=product_id, stock=stock_id)
    balance = _reserved(product_id, stock_id)
    if older_than is not None:
        newer = entries.filter(pk__gte=older_than).aggregate(total=Sum("quantity"))["total"]
        balance -= newer or ZERO
        entries = entries.filter(pk__lt=older_than)
    found = list(entries.select_related("actor").order_by("-pk")[: PAGE_SIZE + 1])
    rows = []
    for entry in found[:PAGE_SIZE]:
        rows.append(LedgerRow(entry, balance))
        balance -= entry.quantity
    has_more = len(found) > PAGE_SIZE
    return LedgerPage(rows, rows[-1].entry.pk if has_more else None)


def _reserved(product_id: int, stock_id: int) -> Decimal:
    kept = StockBalance.objects.filter(product=product_id, stock=stock_id).order_by("pk")
    return kept.values_list("reserved", flat=True).first() or ZERO

"""Units in transit, of transfers that were sent: given back to their senders, or lost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from typing import Any

import pghistory
from django.utils.translation import gettext

from core import formats
from inventory.models import FutureSupply
from inventory.operations import units
from inventory.operations.missing_items import locked_item_ids

# As long as what a bulk change says of itself.
LONGEST_CAUSE = 300


def give_back(records: Iterable[FutureSupply]) -> None:
    """Put what is outstanding of transfers on hand at their senders again.

    Runs in the caller's transaction, which holds the records and the source items of the senders.
    A sender that does not hold the product any more holds it again.

    Rule: Future supply over time, canceled (§16).
    """
    sent = {
        record.pk: (record.product_id, record.sent_from_id)
        for record in records
        if record.sent_from_id is not None and record.outstanding_quantity
    }
    items = locked_item_ids(sent.values())
    returned: defaultdict[int, Decimal] = defaultdict(Decimal)
    for record in records:
        if record.pk in sent:
            returned[items[sent[record.pk]]] += record.outstanding_quantity
    units.add(returned)


def cause_of_cancellation(supply_id: int) -> AbstractContextManager[Any]:
    """Say in history why the units of a transfer are back; nothing of any other supply."""
    record = _transfers([supply_id]).get(supply_id)
    if record is None:
        return nullcontext()
    told = gettext("Canceled %(reference)s: %(units)s are back at %(source)s.") % {
        "reference": record.reference,
        "units": formats.quantity(record.outstanding_quantity),
        "source": record.sent_from,
    }
    return _cause(told)


def cause_of_loss(lost: Mapping[int, Decimal]) -> AbstractContextManager[Any]:
    """Say in history what was lost in transit, by record; nothing of any other supply."""
    records = _transfers(lost)
    if not records:
        return nullcontext()
    parts = ", ".join(
        f"{formats.quantity(lost[pk])} × {record.product.sku} ({record.reference})"
        for pk, record in records.items()
    )
    return _cause(gettext("Lost in transit: %(units)s") % {"units": parts})


def _transfers(supply_ids: Iterable[int]) -> dict[int, FutureSupply]:
    found = FutureSupply.objects.filter(pk__in=list(supply_ids), sent_from__isnull=False)
    return {row.pk: row for row in found.select_related("product", "sent_from").order_by("pk")}


def _cause(text: str) -> AbstractContextManager[Any]:
    entry: AbstractContextManager[Any] = pghistory.context(cause=text[:LONGEST_CAUSE])
    return entry

"""What a bulk action would do to every row; nothing is written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inventory.models import BulkChange
from inventory.operations.bulk.assignment import ASSIGN, UNASSIGN
from inventory.operations.bulk.options import ITEM_OPTION, PRODUCT_OPTION
from core.operations.bulk.rows import (DIGESTS, BulkRow, Plan, RowAction, RowTally)
from inventory.operations.bulk.status import STATUS
from inventory.operations.bulk.take_back import TAKE_BACK
from inventory.operations.bulk.transfer import TRANSFER

ROW_ACTIONS: dict[str, RowAction[Any]] = {
    BulkChange.Action.ASSIGN: ASSIGN,
    BulkChange.Action.UNASSIGN: UNASSIGN,
    BulkChange.Action.TRANSFER: TRANSFER,
    BulkChange.Action.STATUS: STATUS,
    BulkChange.Action.PRODUCT_OPTION: PRODUCT_OPTION,
    BulkChange.Action.ITEM_OPTION: ITEM_OPTION,
    BulkChange.Action.TAKE_BACK: TAKE_BACK,
}

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Preview:
    """The counts over all rows, and the rows of one page, refused ones first.

    ``page_count`` is how many pages there are; a page holds a number of chosen keys, each with
    all its rows. ``plans`` is what is shown of each key, as a snapshot keeps it.
    """

    tally: RowTally
    rows: tuple[BulkRow, ...]
    page: int
    page_count: int
    plans: Mapping[int, str] = field(default_factory=dict)


def preview(
    action: str, keys: Sequence[int], values: Mapping[str, Any], *, page: int, page_size: int
) -> Preview:
    """Plan the action on ``keys``, which are shown in their order, what is refused first.

    Rule: Bulk work, each shows what it will change before it does.
    """
    subject = ROW_ACTIONS[action]
    request = subject.read(values)
    tally = RowTally()
    refused: set[int] = set()
    plans: defaultdict[int, Plan] = defaultdict(Plan)
    for rows in chunks_of_rows(action, keys, values):
        for row in rows:
            tally.add(row)
            plans[row.key].add(row)
            if row.refusal is not None:
                refused.add(row.key)
    ordered = [key for key in keys if key in refused] + [key for key in keys if key not in refused]
    page_count = max(1, -(-len(ordered) // page_size))
    shown = min(max(page, 1), page_count)
    start = (shown - 1) * page_size
    rows = subject.plan(ordered[start : start + page_size], request)
    texts = {key: plan.as_text() for key, plan in plans.items()}
    return Preview(tally, tuple(rows), shown, page_count, texts)


def tally_of(action: str, keys: Sequence[int], values: Mapping[str, Any]) -> RowTally:
    """Return the counts of the plan as it is now."""
    tally = RowTally()
    for rows in chunks_of_rows(action, keys, values):
        for row in rows:
            tally.add(row)
    return tally


def row_digests(action: str, keys: Sequence[int], values: Mapping[str, Any]) -> dict[int, int]:
    """Return the number of each key's plan as it is now; their sum is the tally's fingerprint."""
    digests = dict.fromkeys(sorted(keys), 0)
    for rows in chunks_of_rows(action, keys, values):
        for row in rows:
            digests[row.key] = (digests[row.key] + row.digest()) % DIGESTS
    return digests


def chunks_of_rows(action: str, keys: Sequence[int], values: Mapping[str, Any]) -> Any:
    """Yield the plans of parts of ``keys``, always the same parts in key order."""
    subject = ROW_ACTIONS[action]
    request = subject.read(values)
    ordered = sorted(keys)
    for start in range(0, len(ordered), CHUNK):
        yield subject.plan(ordered[start : start + CHUNK], request)

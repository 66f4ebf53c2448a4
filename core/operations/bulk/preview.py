"""What a bulk action would do to every row; nothing is written."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.acts import Act
from core.operations import preview_snapshots
from core.operations.bulk.row_plans import (
    BulkRow,
    RowAction,
    RowPlan,
    RowTally,
    refused_rows,
)
from core.trials import trial

ACTIONS: dict[str, RowPlan[Any]] = {}
# Rows that are planned together.
CHUNK = 1000
# No row has this key: what was asked for stands there.
ASKED = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """The counts over all rows, and the rows of one page, refused ones first.

    ``page_count`` is how many pages there are; a page holds a number of the ``chosen_count`` keys,
    each with all its rows. The ``tally`` is of the page alone where rows are planned page by page.
    ``snapshot`` names what is shown of every row.
    """

    tally: RowTally
    rows: tuple[BulkRow, ...]
    page: int
    page_count: int
    chosen_count: int
    row_count: int
    is_whole: bool
    snapshot: str


def register(actions: Mapping[str, RowPlan[Any]]) -> None:
    """Make bulk actions known by their codes; called when the apps are ready.

    :raises ValueError: if a code is taken.
    """
    if taken := ACTIONS.keys() & actions.keys():
        raise ValueError(", ".join(sorted(taken)))
    ACTIONS.update(actions)


def preview(
    action: str,
    keys: Sequence[int],
    values: Mapping[str, Any],
    act: Act,
    *,
    page: int,
    page_size: int,
) -> Preview:
    """Plan the action on ``keys``, which are shown in their order, what is refused first.

    What is shown of each is kept, to be compared when ``act``'s actor confirms it.

    Rule: Bulk work, each shows what it will change before it does.
    """
    subject = ACTIONS[action]
    request = subject.read(values)
    tally, refused = RowTally(), set[int]()
    texts = texts_of(action, keys, values, act, tally=tally, refused=refused)
    ordered = [key for key in keys if key in refused] + [key for key in keys if key not in refused]
    page_count = max(1, -(-len(ordered) // page_size))
    shown = min(max(page, 1), page_count)
    of_page = ordered[(shown - 1) * page_size : shown * page_size]
    rows = planned(subject, of_page, request, act)
    is_whole = subject.shown is None or page_count == 1
    if subject.shown is not None:
        # Planned for this page alone.
        rows = sorted(rows, key=lambda row: row.refusal is None)
        for row in rows:
            tally.add(row)
    return Preview(
        tally,
        tuple(rows),
        shown,
        page_count,
        len(ordered),
        len(ordered) * subject.rows_each(request),
        is_whole,
        preview_snapshots.keep({ASKED: asked_for(action, values, act), **texts}, now=act.at),
    )


def asked_for(action: str, values: Mapping[str, Any], act: Act) -> str:
    """Return the request and the person who made it, in one line."""
    return json.dumps([act.actor_id, action, values], sort_keys=True, default=str)


def planned(subject: RowPlan[Any], keys: Sequence[int], request: Any, act: Act) -> list[BulkRow]:
    """Return what each row would become; one that is tried is made and taken back for it."""
    rows = subject.plan(keys, request, act)
    if not isinstance(subject, RowAction) or not subject.is_tried:
        return rows
    return [_tried(subject, row, request, act) if row.is_change else row for row in rows]


def _tried(subject: RowAction[Any], row: BulkRow, request: Any, act: Act) -> BulkRow:
    with trial():
        [made] = refused_rows([row], subject.write([row], request, act))
    return made


def texts_of(
    action: str,
    keys: Sequence[int],
    values: Mapping[str, Any],
    act: Act,
    *,
    tally: RowTally | None = None,
    refused: set[int] | None = None,
) -> dict[int, str]:
    """Return what a preview shows of each row now, as a text by key.

    Rows that are planned for it are counted in ``tally``, the keys of refused ones in ``refused``.
    """
    subject = ACTIONS[action]
    if subject.shown is not None:
        return subject.shown(keys)
    texts: dict[int, str] = {}
    for rows in chunks_of_rows(action, keys, values, act):
        texts |= texts_of_rows(rows)
        for row in rows:
            if tally is not None:
                tally.add(row)
            if refused is not None and row.refusal is not None:
                refused.add(row.key)
    return texts


def texts_of_rows(rows: Collection[BulkRow]) -> dict[int, str]:
    """Return the plans of rows as a preview keeps them: those of one key together."""
    kept: defaultdict[int, list[str]] = defaultdict(list)
    for row in rows:
        kept[row.key].append(row.kept())
    return {key: f"[{','.join(texts)}]" for key, texts in kept.items()}


def chunks_of_rows(
    action: str, keys: Sequence[int], values: Mapping[str, Any], act: Act
) -> Iterator[list[BulkRow]]:
    """Yield the plans of parts of ``keys``, always the same parts in key order."""
    subject = ACTIONS[action]
    request = subject.read(values)
    ordered = sorted(keys)
    for start in range(0, len(ordered), CHUNK):
        yield subject.plan(ordered[start : start + CHUNK], request, act)

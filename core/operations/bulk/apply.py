"""Makes a bulk change that was confirmed: at once, or part by part in a worker."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.db import transaction

from core.acts import Act
from core.database_faults import is_passing
from core.models import BulkChange, BulkRefusal, Job
from core.operations import jobs, preview_snapshots
from core.operations.bulk.preview import ACTIONS, ASKED, asked_for, texts_of, texts_of_rows
from core.operations.bulk.row_plans import BulkRow, RowAction, RowTally, refused_rows
from core.operations.retry import NotTakenError, with_retries
from core.text import Sentence
from core.text import gettext_noop as _

logger = logging.getLogger(__name__)

KIND = "core.bulk_change"
# What the key of the act that makes a change begins with; its number follows.
KEY_OF_CHANGE = "change-"
LONGEST_SUMMARY = 300
# A preview is not taken for today's tomorrow.
KEPT = timedelta(hours=12)
CHANGED = Sentence(_("This was changed after the change was confirmed."))
BUSY = Sentence(_("Somebody else was changing it, or it took too long. Try again."))
BROKEN = Sentence(_("An error of the database kept it as it is. The log has the details."))
GONE = _("The preview is too old to be compared. Nothing was changed. Make the change again.")
NO_ROWS: Mapping[int, str] = {}


class ChangedSinceShownError(Exception):
    """What would be done is not what was shown; nothing was written.

    ``shown`` is what was shown of each key that is another now, as a snapshot keeps it; empty
    of one that came since. ``None``: this person was shown no such preview lately.
    """

    def __init__(self, shown: Mapping[int, str] | None = None) -> None:
        super().__init__(f"{len(shown or ())}")
        self.shown = shown


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """A bulk action that a person confirmed; ``snapshot`` names what the page showed of each row.

    ``more`` is what was asked for at the confirmation. ``list_address`` is where rows were chosen.
    """

    action: str
    keys: tuple[int, ...]
    values: Mapping[str, Any]
    summary: str
    snapshot: str
    more: Mapping[str, Any] | None = None
    list_address: str = ""


def check_shown(confirmed: BulkRequest, act: Act) -> None:
    """Compare what each row would become with what was shown of it to ``act``'s actor.

    :raises ChangedSinceShownError: if it is not the same.
    """
    shown = preview_snapshots.read(confirmed.snapshot, since=act.at - KEPT)
    asked = asked_for(confirmed.action, confirmed.values, act)
    if shown is None or shown.pop(ASKED, "") != asked:
        raise ChangedSinceShownError
    now = texts_of(confirmed.action, confirmed.keys, confirmed.values, act)
    keys = shown.keys() | now.keys()
    changed = {key: shown.get(key, "") for key in sorted(keys) if shown.get(key) != now.get(key)}
    if changed:
        raise ChangedSinceShownError(changed)


def confirm(confirmed: BulkRequest, act: Act) -> BulkChange:
    """Make the change of ``act``'s actor at once, or have a worker make one of many rows.

    Opens the transactions. A worker does it part by part, each of them once, and leaves out rows
    that changed meanwhile; so is done at once what is not all or nothing.

    :raises ChangedSinceShownError: if the plan is not the one that was shown.

    Rule: Bulk work.
    """
    subject = _action(confirmed.action)
    request = subject.read(confirmed.values)
    total = len(confirmed.keys) * subject.rows_each(request)
    is_large = total > subject.at_once()
    is_whole = subject.is_all_or_nothing and not is_large
    with transaction.atomic():
        if is_whole:
            subject.lock(sorted(confirmed.keys), request)
        check_shown(confirmed, act)
        change = _recorded(confirmed, act)
        if is_large:
            change.job = jobs.submit(
                act,
                kind=KIND,
                parameters={
                    "bulk_change": change.pk,
                    preview_snapshots.PARAMETER: confirmed.snapshot,
                },
                total=total,
            )
            change.save(update_fields=["job"])
            return change
        if is_whole:
            with entry_of(change) as entry:
                while make_next_part(change.pk, entry_id=entry and entry.id, now=act.at):
                    pass
    if not is_whole:
        make(change, now=act.at)
    return BulkChange.objects.defer("row_ids").get(pk=change.pk)


def register_kind(label: Any) -> None:
    """Have workers make bulk changes; called when the apps are ready."""
    jobs.register(KIND, label, run, goes_on=True)


def run(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """Make the bulk change of a job from where it stands; again, it goes on from there.

    :raises core.operations.jobs.JobError: if what was shown is no longer kept.
    """
    change = BulkChange.objects.defer("row_ids").get(pk=job.parameters["bulk_change"])
    make(change, now=job.started_at or job.created_at, progress=progress)
    change.refresh_from_db(fields=["changed_count", "unchanged_count", "refused_count"])
    return {
        "changed": change.changed_count,
        "unchanged": change.unchanged_count,
        "refused": change.refused_count,
    }


def make(
    change: BulkChange, *, now: datetime, progress: jobs.Progress = lambda _done: None
) -> None:
    """Make what is left of a change; what the database refuses of one row stops no other.

    :raises core.operations.jobs.JobError: if what was shown is no longer kept.
    :raises django.db.DatabaseError: if the database is gone, or its disk is full.
    """
    subject = _action(change.action)
    shown = preview_snapshots.read(change.snapshot)
    if shown is None:
        raise jobs.JobError(str(GONE))
    rows_each = subject.rows_each(subject.read(change.values))
    position = change.position
    progress(position * rows_each)
    with entry_of(change) as entry:

        def part(size: int, fault: Sentence | None = None) -> int:
            return make_next_part(
                change.pk, entry_id=entry and entry.id, now=now, shown=shown, size=size, fault=fault
            )

        while position < change.chosen_count:
            position = _next_position(change, part, size=subject.chunk)
            progress(position * rows_each)


def _next_position(change: BulkChange, part: Callable[..., int], *, size: int) -> int:
    """Make the next part; where the database does not take it, its rows one by one."""
    try:
        return with_retries(lambda: part(size))
    except NotTakenError as error:
        if size > 1:
            logger.warning("%s of %d rows: one by one", change.action, size, exc_info=True)
            position = change.position
            for _row in range(size):
                position = _next_position(change, part, size=1)
                if position == change.chosen_count:
                    break
            return position
        logger.exception("%s of a row failed", change.action)
        return part(1, BUSY if is_passing(error.error) else BROKEN)


def make_next_part(
    change_id: int,
    *,
    entry_id: Any,
    now: datetime,
    shown: Mapping[int, str] = NO_ROWS,
    size: int = 0,
    fault: Sentence | None = None,
) -> int:
    """Make the next part, and note in the same transaction that it is made.

    Returns how many of the chosen rows are done by then, 0 if all were done before. Every row is
    planned again under its lock; what is refused now stays as it is, and so does a row that is not
    as it was ``shown``. With a ``fault`` the rows are refused for it, and nothing is tried.
    """
    changes = BulkChange.objects.defer("row_ids")
    subject = _action(changes.values_list("action", flat=True).get(pk=change_id))
    with transaction.atomic():
        change = changes.select_for_update().get(pk=change_id)
        if change.is_finished:
            return 0
        act = Act(now, change.made_by_id, key=f"{KEY_OF_CHANGE}{change.pk}")
        request = subject.read(change.values)
        keys = _part(change, size or subject.chunk)
        if fault is None:
            rows, is_written = make_rows(subject, keys, request, act, shown)
        else:
            rows = [replace(row, refusal=fault) for row in subject.plan(keys, request, act)]
            is_written = False
        _note(change, rows, keys, entry_id if is_written else None)
        return change.position


def make_rows(
    subject: RowAction[Any],
    keys: Sequence[int],
    request: Any,
    act: Act,
    shown: Mapping[int, str],
) -> tuple[list[BulkRow], bool]:
    """Make the rows, and return what came of each, and whether any was written."""
    subject.lock(keys, request)
    rows = subject.plan(keys, request, act)
    if shown and not subject.is_difference:
        now = subject.shown(keys) if subject.shown else texts_of_rows(rows)
        changed = {key for key in keys if now.get(key) != shown.get(key)}
        rows = [
            replace(row, refusal=CHANGED) if row.key in changed and row.refusal is None else row
            for row in rows
        ]
    changing = [row for row in rows if row.is_change]
    refused = (subject.write(changing, request, act) if changing else None) or {}
    return refused_rows(rows, refused), any(row.key not in refused for row in changing)


def entry_of(change: BulkChange) -> AbstractContextManager[Any]:
    """Make everything written inside one entry of history, which names the change."""
    if not _action(change.action).has_history:
        return nullcontext()
    entry: AbstractContextManager[Any] = pghistory.context(
        user=change.made_by_id, cause=change.summary
    )
    return entry


def _action(code: str) -> RowAction[Any]:
    subject = ACTIONS[code]
    if not isinstance(subject, RowAction):
        raise TypeError(code)
    return subject


def _recorded(confirmed: BulkRequest, act: Act) -> BulkChange:
    return BulkChange.objects.create(
        action=confirmed.action,
        values={**confirmed.values, **(confirmed.more or {})},
        summary=confirmed.summary[:LONGEST_SUMMARY],
        row_ids=sorted(confirmed.keys),
        snapshot=confirmed.snapshot,
        list_address=confirmed.list_address,
        chosen_count=len(confirmed.keys),
        made_by_id=act.actor_id,
        created_at=act.at,
    )


def _part(change: BulkChange, size: int) -> list[int]:
    """Return the chosen rows of the next part; the others are not read."""
    part = f"row_ids__{change.position}_{change.position + size}"
    keys: list[int] = BulkChange.objects.values_list(part, flat=True).get(pk=change.pk)
    return keys


def _note(change: BulkChange, rows: Sequence[BulkRow], keys: Sequence[int], entry_id: Any) -> None:
    tally = RowTally()
    for row in rows:
        tally.add(row)
    change.position += len(keys)
    change.changed_count += tally.changed_count
    change.unchanged_count += tally.unchanged_count
    change.refused_count += tally.refused_count
    BulkRefusal.objects.bulk_create(
        BulkRefusal(
            change=change,
            names=list(row.names),
            message=row.refusal.message,
            values=dict(row.refusal.values),
            shifts=row.kept_shifts(),
        )
        for row in rows
        if row.refusal is not None
    )
    if entry_id is not None and entry_id not in change.entry_ids:
        change.entry_ids.append(entry_id)
    change.save(
        update_fields=[
            "position",
            "changed_count",
            "unchanged_count",
            "refused_count",
            "entry_ids",
        ]
    )

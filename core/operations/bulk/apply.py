"""Makes a bulk change that was confirmed: at once, or part by part in a worker."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pghistory
from django.db import transaction

from core.models import Job
from core.operations import jobs
from core.text import gettext_noop as _
from inventory.models import BulkChange, BulkRefusal, InventoryConfiguration
from core.operations import preview_snapshots
from core.operations.bulk.preview import (CHUNK, ROW_ACTIONS, row_digests)
from core.operations.bulk.rows import (DIGESTS, BulkRow, RowRefusal, RowTally, digest_in)

KIND = "inventory.bulk_change"
LONGEST_SUMMARY = 300
CHANGED = RowRefusal(_("This was changed after the change was confirmed."))
NO_ROWS: Mapping[int, str] = {}


class ChangedSinceShownError(Exception):
    """The plan is another than the one that was confirmed; nothing was written.

    ``shown`` is what was shown of each key whose plan is another, as a snapshot keeps it; empty
    of one that came since, and without any key where it is no longer known.
    """

    def __init__(self, shown: Mapping[int, str] = NO_ROWS) -> None:
        super().__init__(f"{len(shown)}")
        self.shown = shown


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """A bulk action that a person confirmed; ``fingerprint`` is that of the plan shown.

    ``snapshot`` names what the page showed of each row.
    """

    action: str
    keys: tuple[int, ...]
    values: Mapping[str, Any]
    summary: str
    fingerprint: int
    snapshot: str = ""


def confirm(confirmed: BulkRequest, *, by_id: int | None, now: datetime) -> BulkChange:
    """Make the change at once, or have a worker make one of more rows than a batch.

    Opens the transaction. At once it is all or nothing for the rows that are not refused; a
    worker does it part by part, each of them once, and leaves out rows that changed meanwhile.

    :raises ChangedSinceShownError: if the plan is not the one that was shown.

    Rule: Bulk work.
    """
    subject = ROW_ACTIONS[confirmed.action]
    total = len(confirmed.keys) * subject.rows_each(subject.read(confirmed.values))
    is_large = total > InventoryConfiguration.load().in_force("bulk_batch_size")
    with transaction.atomic():
        if not is_large:
            InventoryConfiguration.hold()
            subject.lock(sorted(confirmed.keys), subject.read(confirmed.values))
        digests = row_digests(confirmed.action, confirmed.keys, confirmed.values)
        if sum(digests.values()) % DIGESTS != confirmed.fingerprint:
            raise ChangedSinceShownError(_changed_plans(confirmed, digests))
        change = _recorded(confirmed, by_id=by_id, now=now)
        if is_large and not subject.is_difference:
            change.row_digests = [signed(digest) for digest in digests.values()]
        if is_large:
            change.job = jobs.submit(
                kind=KIND,
                parameters={"bulk_change": change.pk},
                total=total,
                by_id=by_id,
                now=now,
            )
            change.save(update_fields=["job", "row_digests"])
            return change
        with entry_of(change) as entry:
            while make_next_part(change.pk, entry_id=entry.id, now=now):
                pass
    return BulkChange.objects.defer("row_ids", "row_digests").get(pk=change.pk)


def register_kind(label: Any) -> None:
    """Have workers make bulk changes; called when the apps are ready."""
    jobs.register(KIND, label, run, goes_on=True)


def run(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """Make the bulk change of a job from where it stands; again, it goes on from there."""
    change = BulkChange.objects.defer("row_ids", "row_digests").get(
        pk=job.parameters["bulk_change"]
    )
    subject = ROW_ACTIONS[change.action]
    rows_each = subject.rows_each(subject.read(change.values))
    now = job.started_at or job.created_at
    progress(change.position * rows_each)
    with entry_of(change) as entry:
        while position := make_next_part(change.pk, entry_id=entry.id, now=now):
            progress(position * rows_each)
    change.refresh_from_db(fields=["changed_count", "unchanged_count", "refused_count"])
    return {
        "changed": change.changed_count,
        "unchanged": change.unchanged_count,
        "refused": change.refused_count,
    }


def make_next_part(change_id: int, *, entry_id: Any, now: datetime) -> int:
    """Make the next part, and note in the same transaction that it is made.

    Returns how many of the chosen rows are done by then, 0 if all were done before. Every row is
    planned anew under its lock; what is refused now stays as it is, and so does a row that changed
    since the change was confirmed.
    """
    with transaction.atomic():
        change = (
            BulkChange.objects.defer("row_ids", "row_digests").select_for_update().get(pk=change_id)
        )
        if change.is_finished:
            return 0
        keys = _part(change)
        subject = ROW_ACTIONS[change.action]
        request = subject.read(change.values)
        InventoryConfiguration.hold()
        subject.lock(keys, request)
        rows = _without_changed(change, subject.plan(keys, request))
        changing = [row for row in rows if row.is_change]
        if changing:
            subject.write(changing, request, now, change.made_by_id)
        _note(change, rows, keys, entry_id if changing else None)
        return change.position


def entry_of(change: BulkChange) -> AbstractContextManager[Any]:
    """Make everything written inside one entry of history, which names the change."""
    entry: AbstractContextManager[Any] = pghistory.context(
        user=change.made_by_id, cause=change.summary
    )
    return entry


def _recorded(confirmed: BulkRequest, *, by_id: int | None, now: datetime) -> BulkChange:
    return BulkChange.objects.create(
        action=confirmed.action,
        values=dict(confirmed.values),
        summary=confirmed.summary[:LONGEST_SUMMARY],
        row_ids=sorted(confirmed.keys),
        chosen_count=len(confirmed.keys),
        made_by_id=by_id,
        created_at=now,
    )


def signed(digest: int) -> int:
    """Return a digest as the database keeps it, with a sign."""
    return digest - DIGESTS if digest >= DIGESTS // 2 else digest


def _changed_plans(confirmed: BulkRequest, digests: Mapping[int, int]) -> dict[int, str]:
    """Return what was shown of the keys whose plan is another now."""
    shown = preview_snapshots.read(confirmed.snapshot)
    if shown is None:
        return {}
    return {
        key: shown.get(key, "")
        for key in sorted(digests.keys() | shown.keys())
        if digests.get(key, 0) != digest_in(shown.get(key, ""))
    }


def _without_changed(change: BulkChange, rows: Sequence[BulkRow]) -> list[BulkRow]:
    """Refuse the rows of keys whose plan is another than the one that was confirmed."""
    part = f"row_digests__{change.position}_{change.position + CHUNK}"
    kept = BulkChange.objects.values_list(part, flat=True).get(pk=change.pk)
    if not kept:
        return list(rows)
    shown = dict(zip(_part(change), kept, strict=True))
    now: dict[int, int] = {}
    for row in rows:
        now[row.key] = (now.get(row.key, 0) + row.digest()) % DIGESTS
    return [
        row
        if row.refusal is not None or signed(now[row.key]) == shown[row.key]
        else replace(row, refusal=CHANGED)
        for row in rows
    ]


def _part(change: BulkChange) -> list[int]:
    """Return the next keys without reading all of them."""
    part = f"row_ids__{change.position}_{change.position + CHUNK}"
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
        _refused(change, row, row.refusal) for row in rows if row.refusal is not None
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


def _refused(change: BulkChange, row: BulkRow, refusal: RowRefusal) -> BulkRefusal:
    """Return why a row was refused, as it is kept."""
    return BulkRefusal(
        change=change,
        sku=row.sku,
        source=row.source_code,
        message=refusal.message,
        values=dict(refusal.values),
        shifts=row.kept_shifts(),
    )

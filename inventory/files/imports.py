"""A file on its way in: received, checked, confirmed by a person, written whole or not at all."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction

from inventory.files.findings import KEPT_NOTICES, KEPT_PROBLEMS, Findings, findings_from
from inventory.files.format import Format, RowCells, Skipped, Staged
from inventory.files.formats import FORMATS
from inventory.files.problems import Problem
from inventory.files.reading import Sheet, decode, open_sheet
from inventory.files.staging import stage
from inventory.models import ImportFile
from inventory.text import gettext_noop as _

State = ImportFile.State
Progress = Callable[[int], None]
LONGEST_NAME = 200

TWICE = _("Line %(line)s is about the same (%(key)s); one file may say it once.")
DRIFTED = _(
    "More shipments would lose their units now than were shown. Nothing was written: look at "
    "them, and confirm again."
)
DECAYED = _("What the file is about has changed since it was checked. Nothing was written.")


class ImportStateError(Exception):
    """The file is not one that could be written: it has errors, or its text is deleted."""


@dataclass(slots=True)
class _Reading:
    """Counts and problems while the rows of a file go by."""

    row_count: int = 0
    skipped_count: int = 0
    problem_count: int = 0
    refused: set[int] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def note(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.problem_count += 1
            self.refused.add(problem.line)
            if len(self.problems) < KEPT_PROBLEMS:
                self.problems.append(problem)


def receive(
    content: bytes,
    *,
    name: str,
    format_code: str,
    behavior: str,
    limit: int,
    by_id: int | None,
    now: datetime,
) -> ImportFile:
    """Keep an upload of at most ``limit`` bytes for its check.

    :raises inventory.files.problems.FileError: when it cannot be read as a file of that format.
    """
    text = decode(content, limit=limit)
    _sheet(text, format_code, behavior)
    return ImportFile.objects.create(
        format=format_code,
        behavior=behavior,
        name=name[:LONGEST_NAME],
        digest=hashlib.sha256(content).hexdigest(),
        text=text,
        row_count=max(len(text.splitlines()) - 1, 0),
        uploaded_by_id=by_id,
        uploaded_at=now,
    )


def check(file_id: int, *, today: date, progress: Progress) -> ImportFile:
    """Find what a file would do, and what is wrong with it; nothing of it is written.

    Opens the transaction. ``progress`` is told how many rows are read.
    """
    with transaction.atomic():
        file = ImportFile.objects.select_for_update().get(pk=file_id)
        if file.state != State.WRITTEN and file.text:
            _keep(file, _findings(file, today=today, progress=progress), message="")
    return file


def write(
    file_id: int, *, today: date, now: datetime, by_id: int | None, progress: Progress
) -> ImportFile:
    """Write a checked file, all of it or nothing; opens the transaction.

    It is checked anew. Where rows have become wrong, or more shipments than were shown would
    lose their units, nothing is written and the file says so. A second call changes nothing.
    All rows are one entry of history.

    :raises ImportStateError: for a file that has errors, or whose text is deleted.
    :raises inventory.downstream.HeldByVirtualLinesError: when virtual lines hold what must go.
    """
    with transaction.atomic():
        file = ImportFile.objects.select_for_update().get(pk=file_id)
        if file.state == State.WRITTEN:
            return file
        if file.state != State.CHECKED or not file.text:
            raise ImportStateError(file.get_state_display())
        shown = findings_from(file.findings)
        found = _findings(file, today=today, progress=progress)
        if found.problem_count:
            _keep(file, found, message=DECAYED)
        elif set(found.fallen_back) - set(shown.fallen_back):
            _keep(file, found, message=DRIFTED)
        else:
            with one_entry(file, by_id=by_id) as entry:
                fallen_back = FORMATS[file.format].write(
                    file.behavior, today=today, now=now, actor_id=by_id
                )
            _keep(file, replace(found, fallen_back=fallen_back), message="")
            file.state, file.written_at, file.context_id = State.WRITTEN, now, entry.id
            file.save(update_fields=["state", "written_at", "context_id"])
    return file


def forget_texts(*, uploaded_before: datetime) -> int:
    """Empty the texts of old uploads, and return how many; what they did stays known."""
    old = ImportFile.objects.filter(uploaded_at__lt=uploaded_before).exclude(text="")
    return old.update(text="")


@contextmanager
def one_entry(file: ImportFile, *, by_id: int | None) -> Iterator[Any]:
    """Make everything written inside one entry of history, which names the file."""
    with pghistory.context(user=by_id, cause=f"{file.get_format_display()}: {file.name}") as entry:
        yield entry


def _keep(file: ImportFile, found: Findings, *, message: str) -> None:
    file.findings = found.as_json()
    file.row_count = found.row_count
    file.state = State.REFUSED if found.problem_count else State.CHECKED
    file.message = message
    file.save(update_fields=["findings", "row_count", "state", "message"])


def _sheet(text: str, format_code: str, behavior: str) -> Sheet:
    chosen = FORMATS[format_code]
    return open_sheet(text, columns=chosen.columns, required=chosen.required(behavior))


def _findings(file: ImportFile, *, today: date, progress: Progress) -> Findings:
    """Stage the rows that can be read, and ask the format what they would do."""
    chosen = FORMATS[file.format]
    sheet = _sheet(file.text, file.format, file.behavior)
    reading = _Reading()
    rows = _readable(sheet, chosen, file.behavior, reading)
    stage(chosen.staged, rows, progress=progress)
    plan = chosen.plan(file.behavior, today=today)
    reading.note(plan.problems)
    touched = plan.new_count + plan.changed_count + plan.deleted_count
    untouched = reading.row_count - reading.skipped_count - len(reading.refused) - touched
    return Findings(
        row_count=reading.row_count,
        new_count=plan.new_count,
        changed_count=plan.changed_count,
        unchanged_count=max(untouched, 0),
        deleted_count=plan.deleted_count,
        skipped_count=reading.skipped_count,
        problem_count=reading.problem_count,
        refused_row_count=len(reading.refused),
        ignored=sheet.ignored,
        steps=plan.steps,
        problems=tuple(sorted(reading.problems, key=lambda problem: problem.line)),
        notices=tuple(plan.notices[:KEPT_NOTICES]),
        fallen_back=plan.fallen_back,
    )


def _readable(sheet: Sheet, chosen: Format, behavior: str, reading: _Reading) -> Iterator[Staged]:
    """Yield the rows that say something, each for the first time; note what is wrong."""
    lines: dict[tuple[str, ...], int] = {}
    for row in sheet.rows():
        reading.row_count += 1
        if isinstance(row, Problem):
            reading.note([row])
            continue
        cells = RowCells(row)
        staged = chosen.read(cells, behavior)
        if isinstance(staged, Skipped):
            reading.skipped_count += 1
            continue
        key = chosen.key(staged)
        if key is not None and None not in key:
            first = lines.setdefault(key, row.line)
            if first != row.line:
                values = {"line": first, "key": ", ".join(key)}
                cells.problems.append(Problem(row.line, "", "", TWICE, values))
        if cells.problems:
            reading.note(cells.problems)
        else:
            yield staged

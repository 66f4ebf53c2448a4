"""Imports of files: all of a file or nothing, once a person confirms it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.db.models import Func, JSONField, Q

from core.acts import Act
from core.formats import whole
from core.operations.stale_rows import StaleRowsError
from core.text import gettext_noop as _
from inventory.files.cells import RowCells, Staged
from inventory.files.file_format import FileFormat
from inventory.files.file_formats import FORMATS
from inventory.files.findings import (
    KEPT_PROBLEMS,
    FileError,
    Findings,
    PlannedStep,
    RowProblem,
    findings_from,
)
from inventory.files.sheet import Sheet, as_written, open_sheet
from inventory.files.staging import (
    Digests,
    FileTally,
    ImportRun,
    Progress,
    cells_by_line,
    changed_lines,
    digests_of,
    keep_steps,
    notices_of_changes,
    pack,
    stage,
    unpack,
    unstage,
)
from inventory.files.uploads import read_upload
from inventory.models import ImportFile, ImportStep, InventoryConfiguration

State = ImportFile.State
LONGEST_NAME = 200

TOO_MANY = _("The file has %(count)s rows; at most %(most)s are read. Split it in parts.")
DRIFTED = _(
    "More shipments would lose their units than the preview showed. Nothing was written. "
    "Review them and confirm again."
)
CHANGED = _(
    "Some of these rows were changed after the file was checked. Nothing was written. Review "
    "them, and confirm again to write the file."
)
DECAYED = _(
    "Data has changed since the file was checked, and other rows have errors now. "
    "Nothing was written. Review them and confirm again."
)
TWICE = _("Duplicate of line %(line)s (%(key)s).")


class ImportStateError(Exception):
    """The file is not one that could be written: it has errors, or its text is deleted."""


class WithoutQuotes(Func):
    """Findings without the rows that they quote."""

    template = """(%(expressions)s || '{"problems": [], "notices": []}'::jsonb)"""
    output_field = JSONField()


def receive(
    content: bytes, act: Act, *, name: str, format_code: str, behavior: str, limit: int
) -> ImportFile:
    """Keep an upload of at most ``limit`` bytes for its check.

    :raises inventory.files.findings.FileError: when it cannot be read as a file of that format.
    """
    upload = read_upload(content, limit=limit)
    file = ImportFile(
        format=format_code,
        behavior=behavior,
        name=name[:LONGEST_NAME],
        kind=upload.kind,
        digest=hashlib.sha256(content).hexdigest(),
        text=upload.text,
        uploaded_by_id=act.actor_id,
        uploaded_at=act.at,
    )
    sheet = sheet_of(file)
    file.row_count = max(len(upload.text.splitlines()) - 1, 0)
    most = FORMATS[format_code].most_rows
    if most is not None and (count := sum(1 for _row in sheet.raw_rows())) > most:
        raise FileError(TOO_MANY, count=whole(count), most=whole(most))
    file.save()
    return file


def check(file_id: int, *, today: date, progress: Progress) -> ImportFile:
    """Find what a file would do, and its problems; nothing of it is written.

    Opens the transaction. ``progress`` gets the number of rows read.
    """
    with transaction.atomic():
        file = ImportFile.objects.select_for_update().get(pk=file_id)
        if file.state != State.WRITTEN and file.text:
            _keep_preview(file, *findings_of(file, today=today, progress=progress), message="")
    return file


def write(
    file_id: int,
    act: Act,
    *,
    today: date,
    progress: Progress,
    good_rows: bool = False,
) -> ImportFile:
    """Write a checked file, all of it or nothing; opens the transaction.

    With ``good_rows``, the rows without problems are written, all of them or nothing, and the
    others are left out. It is checked again. Where other rows have become wrong, what is stored
    behind rows has changed since it was checked, or more shipments than were shown would lose
    their units, nothing is written and the file says so.
    A second call changes nothing. All rows are one entry of history.

    :raises ImportStateError: for a file that has errors, or whose text is deleted.
    :raises inventory.ports.HeldUnitsError: when virtual lines or packed shipments hold what must
        go.
    """
    with transaction.atomic():
        file = ImportFile.objects.select_for_update().get(pk=file_id)
        if file.state == State.WRITTEN:
            return file
        InventoryConfiguration.hold()
        shown = findings_from(file.findings)
        shown_values = unpack(bytes(file.stored_values or b""))
        is_writable = file.state == State.CHECKED or (good_rows and shown.has_good_rows)
        if not is_writable or not file.text:
            raise ImportStateError(file.get_state_display())
        found, steps = findings_of(file, today=today, progress=progress)
        message, lines = "", []
        if found.refused_lines != shown.refused_lines or not found.is_whole:
            message = DECAYED
        elif lines := changed_lines(shown_values, _stored_values(file)):
            message = CHANGED
        elif set(found.fallen_back) - set(shown.fallen_back):
            message = DRIFTED
        else:
            try:
                _write(file, found, shown_values, act, today=today)
            except StaleRowsError:
                found, steps = findings_of(file, today=today, progress=progress)
                lines = changed_lines(shown_values, _stored_values(file))
                message = CHANGED
        if message:
            _keep_preview(file, found, steps, message=message, changed=lines)
    return file


def _write(
    file: ImportFile, found: Findings, shown_values: Digests, act: Act, *, today: date
) -> None:
    """Write the staged rows, each part compared once more as soon as it is locked.

    :raises StaleRowsError: where others changed a row since; nothing is written then.
    """
    file_format = FORMATS[file.format]

    def compare(part: str) -> None:
        position = list(file_format.parts).index(part)
        shown = {
            (shown_in, line): digest
            for (shown_in, line), digest in shown_values.items()
            if shown_in == position
        }
        now_stored = digests_of(position, file_format.stored(file.behavior, part))
        if lines := changed_lines(shown, now_stored):
            raise StaleRowsError(str(lines))

    with transaction.atomic():
        cause = f"{file.get_format_display()}: {file.name}"
        # All rows are one entry of history, which names the file.
        with pghistory.context(user=act.actor_id, cause=cause) as entry:
            fallen_back = file_format.write(file.behavior, ImportRun(today, act, compare))
        _keep(file, replace(found, fallen_back=fallen_back), message="")
        file.state, file.written_at, file.context_id = State.WRITTEN, act.at, entry.id
        file.save(update_fields=["state", "written_at", "context_id"])


def _stored_values(file: ImportFile) -> Digests:
    """Return digests of the rows in the database that the staged rows are about."""
    file_format = FORMATS[file.format]
    digests: dict[tuple[int, int], int] = {}
    for position, part in enumerate(file_format.parts):
        digests |= digests_of(position, file_format.stored(file.behavior, part))
    return digests


def forget_texts(*, uploaded_before: datetime) -> int:
    """Empty the texts of old uploads, and what their findings quote; delete their steps.

    How many rows there were, and were refused, stays. Return how many were emptied. Opens the
    transaction.
    """
    quoting = Q(findings__has_key="problems") & ~Q(findings__problems=[], findings__notices=[])
    old = ImportFile.objects.filter(~Q(text="") | quoting, uploaded_at__lt=uploaded_before)
    with transaction.atomic():
        ImportStep.objects.filter(file__in=old.values("pk")).delete()
        keys = list(old.order_by("pk").select_for_update().values_list("pk", flat=True))
        emptied = ImportFile.objects.filter(pk__in=keys)
        emptied.filter(quoting).update(findings=WithoutQuotes("findings"))
        return emptied.update(text="", stored_values=None)


def _keep(file: ImportFile, found: Findings, *, message: str) -> None:
    file.findings = asdict(found)
    file.row_count = found.row_count
    file.state = State.REFUSED if found.problem_count else State.CHECKED
    file.message = message
    file.save(update_fields=["findings", "row_count", "state", "message"])


def _keep_preview(
    file: ImportFile,
    found: Findings,
    steps: Iterable[PlannedStep],
    *,
    message: str,
    changed: Sequence[int] = (),
) -> None:
    """Keep what a person is shown now, with digests of the rows that the file is about.

    ``changed`` are the lines whose stored values changed after they were shown.
    """
    shown = cells_by_line(file.pk, changed)
    keep_steps(file.pk, steps)
    if changed:
        notices = notices_of_changes(changed, shown, cells_by_line(file.pk, changed))
        found = replace(
            found,
            notices=(*notices, *found.notices)[:KEPT_PROBLEMS],
            notice_count=len(notices) + found.notice_count,
        )
    _keep(file, found, message=message)
    file.stored_values = pack(_stored_values(file))
    file.save(update_fields=["stored_values"])


def sheet_of(file: ImportFile) -> Sheet:
    """Return the text of a file as rows of cells.

    :raises inventory.files.findings.FileError: when it is no file of its format.
    """
    file_format = FORMATS[file.format]
    return open_sheet(
        file.text,
        columns=file_format.columns,
        required=file_format.behaviors[file.behavior],
        counts_rows=file.kind != ImportFile.Kind.CSV,
    )


def findings_of(
    file: ImportFile, *, today: date, progress: Progress
) -> tuple[Findings, Iterable[PlannedStep]]:
    """Stage the rows, and plan what those without problems would do, row by row.

    Problems of the other rows are found too, then these rows are taken out of the table. What is
    left there can be written.
    """
    file_format = FORMATS[file.format]
    sheet = sheet_of(file)
    tally = FileTally()
    stage(file_format.staged, _staged(sheet, file_format, file.behavior, tally), progress=progress)
    tally.refuse_together(file_format.group)
    plan = file_format.plan(file.behavior, today=today, faulty=tally.refused)
    tally.note(plan.problems)
    while tally.refused:
        tally.refuse_together(file_format.group)
        unstage(tally.refused)
        plan = file_format.plan(file.behavior, today=today, faulty=frozenset())
        if not plan.problems:
            break
        tally.note(plan.problems)
    effective = plan.new_count + plan.changed_count + plan.deleted_count
    unchanged = tally.row_count - tally.skipped_count - len(tally.refused) - effective
    findings = Findings(
        row_count=tally.row_count,
        new_count=plan.new_count,
        changed_count=plan.changed_count,
        unchanged_count=max(unchanged, 0),
        deleted_count=plan.deleted_count,
        skipped_count=tally.skipped_count,
        problem_count=tally.problem_count,
        refused_row_count=len(tally.refused),
        refused_lines=tuple(sorted(tally.refused)),
        is_whole=tally.is_whole,
        ignored=sheet.ignored,
        problems=as_written(sheet, sorted(tally.problems, key=lambda problem: problem.line)),
        notices=tuple(plan.notices[:KEPT_PROBLEMS]),
        notice_count=len(plan.notices),
        fallen_back=plan.fallen_back,
    )
    return findings, plan.steps


def _staged(
    sheet: Sheet, file_format: FileFormat, behavior: str, tally: FileTally
) -> Iterator[Staged]:
    """Yield each row whose key is new in the file, and note the problems of all rows."""
    lines: dict[tuple[str, ...], int] = {}
    nothing = (None,) * (len(file_format.staged) - 1)
    for row in sheet.rows():
        tally.row_count += 1
        if isinstance(row, RowProblem):
            tally.note([row])
            yield (row.line, *nothing)
            continue
        cells = RowCells(row)
        staged = file_format.read(cells, behavior)
        if staged is None:
            tally.skipped_count += 1
            continue
        if cells.problems:
            tally.note_cells(cells.problems)
        key = tuple(staged[1 : 1 + file_format.key_length])
        if key and None not in key:
            first = lines.setdefault(key, row.line)
            if first != row.line:
                values = {"line": first, "key": ", ".join(key)}
                tally.note([RowProblem(row.line, "", "", TWICE, values)])
                continue
        yield staged

"""The check of a file: its rows are read, staged and planned; nothing is written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.text import gettext_noop as _
from inventory.files.cells import RowCells, Staged
from inventory.files.file_format import FileFormat
from inventory.files.findings import KEPT_PROBLEMS, Findings, PlannedStep, RowProblem
from inventory.files.formats import FORMATS
from inventory.files.sheet import MISQUOTED, Sheet, open_sheet
from inventory.files.staging import Progress, lines_together, stage, unstage
from inventory.models import ImportFile

TWICE = _("Line %(line)s is about the same (%(key)s); one file may say it once.")


@dataclass(slots=True)
class _Reading:
    """Counts and problems while the rows of a file go by."""

    row_count: int = 0
    skipped_count: int = 0
    problem_count: int = 0
    is_whole: bool = True
    refused: set[int] = field(default_factory=set)
    cells: set[tuple[int, str]] = field(default_factory=set)
    problems: list[RowProblem] = field(default_factory=list)

    def note(self, problems: Iterable[RowProblem]) -> None:
        """Keep problems; a cell that could not be read has one only."""
        for problem in problems:
            if (problem.line, problem.column) in self.cells:
                continue
            self.problem_count += 1
            self.refused.add(problem.line)
            self.is_whole &= problem.message != MISQUOTED
            if len(self.problems) < KEPT_PROBLEMS:
                self.problems.append(problem)

    def refuse_together(self, column: str) -> None:
        """Refuse the rows that are written together with one that is refused."""
        if column and self.refused:
            self.refused |= lines_together(column, self.refused)

    def note_cells(self, problems: Sequence[RowProblem]) -> None:
        """Keep the problems of the cells of one row as they are read."""
        self.note(problems)
        self.cells |= {(problem.line, problem.column) for problem in problems if problem.column}


def sheet_of(file: ImportFile) -> Sheet:
    """Return the text of a file as rows of cells.

    :raises inventory.files.findings.FileError: when it is no file of its format.
    """
    file_format = FORMATS[file.format]
    return open_sheet(
        file.text,
        columns=file_format.columns,
        required=file_format.required(file.behavior),
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
    reading = _Reading()
    stage(
        file_format.staged, _staged(sheet, file_format, file.behavior, reading), progress=progress
    )
    reading.refuse_together(file_format.group)
    plan = file_format.plan(file.behavior, today=today, faulty=reading.refused)
    reading.note(plan.problems)
    while reading.refused:
        reading.refuse_together(file_format.group)
        unstage(reading.refused)
        plan = file_format.plan(file.behavior, today=today, faulty=frozenset())
        if not plan.problems:
            break
        reading.note(plan.problems)
    effective = plan.new_count + plan.changed_count + plan.deleted_count
    unchanged = reading.row_count - reading.skipped_count - len(reading.refused) - effective
    findings = Findings(
        row_count=reading.row_count,
        new_count=plan.new_count,
        changed_count=plan.changed_count,
        unchanged_count=max(unchanged, 0),
        deleted_count=plan.deleted_count,
        skipped_count=reading.skipped_count,
        problem_count=reading.problem_count,
        refused_row_count=len(reading.refused),
        refused_lines=tuple(sorted(reading.refused)),
        is_whole=reading.is_whole,
        ignored=sheet.ignored,
        problems=tuple(sorted(reading.problems, key=lambda problem: problem.line)),
        notices=tuple(plan.notices[:KEPT_PROBLEMS]),
        notice_count=len(plan.notices),
        fallen_back=plan.fallen_back,
    )
    return findings, plan.steps


def _staged(
    sheet: Sheet, file_format: FileFormat, behavior: str, reading: _Reading
) -> Iterator[Staged]:
    """Yield each row whose key is new in the file, and note the problems of all rows."""
    lines: dict[tuple[str, ...], int] = {}
    nothing = (None,) * (len(file_format.staged) - 1)
    for row in sheet.rows():
        reading.row_count += 1
        if isinstance(row, RowProblem):
            reading.note([row])
            yield (row.line, *nothing)
            continue
        cells = RowCells(row)
        staged = file_format.read(cells, behavior)
        if staged is None:
            reading.skipped_count += 1
            continue
        if cells.problems:
            reading.note_cells(cells.problems)
        key = file_format.key(staged)
        if key is not None and None not in key:
            first = lines.setdefault(key, row.line)
            if first != row.line:
                values = {"line": first, "key": ", ".join(key)}
                reading.note([RowProblem(row.line, "", "", TWICE, values)])
                continue
        yield staged

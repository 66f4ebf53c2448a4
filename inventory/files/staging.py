"""What the database keeps of a file's rows: all of them for one transaction, the steps for people.

A number stands for the values that a row of the file sets, as they were at the check, and is
compared before the file is written; 0 stands for a row that is not there.
"""

import json
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection

from core.acts import Act
from core.sql import fetch_column, fetch_rows, make_staging_table
from core.text import gettext_noop as _
from inventory.files.findings import KEPT_PROBLEMS, PlannedStep, RowProblem, shortened
from inventory.files.sheet import MISQUOTED
from inventory.models import ImportStep

CHUNK = 5_000
Progress = Callable[[int], None]
# The part of the row (an index of ``Format.parts``), its line, and the number of its values.
_ENTRY = struct.Struct("<Biq")
Digests = Mapping[tuple[int, int], int]
# What a row of a file does to each column: before and after.
Cells = Mapping[str, tuple[str, str]]
# The rows whose product and source are known.
INCOMING = """staged_row AS incoming
JOIN inventory_product AS product ON product.sku = incoming.sku
JOIN inventory_source AS source ON source.code = incoming.source_code"""
# What a column of a row becomes, made or changed; and what it was, with that.
NEXT = "CASE WHEN becoming.id IS NULL THEN wanted.{0} ELSE becoming.{0} END"
BECOMES = "becoming.was_{0}, " + NEXT

# The codes that nothing has, sources first.
UNKNOWN_CODES = """
SELECT line, 'source_code' AS name, source_code FROM staged_row AS incoming
WHERE incoming.source_code IS NOT NULL AND NOT EXISTS (
    SELECT FROM inventory_source AS source WHERE source.code = incoming.source_code)
UNION ALL
SELECT line, 'sku', sku FROM staged_row AS incoming
WHERE incoming.sku IS NOT NULL
  AND NOT EXISTS (SELECT FROM inventory_product AS product WHERE product.sku = incoming.sku)
ORDER BY name DESC, line
"""
CHANGED_CELL = _("%(column)s was “%(shown)s” when the file was checked, and is “%(now)s” now.")
CHANGED_ROW = _("This row was changed after the file was checked.")
UNKNOWN = {
    "source_code": _("There is no source with the code “%(value)s”; add it first."),
    "sku": _("There is no product with the SKU “%(value)s”; add it first."),
}


@dataclass(frozen=True, slots=True)
class ImportRun:
    """The writing of a file: the site's day, and whose act it is.

    ``compare`` is called with each part as soon as its rows are locked, and raises
    :class:`core.operations.stale_rows.StaleRowsError` where they changed.
    """

    today: date
    act: Act
    compare: Callable[[str], None]


@dataclass(slots=True)
class FileTally:
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


def stage(
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Any]],
    *,
    progress: Progress,
) -> None:
    """Copy ``rows`` into the table of the file; ``progress`` gets the count so far."""
    make_staging_table("staged_row", columns)
    copy_rows(f"staged_row ({', '.join(columns)})", rows, progress=progress)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE staged_row")


def copy_rows(
    table: str, rows: Iterable[Sequence[Any]], *, progress: Progress = lambda _count: None
) -> None:
    """Copy ``rows`` into a table, named with its columns, some thousands at a time."""
    iterator, count = iter(rows), 0
    while chunk := list(islice(iterator, CHUNK)):
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in chunk:
                copy.write_row(row)
        count += len(chunk)
        progress(count)


def unstage(lines: Iterable[int]) -> None:
    """Delete the rows of some lines from the table of the file."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM staged_row WHERE line = ANY(%s)", [list(lines)])


def lines_together(column: str, lines: Iterable[int]) -> set[int]:
    """Return the lines of staged rows that share a value of ``column`` with ``lines``.

    A row that says nothing there goes with the row before it.
    """
    statement = f"""
        WITH named AS (
            SELECT line, COALESCE({column}, (
                SELECT {column} FROM staged_row AS earlier
                WHERE earlier.line < incoming.line AND earlier.{column} IS NOT NULL
                ORDER BY earlier.line DESC LIMIT 1)) AS name
            FROM staged_row AS incoming)
        SELECT line FROM named WHERE name IN (SELECT name FROM named WHERE line = ANY(%s))
    """  # noqa: S608 - a column of the table
    return set(fetch_column(statement, [list(lines)]))


def rows_by_parts(name: str, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that a query over the staged rows finds, a chunk at a time.

    ``name`` is that of the cursor; two queries that are read at once need two names.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", ())
        while True:
            cursor.execute(f"FETCH {CHUNK} FROM {name}")
            found = cursor.fetchall()
            yield from found
            if len(found) < CHUNK:
                break
        cursor.execute(f"CLOSE {name}")


def problems_in(
    sql: str, parameters: Sequence[Any] = (), *, column: str, message: str
) -> list[RowProblem]:
    """Return a problem with ``message`` for each (line, value) that ``sql`` finds.

    ``message`` may name the gap ``value``.
    """
    return [
        RowProblem(line, column, shortened(value or ""), message, {"value": shortened(value or "")})
        for line, value in fetch_rows(sql, parameters)
    ]


def unknown_codes() -> list[RowProblem]:
    """Return a problem for each staged row with an unknown SKU or source."""
    return [
        RowProblem(line, name, shortened(code), UNKNOWN[name], {"value": shortened(code)})
        for line, name, code in fetch_rows(UNKNOWN_CODES)
    ]


def digests_of(part: int, rows: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the numbers of a part by (part, line), without rows that are not there."""
    return {(part, line): digest for line, digest in rows if digest}


def pack(digests: Digests) -> bytes:
    """Return ``digests`` as bytes, to be read by :func:`unpack`."""
    return b"".join(_ENTRY.pack(*key, digest) for key, digest in sorted(digests.items()))


def unpack(kept: bytes) -> dict[tuple[int, int], int]:
    """Return the digests that :func:`pack` made ``kept`` from."""
    return {(part, line): digest for part, line, digest in _ENTRY.iter_unpack(kept)}


def changed_lines(shown: Digests, now: Digests) -> list[int]:
    """Return the lines whose rows have other values now, came or went, in their order."""
    keys = shown.keys() | now.keys()
    changed = [key for key in keys if shown.get(key, 0) != now.get(key, 0)]
    return sorted({line for _part, line in changed})


def changed_cells(shown: Cells, now: Cells) -> Iterator[tuple[str, str, str]]:
    """Yield each column whose stored value is another now, with the one shown and the one now.

    A row says nothing of a column that it leaves as it is: there, the stored value is the one that
    the row wants.
    """
    for column in {**shown, **now}:
        former = shown[column][0] if column in shown else now[column][1]
        value = now[column][0] if column in now else shown[column][1]
        if former != value:
            yield column, former, value


def keep_steps(file_id: int, steps: Iterable[PlannedStep]) -> None:
    """Keep ``steps`` in place of those that were found before, in the caller's transaction."""
    ImportStep.objects.filter(file_id=file_id).delete()
    rows = (
        (file_id, step.line, step.name, step.kind, json.dumps(list(map(astuple, step.cells))))
        for step in steps
    )
    copy_rows("inventory_importstep (file_id, line, name, kind, cells)", rows)


def cells_by_line(file_id: int, lines: Collection[int]) -> dict[int, Cells]:
    """Return what is kept of the rows at ``lines``, by line; rows that do nothing are left out."""
    kept = ImportStep.objects.filter(file_id=file_id, line__in=lines).order_by("line")
    return {
        line: {column: (before, after) for column, before, after in cells}
        for line, cells in kept.values_list("line", "cells")
    }


def notices_of_changes(
    lines: Sequence[int], shown: Mapping[int, Cells], now: Mapping[int, Cells]
) -> list[RowProblem]:
    """Return a notice for each value behind ``lines`` that is another now than was shown."""
    notices = []
    for line in lines:
        cells = changed_cells(shown.get(line, {}), now.get(line, {}))
        named = [
            RowProblem(line, column, "", CHANGED_CELL, {"column": column, "shown": one, "now": two})
            for column, one, two in cells
        ]
        notices += named or [RowProblem(line, "", "", CHANGED_ROW)]
    return notices

"""The temporary table of a file's rows, for statements that check and write all of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import connection

from core.sql import fetch_column, fetch_rows, make_staging_table
from core.text import gettext_noop as _
from inventory.files.findings import RowProblem, shortened

CHUNK = 5_000
Progress = Callable[[int], None]
# The rows whose product and source are known.
INCOMING = """staged_row AS incoming
JOIN inventory_product AS product ON product.sku = incoming.sku
JOIN inventory_source AS source ON source.code = incoming.source_code"""
# What a column of a row becomes, made or changed; and what it was, with that.
NEXT = "CASE WHEN becoming.id IS NULL THEN wanted.{0} ELSE becoming.{0} END"
BECOMES = "becoming.was_{0}, " + NEXT

UNKNOWN_SKUS = """
SELECT line, sku FROM staged_row AS incoming
WHERE incoming.sku IS NOT NULL
  AND NOT EXISTS (SELECT FROM inventory_product AS product WHERE product.sku = incoming.sku)
ORDER BY line
"""
UNKNOWN_SOURCES = """
SELECT line, source_code FROM staged_row AS incoming
WHERE incoming.source_code IS NOT NULL AND NOT EXISTS (
    SELECT FROM inventory_source AS source WHERE source.code = incoming.source_code)
ORDER BY line
"""
NO_PRODUCT = _("There is no product with the SKU “%(value)s”; add it first.")
NO_SOURCE = _("There is no source with the code “%(value)s”; add it first.")


@dataclass(frozen=True, slots=True)
class ImportRun:
    """The writing of a file: the site's day, the time and the person.

    ``compare`` is called with each part as soon as its rows are locked, and raises
    :class:`core.operations.stale_rows.StaleRowsError` where they changed.
    """

    today: date
    now: datetime
    actor_id: int | None
    compare: Callable[[str], None]


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
        *problems_in(UNKNOWN_SOURCES, column="source_code", message=NO_SOURCE),
        *problems_in(UNKNOWN_SKUS, column="sku", message=NO_PRODUCT),
    ]

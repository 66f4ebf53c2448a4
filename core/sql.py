"""SQL that stands beside its caller: rows, lists of columns, arrays, prepared statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor

# Executions of a statement on one connection before the server keeps it.
PREPARE_THRESHOLD = 2


def listed(form: str, names: Iterable[str], separator: str = ", ") -> str:
    """Return ``form`` for each name, such as ``item.{0} AS was_{0}``, as a list of columns."""
    return separator.join(form.format(name) for name in names)


def execute_prepared(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> Any:
    """Execute a statement that is prepared once it comes again; return the cursor of its answer.

    Parameters are bound by the server, so a statement casts those whose type it would not see.
    What wraps statements (the history, which says on whose behalf a request writes) may put others
    before them, and these cannot be prepared together: then it is a usual cursor.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers:
        cursor = database.cursor()
    else:
        database.ensure_connection()
        raw: Any = database.connection
        raw.prepare_threshold = PREPARE_THRESHOLD
        usual, raw.cursor_factory = raw.cursor_factory, ServerBindingCursor
        try:
            cursor = database.cursor()
        finally:
            raw.cursor_factory = usual
    cursor.execute(statement, parameters)
    return cursor


def fetch_rows(
    statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """Return the rows that a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_column(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
    """Return the values of the one column that a statement selects."""
    return [value for (value,) in fetch_rows(statement, parameters)]


def make_staging_table(name: str, columns: Mapping[str, str]) -> None:
    """Make a temporary table that ends with the transaction, in the caller's transaction."""
    described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({described}) ON COMMIT DROP")


def literals(*values: str) -> str:
    """Return the values of choices as literals, separated by commas, to stand in a statement."""
    return ", ".join(f"'{value}'" for value in values)


def array(values: Iterable[object]) -> str:
    """Return values as the text of an array, to be cast in the statement: ``%s::numeric[]``.

    The driver takes longer over each element of a list than the server over the statement. Takes
    texts, numbers, True, False and None; an element that the cast cannot read is refused there.
    """
    return "{" + ",".join(map(_element, [*values])) + "}"


def arrays(rows: Iterable[Iterable[object]]) -> list[str]:
    """Return each column of rows as the text of an array, as :func:`array` does."""
    return [array(column) for column in zip(*rows, strict=True)]


def _element(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "NULL" if value is None else str(value)


@contextmanager
def pipelined() -> Iterator[None]:
    """Send statements whose answers nobody reads without waiting for each.

    Use it inside a transaction. What the database refuses is raised when it closes; a row count
    is not known before. Where something wraps statements they are sent one by one.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers:
        yield
        return
    database.ensure_connection()
    raw: Any = database.connection
    with database.wrap_database_errors, raw.pipeline():
        yield

"""Rows as another session finds them."""

from typing import Any

from psycopg import Connection, sql

FREE = sql.SQL("SELECT 1 FROM {table} WHERE id = %s FOR UPDATE SKIP LOCKED")


def is_free(other: Connection[Any], row: Any) -> bool:
    """Say whether nobody has the row; the other session keeps what it got."""
    statement = FREE.format(table=sql.Identifier(row._meta.db_table))
    return other.execute(statement, [row.pk]).fetchone() is not None

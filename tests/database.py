"""The databases of a test run: migrated once, copied for each worker, cleaned after each test that
commits.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

TEMPLATE = "test_template"
# Tables that lost this many rows are vacuumed: whoever reads them next reads past no dead rows.
MANY_ROWS = 1000

TABLES = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'public' AND relkind = 'r' ORDER BY relname
"""
# The rows of a table are those that were migrated if there are as many, and none is newer.
STATE = "SELECT {literal}, count(*), COALESCE(max(xmin::text::bigint), 0) FROM {table}"


@contextmanager
def server() -> Iterator[psycopg.Connection]:
    """Return a session in which databases can be made and dropped."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    with psycopg.connect(**parameters, autocommit=True) as session:
        yield session


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Have the one connection of the project lead to the database ``name`` within this."""
    former = connection.settings_dict["NAME"]
    _connect(name)
    try:
        yield
    finally:
        _connect(former)


def _connect(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def ensure_template(folder: Path) -> None:
    """Migrate the database that all others are copied from, unless another worker did.

    ``folder`` is one that all workers of this run share, and no other run.
    """
    done = folder / "template"
    with done.open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if done.stat().st_size:
            return
        with server() as session:
            session.execute(_drop(TEMPLATE))
            session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        with connected_to(TEMPLATE):
            call_command("migrate", verbosity=0, interactive=False)
        handle.write("migrated")


@contextmanager
def copied(name: str) -> Iterator[None]:
    """Have a migrated database within this, and the project's connection lead to it."""
    with server() as session:
        session.execute(_drop(name))
        session.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
    try:
        with connected_to(name):
            yield
    finally:
        with server() as session:
            session.execute(_drop(name))


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


@dataclass(frozen=True, slots=True)
class MigratedRows:
    """What every table held once it was migrated: how many rows, the newest, and their text."""

    states: dict[str, tuple[int, int]]
    rows: dict[str, bytes]

    @classmethod
    def read(cls) -> "MigratedRows":
        connection.ensure_connection()
        session = connection.connection
        tables = [name for (name,) in session.execute(TABLES).fetchall()]
        states = _states(session, tables)
        rows = {}
        for table, (count, _newest) in states.items():
            if count:
                with session.cursor().copy(_copy(table, "TO STDOUT")) as lines:
                    rows[table] = b"".join(lines)
        return cls(states, rows)

    def restore(self) -> None:
        """Leave every table with the rows it had; only tables that were written to are touched."""
        connection.close()
        connection.ensure_connection()
        session = connection.connection
        found = _states(session, list(self.states))
        written = [table for table, state in found.items() if state != self.states[table]]
        with session.transaction():
            # No foreign key is looked at, and no trigger fires: whole tables are put right.
            session.execute("SET LOCAL session_replication_role = replica")
            for table in written:
                session.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                if table in self.rows:
                    with session.cursor().copy(_copy(table, "FROM STDIN")) as lines:
                        lines.write(self.rows[table])
        self.states.update(_states(session, [table for table in written if table in self.rows]))
        for table in written:
            if found[table][0] > MANY_ROWS:
                session.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))


def _states(session: psycopg.Connection, tables: list[str]) -> dict[str, tuple[int, int]]:
    asked = [
        sql.SQL(STATE).format(literal=sql.Literal(table), table=sql.Identifier(table))
        for table in tables
    ]
    if not asked:
        return {}
    found = session.execute(sql.SQL(" UNION ALL ").join(asked)).fetchall()
    return {table: (count, newest) for table, count, newest in found}


def _copy(table: str, where: str) -> sql.Composed:
    return sql.SQL("COPY {} " + where).format(sql.Identifier(table))

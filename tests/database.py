"""The databases of a test run: migrated once, copied for each worker, cleaned after each test that
commits.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from config.database_roles import AppRole, renew_app_role

TEMPLATE = "test_template"
# The migrated database with the demo's data, for the tests that begin with these.
DEMO = "test_demo_template"
ROOT = Path(__file__).resolve().parents[1]
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

    def fill() -> None:
        with connected_to(TEMPLATE):
            call_command("migrate", verbosity=0, interactive=False)

    _make_once(TEMPLATE, fill, folder, of="template1")


def ensure_demo(folder: Path) -> None:
    """Load the demo into a copy of the migrated database, unless another worker did.

    A program of its own does, as it does for people: here, passwords are hashed in another way.
    """

    def fill() -> None:
        server_url = settings.DATABASE_URL.rpartition("/")[0]
        subprocess.run(
            [sys.executable, "manage.py", "load_demo"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": f"{server_url}/{DEMO}"},
            stdout=subprocess.DEVNULL,
            check=True,
        )

    _make_once(DEMO, fill, folder, of=TEMPLATE)


def _make_once(name: str, fill: Callable[[], None], folder: Path, *, of: str) -> None:
    """Copy the database ``name`` from another and fill it, once for all workers of ``folder``."""
    with (folder / name).open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if handle.seek(0, os.SEEK_END):
            return
        _copy_database(name, of=of)
        fill()
        handle.write("filled")


@contextmanager
def copied(name: str, *, of: str = TEMPLATE) -> Iterator[None]:
    """Have a copy of the migrated database, or of the one ``of`` another name, within this, and
    the project's connection lead to it."""
    _copy_database(name, of=of)
    try:
        with connected_to(name):
            yield
    finally:
        with server() as session:
            session.execute(_drop(name))


def _copy_database(name: str, *, of: str) -> None:
    with server() as session:
        session.execute(_drop(name))
        session.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(of)
            )
        )


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


@contextmanager
def app_role(password: str) -> Iterator[AppRole]:
    """Have the role that the app works as, in the database of the project's connection."""
    name = f"app_of_{connection.settings_dict['NAME']}"
    role = AppRole(name, password, dict(connection.settings_dict))
    renew_app_role(role)
    yield role
    with connection.cursor() as cursor:
        named = sql.Identifier(name)
        cursor.execute(sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(named, named))


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

"""The sessions of a worker that shows no life are ended, and nobody else's."""

import time
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.db import connection

from core import sessions

AGE = """
SELECT extract(epoch FROM clock_timestamp() - max(state_change)) FROM pg_stat_activity
WHERE application_name = %s
"""
LOST = (psycopg.errors.AdminShutdown, psycopg.OperationalError)


def session(name: str) -> psycopg.Connection:
    """Return a session that has begun a transaction, of a process of this name."""
    parameters = connection.get_connection_params() | {"application_name": name}
    opened = psycopg.connect(**parameters)
    opened.execute("SELECT 1")
    return opened


def age(name: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(AGE, [name])
        return float(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_silent_worker_loses_all_its_sessions_and_its_locks() -> None:
    frozen, dead = "backoffice worker host 17", "backoffice worker host 18"
    with (
        closing(session(frozen)) as silent,
        closing(session(dead)) as alone,
        closing(session(frozen)) as talking,
        closing(session("backoffice web host 19")) as web,
        closing(session("psql")) as person,
    ):
        alone.execute("SELECT pg_advisory_lock(%s)", [4711])
        until = time.monotonic() + 120
        while min(age(frozen), age(dead)) < 3:
            assert time.monotonic() < until
        talking.execute("SELECT 1")

        assert sessions.end_silent(seconds=3) == [dead]

        for kept in (silent, talking, web, person):
            kept.execute("SELECT 1")
        with pytest.raises(LOST):
            alone.execute("SELECT 1")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
                "WHERE objid = 4711 AND datname = current_database()"
            )
            assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_process_shows_its_life_again_after_its_session_was_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "SIGN_SECONDS", 0.05)
    name = "backoffice worker test 20"
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "application_name", name)
    over = sessions.show_life()
    shown = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"

    def pid(but: Any = 0) -> Any:
        until = time.monotonic() + 120
        while True:
            with connection.cursor() as cursor:
                cursor.execute(shown, [name])
                found = [row[0] for row in cursor.fetchall() if row[0] != but]
            if found:
                return found[0]
            assert time.monotonic() < until

    connection.close()
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "application_name")
    first = pid()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [first])

    assert pid(but=first) != first
    over.set()
    until = time.monotonic() + 120
    with connection.cursor() as cursor:
        while True:
            cursor.execute(shown, [name])
            if not cursor.fetchall():
                break
            assert time.monotonic() < until

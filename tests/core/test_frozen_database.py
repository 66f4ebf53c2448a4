"""A database that stands still, while its machine goes on, is given up by whoever waits for it."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from core import sessions
from core.postgresql import driver
from tests.core.session_stop import frozen

NOT_ANSWERED = "wait timeout expired"
NOT_USABLE = "another command is already in progress"
SESSIONS_OF = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"


def session(answer_seconds: float | None = None) -> driver.Connection:
    opened = driver.connect(**connection.get_connection_params())
    opened.limit_answers(answer_seconds)
    return opened


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ask",
    [lambda own: own.execute("SELECT 1"), lambda own: own.commit(), lambda own: own.rollback()],
    ids=["execute", "commit", "rollback"],
)
def test_a_question_is_waited_for_only_so_long(ask: Callable[..., Any]) -> None:
    with closing(session(answer_seconds=0.5)) as own:
        own.execute("SELECT 1")
        with frozen(own), pytest.raises(psycopg.OperationalError, match=NOT_ANSWERED):
            ask(own)
        # then: nothing more is waited for, though the server answers again
        with pytest.raises(psycopg.OperationalError, match=NOT_USABLE):
            own.execute("SELECT 1")


@pytest.mark.django_db
def test_a_connection_that_is_dropped_is_closed_at_once() -> None:
    dropped = session(answer_seconds=60)
    number = dropped.fileno()

    with pytest.warns(ResourceWarning, match="deleted while still open"):
        del dropped

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


@pytest.mark.django_db
def test_an_answer_in_time_is_returned() -> None:
    with closing(session(answer_seconds=60)) as own:
        assert own.execute("SELECT pg_sleep(0.2), 7").fetchone() == ("", 7)


@pytest.mark.django_db
def test_what_another_thread_waits_for_ends_when_all_is_cut_off() -> None:
    with (
        closing(session()) as own,
        closing(session()) as closed,
        frozen(own),
        ThreadPoolExecutor(1) as pool,
    ):
        closed.close()
        asked = pool.submit(own.execute, "SELECT 1")
        until = time.monotonic() + 120
        while not asked.done():
            assert time.monotonic() < until
            driver.cut_off()
            time.sleep(0.05)
        with pytest.raises(psycopg.OperationalError):
            asked.result()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_sign_of_life_is_not_answered_waits_for_nothing_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "SIGN_SECONDS", 0.05)
    monkeypatch.setattr(sessions, "SILENT_SECONDS", 2)
    with closing(psycopg.connect(**connection.get_connection_params(), autocommit=True)) as other:
        name = "backoffice worker test 21"
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "application_name", name)
        over = sessions.show_life()
        until = time.monotonic() + 120
        while not (sign := other.execute(SESSIONS_OF, [name]).fetchall()):
            assert time.monotonic() < until
        with closing(session(answer_seconds=120)) as own, frozen(own, sign[0][0]):
            with pytest.raises(psycopg.OperationalError, match="closed the connection"):
                own.execute("SELECT 1")
            over.set()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_request_is_answered_when_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("person"))
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "answer_seconds", 0.5)
    connection.ensure_connection()

    with frozen(connection.connection):
        page = client.get("/admin/")

    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "The database does not answer." in page.text
    monkeypatch.undo()
    connection.close()
    assert client.get("/admin/").status_code == 200

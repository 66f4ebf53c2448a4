"""How long each part of the product waits for the database, and how the server knows it."""

import os
from contextlib import closing
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from config.database_limits import (
    SessionLimits,
    connection_options,
    process_name,
    take_part,
    with_options,
)
from core.postgresql.driver import Connection

NAMES = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_keepalives_count",
    "tcp_user_timeout",
    "client_connection_check_interval",
)
ENDS = ("7", "7", "3", "30000", "7s")


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The options of the database, put back afterwards."""
    own = settings.DATABASES["default"]
    monkeypatch.setitem(own, "OPTIONS", dict(own["OPTIONS"]))
    return own["OPTIONS"]


def shown(*names: str) -> tuple[str, ...]:
    """Return the settings of a session that connects now."""
    with closing(connections["default"].copy()) as fresh, fresh.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
        return tuple(cursor.fetchone())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("part", "limits"), [("web", ("30s", "3s", "1min")), ("worker", ("15min", "30s", "5min"))]
)
def test_people_and_programs_wait_less_than_workers(
    options: Any, part: str, limits: tuple[str, str, str]
) -> None:
    take_part(part)

    assert shown(*NAMES) == (*limits, *ENDS)


@pytest.mark.django_db
def test_commands_have_the_limits_of_workers(options: Any) -> None:
    assert shown(*NAMES) == ("15min", "30s", "5min", *ENDS)


@pytest.mark.django_db
@pytest.mark.parametrize(("part", "seconds"), [("web", 35), ("worker", 905)])
@pytest.mark.parametrize("is_pooled", [True, False])
def test_a_server_that_ends_no_statement_is_given_up(
    options: Any, monkeypatch: pytest.MonkeyPatch, part: str, seconds: int, is_pooled: bool
) -> None:
    take_part(part)
    if is_pooled:
        monkeypatch.setitem(settings.DATABASES["default"], "CONN_MAX_AGE", 0)
        options["pool"] = {"connection_class": Connection, "min_size": 0, "max_size": 1}

    with closing(connections["default"].copy()) as fresh:
        assert isinstance(fresh, DatabaseWrapper)
        fresh.ensure_connection()
        made = fresh.connection
        assert (type(made), made.answer_seconds) == (Connection, seconds)
        fresh.close()
        fresh.close_pool()


def test_statements_without_a_limit_are_waited_for() -> None:
    made = connection_options(SessionLimits(statement=0, lock=3, idle=3), connect=3, network=30)

    assert made["answer_seconds"] is None


@pytest.mark.django_db
def test_the_server_knows_each_process_by_its_number(options: Any) -> None:
    take_part("worker")

    (name,) = shown("application_name")
    assert name.startswith("backoffice worker ")
    assert name.endswith(f" {os.getpid()}")


def test_a_long_host_name_leaves_the_process_number_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "h" * 200)

    name = process_name("worker")
    assert (len(name), name.rsplit(" ", 1)[1]) == (63, str(os.getpid()))


def test_the_client_gives_up_a_server_that_is_gone() -> None:
    options = settings.DATABASES["default"]["OPTIONS"]

    assert {name: options[name] for name in options if name not in {"options", "pool"}} == {
        "answer_seconds": 905,
        "connect_timeout": 3,
        "keepalives": 1,
        "keepalives_idle": 7,
        "keepalives_interval": 7,
        "keepalives_count": 3,
        "tcp_user_timeout": 30000,
    }


def test_what_the_url_says_itself_wins() -> None:
    database = {"OPTIONS": {"connect_timeout": 9, "options": "-c lock_timeout=1"}}

    made = with_options(database, {"connect_timeout": 3, "options": "-c lock_timeout=2"})

    assert made["OPTIONS"] == {
        "connect_timeout": 9,
        "options": "-c lock_timeout=2 -c lock_timeout=1",
    }

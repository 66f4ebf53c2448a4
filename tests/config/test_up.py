"""``up`` refuses, in one sentence and without touching anything, what it cannot do."""

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config.local_services import running
from config.local_services.network_ports import free_port

ROOT = Path(__file__).resolve().parents[2]
COUNT = "SELECT (SELECT count(*) FROM inventory_stock), (SELECT count(*) FROM auth_group)"


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        tried = up(tmp_path, settings.DATABASE_URL, port)

    assert tried.returncode == 1
    assert tried.stdout == ""
    assert tried.stderr == (
        f"CommandError: Port {port} is taken; choose another: make demo PORT={port + 1}\n"
    )


@pytest.mark.django_db
def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url = settings.DATABASE_URL.rsplit("/", 1)[0] + "/" + connection.settings_dict["NAME"]
    with psycopg.connect(url, autocommit=True) as outside:
        before = outside.execute(COUNT).fetchall()
        outside.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('inventory', '9999_from_the_future', now())"
        )
        try:
            tried = up(tmp_path, url, free_port())
        finally:
            outside.execute("DELETE FROM django_migrations WHERE name = '9999_from_the_future'")
        after = outside.execute(COUNT).fetchall()

    assert tried.returncode == 1
    assert tried.stderr == (
        "CommandError: The database was made by a newer version of this program "
        "(inventory.9999_from_the_future is unknown here); update the program, or start over with "
        "make demo RESET=1.\n"
    )
    assert after == before
    assert before[0][0] > 0


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    tried = up(tmp_path, f"postgres://nobody@127.0.0.1:{free_port()}/nothing", free_port())

    assert tried.returncode == 1
    assert "CommandError: The database of DATABASE_URL does not answer. (" in tried.stderr
    assert "Traceback" not in tried.stderr


def test_a_variable_that_is_wrong_is_one_sentence(tmp_path: Path) -> None:
    tried = up(tmp_path, settings.DATABASE_URL, "many")

    assert tried.returncode == 1
    assert tried.stderr == "PORT is “many”; it should be a whole number.\n"


def test_what_is_refused_leaves_no_service_running(tmp_path: Path) -> None:
    tried = up(tmp_path, "", "many", redis_url="")

    assert tried.returncode == 1
    assert "PORT is “many”; it should be a whole number." in tried.stderr
    assert (tmp_path / "postgres.password").exists()
    assert running(tmp_path) == []


def up(folder: Path, database_url: Any, port: Any, redis_url: Any = None) -> Any:
    return subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": settings.REDIS_URL if redis_url is None else redis_url,
            "VAR_DIR": str(folder),
            "PORT": str(port),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_back_office_that_runs_already_is_named_with_its_address(tmp_path: Path) -> None:
    with (tmp_path / "up.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.write("8123")
        handle.flush()
        tried = up(tmp_path, settings.DATABASE_URL, free_port())

    assert tried.returncode == 1
    assert tried.stderr == (
        "CommandError: The back office of this checkout is running already, at "
        "http://127.0.0.1:8123/admin/\n"
    )

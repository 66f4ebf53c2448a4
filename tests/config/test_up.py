"""``manage.py up`` refuses, in one sentence, what it cannot do, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from config import local_services

ROOT = Path(__file__).resolve().parents[2]
STRONG_KEY = "a-key-of-more-than-fifty-characters-for-this-test-alone-0123456789"


@pytest.fixture
def var(tmp_path):
    folder = tmp_path / "var"
    yield folder
    local_services.remove(folder)


def command(*arguments, **variables):
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "VAR_DIR", "PORT"}
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd="/",
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_taken_port_is_said_and_services_are_stopped_again(var):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        result = command("up", VAR_DIR=str(var), PORT=port)

    assert result.returncode == 1
    assert f"Port {port} is taken; choose another" in result.stderr
    assert local_services.running(var) == []


def test_database_of_a_newer_version_is_left_alone(var):
    # given
    assert command("migrate", "--verbosity", "0", VAR_DIR=str(var)).returncode == 0
    url = local_services.ensure(var, {})["DATABASE_URL"]
    with psycopg.connect(url) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('orders', '9999_from_the_future', now())"
        )

    # when
    result = command("up", VAR_DIR=str(var), PORT=free_port())

    # then
    assert result.returncode == 1
    assert "newer version of this program (orders.9999_from_the_future" in result.stderr
    assert local_services.running(var) == []


def test_interrupted_while_it_starts_it_leaves_no_services(var):
    # given
    environment = {**os.environ, "VAR_DIR": str(var), "PORT": free_port()}
    del environment["DATABASE_URL"], environment["REDIS_URL"]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "up"],
        cwd="/",
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (var / "up.lock").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)

    # when
    process.send_signal(signal.SIGTERM)

    # then
    assert process.wait(60) == 0
    assert local_services.running(var) == []


def test_never_in_production():
    result = command(
        "up",
        ENVIRONMENT="production",
        SECRET_KEY=STRONG_KEY,
        ALLOWED_HOSTS="shop.example.com",
        DATABASE_URL=os.environ["DATABASE_URL"],
        REDIS_URL=os.environ["REDIS_URL"],
    )

    assert result.returncode == 1
    assert "never in production" in result.stderr


def test_reset_spares_a_database_that_is_not_ours():
    result = command(
        "up",
        "--reset",
        DATABASE_URL=os.environ["DATABASE_URL"],
        REDIS_URL=os.environ["REDIS_URL"],
    )

    assert result.returncode == 1
    assert "RESET deletes the local database only" in result.stderr


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be a secret of its own"),
        ({"DEBUG": "yes"}, "DEBUG must be off."),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the site's hosts, without *."),
        ({"DATABASE_URL": ""}, "DATABASE_URL must be set."),
        ({"REDIS_URL": ""}, "REDIS_URL must be set."),
        ({"SITE_TIME_ZONE": "Mars/Olympus"}, "SITE_TIME_ZONE is “Mars/Olympus”"),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT is “smtp”; it should be a whole number."),
        ({"DATABASE_URL": "mysql://a@b/c"}, "DATABASE_URL names no PostgreSQL"),
        ({"ENVIRONMENT": "staging"}, "ENVIRONMENT is “staging”"),
    ],
)
def test_production_refuses_to_start_insecure(variables, sentence):
    secure = {
        "ENVIRONMENT": "production",
        "SECRET_KEY": STRONG_KEY,
        "ALLOWED_HOSTS": "shop.example.com",
        "DATABASE_URL": "postgres://unused@127.0.0.1:1/unused",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }

    result = command("check", **{**secure, **variables})

    assert result.returncode != 0
    assert sentence in result.stderr

"""PostgreSQL and the broker that start by themselves: kept data, ports, accounts, sentences."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from config import local_services
from config.local_services.errors import cause
from config.local_services.postgres import Postgres, buffers_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def make_folder() -> Iterator[Callable[..., Any]]:
    made = []

    def make() -> Path:
        folder = Path(tempfile.mkdtemp(prefix="backoffice-services-"))
        folder.chmod(0o755)
        made.append(folder)
        return folder

    yield make
    for folder in made:
        local_services.remove(folder)
        shutil.rmtree(folder)


def write(urls: dict[str, str], text: str) -> None:
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def read(urls: dict[str, str]) -> Any:
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        return connection.execute("SELECT text FROM note").fetchall()


def settings_given(urls: dict[str, str]) -> set[Any]:
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        given = "SELECT name FROM pg_settings WHERE source = 'command line'"
        return {name for (name,) in connection.execute(given).fetchall()}


def port_of(url: str) -> Any:
    return urlsplit(url).port


def test_data_outlives_a_stop_a_taken_port_and_a_crash(make_folder: Callable[..., Any]) -> None:
    folder = make_folder()
    first = local_services.ensure(folder, {})
    write(first, "kept")

    assert local_services.ensure(folder, {}) == first
    assert local_services.running(folder) == ["PostgreSQL", "broker"]

    assert {"max_wal_size", "shared_buffers"} <= settings_given(first)

    # The machine's user is never root, whoever started it.
    lock = next(folder.glob("postgres-*")) / "postmaster.pid"
    process = lock.read_text().splitlines()[0]
    assert Path("/proc", process).stat().st_uid != 0

    local_services.stop(folder)
    assert local_services.running(folder) == []

    # Somebody else took the port meanwhile.
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port_of(first["DATABASE_URL"])))
        stranger.listen()
        second = local_services.ensure(folder, {})
        assert port_of(second["DATABASE_URL"]) != port_of(first["DATABASE_URL"])
        assert read(second) == [("kept",)]
    local_services.stop(folder)

    # The machine was switched off, and the server's process number went to another program.
    lock.write_text(f"{os.getpid()}\n{lock.parent}\n0\n1\n\n127.0.0.1\n\nready\n")
    assert local_services.running(folder) == []
    assert read(local_services.ensure(folder, {})) == [("kept",)]


@pytest.mark.parametrize(
    ("memory", "buffers"),
    [(256, 128), (1024, 128), (1032, 129), (4096, 512), (8191, 1023), (8192, 1024), (65536, 1024)],
)
def test_the_cache_is_an_eighth_of_the_memory_within_bounds(memory: int, buffers: int) -> None:
    assert buffers_for(memory) == buffers


def test_two_folders_keep_to_themselves(make_folder: Callable[..., Any]) -> None:
    here, there = make_folder(), make_folder()

    urls_here = local_services.ensure(here, {}, is_throwaway=True)
    urls_there = local_services.ensure(there, {}, is_throwaway=True)
    write(urls_here, "here")
    write(urls_there, "there")
    redis.Redis.from_url(urls_here["REDIS_URL"]).set("note", "here")

    assert read(urls_here) == [("here",)]
    assert read(urls_there) == [("there",)]
    assert redis.Redis.from_url(urls_there["REDIS_URL"]).get("note") is None


def test_addresses_from_the_environment_win_and_start_nothing(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/shop", "REDIS_URL": "redis://elsewhere"}

    assert local_services.ensure(tmp_path / "var", given) == given
    assert not (tmp_path / "var").exists()


def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.write_text("")

    with pytest.raises(local_services.LocalServiceError) as refusal:
        local_services.ensure(folder, {})

    assert str(refusal.value) == (
        f"Local services keep their data in {folder}, but a file is in its place; "
        "put that right, or set DATABASE_URL and REDIS_URL."
    )


def test_a_system_without_the_utf8_locale_falls_back_to_the_plain_one(
    make_folder: Callable[..., Any],
) -> None:
    folder = make_folder()
    real = Postgres.at(folder, is_throwaway=True)
    programs = folder / "programs"
    programs.mkdir()
    for name in ("initdb", "pg_ctl", "createdb"):
        program = programs / name
        program.write_text(
            '#!/bin/sh\ncase " $* " in *" --locale=C.UTF-8 "*)\n'
            "  echo 'initdb: error: invalid locale name \"C.UTF-8\"' >&2; exit 1;;\nesac\n"
            f'exec {real.programs / name} "$@"\n'
        )
        program.chmod(0o755)
    postgres = Postgres(
        programs, real.cluster, real.home, real.account, real.stand_in, is_throwaway=True
    )

    postgres.start()

    with psycopg.connect(postgres.url) as connection:
        row = connection.execute(
            "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database"
            " WHERE datname = 'backoffice'"
        ).fetchone()
    assert row == ("C", "UTF8")


INITDB_ON_A_FULL_DISK = """\
creating subdirectories ... ok
performing post-bootstrap initialization ... 2026-03-01 09:00:00 UTC [7] FATAL:  could not \
write to file "pg_wal/xlogtemp.7": No space left on device
child process exited with exit code 1
initdb: removing data directory "/data/postgres-18.part"
"""


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            INITDB_ON_A_FULL_DISK,
            "the disk is full (performing post-bootstrap initialization ... "
            '2026-03-01 09:00:00 UTC [7] FATAL:  could not write to file "pg_wal/xlogtemp.7": '
            "No space left on device)",
        ),
        (
            "LOG:  starting\nFATAL:  could not create any TCP/IP sockets\nLOG:  shut down\n",
            "FATAL:  could not create any TCP/IP sockets",
        ),
        ("one step.\nanother step.\n", "another step"),
        ("", "no reason given"),
    ],
)
def test_a_failure_is_reported_by_its_cause(output: str, sentence: str) -> None:
    assert cause(output) == sentence


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, "VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )


def test_looking_starts_no_service_and_other_commands_say_that_they_stay_up(
    make_folder: Callable[..., Any],
) -> None:
    folder = make_folder()

    status = manage(folder, "services", "status")
    manage(folder, "check")

    assert status.stdout == f"Running: none. Data: {folder}\n"
    assert local_services.running(folder) == []
    assert not list(folder.glob("postgres-*"))

    migrations = manage(folder, "showmigrations", "inventory")
    again = manage(folder, "showmigrations", "inventory")

    assert migrations.stderr == (
        "PostgreSQL was started for this checkout and stays up; manage.py services stop ends it.\n"
        "The broker was started for this checkout and stays up; manage.py services stop ends it.\n"
    )
    assert again.stderr == ""
    assert manage(folder, "services", "stop").stdout == f"Running: none. Data: {folder}\n"

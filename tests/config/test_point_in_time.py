"""A database goes back to a moment, with the commands of docs/operations/backup.md."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config.local_services.postgres import Postgres
from tests.config.test_backup import ROOT, run
from tests.present import present

ARCHIVED = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
QUEUE = """
INSERT INTO inventory_lowstockdigest
    (day, recipient, subject, body, state, attempt_count, last_error, next_attempt_at)
VALUES ('2026-03-01', %s, 'Low', '…', 'QUEUED', 0, '', now())
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Postgres]:
    """A server of this test's own, for it is stopped, and its data replaced."""
    made = Postgres.at(tmp_path / "own")
    made.start()
    yield made
    made.remove()


def commands(containing: str) -> list[str]:
    """Return the commands of the section in the document that hold a text."""
    document = (ROOT / "docs" / "operations" / "backup.md").read_text()
    section = document.partition("## To any moment")[2]
    found = [
        line for line in re.findall(r"^ {4}(.*)$", section, re.MULTILINE) if containing in line
    ]
    assert found, containing
    return found


def as_postgres(command: str, cluster: Postgres, backups: Path, moment: str = "") -> None:
    """Run a command of the document in this server's folders, as the account that runs it."""
    server = urlsplit(cluster.url)
    command = command.replace("/var/backups/backoffice", str(backups))
    command = command.replace("DATA", str(cluster.cluster)).replace("MOMENT", moment)
    done = subprocess.run(  # noqa: S602 - the document's own words
        command,
        shell=True,
        cwd="/",
        env={
            **os.environ,
            "PATH": f"{cluster.programs}:{os.environ['PATH']}",
            "PGHOST": present(server.hostname),
            "PGPORT": str(server.port),
            "PGUSER": present(server.username),
            "PGPASSWORD": unquote(present(server.password)),
            "PGDATABASE": "backoffice",
        },
        capture_output=True,
        text=True,
        **cluster.account.popen_options(),
    )
    assert done.returncode == 0, (command, done.stderr)


def start(cluster: Postgres, backups: Path) -> None:
    """Start the server as its own system does, and wait until it takes changes."""
    port = urlsplit(cluster.url).port
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    log = backups / "server.log"
    as_postgres(f"pg_ctl start -w -D DATA -l {log} -o '{options}' >{log}.start 2>&1", cluster,
                backups)  # fmt: skip
    until(cluster, "SELECT NOT pg_is_in_recovery()")


def until(cluster: Postgres, question: str, *facts: object) -> None:
    deadline = time.monotonic() + 120
    with psycopg.connect(cluster.url, autocommit=True) as asked:
        while asked.execute(question, facts).fetchone() != (True,):
            assert time.monotonic() < deadline, question
            time.sleep(0.2)


def manage(cluster: Postgres, command: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", command, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": cluster.url},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_database_goes_back_to_the_moment_before_a_mistake(
    transactional_db: None, cluster: Postgres, tmp_path: Path
) -> None:
    # given: the product's database on a server that keeps its log
    # Where the account that runs the server comes to.
    backups = cluster.cluster.parent / "backups"
    for folder in (backups.parent, backups, backups / "log"):
        folder.mkdir(mode=0o755, exist_ok=True)
        cluster.account.own(folder)
    url = settings.DATABASE_URL.rsplit("/", 1)[0] + f"/{connection.settings_dict['NAME']}"
    run("pg_dump", "--format=custom", f"--file={tmp_path / 'made.dump'}", url)
    run("pg_restore", "--no-owner", f"--dbname={cluster.url}", str(tmp_path / "made.dump"))
    for command in commands("ALTER SYSTEM"):
        as_postgres(command, cluster, backups)
    cluster.stop()
    start(cluster, backups)
    with psycopg.connect(cluster.url, autocommit=True) as shop:
        shop.execute("INSERT INTO auth_group (name) VALUES ('Before the backup')")
        for command in commands("pg_basebackup"):
            as_postgres(command, cluster, backups)

        # and: what happened since, up to a moment; then a mistake
        shop.execute("INSERT INTO auth_group (name) VALUES ('After the backup')")
        shop.execute(QUEUE, ["merchant@example.com"])
        ((moment,),) = shop.execute("SELECT clock_timestamp()::text").fetchall()
        time.sleep(1)
        shop.execute("UPDATE inventory_lowstockdigest SET state = 'SENT', sent_at = now()")
        shop.execute("DELETE FROM auth_group WHERE name LIKE '% the backup'")
        ((last,),) = shop.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchall()
    until(cluster, ARCHIVED, last)

    # when: the server goes back
    cluster.stop()
    cluster.cluster.rename(cluster.cluster.parent / "aside")
    for command in commands(" DATA"):
        as_postgres(command, cluster, backups, moment)
    start(cluster, backups)

    # then: all up to the moment is there, and nothing later
    with psycopg.connect(cluster.url, autocommit=True) as shop:
        names = {name for (name,) in shop.execute("SELECT name FROM auth_group").fetchall()}
        assert {"Before the backup", "After the backup"} < names
        sent = "SELECT state FROM inventory_lowstockdigest"
        assert shop.execute(sent).fetchall() == [("QUEUED",)]

        # and: the e-mail that was sent since is not sent again by itself
        assert manage(cluster, "migrate", "--check") == ""
        assert "E-mails that may have been sent: 1." in manage(cluster, "after_restore")
        assert shop.execute(sent).fetchall() == [("UNKNOWN",)]

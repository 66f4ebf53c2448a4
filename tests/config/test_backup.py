"""The backups of docs/operations/backup.md, made and restored as written there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config.local_services.binaries import postgres_programs
from core.models.row_version import VersionedModel
from fulfillment.models import WaitingRule
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import SourceItemFactory
from tests.present import present

ROOT = Path(__file__).resolve().parents[2]
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
DIGEST = 'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{}" AS t'
LAWS = """
SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal),
       (SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
       (SELECT count(*) FROM pg_indexes WHERE schemaname = 'public')
"""
# Whether every version of a table, once its rows are written, is beyond all that it had.
NEXT_VERSIONS = """
WITH former AS (SELECT max(version) AS latest FROM {0}),
    written AS (UPDATE {0} SET id = id RETURNING version)
SELECT min(written.version) > max(latest) FROM written, former
"""


def run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(postgres_programs() / program), *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def in_container(action: str) -> list[str]:
    """Return the commands of the document that run in PostgreSQL's container, from one on."""
    document = (ROOT / "docs" / "operations" / "backup.md").read_text()
    commands = re.findall(r"^ {4}docker compose exec -T postgres (.*)$", document, re.MULTILINE)
    (first,) = [index for index, command in enumerate(commands) if command.startswith(action)]
    return commands[first:]


def as_in_container(command: str, url: str, database: str, folder: Path) -> None:
    """Run a command as if inside, on a database of another name than production's."""
    server = urlsplit(url)
    command = re.sub(r"(?<!-U )\bbackoffice\b(?!\.dump)", database, command)
    command = command.replace("-U backoffice", f"-U {server.username}")
    done = subprocess.run(  # noqa: S602 - the document's own words, with their < and >
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": f"{postgres_programs()}:{os.environ['PATH']}",
             "PGHOST": present(server.hostname), "PGPORT": str(server.port),
             "PGPASSWORD": unquote(present(server.password))},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stderr)


def contents(url: str) -> tuple[dict[str, str], tuple[Any, ...]]:
    """Return a digest of every table's rows, and how many laws hold over them."""
    with psycopg.connect(url) as database:
        tables = [name for (name,) in database.execute(TABLES).fetchall()]
        rows = {name: database.execute(DIGEST.format(name)).fetchall()[0][0] for name in tables}
        (laws,) = database.execute(LAWS).fetchall()
        return rows, laws


@pytest.fixture
def databases(transactional_db: None) -> Iterator[tuple[str, str]]:
    """The addresses of the test's database and of one to restore into."""
    base = settings.DATABASE_URL.rsplit("/", 1)[0]
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as outside:
        drop(outside)
        yield f"{base}/{connection.settings_dict['NAME']}", f"{base}/restored"
        drop(outside)


def drop(outside: psycopg.Connection) -> None:
    for name in ("restored", "replaced", "backed_up"):
        outside.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_a_restored_backup_holds_every_row_and_every_law(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    url, restored = databases
    item = SourceItemFactory(quantity=Decimal("12.3456"))
    BackorderFactory(lines={item.product: 3})
    WaitingRule.objects.create(name="Old ones", action="HOLD", age_days_min=30)
    before = contents(url)

    run("pg_dump", "--format=custom", f"--file={tmp_path / 'backoffice.dump'}", url)
    run("createdb", f"--maintenance-db={url}", "restored")
    run(
        "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={restored}",
        str(tmp_path / "backoffice.dump"),
    )  # fmt: skip

    assert contents(restored) == before
    with psycopg.connect(restored) as database:
        for model in VersionedModel.__subclasses__():
            statement = NEXT_VERSIONS.format(model._meta.db_table)
            assert database.execute(statement).fetchone() == (True,)
    assert before[0]["fulfillment_shipmentline"] is not None
    checked = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": restored},
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr


def test_the_commands_for_containers_restore_a_backup_over_the_database(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    url, _restored = databases
    BackorderFactory(lines={SourceItemFactory(quantity=Decimal("12.3456")).product: 3})
    before = contents(url)
    backed_up = f"{url.rsplit('/', 1)[0]}/backed_up"
    run("createdb", f"--maintenance-db={url}", "backed_up")
    run("pg_dump", "--format=custom", f"--file={tmp_path / 'first.dump'}", url)
    run("pg_restore", "--no-owner", f"--dbname={backed_up}", str(tmp_path / "first.dump"))

    backup, createdb, restore, *swaps, dropdb = in_container("pg_dump")
    as_in_container(backup, url, "backed_up", tmp_path)
    with psycopg.connect(backed_up, autocommit=True) as shop:
        shop.execute("TRUNCATE fulfillment_shipmentline CASCADE")
    for command in (createdb, restore, *swaps):
        as_in_container(command, url, "backed_up", tmp_path)

    assert contents(backed_up) == before
    replaced = contents(backed_up.replace("/backed_up", "/replaced"))
    assert replaced[0]["fulfillment_shipmentline"] is None
    as_in_container(dropdb, url, "backed_up", tmp_path)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        contents(backed_up.replace("/backed_up", "/replaced"))

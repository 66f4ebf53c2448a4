"""The backup of docs/operations.md, made and restored as written there."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config.local_services.binaries import postgres_programs
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import SourceItemFactory

ROOT = Path(__file__).resolve().parents[2]
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
DIGEST = 'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{}" AS t'
LAWS = """
SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal),
       (SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
       (SELECT count(*) FROM pg_indexes WHERE schemaname = 'public')
"""


def run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(postgres_programs() / program), *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def contents(url: str) -> tuple[dict[str, str], tuple]:
    """Return a digest of every table's rows, and how many laws hold over them."""
    with psycopg.connect(url) as database:
        tables = [name for (name,) in database.execute(TABLES).fetchall()]
        rows = {name: database.execute(DIGEST.format(name)).fetchone()[0] for name in tables}
        return rows, database.execute(LAWS).fetchone()


@pytest.fixture
def databases(transactional_db):
    """The addresses of the test's database and of one to restore into."""
    base = settings.DATABASE_URL.rsplit("/", 1)[0]
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as outside:
        outside.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        yield f"{base}/{connection.settings_dict['NAME']}", f"{base}/restored"
        outside.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")


def test_a_restored_backup_holds_every_row_and_every_law(databases, tmp_path):
    url, restored = databases
    item = SourceItemFactory(quantity=Decimal("12.3456"))
    BackorderFactory(lines={item.product: 3})
    before = contents(url)

    run("pg_dump", "--format=custom", f"--file={tmp_path / 'backoffice.dump'}", url)
    run("createdb", f"--maintenance-db={url}", "restored")
    run(
        "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored}",
        str(tmp_path / "backoffice.dump"),
    )  # fmt: skip

    assert contents(restored) == before
    assert before[0]["fulfillment_shipmentline"] is not None
    checked = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": restored},
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr

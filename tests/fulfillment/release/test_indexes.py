"""Each index of the tables that a run writes has a reader, and none does another's work."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from core.sql import fetch_rows
from inventory.models import Product
from tests.fulfillment.release.waiting_orders import World, release

pytestmark = pytest.mark.django_db

PAGE = Path(settings.BASE_DIR) / "docs" / "operations" / "indexes.md"
# One row of each a run, not a shipment.
ROWS_OF_A_RUN = {"core_job", "fulfillment_releaserun"}
OWN_APPS = ("core", "inventory", "orders", "fulfillment")

# An index that carries more columns than it is sorted by is read in place of its table.
COVERED = """
WITH known AS (
    SELECT owner.relname AS owner, own.relname AS name, own.relam AS method,
        index.indisunique AS is_rule, index.indclass::text AS operators,
        index.indpred IS NULL AND index.indnatts = index.indnkeyatts AS is_plain,
        ARRAY(SELECT pg_get_indexdef(index.indexrelid, place, TRUE)
              FROM generate_series(1, index.indnkeyatts) AS place) AS columns
    FROM pg_index AS index
    JOIN pg_class AS own ON own.oid = index.indexrelid
    JOIN pg_class AS owner ON owner.oid = index.indrelid
    WHERE owner.relname = ANY(%s)
)
SELECT less.owner, less.name, more.name FROM known AS less
JOIN known AS more ON more.owner = less.owner AND more.name <> less.name
    AND more.method = less.method AND more.is_plain
    AND more.columns[1:cardinality(less.columns)] = less.columns
    AND starts_with(more.operators || ' ', less.operators || ' ')
WHERE less.is_plain AND NOT less.is_rule ORDER BY 1, 2
"""


def listed() -> dict[str, dict[str, str]]:
    """Return the readers of the page, by table and index."""
    found: dict[str, dict[str, str]] = {}
    for line in PAGE.read_text().splitlines():
        if head := re.fullmatch(r"\| \*\*(\w+)\*\* \| \|", line):
            readers = found.setdefault(head[1], {})
        elif row := re.fullmatch(r"\| `(\w+)` \| (.*) \|", line):
            readers[row[1]] = row[2].strip()
    return found


def test_each_index_of_what_a_run_writes_has_a_reader() -> None:
    there: dict[str, set[str]] = {table: set() for table in listed()}
    for table, name in fetch_rows(
        "SELECT tablename, indexname FROM pg_indexes WHERE tablename = ANY(%s)", [list(there)]
    ):
        there[table].add(name)

    assert {table: set(readers) for table, readers in listed().items()} == there
    assert all(all(readers.values()) for readers in listed().values())


def test_the_page_lists_all_tables_that_a_run_writes(world: World, kettle: Product) -> None:
    # given
    world.item(world.a, kettle, 2)
    world.item(world.b, kettle, 2)
    world.backorder({kettle: 4}, number="1001")
    world.backorder({kettle: 1}, number="1002")
    before = counts_of_writes()

    # when
    run = release()

    # then
    assert (run.released_count, run.split_count, run.waiting_count) == (1, 1, 1)
    written = {table for table, count in counts_of_writes().items() if count > before.get(table, 0)}
    assert {"fulfillment_shipmentline", "inventory_sourceitem"} <= written
    assert written - ROWS_OF_A_RUN - set(listed()) == set()


def counts_of_writes() -> dict[str, int]:
    """Return how many rows of each table this transaction has written so far."""
    return dict(
        fetch_rows(
            "SELECT relname, n_tup_ins + n_tup_upd FROM pg_stat_xact_user_tables"
            " WHERE schemaname = 'public'"
        )
    )


def test_no_index_is_covered_by_another() -> None:
    models = [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
    tables = [model._meta.db_table for model in models if not model._meta.proxy]

    assert fetch_rows(COVERED, [tables]) == []


def test_an_index_that_leads_another_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX one_too_many ON fulfillment_shipmentline (shipment_id)")

    assert fetch_rows(COVERED, [["fulfillment_shipmentline"]]) == [
        ("fulfillment_shipmentline", "one_too_many", "shipment_line_once_per_order_line")
    ]

"""The version of a row rises with every write, and never comes again."""

from typing import Any

import pytest
from django.db import connection

from core.models.row_version import VersionedModel
from fulfillment.models import WaitingRule
from inventory.models import SourceItem
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import SourceItemFactory

pytestmark = pytest.mark.django_db

MODELS = VersionedModel.__subclasses__()


def by_raw_sql(row: SourceItem) -> None:
    statement = f"UPDATE {row._meta.db_table} SET id = id WHERE id = %s"  # noqa: S608 - our table
    with connection.cursor() as cursor:
        cursor.execute(statement, [row.pk])


WRITES = [
    lambda row: row.save(),
    lambda row: row.save(update_fields=["version"]),
    lambda row: type(row).objects.filter(pk=row.pk).update(version=1),
    lambda row: type(row).objects.bulk_update([row], ["version"]),
    by_raw_sql,
]


@pytest.fixture
def rows() -> list[Any]:
    BackorderFactory()
    SourceItemFactory()
    WaitingRule.objects.all().delete()
    WaitingRule.objects.create(name="Old ones", action="HOLD", age_days_min=30)
    return [model._default_manager.get() for model in MODELS]


def version_of(row: Any) -> Any:
    return type(row).objects.values_list("version", flat=True).get(pk=row.pk)


def test_every_kind_of_write_raises_the_version_of_every_kind_of_row(rows: list[Any]) -> None:
    assert {model.__name__ for model in MODELS} == {
        "Order",
        "Shipment",
        "SourceItem",
        "WaitingRule",
    }
    for row in rows:
        versions = [version_of(row)]
        for write in WRITES:
            # The row in memory is the first: what it would write as its version is long past.
            write(row)
            versions.append(version_of(row))
        assert versions == sorted(set(versions)), type(row)


def test_a_row_that_is_not_written_keeps_its_version(rows: list[Any]) -> None:
    for row in rows:
        list(type(row).objects.order_by("pk").select_for_update())
        assert version_of(row) == row.version


def test_a_source_item_that_is_made_again_has_another_version() -> None:
    first = SourceItemFactory()
    by_raw_sql(first)
    former = version_of(first)
    first.delete()

    again = SourceItem.objects.create(product=first.product, source=first.source)

    assert again.version > former

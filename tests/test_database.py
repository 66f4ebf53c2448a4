"""What one test leaves is gone before the next: on the database, and on the broker."""

import os

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django_celery_beat.models import PeriodicTask

from inventory.models import Product
from tests.database import MigratedRows
from tests.factories.inventory import ProductFactory
from tests.services import broker_of


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_taken_back_and_what_migrations_made_is_back() -> None:
    migrated = MigratedRows.read()
    content_types = list(ContentType.objects.order_by("pk").values_list("pk", "model"))
    permissions = list(Permission.objects.order_by("pk").values_list("pk", "codename"))
    groups = list(Group.objects.order_by("pk").values_list("pk", "name"))
    schedules = list(PeriodicTask.objects.order_by("pk").values_list("pk", "name", "enabled"))
    assert len(groups) > 1
    assert len(schedules) > 1

    ProductFactory()
    Group.objects.filter(pk=groups[0][0]).update(name="Renamed")
    Group.objects.get(pk=groups[1][0]).delete()
    PeriodicTask.objects.all().delete()
    migrated.restore()

    assert not Product.objects.exists()
    assert list(ContentType.objects.order_by("pk").values_list("pk", "model")) == content_types
    assert list(Permission.objects.order_by("pk").values_list("pk", "codename")) == permissions
    assert list(Group.objects.order_by("pk").values_list("pk", "name")) == groups
    assert (
        list(PeriodicTask.objects.order_by("pk").values_list("pk", "name", "enabled")) == schedules
    )
    # Each row is checked as before: restoring turned nothing off for good.
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)


@pytest.mark.django_db(transaction=True)
def test_tables_that_nothing_was_written_to_stay_untouched() -> None:
    migrated = MigratedRows.read()
    kept = dict(migrated.states)

    ProductFactory()
    migrated.restore()

    # A row that was written again would be newer.
    assert migrated.states == kept
    assert MigratedRows.read().states == kept


@pytest.mark.parametrize(
    ("worker", "url", "own"),
    [
        ("gw0", "redis://:p-w_@127.0.0.1:6379/0", "redis://:p-w_@127.0.0.1:6379/1"),
        ("gw1", "redis://:p-w_@127.0.0.1:6379/0", "redis://:p-w_@127.0.0.1:6379/2"),
        ("gw13", "rediss://broker", "rediss://broker/14"),
    ],
)
def test_each_worker_has_a_database_of_the_broker(worker: str, url: str, own: str) -> None:
    assert broker_of(worker, url) == own


def test_a_run_has_two_workers_for_each_core(pytestconfig: pytest.Config) -> None:
    count = pytestconfig.hook.pytest_xdist_auto_num_workers(config=pytestconfig)

    assert count == 2 * len(os.sched_getaffinity(0))

"""The database's roles: what the app may not, and that it can do a day's work all the same."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

import pghistory
import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from pghistory.models import Context
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from pytest_django import Settings

from config.celery import app as celery
from config.database_roles import AppRole, DatabaseRoleError, append_only_tables, renew_app_role
from core.callers import Caller
from core.models import SecurityEvent
from core.models.history import events_of
from core.models.people import TrackedUser
from core.operations.security_events import count, delete_old, record
from fulfillment.models import Shipment
from inventory.models import ImportFile, Reservation, SourceItem
from orders.models import Order
from tests.config.test_variables import ROOT
from tests.database import app_role, server

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "of-the-app-alone"  # noqa: S105
# What the app's role is refused, whoever makes it ask.
FORBIDDEN = (
    "CREATE TABLE stolen (id integer)",
    "CREATE SCHEMA stolen",
    "CREATE ROLE stolen",
    "CREATE EXTENSION hstore",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE orders_order ADD COLUMN stolen integer",
    "ALTER TABLE orders_order DISABLE TRIGGER ALL",
    "DROP TABLE orders_order",
    "TRUNCATE orders_order",
    "SET session_replication_role = replica",
    "DELETE FROM django_migrations",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
    "INSERT INTO core_erasable_column VALUES ('auth_user', 'password')",
    "DELETE FROM core_erasable_column",
    "COPY orders_order TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
)

# What runs with the rights of its owner; a trigger calls its function itself.
OWNERS_FUNCTIONS = """
SELECT proname, has_function_privilege(%s, oid, 'EXECUTE') FROM pg_proc
WHERE prosecdef AND pronamespace = 'public'::regnamespace AND proname LIKE 'core%%'
"""


@pytest.fixture
def role() -> Iterator[AppRole]:
    """The app's role of this test's database."""
    with app_role(PASSWORD) as role:
        yield role


@contextmanager
def working_as(role: AppRole) -> Iterator[None]:
    """Have the project connect as the app within this."""
    own = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(USER=role.name, PASSWORD=role.password)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(own)


def refused(statement: Any) -> bool:
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except ProgrammingError as error:
            return isinstance(error.__cause__, InsufficientPrivilege)
    return False


def test_the_app_changes_no_table_and_has_no_power(role: AppRole) -> None:
    with working_as(role):
        allowed = [statement for statement in FORBIDDEN if not refused(statement)]

    assert allowed == []


def test_the_app_only_adds_to_ledger_and_history(role: AppRole) -> None:
    tables = append_only_tables()
    with working_as(role):
        allowed = [
            (table, act)
            for table in tables
            for act in ("DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = NULL")
            if not refused(sql.SQL(act).format(sql.Identifier(table), sql.Identifier(first(table))))
        ]

    assert allowed == []
    assert {"inventory_reservation", "fulfillment_shipmentevent"} < tables
    assert {"inventory_productevent", "core_userevent"} < tables
    assert len(tables) > 15


def test_who_made_a_change_is_only_added_to(role: AppRole) -> None:
    person = User.objects.create_user("ada")
    with pghistory.context(user=person.pk) as entry:
        person.first_name = "Ada"
        person.save()
        found = Context.objects.filter(pk=entry.id).values_list("metadata", flat=True)
        with working_as(role):
            change_as(person, user=0, cause="said later in the same request")
            assert found.get() == {"user": person.pk, "cause": "said later in the same request"}
            assert refused("UPDATE pghistory_context SET metadata = '{}'")
            assert refused("DELETE FROM pghistory_context")
        Context.objects.filter(pk=entry.id).update(created_at=timezone.now() - timedelta(hours=2))
        with working_as(role):
            change_as(person, note="said much later")
            assert found.get() == {"user": person.pk, "cause": "said later in the same request"}
    assert events_of(TrackedUser).objects.filter(pgh_context=entry.id).count() == 3


def change_as(person: User, **said: object) -> None:
    """Change a row, and say this of whoever does, within the context that is open."""
    pghistory.context(**said)
    person.last_name += "x"
    person.save()


def first(table: str) -> str:
    """Return the first column of a table."""
    with connection.cursor() as cursor:
        return str(connection.introspection.get_table_description(cursor, table)[0].name)


def test_the_owners_functions_are_for_the_app_alone(role: AppRole) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE reporting_of_a_test")
        found = {}
        for name in (role.name, "reporting_of_a_test"):
            cursor.execute(OWNERS_FUNCTIONS, [name])
            found[name] = [may for _function, may in cursor.fetchall()]
        cursor.execute("DROP ROLE reporting_of_a_test")

    assert found == {role.name: [True, True], "reporting_of_a_test": [False, False]}


def test_what_went_wrong_with_the_role_is_put_right(role: AppRole) -> None:
    name = sql.Identifier(role.name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (owner,) = cursor.fetchone()
        for statement in (
            "ALTER ROLE {0} SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS PASSWORD 'other'",
            "GRANT pg_read_all_data TO {0}",
            "GRANT DELETE, TRUNCATE ON inventory_reservation TO {0}",
            "GRANT CREATE ON SCHEMA public TO {0}",
            "REVOKE SELECT ON orders_order FROM {0}",
        ):
            cursor.execute(sql.SQL(statement).format(name))
    assert not role.can_connect()

    renew_app_role(role)

    assert role.can_connect()
    with working_as(role), connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, "
            "pg_has_role('pg_read_all_data', 'MEMBER') FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False,) * 6
        assert refused("DELETE FROM inventory_reservation")
        assert refused("CREATE TABLE stolen (id integer)")
        assert Order.objects.count() == 0
    assert owner != role.name


def test_a_role_that_is_the_owner_or_owns_tables_is_refused(role: AppRole) -> None:
    own = connection.settings_dict
    with pytest.raises(DatabaseRoleError, match="both name the role"):
        renew_app_role(AppRole(own["USER"], own["PASSWORD"], dict(own)))
    name = sql.Identifier(role.name)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE owned_here (id integer)")
        cursor.execute(sql.SQL("ALTER TABLE owned_here OWNER TO {}").format(name))

    with pytest.raises(DatabaseRoleError, match="The table owned_here belongs to the role app_of_"):
        renew_app_role(role)


def test_the_command_needs_the_owner(settings: Settings) -> None:
    with pytest.raises(CommandError, match="OWNER_DATABASE_URL must be set"):
        call_command("database_roles")


def test_the_command_says_what_the_app_may(role: AppRole, settings: Settings) -> None:
    settings.OWNER_DATABASE_URL = "postgres://owner@unused/unused"
    settings.APP_DATABASE = {**role.database, "USER": role.name, "PASSWORD": PASSWORD}
    said = StringIO()

    call_command("database_roles", stdout=said)

    count = len(append_only_tables())
    assert said.getvalue() == (
        f"{role.name} works with all tables; to {count} of them it can only add rows.\n"
    )


def test_a_days_work_as_the_app(role: AppRole, settings: Settings) -> None:
    with working_as(role):
        call_command("load_demo", stdout=StringIO())
        before = Shipment.objects.filter(state="READY").count()
        client = Client()
        client.login(username="admin", password=settings.DEMO_PASSWORD)
        items = SourceItem.objects.order_by("pk").values_list("source__code", "product__sku")
        rows = "".join(f"{source},{sku},5000\n" for source, sku in items)
        file = SimpleUploadedFile("stock.csv", f"source_code,sku,quantity\n{rows}".encode())
        client.post(
            reverse("admin:inventory_sourceitem_import"), {"file": file, "behavior": "APPEND"}
        )
        imported = ImportFile.objects.latest("pk")
        client.post(reverse("admin:inventory_importfile_confirm", args=[imported.pk]))
        call_command("release_backorders", stdout=StringIO())
        for name in sorted(set(PeriodicTask.objects.values_list("task", flat=True))):
            if name in celery.tasks:
                celery.tasks[name].apply().get()

        assert set(SourceItem.objects.values_list("quantity", flat=True)) == {5000}
        assert Shipment.objects.filter(state="READY").count() > before
        assert Reservation.objects.count() > 0


def test_a_migration_as_an_owner_without_power() -> None:
    name = f"roles_of_{connection.settings_dict['NAME']}"
    owner, app = f"owner_{name}", f"app_{name}"
    at = f"{connection.settings_dict['HOST']}:{connection.settings_dict['PORT']}/{name}"
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    with server() as session:
        session.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'of-the-owner'")
        session.execute(f"CREATE DATABASE {name} OWNER {owner}")
    try:
        migrated = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--noinput"],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": f"postgres://{app}:{quote(PASSWORD)}@{at}",
                "OWNER_DATABASE_URL": f"postgres://{owner}:of-the-owner@{at}",
            },
            capture_output=True,
            text=True,
            check=False,
        )

        assert migrated.returncode == 0, migrated.stderr
        assert f"{app} works with all tables" in migrated.stdout
        with psycopg.connect(f"postgres://{app}:{PASSWORD}@{at}", autocommit=True) as session:
            assert session.execute("SELECT count(*) FROM orders_order").fetchone() == (0,)
            with pytest.raises(InsufficientPrivilege):
                session.execute("ALTER TABLE orders_order ADD COLUMN stolen integer")
    finally:
        with server() as session:
            session.execute(drop)
            session.execute(f"DROP ROLE IF EXISTS {app}")
            session.execute(f"DROP ROLE {owner}")


def test_the_app_counts_events_and_has_old_ones_deleted(role: AppRole) -> None:
    now = timezone.now()
    with working_as(role):
        record(Caller(now - timedelta(days=400)), SecurityEvent.Kind.LOGGED_IN)
        for _time in range(2):
            count(Caller(now), SecurityEvent.Kind.REFUSED)
        deleted = delete_old(now=now, kept=timedelta(days=365))
        forged = refused("UPDATE core_securityevent SET name = 'other'")

    assert (deleted, forged) == (1, True)
    assert SecurityEvent.objects.get(kind="REFUSED").count == 2

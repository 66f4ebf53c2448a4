"""The two roles of the database: the owner changes tables, the app works with their rows.

The app is no superuser and changes no table, and what must stay as it was written it can only add
to: a thief of its password, or a fault of its code, cannot cover up what was done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection, transaction
from pghistory.models import Event
from psycopg import sql

from core.operations.texts_of_a_person import ERASABLE

# Beside the history of every table: who made its changes, the ledger, what happened to shipments,
# security events.
APPEND_ONLY = (
    "pghistory.Context",
    "inventory.Reservation",
    "fulfillment.ShipmentEvent",
    "core.SecurityEvent",
)
# The columns of such tables that count what happens often; a trigger lets them only grow.
COUNTED = {"core_securityevent": ("count", "last_at")}
# Which migrations were applied, and what may be erased, is for the owner to write.
READ_ONLY = {"django_migrations", ERASABLE}
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
POWERS = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
POWERS_OF = """
SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
FROM pg_roles WHERE rolname = %s
"""
MEMBERSHIPS = """
SELECT granting.rolname FROM pg_auth_members JOIN pg_roles AS granting ON granting.oid = roleid
WHERE member = %s::regrole ORDER BY 1
"""
# What the owner does for the app, and for no other role: erase words, delete what is too old.
OWNERS_FUNCTIONS = (
    "core_erase_words(text, text, text)",
    "core_delete_old_security_events(timestamptz)",
)
OWNED = """
SELECT relname FROM pg_class WHERE relowner = %s::regrole AND relnamespace = 'public'::regnamespace
ORDER BY relname LIMIT 1
"""
RIGHTS = {
    "add": sql.SQL("SELECT, INSERT"),
    "change": sql.SQL("SELECT, INSERT, UPDATE, DELETE"),
    "read": sql.SQL("SELECT"),
}


class DatabaseRoleError(Exception):
    """The app's role cannot be made; the message says why, for whoever runs the program."""


@dataclass(frozen=True, slots=True)
class AppRole:
    """The role that the app connects as, and the settings of its connection."""

    name: str
    password: str
    database: dict[str, Any]

    @classmethod
    def of(cls, database: dict[str, Any]) -> "AppRole":
        """Return the role of Django's settings of a database."""
        return cls(database["USER"], database["PASSWORD"], database)

    def can_connect(self) -> bool:
        """Whether the server lets the role in with its password."""
        try:
            psycopg.connect(
                host=self.database["HOST"],
                port=self.database["PORT"] or None,
                dbname=connection.settings_dict["NAME"],
                user=self.name,
                password=self.password,
                connect_timeout=5,
            ).close()
        except psycopg.OperationalError:
            return False
        return True


def append_only_tables() -> set[str]:
    """Return the tables to which rows are only ever added."""
    models = [apps.get_model(label) for label in APPEND_ONLY]
    models += [model for model in apps.get_models() if issubclass(model, Event)]
    return {model._meta.db_table for model in models}


def renew_app_role(role: AppRole) -> None:
    """Make the app's role, or put right what it may: connected as the owner, in a transaction of
    its own. It may be done again at any time, also while the app works.

    :raises DatabaseRoleError: if it cannot be told from the owner, or owns tables itself.
    """
    is_let_in = role.can_connect()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone() == (role.name,):
            raise DatabaseRoleError(
                f"DATABASE_URL and OWNER_DATABASE_URL both name the role {role.name}; the app "
                "needs one of its own."
            )
        for statement in (*_of_role(cursor, role, is_let_in=is_let_in), *_of_tables(cursor, role)):
            cursor.execute(statement)


def _of_role(cursor: Any, role: AppRole, *, is_let_in: bool) -> Iterator[sql.Composed]:
    """Yield what makes a role that can log in, and do nothing beyond what it is granted."""
    name = sql.Identifier(role.name)
    cursor.execute(POWERS_OF, [role.name])
    powers = cursor.fetchone()
    if powers is None:
        yield sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, _encrypted(cursor, role))
        return
    for has_power, power in zip(powers, POWERS, strict=True):
        if has_power:
            yield sql.SQL("ALTER ROLE {} {}").format(name, sql.SQL(f"NO{power}"))
    if not is_let_in:
        yield sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, _encrypted(cursor, role))
    cursor.execute(OWNED, [role.name])
    if owned := cursor.fetchone():
        raise DatabaseRoleError(
            f"The table {owned[0]} belongs to the role {role.name}, which is to be the app's: make "
            f"the owner's of it with REASSIGN OWNED BY {role.name}, or give the app another role."
        )
    cursor.execute(MEMBERSHIPS, [role.name])
    for (granted,) in cursor.fetchall():
        yield sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(granted), name)


def _encrypted(cursor: Any, role: AppRole) -> sql.Literal:
    """Return the password as the server keeps it: it shall not stand in the server's log."""
    encrypt = cursor.connection.pgconn.encrypt_password
    return sql.Literal(
        encrypt(role.password.encode(), role.name.encode(), b"scram-sha-256").decode()
    )


def _of_tables(cursor: Any, role: AppRole) -> Iterator[sql.Composed]:
    """Yield what takes every right from the app's role, then gives it those that it needs."""
    app = sql.Identifier(role.name)
    database = sql.Identifier(connection.settings_dict["NAME"])
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM {app}",
        "REVOKE ALL ON DATABASE {database} FROM {app}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {app}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {app}",
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {app}",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
        *(f"GRANT EXECUTE ON FUNCTION {function} TO {{app}}" for function in OWNERS_FUNCTIONS),
    ):
        yield sql.SQL(statement).format(app=app, database=database)
    only_added = append_only_tables()
    cursor.execute(TABLES)
    for (table,) in cursor.fetchall():
        kind = "read" if table in READ_ONLY else "add" if table in only_added else "change"
        yield sql.SQL("GRANT {} ON {} TO {}").format(RIGHTS[kind], sql.Identifier(table), app)
    for table, columns in COUNTED.items():
        counted = sql.SQL(", ").join(map(sql.Identifier, columns))
        yield sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(counted, sql.Identifier(table), app)

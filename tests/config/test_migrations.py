"""Migrations after the first version leave the database fit for the code of the version before.

An upgrade without downtime migrates while old processes run: first a migration expands (a column
that may be empty, or that the database fills), and one of a later version contracts.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

# The last migrations before the first release: until then there is no old process to break.
FIRST_VERSION = {"core": 1, "fulfillment": 5, "inventory": 2, "orders": 1}
AnyField: TypeAlias = "models.Field[Any, Any]"
WIDTHS = ("max_length", "max_digits", "decimal_places")


def breaks_old_code(operation: Operation, app: str, state: ProjectState) -> str:
    """Return what an old process would trip over after the operation, or nothing.

    ``state`` is that of the models before it.
    """
    match operation:
        case migrations.RemoveField():
            return f"{operation.model_name}.{operation.name} is gone"
        case migrations.DeleteModel():
            return f"{operation.name} is gone"
        case migrations.RenameField():
            return f"{operation.model_name}.{operation.old_name} has another name"
        case migrations.RenameModel():
            return f"{operation.old_name} has another name"
        case migrations.AlterModelTable():
            return f"{operation.name} has another table"
        case migrations.AddField(field=field) if is_asked_for(field):
            return f"{operation.model_name}.{operation.name} must be written"
        case migrations.AlterField(field=field):
            before = state.models[app, operation.model_name_lower].fields[operation.name]
            return narrowed(f"{operation.model_name}.{operation.name}", before, field)
    return ""


def is_asked_for(field: AnyField) -> bool:
    """Whether a row cannot be inserted by who does not know the column."""
    has_column = not isinstance(field, models.ManyToManyField | models.GeneratedField)
    return has_column and not field.null and field.db_default is NOT_PROVIDED


def narrowed(name: str, before: AnyField, after: AnyField) -> str:
    if is_asked_for(after) and not is_asked_for(before):
        return f"{name} must be written"
    if before.get_internal_type() != after.get_internal_type():
        return f"{name} is another kind"
    widths = [(getattr(before, name, None), getattr(after, name, None)) for name in WIDTHS]
    if any(new is not None and (old is None or new < old) for old, new in widths):
        return f"{name} is narrower"
    return ""


def database_operations(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from database_operations(operation.database_operations)
        else:
            yield operation


def faults(migration: migrations.Migration, state: ProjectState) -> list[str]:
    """Return what a migration breaks, unless it says since which version nobody uses it.

    Such a migration has the attribute ``unused_since``, naming that version.
    """
    if getattr(migration, "unused_since", ""):
        return []
    state = state.clone()
    found = []
    for operation in database_operations(migration.operations):
        found.append(breaks_old_code(operation, migration.app_label, state))
        operation.state_forwards(migration.app_label, state)
    return [fault for fault in found if fault]


def test_old_processes_can_live_with_every_migration_of_a_later_version() -> None:
    graph = MigrationLoader(None).graph
    found = {}
    for app, name in graph._generate_plan(graph.leaf_nodes(), at_end=True):
        if app in FIRST_VERSION and int(name[:4]) > FIRST_VERSION[app]:
            before = graph.make_state((app, name), at_end=False)
            found[f"{app}.{name}"] = faults(graph.nodes[app, name], before)

    assert {name: broken for name, broken in found.items() if broken} == {}


PRICE = models.DecimalField(max_digits=14, decimal_places=2)
NARROW = models.DecimalField(max_digits=9, decimal_places=2)
WIDE = models.DecimalField(max_digits=16, decimal_places=4)


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        (migrations.RemoveField("Lamp", "price"), "Lamp.price is gone"),
        (migrations.DeleteModel("Lamp"), "Lamp is gone"),
        (migrations.RenameField("Lamp", "price", "cost"), "Lamp.price has another name"),
        (migrations.RenameModel("Lamp", "Light"), "Lamp has another name"),
        (migrations.AlterModelTable("Lamp", "lights"), "Lamp has another table"),
        (migrations.AddField("Lamp", "watts", models.IntegerField()), "Lamp.watts must be written"),
        (
            migrations.AddField("Lamp", "watts", models.IntegerField(default=5)),
            "Lamp.watts must be written",
        ),
        (migrations.AddField("Lamp", "watts", models.IntegerField(null=True)), ""),
        (migrations.AddField("Lamp", "watts", models.IntegerField(db_default=5)), ""),
        (migrations.AddField("Lamp", "rooms", models.ManyToManyField("Room")), ""),
        (migrations.AlterField("Lamp", "note", models.TextField()), "Lamp.note must be written"),
        (migrations.AlterField("Lamp", "price", models.TextField()), "Lamp.price is another kind"),
        (migrations.AlterField("Lamp", "price", NARROW), "Lamp.price is narrower"),
        (migrations.AlterField("Lamp", "price", WIDE), ""),
        (
            migrations.SeparateDatabaseAndState(
                database_operations=[migrations.RemoveField("Lamp", "price")]
            ),
            "Lamp.price is gone",
        ),
        (
            migrations.SeparateDatabaseAndState(
                state_operations=[migrations.RemoveField("Lamp", "price")]
            ),
            "",
        ),
        (migrations.CreateModel("Room", [("id", models.BigAutoField(primary_key=True))]), ""),
        (migrations.RunSQL("SELECT 1"), ""),
    ],
)
def test_what_breaks_old_processes_is_found(operation: Any, fault: str) -> None:
    state = ProjectState()
    migrations.CreateModel(
        "Lamp",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("price", PRICE),
            ("note", models.TextField(null=True)),
        ],
    ).state_forwards("shop", state)
    migration: Any = migrations.Migration("0002_next", "shop")
    migration.operations = [operation]

    assert faults(migration, state) == ([fault] if fault else [])
    migration.unused_since = "1.1"
    assert faults(migration, state) == []

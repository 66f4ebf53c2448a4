"""A column's own index is taken away, and comes back, in no transaction."""

from typing import Any

import pytest
from django.db import NotSupportedError, connection, models
from django.db.migrations.state import ProjectState

from core.index_migrations import DropColumnIndex, MakeIndex
from core.sql import fetch_column
from fulfillment.models import Allocation

INDEXES = "SELECT indexname FROM pg_indexes WHERE tablename = 'fulfillment_allocation'"
OWN = "fulfillment_allocation_source_item_id_def24b1b"


def states() -> tuple[DropColumnIndex, ProjectState, ProjectState]:
    field: Any = Allocation._meta.get_field("source_item").clone()
    field.db_index = False
    operation = DropColumnIndex("allocation", "source_item", field)
    before = ProjectState.from_apps(Allocation._meta.apps)
    after = before.clone()
    operation.state_forwards("fulfillment", after)
    return operation, before, after


@pytest.mark.django_db(transaction=True)
def test_the_index_of_a_column_goes_and_comes_back() -> None:
    operation, before, after = states()
    there = set(fetch_column(INDEXES))
    assert OWN in there

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("fulfillment", editor, before, after)
    gone = set(fetch_column(INDEXES))
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("fulfillment", editor, after, before)

    assert there - gone == {OWN}
    assert set(fetch_column(INDEXES)) == there


@pytest.mark.django_db
def test_it_is_refused_in_a_transaction() -> None:
    operation, before, after = states()

    with connection.schema_editor() as editor, pytest.raises(NotSupportedError) as refused:
        operation.database_forwards("fulfillment", editor, before, after)

    assert "cannot be executed inside a transaction" in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_an_index_that_was_left_half_made_is_made_again() -> None:
    before = ProjectState.from_apps(Allocation._meta.apps)
    index = models.Index(name="allocation_by_quantity", fields=["quantity"])
    operation = MakeIndex("allocation", index)
    after = before.clone()
    operation.state_forwards("fulfillment", after)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX allocation_by_quantity ON fulfillment_allocation (id)")

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("fulfillment", editor, before, after)
    made = fetch_column(
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'allocation_by_quantity'"
    )
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("fulfillment", editor, after, before)

    assert [text.endswith("(quantity)") for text in made] == [True]
    assert "allocation_by_quantity" not in fetch_column(INDEXES)

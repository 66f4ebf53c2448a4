"""Rows that name another one which is not there, where no foreign key forbids it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import models

from core.sql import fetch_rows
from fulfillment.models import Allocation, ReleaseDecision, Shipment, ShipmentEvent, ShipmentLine

# Runs write these by the thousand, and check no foreign key for each.
MODELS: tuple[type[models.Model], ...] = (
    Shipment, ShipmentLine, Allocation, ShipmentEvent, ReleaseDecision,
)  # fmt: skip

LOST = """
SELECT child.id, child.{column} FROM {table} AS child
LEFT JOIN {parent} AS parent ON parent.id = child.{column}
WHERE child.{column} IS NOT NULL AND parent.id IS NULL
ORDER BY child.id LIMIT %s
"""


class LostRow(NamedTuple):
    """The row of a table, and the one of another that its column names and that is not there."""

    table: str
    column: str
    parent: str
    row: int
    named: int


def unchecked_columns() -> Iterator[tuple[str, str, str]]:
    """Yield table, column and named table of each foreign key that the database does not check."""
    for model in MODELS:
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and not _is_checked(field):
                yield model._meta.db_table, field.column, field.related_model._meta.db_table


def lost_rows(*, limit: int = 1_000) -> list[LostRow]:
    """Return rows that name one which is not there, at most ``limit`` of each column."""
    return [
        LostRow(table, column, parent, row, named)
        for table, column, parent in unchecked_columns()
        for row, named in fetch_rows(
            LOST.format(table=table, column=column, parent=parent), [limit]
        )
    ]


def _is_checked(field: Any) -> bool:
    return bool(field.db_constraint)

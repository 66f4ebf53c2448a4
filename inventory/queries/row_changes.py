"""The rows that an import or a bulk change touched, with their values before it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from core.sql import fetch_column, fetch_rows
from inventory.models import FutureSupply, Product, SourceItem

Model = type[models.Model]
Values = Mapping[str, Any]

# Products are written before their source items, as imports do.
MODELS: tuple[Model, ...] = (Product, SourceItem, FutureSupply)
# A row's key tells its model too, and keys sort by model first.
ROWS_OF_A_MODEL = 2**48


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row: its values ``before`` (``None``: there was none) and as it was ``left`` (``None``:
    it was deleted).
    """

    row_id: int
    before: Values | None
    left: Values | None

    @property
    def any_values(self) -> Values:
        """Values that name the row: which product, which source."""
        return self.left or self.before or {}

    @property
    def changed(self) -> list[str]:
        """The columns that were given another value, of a row that was there and still is."""
        if self.before is None or self.left is None:
            return []
        return [name for name, value in self.before.items() if self.left[name] != value]


def key_of(model: Model, row_id: int) -> int:
    """Return one number for a row of any of the models."""
    return MODELS.index(model) * ROWS_OF_A_MODEL + row_id


def ids_by_model(keys: Iterable[int]) -> dict[Model, list[int]]:
    """Return the ids of the rows that keys name, by model."""
    found: dict[Model, list[int]] = {}
    for key in sorted(keys):
        found.setdefault(MODELS[key // ROWS_OF_A_MODEL], []).append(key % ROWS_OF_A_MODEL)
    return found


def changed_keys(entry_ids: Sequence[UUID]) -> list[int]:
    """Return the keys of all rows that entries of history touched, in key order."""
    return [
        key_of(model, row_id)
        for model in MODELS
        for row_id in fetch_column(
            f"SELECT DISTINCT pgh_obj_id FROM {_events_of(model)._meta.db_table}"  # noqa: S608
            " WHERE pgh_context_id = ANY(%s) ORDER BY pgh_obj_id",
            [list(entry_ids)],
        )
    ]


def row_changes(
    model: Model, row_ids: Collection[int], entry_ids: Sequence[UUID]
) -> dict[int, RowChange]:
    """Return those of the rows that the entries touched, by id."""
    names = columns_of(model)
    found = {}
    for row_id, first_label, last_label, earlier_id, *values in fetch_rows(
        _values_of(_events_of(model)._meta.db_table, names), [list(row_ids), list(entry_ids)]
    ):
        count = len(names)
        earlier, first, last = (
            dict(zip(names, values[start : start + count], strict=True))
            for start in (0, count, 2 * count)
        )
        before: Values | None = earlier
        if first_label == "insert":
            before = None
        elif earlier_id is None:
            before = first if first_label == "delete" else None
        left = None if last_label == "delete" else last
        found[row_id] = RowChange(row_id, before, left)
    return found


def columns_of(model: Model) -> list[str]:
    """Return the columns of a model whose history is kept."""
    kept = {field.attname for field in _events_of(model)._meta.concrete_fields}
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    return [field.attname for field in fields if field.attname in kept]


def _values_of(events: str, names: Sequence[str]) -> str:
    """Return the statement that finds what rows were before the entries, at first and at last.

    The last event before the entries is what a row was; of one that was deleted, the event of that
    holds it too.
    """
    parts = ("earlier", "first", "last")
    values = ", ".join(f"{part}.{name}" for part in parts for name in names)
    return f"""
        WITH own AS (
            SELECT pgh_obj_id, min(pgh_id) AS first_id, max(pgh_id) AS last_id FROM {events}
            WHERE pgh_obj_id = ANY(%s) AND pgh_context_id = ANY(%s) GROUP BY pgh_obj_id
        )
        SELECT own.pgh_obj_id, first.pgh_label, last.pgh_label, earlier.pgh_id, {values}
        FROM own
        JOIN {events} AS first ON first.pgh_id = own.first_id
        JOIN {events} AS last ON last.pgh_id = own.last_id
        LEFT JOIN LATERAL (
            SELECT * FROM {events} AS event
            WHERE event.pgh_obj_id = own.pgh_obj_id AND event.pgh_id < own.first_id
            ORDER BY event.pgh_id DESC LIMIT 1
        ) AS earlier ON TRUE
        ORDER BY own.pgh_obj_id
    """  # noqa: S608 - tables and columns of the models


def _events_of(model: Model) -> Any:
    return model._meta.get_field("events").related_model

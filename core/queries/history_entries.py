"""One entry of history: everything that one upload, bulk action or request changed, by row."""

from typing import Any
from uuid import UUID

from django.db import models

from core.queries.history import RecordedChange, changed_fields


def changes_in_entry(
    model: type[models.Model], entry_id: UUID, *, limit: int
) -> list[RecordedChange]:
    """Return the first ``limit`` changes of rows of ``model`` in an entry, in their sequence.

    Rows have no names here, only their ids; who and when is the entry's.
    """
    events = _events_of(model)
    found = list(events.filter(pgh_context_id=entry_id).order_by("pgh_id")[:limit])
    previous = _before(events, found)
    changes = []
    for event in found:
        fields = tuple(changed_fields(model, previous.get(event.pgh_obj_id), event))
        previous[event.pgh_obj_id] = event
        changes.append(
            RecordedChange(
                at=event.pgh_created_at,
                username="",
                kind=event.pgh_label,
                row_id=event.pgh_obj_id,
                row="",
                cause="",
                fields=fields,
            )
        )
    return changes


def count_in_entry(model: type[models.Model], entry_id: UUID) -> int:
    """Return how many changes of rows of ``model`` an entry has."""
    return int(_events_of(model).filter(pgh_context_id=entry_id).count())


def _events_of(model: type[models.Model]) -> Any:
    events: Any = model._meta.get_field("events").related_model
    return events.objects


def _before(events: Any, found: list[Any]) -> dict[int, Any]:
    """Return the last event of each row before the entry, by row id."""
    if not found:
        return {}
    rows = {event.pgh_obj_id for event in found}
    earlier = events.filter(pgh_obj_id__in=rows, pgh_id__lt=found[0].pgh_id)
    latest = earlier.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
    return {event.pgh_obj_id: event for event in latest}

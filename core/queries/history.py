"""What happened to a row: who changed which value, when, from what to what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from core.models.history import events_of


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that changed; ``before`` is ``None`` where there was none.

    One that ``is_default`` came with a new row, and nobody gave it.
    """

    field: "models.Field[Any, Any]"
    before: Any
    after: Any
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """What one write did to one row. ``cause`` names the work it was part of, if any."""

    at: datetime
    username: str
    kind: str
    row_id: int
    row: str
    cause: str
    fields: tuple[FieldChange, ...]


def changes_of(
    model: type[models.Model],
    *,
    limit: int,
    names: Mapping[int, str] | None = None,
    **rows: Any,
) -> list[RecordedChange]:
    """Return the newest ``limit`` changes of the rows of ``model`` that ``rows`` selects.

    ``rows`` are equalities on the event's columns (``pgh_obj_id=…``, ``product_id=…``). ``names``
    tells rows apart by their key, where several are shown together.

    :raises ValueError: for a model whose history is not kept.
    """
    try:
        events = events_of(model)
    except FieldDoesNotExist as error:
        raise ValueError(f"No history is kept of {model._meta.label}.") from error
    found = list(
        events.objects.filter(**rows).select_related("pgh_context").order_by("-pgh_id")[: limit * 2]
    )
    usernames = usernames_of(found)
    changes = []
    previous: dict[int, Any] = {}
    for event in reversed(found):
        fields = tuple(changed_fields(model, previous.get(event.pgh_obj_id), event))
        previous[event.pgh_obj_id] = event
        if fields or event.pgh_label == "delete":
            metadata = event.pgh_context.metadata if event.pgh_context else {}
            changes.append(
                RecordedChange(
                    at=event.pgh_created_at,
                    username=usernames.get(metadata.get("user", 0), ""),
                    kind=event.pgh_label,
                    row_id=event.pgh_obj_id,
                    row=(names or {}).get(event.pgh_obj_id, ""),
                    cause=str(metadata.get("cause", "")),
                    fields=fields,
                )
            )
    return list(reversed(changes))[:limit]


def changed_fields(model: type[models.Model], before: Any, event: Any) -> Iterable[FieldChange]:
    """Compare an event with the one before it; an update without one is not told apart."""
    if event.pgh_label == "delete" or (before is None and event.pgh_label != "insert"):
        return
    for field in model._meta.concrete_fields:
        if field.primary_key or not hasattr(event, field.attname):
            continue
        old = None if before is None else getattr(before, field.attname)
        new = getattr(event, field.attname)
        if old != new and not (before is None and new in (None, "")):
            yield FieldChange(field, old, new, before is None and new == field.get_default())


def usernames_of(events: Iterable[Any]) -> dict[int, str]:
    """Return the names of those on whose behalf events were written, by their key."""
    contexts = [event.pgh_context for event in events if event.pgh_context]
    ids = {context.metadata.get("user") for context in contexts} - {None}
    users = get_user_model().objects.filter(pk__in=ids)
    return dict(users.values_list("pk", "username"))

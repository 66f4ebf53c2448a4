"""All changes, newest first, over every model with a history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet, Subquery, Value

from core.models.history import START, Model, events_of, tracked_models
from core.queries.history import RecordedChange, changed_fields, usernames_of

# The columns in which the name of a row is looked for.
SEARCHED = ("sku", "username", "name", "code", "reference")


@dataclass(frozen=True, slots=True)
class ListPosition:
    """Where in the list a change stands."""

    at: datetime
    label: str
    event_id: int


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are asked for; what is empty does not choose.

    ``labels`` are models of :func:`tracked_models`. ``user_id`` 0 is the system. ``start`` is
    included, ``end`` is not. ``before`` is the last change of the page before.
    """

    labels: Sequence[str]
    field: str = ""
    named: str = ""
    row_id: int | None = None
    user_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: ListPosition | None = None


@dataclass(frozen=True, slots=True)
class ListedChange:
    """A change with the model, whose label is ``label``, that it was made in."""

    label: str
    change: RecordedChange
    position: ListPosition
    values: Mapping[str, Any]


def fields_with_history(labels: Iterable[str]) -> "dict[str, models.Field[Any, Any]]":
    """Return the fields that changes of the models may be about, by name."""
    known = tracked_models()
    found: dict[str, models.Field[Any, Any]] = {}
    for label in labels:
        kept = {field.name for field in events_of(known[label])._meta.concrete_fields}
        for field in known[label]._meta.concrete_fields:
            if not field.primary_key and field.name in kept:
                found.setdefault(field.name, field)
    return found


def newest_changes(chosen: ChangeFilter, *, limit: int) -> tuple[list[ListedChange], bool]:
    """Return the newest changes that were chosen, and whether there are older ones.

    One statement finds them, and two more for each model among them read them.
    """
    known = tracked_models()
    found = [
        events.order_by("-pgh_created_at", "-pgh_id")
        .annotate(label=Value(label), at=F("pgh_created_at"), event_id=F("pgh_id"))
        .values_list("at", "label", "event_id")[: limit + 1]
        for label in sorted(chosen.labels)
        if (events := _events(known[label], label, chosen)) is not None
    ]
    if not found:
        return [], False
    merged = found[0].union(*found[1:], all=True) if len(found) > 1 else found[0]
    ordered = merged.order_by("-at", "label", "-event_id") if len(found) > 1 else merged
    positions = [ListPosition(*row) for row in ordered[: limit + 1]]
    return _read(known, positions[:limit]), len(positions) > limit


def _events(model: Model, label: str, chosen: ChangeFilter) -> QuerySet[Any] | None:
    """Return the events of a model that are chosen; None if it has no such field."""
    table = events_of(model)
    events: QuerySet[Any] = table.objects.exclude(pgh_label=START)
    if chosen.start:
        events = events.filter(pgh_created_at__gte=chosen.start)
    if chosen.end:
        events = events.filter(pgh_created_at__lt=chosen.end)
    if chosen.row_id is not None:
        events = events.filter(pgh_obj_id=chosen.row_id)
    if chosen.user_id:
        events = events.filter(pgh_context__metadata__user=chosen.user_id)
    elif chosen.user_id == 0:
        events = events.filter(
            Q(pgh_context__isnull=True)
            | Q(pgh_context__metadata__user__isnull=True)
            | Q(pgh_context__metadata__user=None)
        )
    if chosen.named:
        events = events.filter(
            pgh_obj_id__in=table.objects.filter(_named(table, chosen.named)).values("pgh_obj_id")
        )
    if chosen.field:
        if not any(field.name == chosen.field for field in table._meta.concrete_fields):
            return None
        events = _about(events, table, chosen.field)
    return _older(events, label, chosen.before) if chosen.before else events


def _named(table: Any, text: str) -> Q:
    """Choose the events whose row, or a row that it belongs to, has ``text`` in its name."""
    condition = Q(pk__in=[])
    for field in table._meta.concrete_fields:
        if field.name in SEARCHED:
            condition |= Q(**{f"{field.name}__icontains": text})
        elif isinstance(field, models.ForeignKey) and not field.name.startswith("pgh_"):
            for other in field.related_model._meta.concrete_fields:
                if other.name in SEARCHED:
                    condition |= Q(**{f"{field.name}__{other.name}__icontains": text})
    return condition


def _about(events: QuerySet[Any], table: Any, field: str) -> QuerySet[Any]:
    """Choose the events that gave ``field`` another value, and those that first gave it one."""
    former = table.objects.filter(
        pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")
    ).order_by("-pgh_id")
    column = table._meta.get_field(field).attname
    changed = Func(
        F(column),
        F("former_value"),
        template="(%(expressions)s)",
        arg_joiner=" IS DISTINCT FROM ",
        output_field=BooleanField(),
    )
    is_text = isinstance(table._meta.get_field(field), models.CharField | models.TextField)
    first = Q(pgh_label="insert", **{f"{column}__isnull": False})
    if is_text:
        first &= ~Q(**{column: ""})
    about: QuerySet[Any] = events.annotate(
        former_id=Subquery(former.values("pgh_id")[:1]),
        former_value=Subquery(former.values(column)[:1]),
        is_other=changed,
    ).filter(first | Q(pgh_label="update", former_id__isnull=False, is_other=True))
    return about


def _older(events: QuerySet[Any], label: str, position: ListPosition) -> QuerySet[Any]:
    """Choose what stands after a position in the list, where models at one time are by label."""
    if label < position.label:
        return events.filter(pgh_created_at__lt=position.at)
    events = events.filter(pgh_created_at__lte=position.at)
    if label > position.label:
        return events
    return events.filter(Q(pgh_created_at__lt=position.at) | Q(pgh_id__lt=position.event_id))


def _read(known: Mapping[str, Model], positions: Sequence[ListPosition]) -> list[ListedChange]:
    """Read the changes at positions, in their order."""
    read = {}
    for label in {position.label for position in positions}:
        ids = [position.event_id for position in positions if position.label == label]
        read.update(
            {(label, event_id): found for event_id, found in _events_read(known[label], ids)}
        )
    users = usernames_of(event for event, _ in read.values())
    return [
        ListedChange(
            position.label, _change(known[position.label], *pair, users), position, _values(pair[0])
        )
        for position in positions
        for pair in [read[position.label, position.event_id]]
    ]


def _events_read(model: Model, ids: Sequence[int]) -> list[tuple[int, tuple[Any, Any]]]:
    """Return events with those before them, of the same row."""
    table = events_of(model)
    former = table.objects.filter(
        pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")
    ).order_by("-pgh_id")
    events = list(
        table.objects.filter(pk__in=ids)
        .select_related("pgh_context")
        .annotate(former_id=Subquery(former.values("pgh_id")[:1]))
    )
    before = table.objects.in_bulk([event.former_id for event in events if event.former_id])
    return [(event.pk, (event, before.get(event.former_id))) for event in events]


def _change(model: Model, event: Any, before: Any, users: Mapping[int, str]) -> RecordedChange:
    metadata = event.pgh_context.metadata if event.pgh_context else {}
    user_id = metadata.get("user") or 0
    return RecordedChange(
        at=event.pgh_created_at,
        username=users.get(user_id, f"#{user_id}" if user_id else ""),
        kind=event.pgh_label,
        row_id=event.pgh_obj_id,
        row="",
        cause=str(metadata.get("cause", "")),
        fields=tuple(changed_fields(model, before, event)),
    )


def _values(event: Any) -> dict[str, Any]:
    """Return what an event recorded, by column."""
    return {
        field.attname: getattr(event, field.attname)
        for field in event._meta.concrete_fields
        if not field.name.startswith("pgh_")
    }

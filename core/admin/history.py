"""The history of a row on its History page: who, when, from what to what."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.fields import plain_words
from core.admin.pages import answer, found_row
from core.admin.theme import ModelAdmin
from core.formats import money
from core.models.columns import MoneyColumn
from core.queries.history import FieldChange, RecordedChange, changes_of

SHOWN = 200
# Fields whose recorded values an app has words of its own for, by name.
OWN_WORDS: dict[str, Callable[[Any], str]] = {}
# Fields that their own model has no words for.
OWN_LABELS = {"task": _("task")}
KINDS = {"insert": _("Added"), "update": _("Changed"), "delete": _("Deleted")}


class HistoryAdmin(ModelAdmin):
    """Shows what the database recorded of a row, whichever way it was changed."""

    history_template = "core/history.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = found_row(self, request, object_id)
        changes = [
            *changes_of(self.model, limit=SHOWN, pgh_obj_id=row.pk),
            *self.other_changes(row),
        ]
        changes = sorted(changes, key=attrgetter("at"), reverse=True)[:SHOWN]
        values = related_values(field for change in changes for field in change.fields)
        context = {
            "object": row,
            "entries": [entry(change, values) for change in changes],
            "shown": SHOWN,
            **(extra_context or {}),
        }
        title = gettext("History: %(row)s") % {"row": row}
        return answer(self, request, self.history_template, title, context)

    def other_changes(self, row: Any) -> list[RecordedChange]:
        """Return the changes of rows that belong to the row."""
        return []


def entry(change: RecordedChange, values: Mapping[tuple[type, Any], str]) -> dict[str, Any]:
    return {
        "at": change.at,
        "username": change.username or gettext("The system"),
        "kind": KINDS[change.kind],
        "row": change.row,
        "cause": change.cause,
        "fields": in_words((one for one in change.fields if not one.is_default), values),
        "defaults": in_words((one for one in change.fields if one.is_default), values),
    }


def in_words(
    fields: Iterable[FieldChange], values: Mapping[tuple[type, Any], str]
) -> list[dict[str, str]]:
    """Return what changed of a row, with both values as the form would show them."""
    return [
        {
            "label": capfirst(label_of(field.field)),
            "before": shown(field, field.before, values),
            "after": shown(field, field.after, values),
        }
        for field in fields
    ]


def label_of(field: "models.Field[Any, Any]") -> str:
    """Return what a field is called: one without words of its own by what it refers to."""
    if field.name in OWN_LABELS:
        return str(OWN_LABELS[field.name])
    is_nameless = field.verbose_name == field.name.replace("_", " ")
    if is_nameless and isinstance(field, models.ForeignKey):
        return str(field.related_model._meta.verbose_name)
    return str(field.verbose_name)


def shown(change: FieldChange, value: Any, values: Mapping[tuple[type, Any], str]) -> str:
    """Return a recorded value as the form would show it."""
    field = change.field
    if field.name in OWN_WORDS:
        return OWN_WORDS[field.name](value)
    if isinstance(field, models.ForeignKey) and value is not None:
        return values.get((field.related_model, value), f"#{value}")
    if field.choices:
        value = dict(field.flatchoices).get(value, value)
    if isinstance(field, MoneyColumn):
        return money(value, settings.SITE_CURRENCY)
    return plain_words(value)


def related_values(changes: Iterable[FieldChange]) -> dict[tuple[type, Any], str]:
    """Return the names of the rows that changed values refer to, one statement per model."""
    wanted: dict[type[models.Model], set[Any]] = {}
    for change in changes:
        if isinstance(change.field, models.ForeignKey):
            keys = wanted.setdefault(change.field.related_model, set())
            keys.update({change.before, change.after} - {None})
    return names_of(wanted)


def names_of(
    wanted: Mapping[type[models.Model], Iterable[Any]],
) -> dict[tuple[type, Any], str]:
    """Return the names of those of the rows that there are, one statement per model."""
    return {
        (model, row.pk): name_of(row)
        for model, keys in wanted.items()
        for row in model._default_manager.filter(pk__in=keys).select_related()
    }


def name_of(row: models.Model) -> str:
    """Return the name of a row; that of a permission as the table of roles has it."""
    if isinstance(row, Permission):
        return f"{row.content_type.app_label}.{row.codename}"
    return str(row)

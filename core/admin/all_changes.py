"""The page of all changes: who changed what, from what to what, wherever a history is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.admin.history import KINDS, in_words, label_of, names_of, related_values
from core.admin.theme import INPUT_CLASS, Select, TextInput
from core.clock import site_zone
from core.column_limits import row_key
from core.models.history import Model, tracked_models
from core.name_order import by_name, in_name_order
from core.queries.all_changes import (
    ChangeFilter,
    ListedChange,
    ListPosition,
    fields_with_history,
    newest_changes,
)
from core.queries.history import FieldChange

ON_A_PAGE = 50
# What a row is named by, the first that its model has; others by what they refer to.
NAMING = ("sku", "username", "code", "name")
SYSTEM = "0"


class ChangesForm(forms.Form):
    """Which changes are shown."""

    field = forms.ChoiceField(label=_("Field"), required=False, widget=Select)
    kind = forms.ChoiceField(label=_("Kind of object"), required=False, widget=Select)
    named = forms.CharField(
        label=_("Object"),
        required=False,
        max_length=200,
        widget=TextInput(attrs={"placeholder": _("SKU, name or code")}),
    )
    person = forms.ChoiceField(label=_("Person"), required=False, widget=Select)
    day = forms.DateField(
        label=_("Day"),
        required=False,
        # There is no history before the product, and none after the last day but one of calendars.
        validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(9999, 12, 30))],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": INPUT_CLASS}),
    )
    row = forms.CharField(required=False, widget=forms.HiddenInput)
    before = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, labels: Sequence[str]) -> None:
        super().__init__(data)
        known = tracked_models()
        self.labels = labels
        fields = fields_with_history(labels)
        people = get_user_model()._default_manager.order_by(by_name("username"))
        choices: dict[str, list[tuple[Any, str]]] = {
            "field": _sorted((name, label_of(field)) for name, field in fields.items()),
            "kind": _sorted((label, str(known[label]._meta.verbose_name)) for label in labels),
            "person": [(SYSTEM, gettext("The system")), *people.values_list("pk", "username")],
        }
        for name, offered in choices.items():
            self.fields[name].choices = [("", gettext("All")), *offered]  # type: ignore[attr-defined]

    def clean_row(self) -> int | None:
        text: str = self.cleaned_data["row"]
        key = row_key(text) if text else None
        if text and (key is None or not self.cleaned_data.get("kind")):
            raise forms.ValidationError(gettext("The address names no object."))
        return key

    def clean_before(self) -> ListPosition | None:
        text: str = self.cleaned_data["before"]
        if not text:
            return None
        at, label, event_id = [*text.split("~"), "", ""][:3]
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            moment = None
        key = row_key(event_id)
        if moment is None or timezone.is_naive(moment) or key is None or label not in self.labels:
            raise forms.ValidationError(gettext("The address names no place in this list."))
        return ListPosition(moment, label, key)

    def chosen(self) -> ChangeFilter:
        """Return what the valid form chooses."""
        asked = self.cleaned_data
        start = _start_of(asked["day"]) if asked["day"] else None
        return ChangeFilter(
            labels=[asked["kind"]] if asked["kind"] else self.labels,
            field=asked["field"],
            named=asked["named"],
            row_id=asked["row"],
            user_id=int(asked["person"]) if asked["person"] else None,
            start=start,
            end=start and _start_of(asked["day"] + timedelta(days=1)),
            before=asked["before"],
        )


@require_safe
def changes_page(request: HttpRequest) -> TemplateResponse:
    """Show the changes that the address chooses, of what the person may see.

    :raises PermissionDenied: for who may see nothing that has a history.
    """
    labels = labels_for(request)
    if not labels:
        raise PermissionDenied
    form = ChangesForm(request.GET, labels=labels)
    found, has_older = (
        newest_changes(form.chosen(), limit=ON_A_PAGE) if form.is_valid() else ([], False)
    )
    address = request.GET.copy()
    if has_older:
        position = found[-1].position
        address["before"] = f"{position.at.isoformat()}~{position.label}~{position.event_id}"
    context = {
        **admin.site.each_context(request),
        "title": gettext("Changes"),
        "opts": None,
        "form": form,
        "entries": _entries(request, found),
        "older": has_older and f"?{address.urlencode()}",
        "is_chosen": any(request.GET.get(name) for name in form.fields),
    }
    return TemplateResponse(request, "core/changes.html", context)


def labels_for(request: HttpRequest) -> list[str]:
    """Return the models with a history whose rows the person may see."""
    permitted = request.user.has_perm
    return [label for label in sorted(tracked_models()) if permitted(label.replace(".", ".view_"))]


@dataclass(frozen=True, slots=True)
class _Words:
    """What the entries of a page say of rows: their names, and where their pages are."""

    names: Mapping[tuple[type, Any], str]
    addresses: Mapping[tuple[Model, Any], str]

    def name(self, model: Model, values: Mapping[str, Any]) -> str:
        """Return the name that a row had when it changed."""
        for column in NAMING:
            if values.get(column):
                return str(values[column])
        named = [
            self.names.get((other, values[field.attname]), f"#{values[field.attname]}")
            for field, other in _references(model, values)
        ]
        return " · ".join(named) or capfirst(str(model._meta.verbose_name))


def _entries(request: HttpRequest, found: Sequence[ListedChange]) -> list[dict[str, Any]]:
    known, sought = tracked_models(), request.GET.get("field", "")

    def is_folded(change: FieldChange) -> bool:
        """Whether nobody gave the value, nor asked for its field."""
        return change.is_default and change.field.name != sought

    changed = related_values(field for listed in found for field in listed.change.fields)
    words = _words(request, known, found)
    return [
        {
            "at": listed.change.at,
            "username": listed.change.username or gettext("The system"),
            "kind": KINDS[listed.change.kind],
            "is_new": listed.change.kind == "insert",
            "model": capfirst(str(known[listed.label]._meta.verbose_name)),
            "name": words.name(known[listed.label], listed.values),
            "address": words.addresses.get(_target(known[listed.label], listed)),
            "only": "?" + urlencode({"kind": listed.label, "row": str(listed.change.row_id)}),
            "cause": listed.change.cause,
            "fields": _fields([one for one in listed.change.fields if not is_folded(one)], changed),
            "defaults": _fields([one for one in listed.change.fields if is_folded(one)], changed),
        }
        for listed in found
    ]


def _fields(
    changes: Sequence[FieldChange], names: Mapping[tuple[type, Any], str]
) -> list[dict[str, str]]:
    """Return the values that changed, each with the address of all changes of its field."""
    return [
        {**said, "only": "?" + urlencode({"field": str(change.field.name)})}
        for change, said in zip(changes, in_words(changes, names), strict=True)
    ]


def _words(
    request: HttpRequest, known: Mapping[str, Model], found: Iterable[ListedChange]
) -> _Words:
    referred: dict[Model, set[Any]] = {}
    targets: dict[Model, set[Any]] = {}
    for listed in found:
        model = known[listed.label]
        if not any(listed.values.get(column) for column in NAMING):
            for field, other in _references(model, listed.values):
                referred.setdefault(other, set()).add(listed.values[field.attname])
        target, key = _target(model, listed)
        targets.setdefault(target, set()).add(key)
    return _Words(names_of(referred), dict(_addresses(request, targets)))


def _references(
    model: Model, values: Mapping[str, Any]
) -> list[tuple["models.ForeignKey[Any, Any]", Model]]:
    """Return what rows of a model without a name are named by: the rows that they always have."""
    return [
        (field, field.related_model)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and not field.null and field.attname in values
    ]


def _target(model: Model, listed: ListedChange) -> tuple[Model, Any]:
    """Return the row whose page shows what changed: its own, or that of what it belongs to."""
    own = _page_model(model)
    if admin.site.is_registered(own):
        return own, listed.change.row_id
    for field, other in _references(model, listed.values):
        if admin.site.is_registered(other):
            return other, listed.values[field.attname]
    return own, listed.change.row_id


def _page_model(model: Model) -> Model:
    """Return the model that has pages: a proxy that only keeps the history has none."""
    concrete = model._meta.concrete_model or model
    return model if admin.site.is_registered(model) else concrete


def _addresses(
    request: HttpRequest, targets: Mapping[Model, set[Any]]
) -> Iterable[tuple[tuple[Model, Any], str]]:
    """Yield the addresses of the pages of those rows that there still are, and may be seen."""
    for model, keys in targets.items():
        if not admin.site.is_registered(model):
            continue
        if not admin.site.get_model_admin(model).has_view_permission(request):
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        for key in model._default_manager.filter(pk__in=keys).values_list("pk", flat=True):
            yield (model, key), reverse(name, args=[key])


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), site_zone())


def _sorted(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return in_name_order((key, capfirst(text)) for key, text in choices)

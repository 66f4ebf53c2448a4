"""The filters in use of a list, in words, each with the address of the list without it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.filters import BooleanFieldListFilter
from django.contrib.admin.utils import NotRelationField, get_fields_from_path
from django.contrib.admin.views.main import IGNORED_PARAMS, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import FieldDoesNotExist
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.admin.list_page.address import address_without
from core.admin.row_choice import key_of
from core.formats import day, moment


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use; ``address`` is the list without it."""

    label: str
    value: str
    address: str


def chips_of(changelist: Any, asked: QueryDict) -> list[Chip]:
    """Return the filters in use of a change list."""
    return list(_chips(changelist, asked))


def _chips(changelist: Any, asked: QueryDict) -> Iterator[Chip]:
    if changelist.query:
        yield Chip(_("Search"), changelist.query, address_without(asked, SEARCH_VAR, PAGE_VAR))
    known = {*IGNORED_PARAMS, *changelist.own_parameters, PAGE_VAR}
    for spec in changelist.filter_specs:
        names = [str(name) for name in spec.expected_parameters()]
        known.update(names)
        given = {name: asked.getlist(name) for name in names if any(asked.getlist(name))}
        if given:
            address = address_without(asked, *names, PAGE_VAR)
            yield Chip(capfirst(str(spec.title)), _in_words(spec, given), address)
    for name in asked:
        if name not in known and name in changelist.filter_params:
            address = address_without(asked, name, PAGE_VAR)
            field = _field(changelist, name)
            words = [_choice(field, value) or _bound(name, value) for value in asked.getlist(name)]
            yield Chip(capfirst(getattr(field, "verbose_name", name)), ", ".join(words), address)


def _in_words(spec: Any, given: Mapping[str, list[str]]) -> str:
    bounds = [(name.rpartition("_")[2], values[0]) for name, values in given.items()]
    if all(bound in ("from", "to") for bound, _value in bounds):
        return _range({bound: _end(spec, value) for bound, value in bounds})
    return ", ".join(_word(spec, value) for values in given.values() for value in values if value)


def _range(bounds: Mapping[str, str]) -> str:
    least, most = (bounds.get(name, "") for name in ("from", "to"))
    if not most:
        return _("from %(first)s") % {"first": least}
    if not least:
        return _("up to %(last)s") % {"last": most}
    return _("%(first)s to %(last)s") % {"first": least, "last": most}


def _bound(name: str, value: str) -> str:
    """Return a value that a column is compared with; a time in words, with what it bounds."""
    try:
        at = moment(value) if "T" in value else value
    except ValueError:
        return value
    lookup = name.rpartition("__")[2]
    if lookup == "gte":
        return _("from %(first)s") % {"first": at}
    return _("before %(last)s") % {"last": at} if lookup == "lt" else at


def _end(spec: Any, typed: str) -> str:
    if hasattr(spec, "in_words"):
        words: str = spec.in_words(typed)
        return words
    try:
        return day(typed)
    except ValueError:
        return typed


def _word(spec: Any, value: str) -> str:
    """Return what a filter calls one of its values."""
    if isinstance(spec, BooleanFieldListFilter):
        return _("Yes") if value == "1" else _("No")
    choices = {str(code): str(label) for code, label in getattr(spec, "lookup_choices", ()) or ()}
    return choices.get(value) or _choice(getattr(spec, "field", None), value) or value


def _choice(field: Any, value: str) -> str:
    """Return what a column calls one of its values: a choice or a row; nothing for any other."""
    choices = {str(code): str(label) for code, label in getattr(field, "flatchoices", ())}
    return choices.get(value) or _row(field, value)


def _row(field: Any, value: str) -> str:
    """Return the name of the row that ``field`` refers to; nothing where there is none."""
    model = getattr(field, "related_model", None)
    if field is None or model is None or (key := key_of(value, field)) is None:
        return ""
    row = model._default_manager.filter(**{field.target_field.name: key}).first()
    return "" if row is None else str(row)


def _field(changelist: Any, name: str) -> Any:
    """Return the column that an address compares by its name and a lookup; None for none.

    The key of another row is the column that refers to it.
    """
    path = name.split("__")
    for end in range(len(path), 0, -1):
        try:
            fields = get_fields_from_path(changelist.model, "__".join(path[:end]))
        except (FieldDoesNotExist, NotRelationField):
            continue
        is_key = len(fields) > 1 and getattr(fields[-1], "primary_key", False)
        return fields[-2 if is_key else -1]
    return None

"""A form that compares three values of each field: what it showed, what stands now, what was typed.

What a person left alone takes the value that stands now and is not written. What a person
changed is written if it still is what was shown; otherwise the field says both values.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models

from core.admin.bases import AnyModelForm, BaseForm, BaseModelForm
from core.admin.shown_values.words import difference, difference_from_invalid, fields_gone

Comparable = bool | str | list[str] | None
Shown = Mapping[str, Comparable]
# Stands where a form does not say what it showed; equal to nothing.
UNKNOWN = object()


class ComparedForm(BaseForm):
    """A form over what is stored: its initial values are those that stand now.

    ``shown`` are the values that its page showed, by field; a field that is not among them was
    not shown. None: the row is new, and every value is the person's own.
    """

    shown: Shown | None = None
    # Whether the page said nothing of what it showed: then every difference is asked about.
    is_shown_unknown = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names_to_write: list[str] = []

    def compared_names(self) -> list[str]:
        """Return the fields that a person can change here, without those of the set of rows."""
        return [
            name
            for name in self.base_fields
            if name in self.fields and not self.fields[name].disabled
        ]

    def values_now(self) -> dict[str, Comparable]:
        """Return what stands in the row, by field, as :func:`comparable` has it."""
        return {
            name: comparable(self.get_initial_for_field(self.fields[name], name))
            for name in self.compared_names()
        }

    @property
    def changed_data(self) -> list[str]:
        """Return the fields to write: those whose typed value differs from what stands now."""
        if self.shown is None:
            return super().changed_data
        # Reading the errors is what cleans the form.
        return self._names_to_write if self.errors is not None else []

    def differs_from(self, shown: Shown) -> bool:
        """Whether what was typed differs from what was shown, whatever stands in the row."""
        self.full_clean()
        return any(self._typed(name) != was for name, was in shown.items())

    def _clean_fields(self) -> None:
        super()._clean_fields()
        if self.shown is None:
            return
        self._names_to_write = []
        for name in self.compared_names():
            self._compare(name, shown=self.shown)

    def _post_clean(self) -> None:
        # A row that is left as it is keeps what the database holds: of many rows, each would be
        # asked about there.
        if self.shown is None or self._names_to_write:
            super()._post_clean()

    def _compare(self, name: str, *, shown: Shown) -> None:
        now = comparable(self.get_initial_for_field(self.fields[name], name))
        was = shown.get(name, UNKNOWN if self.is_shown_unknown else now)
        typed = self._typed(name)
        if name not in shown and not self.is_shown_unknown:
            typed = now
            self._take_stored(name)
        elif typed in (was, now):
            if typed != now:
                self._take_stored(name)
        else:
            self._names_to_write.append(name)
            if now != was:
                self._say_both(name, is_valid=typed is not UNKNOWN)

    def _typed(self, name: str) -> Any:
        cleaned = self.cleaned_data
        return comparable(cleaned[name]) if name in cleaned else UNKNOWN

    def _take_stored(self, name: str) -> None:
        """Let a field that the person left alone have, and show, the value that stands now."""
        if self._errors is not None:
            self._errors.pop(name, None)
        self.cleaned_data[name] = self.stored_value(name)
        field: Any = self.fields[name]
        field.bound_data = lambda data, initial: initial

    def stored_value(self, name: str) -> Any:
        """Return what stands in a field now, as it is cleaned."""
        return self.get_initial_for_field(self.fields[name], name)

    def _say_both(self, name: str, *, is_valid: bool) -> None:
        field = self.fields[name]
        now = self.get_initial_for_field(field, name)
        if is_valid:
            typed = self.cleaned_data[name]
            self.add_error(name, difference(field, now=now, typed=typed))
        else:
            self.add_error(name, difference_from_invalid(field, now=now))


class ShownForm(ComparedForm, BaseModelForm):
    """A model's form over a stored row; only what the person changed is written.

    ``refusal`` is why it is not saved, if there is a reason beside its fields.
    """

    refusal = ""

    def _clean_form(self) -> None:
        super()._clean_form()
        if self.refusal:
            self.add_error(None, self.refusal)
        if (self.shown or {}).keys() - set(self.compared_names()):
            self.add_error(None, fields_gone())

    def stored_value(self, name: str) -> Any:
        columns = {field.name for field in self.instance._meta.concrete_fields}
        if name in columns and self.instance.pk is not None:
            return getattr(self.instance, name)
        return super().stored_value(name)

    def save(self, commit: bool = True) -> Any:
        if self.shown is None or not commit:
            return super().save(commit)
        save_changed(self.instance, self.changed_data)
        self._save_m2m()
        return self.instance

    def _save_m2m(self) -> None:
        if self.shown is None:
            super()._save_m2m()
            return
        every = self.cleaned_data
        self.cleaned_data = {name: every[name] for name in self._names_to_write}
        super()._save_m2m()
        self.cleaned_data = every


@cache
def shown_form(form: type[AnyModelForm]) -> type[ShownForm]:
    """Return ``form`` as one that compares; the same class for the same form."""
    if issubclass(form, ShownForm):
        return form
    kind: Any = type(form)
    shown: type[ShownForm] = kind(form.__name__, (ShownForm, form), {"__module__": form.__module__})
    return shown


def save_changed(row: models.Model, names: Iterable[str]) -> None:
    """Write the columns ``names`` of a stored row, and the times that every write sets."""
    columns = {field.name: field for field in row._meta.concrete_fields}
    changed = [name for name in names if name in columns]
    if changed:
        stamps = [name for name, field in columns.items() if getattr(field, "auto_now", False)]
        row.save(update_fields=[*changed, *stamps])


def comparable(value: Any) -> Comparable:
    """Return ``value`` so that equal values are equal, however they were entered or stored.

    Rows are their keys, several rows their keys in order, quantities have no trailing zeros,
    times are in UTC, and what is empty is ``None``.
    """
    match value:
        case None | bool():
            return value
        case str():
            return value.replace("\r\n", "\n").strip() or None
        case Decimal():
            plain = f"{value.normalize():f}" if value.is_finite() else str(value)
            return "0" if plain == "-0" else plain
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
        case models.Model():
            return str(value.pk)
        case models.QuerySet() | list() | tuple() | set() | frozenset():
            return sorted(str(comparable(member)) for member in value) or None
        case _:
            return str(value)


def of_row(row: models.Model, names: Iterable[str]) -> Mapping[str, Comparable]:
    """Return the values of a row's columns, by name."""
    return {name: comparable(row.serializable_value(name)) for name in names}

"""Rows below a form, followed by their keys: what others added, changed or removed meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext

from core.admin.bases import BaseInlineFormSet
from core.admin.row_choice import say_known_rows
from core.admin.shown_values.forms import Shown, ShownForm
from core.admin.shown_values.words import value_in_words
from core.formats import labelled, whole

# Where a row's own key stands among what was shown of it; no field has this name.
ROW_KEY = ""
Posted = dict[str, list[str]]


@dataclass(slots=True)
class PostedRows:
    """The rows that a form posts: those that stood there, by primary key, and new ones."""

    stored: dict[str, Posted] = field(default_factory=dict)
    new: list[Posted] = field(default_factory=list)


class KnownRow(forms.Field):
    """The key of a row that was read with all others, and is not read again by itself."""

    def __init__(self, row: Any) -> None:
        super().__init__(initial=row.pk, required=False, widget=forms.HiddenInput)
        self.row = row

    def clean(self, value: Any) -> Any:
        return self.row

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ShownRows(BaseInlineFormSet):
    """Inline rows whose forms compare what was shown, by primary key.

    ``shown`` are the values of each row that the page showed. Rows that others added are kept as
    they are, those that others removed are left out unless the person changed them, and a row
    that was added twice is one row with two values.
    """

    # The field that tells the rows of one object apart; None where there is one row at most.
    row_key: str | None = None

    def __init__(self, *args: Any, shown: Mapping[str, Shown] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = shown
        self.is_comparing = self.is_bound and self.instance.pk is not None
        self.shown_now: dict[str, Shown] = {}
        self.removed_meanwhile: set[int] = set()
        self.has_too_many = False
        if self.is_comparing and self.management_form.is_valid():
            total = self.management_form.cleaned_data[forms.formsets.TOTAL_FORM_COUNT] or 0
            self.has_too_many = total > self.absolute_max
            self._follow(self._posted_rows())

    def values_now(self) -> dict[str, dict[str, Any]]:
        """Return what stands in each row, by primary key and field."""
        return {
            str(form.instance.pk): {**form.values_now(), ROW_KEY: self._key_of(form.instance)}
            for form in self.initial_forms
            if form.instance.pk is not None
        }

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        if self.is_comparing and form.instance.pk is not None:
            row = self.shown_now.get(str(form.instance.pk))
            form.shown = {} if row is None else _without(ROW_KEY, row)
            form.is_shown_unknown = self.shown is None and row is not None
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        say_known_rows(form)
        if self.is_comparing and form.instance.pk is not None:
            form.fields[self.model._meta.pk.name] = KnownRow(form.instance)

    def clean(self) -> None:
        super().clean()
        if self.has_too_many:
            # The rows beyond were not read: without a word, what was typed there would be lost.
            raise ValidationError(
                gettext("A form saves at most %(count)s rows. Nothing was saved."),
                code="too_many_rows",
                params={"count": whole(self.absolute_max)},
            )
        for index in self.removed_meanwhile:
            self.forms[index].add_error(None, self._removed(self.forms[index]))
        for form in self.deleted_forms:
            self._refuse_removal_of_changed(form)

    def _removed(self, form: ShownForm) -> ValidationError:
        message = gettext(
            "This row was removed after the page was opened. Save again to add it with these "
            "values, or remove it here too."
        )
        return ValidationError(message, code="removed_meanwhile")

    def _refuse_removal_of_changed(self, form: ShownForm) -> None:
        if not self.is_comparing or form.instance.pk is None:
            return
        now, shown = form.values_now(), form.shown or {}
        changed = [name for name in now if form.is_shown_unknown or now[name] != shown.get(name)]
        if not changed:
            return
        values = ", ".join(
            labelled(
                form.fields[name].label,
                value_in_words(
                    form.fields[name], form.get_initial_for_field(form.fields[name], name)
                ),
            )
            for name in changed
        )
        message = gettext(
            "“%(row)s” was changed after the page was opened (%(values)s). It was not removed. "
            "Save again to remove it."
        )
        raise ValidationError(
            message % {"row": form.instance, "values": values}, code="changed_meanwhile"
        )

    def _key_of(self, row: Any) -> str | None:
        return None if self.row_key is None else str(row.serializable_value(self.row_key))

    def _posted_rows(self) -> PostedRows:
        stem, last = f"{self.prefix}-", self.management_form.cleaned_data
        by_index: dict[int, Posted] = {}
        for name, values in _lists(self.data):
            index, _dash, rest = name.removeprefix(stem).partition("-")
            if name.startswith(stem) and rest and index.isdecimal():
                by_index.setdefault(int(index), {})[rest] = values
        posted = PostedRows()
        key = self.model._meta.pk.name
        for index in range(self.total_form_count()):
            row = by_index.get(index, {})
            if index < (last[forms.formsets.INITIAL_FORM_COUNT] or 0):
                posted.stored[row.get(key, [""])[-1]] = row
            elif row:
                posted.new.append(row)
        return posted

    def _follow(self, posted: PostedRows) -> None:
        """Bring what was posted to the rows that stand now, and number it again."""
        shown = self.shown or {}
        now = {str(row.pk): row for row in self.get_queryset()}
        key = self.model._meta.pk.name
        stored = {pk: posted.stored[pk] for pk in now if pk in posted.stored}
        self.shown_now = {pk: shown.get(pk, {}) for pk in stored}
        new = self._without_added_twice(posted.new, now=now, shown=shown, stored=stored)
        removed = [
            row
            for pk in posted.stored
            if pk in shown and pk not in now
            for row in self._still_wanted(posted.stored[pk], shown[pk])
        ]
        rows = [{**stored.get(pk, {}), key: [pk]} for pk in now]
        first = len(rows)
        self.removed_meanwhile = set(range(first, first + len(removed)))
        self._renumber([*rows, *removed, *new], first)

    def _without_added_twice(
        self,
        new: list[Posted],
        *,
        now: Mapping[str, Any],
        shown: Mapping[str, Shown],
        stored: dict[str, Posted],
    ) -> list[Posted]:
        """Return the rows that are new; one that others added as well is typed into theirs."""
        added = {self._key_of(row): pk for pk, row in now.items() if pk not in shown}
        only_new = []
        for row in new:
            key = None if self.row_key is None else row.get(self.row_key, [""])[-1]
            pk = added.get(key)
            if self.shown is None or pk is None or pk in stored:
                only_new.append(row)
                continue
            stored[pk] = row
            self.shown_now[pk] = _without(self.row_key, self.empty_form.values_now())
        return only_new

    def _still_wanted(self, row: Posted, shown: Shown) -> list[Posted]:
        """Return a row that others removed as a new one, if the person changed it."""
        if "DELETE" in row:
            return []
        values = _without(ROW_KEY, shown)
        name = f"{self.prefix}-removed"
        form = self.form(
            _querydict({f"{name}-{rest}": typed for rest, typed in row.items()}),
            prefix=name,
            use_required_attribute=False,
            **self.get_form_kwargs(None),
        )
        if not form.differs_from(values):
            return []
        again = {rest: typed for rest, typed in row.items() if rest != self.model._meta.pk.name}
        if self.row_key is not None:
            again.setdefault(self.row_key, [str(shown.get(ROW_KEY))])
        return [again]

    def _renumber(self, rows: list[Posted], initial_count: int) -> None:
        stem = f"{self.prefix}-"
        others = {
            name: values
            for name, values in _lists(self.data)
            if not (name.startswith(stem) and name.removeprefix(stem).split("-")[0].isdecimal())
        }
        numbered = {
            f"{stem}{index}-{rest}": values
            for index, row in enumerate(rows)
            for rest, values in row.items()
        }
        counts = {
            f"{stem}{forms.formsets.TOTAL_FORM_COUNT}": [str(len(rows))],
            f"{stem}{forms.formsets.INITIAL_FORM_COUNT}": [str(initial_count)],
        }
        self.data = _querydict({**others, **numbered, **counts})
        del self.management_form


def _without(left_out: str | None, shown: Shown) -> Shown:
    return {name: value for name, value in shown.items() if name != left_out}


def _lists(posted: Any) -> Any:
    return (
        posted.lists()
        if isinstance(posted, QueryDict)
        else ((name, [value]) for name, value in posted.items())
    )


def _querydict(values: Mapping[str, list[str]]) -> QueryDict:
    made = QueryDict(mutable=True)
    for name, several in values.items():
        made.setlist(name, several)
    return made

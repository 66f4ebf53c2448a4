"""Lists that take every address: what cannot be read is left out with a word, or said."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Literal

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import InvalidPage
from django.db import DataError, transaction
from django.db.models import DateTimeField, DecimalField, FloatField, IntegerField, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.contrib.filters.admin import RangeDateFilter as ThemeRangeDateFilter
from unfold.contrib.filters.admin import RangeNumericFilter as ThemeRangeNumericFilter
from unfold.views import ChangeList as ThemeChangeList

from core.admin.fields import AddressNumberInput
from core.admin.list_page.cards import facts_of
from core.admin.list_page.chips import Chip, chips_of
from core.admin.read_values import list_column
from core.formats import quantity, reader_signs
from core.name_order import with_names_in_order
from core.number_texts import read_number
from core.quantities import QuantityError

# Of a described column: whether it shows numbers.
NUMBER_MARK = "is_number"
NUMBERS = (DecimalField, FloatField, IntegerField)
CHECKBOX_COLUMN = "action_checkbox"

# What values raise that a column cannot be compared with.
NOT_COMPARABLE = (DataError, ValueError, OverflowError, InvalidOperation)


def _is_descending(part: Any) -> bool:
    return part.startswith("-") if isinstance(part, str) else bool(part.descending)


def _turned(part: Any) -> Any:
    """Return a part of an order, the other way round."""
    if isinstance(part, str):
        return part.removeprefix("-") if part.startswith("-") else f"-{part}"
    turned = part.copy()
    turned.reverse_ordering()
    return turned


class ChangeList(ThemeChangeList):
    """A list whose sort columns, page and other values come from an address that anybody wrote."""

    # Parts of the address that are no filters of columns.
    own_parameters: Sequence[str] = ()

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.asked = request.GET
        try:
            super().__init__(request, *args, **kwargs)
        except IncorrectLookupParameters:
            # The admin leads to the list without them.
            sentence = gettext("The address had a filter that cannot be read. It was left out.")
            messages.warning(request, sentence)
            raise
        # Not "Select order to view": the list's own name.
        self.title = capfirst(str(self.opts.verbose_name_plural))

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return what a column is sorted by; None where the list does not offer to."""
        offered = self.sortable_by
        if offered is not None and field_name not in offered:
            return None
        return super().get_ordering_field(field_name)

    def get_ordering_field_columns(self) -> dict[int, Literal["desc", "asc"]]:
        """Return the columns that the list is sorted by, without those that it cannot be."""
        return self._sorted_columns

    @cached_property
    def _sorted_columns(self) -> dict[int, Literal["desc", "asc"]]:
        # Each column's head asks several times.
        columns = super().get_ordering_field_columns()
        shown = self.list_display
        return {
            index: way
            for index, way in columns.items()
            if index < len(shown) and self.get_ordering_field(shown[index])
        }

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Return the address of the list with some parameters changed."""
        if remove or not new_params or set(new_params) != {ORDER_VAR}:
            return super().get_query_string(new_params, remove)
        # The theme asks for the addresses of all heads again for each row.
        order = new_params[ORDER_VAR]
        if order not in self._addresses_by_order:
            self._addresses_by_order[order] = super().get_query_string(new_params)
        return self._addresses_by_order[order]

    @cached_property
    def _addresses_by_order(self) -> dict[Any, str]:
        return {}

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Return the order of the list, names in the order of the reader's language.

        Rows with equal values of a sorted column follow in the list's own order, which turns
        with the column: one index of the column and that order answers both directions.
        """
        asked = list(self.get_ordering_field_columns().values()) if ORDER_VAR in self.params else []
        usual = list(queryset.query.order_by)
        if asked and usual and (asked[0] == "desc") != _is_descending(usual[0]):
            queryset = queryset.order_by(*map(_turned, usual))
        return with_names_in_order(self.model, super().get_ordering(request, queryset))

    @property
    def chips(self) -> list[Chip]:
        """Return the filters in use, each with the address of the list without it."""
        return chips_of(self, self.asked)

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in self.own_parameters}

    def get_filters(self, request: HttpRequest) -> Any:
        found = super().get_filters(request)
        # What no filter reads is compared as it stands.
        self.has_other_lookups = bool(found[2])
        return found

    def get_results(self, request: HttpRequest) -> None:
        """Read the page; a page after the last is the last.

        :raises IncorrectLookupParameters: for values that a column cannot be compared with.
        """
        self.page_num = max(self.page_num, 1)
        try:
            # An error of the database must not end what goes on around the list.
            if self.has_other_lookups:
                with transaction.atomic():
                    self._read(request)
            else:
                self._read(request)
        except NOT_COMPARABLE as error:
            raise IncorrectLookupParameters(error) from error

    def _read(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters as error:
            if not isinstance(error.__context__, InvalidPage):
                raise
            paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
            self.page_num = paginator.num_pages
            super().get_results(request)

    @property
    def drawn(self) -> "ChangeList":
        """The list with columns that write its dates, as the theme draws it."""
        drawn = copy(self)
        for columns in ("list_display", "list_display_links", "sortable_by"):
            names = getattr(self, columns)
            if names is not None:
                setattr(drawn, columns, [list_column(self.model, name) for name in names])
        return drawn

    @property
    def number_columns(self) -> str:
        """The positions of the columns of numbers, as CSS classes: ``numbers-3 numbers-5``."""
        names = enumerate(self.list_display, start=1)
        return " ".join(f"numbers-{position}" for position, name in names if self._is_number(name))

    @cached_property
    def facts(self) -> list[str]:
        """The columns that a card on a phone shows, below the first; none: all of them."""
        listed: Any = self.model_admin
        foremost: Sequence[str] | None = listed.card_facts
        names = [str(getattr(name, "__name__", name)) for name in self.list_display]
        columns = [name for name in names if name != CHECKBOX_COLUMN]
        return [] if foremost is None else facts_of(columns[1:], foremost)

    def _is_number(self, name: Any) -> bool:
        described = name if callable(name) else getattr(self.model_admin, name, None)
        if described is not None:
            return bool(getattr(described, NUMBER_MARK, False))
        try:
            field = self.lookup_opts.get_field(name)
        except FieldDoesNotExist:
            return False
        return isinstance(field, NUMBERS) and not field.choices


Options = Mapping[str, tuple[Any, Callable[[QuerySet[Any]], QuerySet[Any]]]]


class OptionFilter(DropdownFilter):
    """A filter by one of a few options: the words of each, and how it narrows the rows."""

    options: Options

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, words) for code, (words, _narrowed) in self.options.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        option = self.options.get(self.value() or "")
        return queryset if option is None else option[1](queryset)


def yes_or_no(condition: Callable[[], Any]) -> Options:
    """Return the options of a filter by a condition, as ``filter`` takes it."""
    return {
        "yes": (_("Yes"), lambda rows: rows.filter(condition())),
        "no": (_("No"), lambda rows: rows.exclude(condition())),
    }


class ColumnFilter(DropdownFilter):
    """A filter by the column ``parameter_name``; a subclass says which values there are."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class RangeForm(forms.Form):
    """The two ends of a filter by a number."""

    def __init__(self, parameter: str, ends: Mapping[str, Any]) -> None:
        super().__init__(ends)
        for end, label in (("from", _("From")), ("to", _("To"))):
            widget = AddressNumberInput({"placeholder": label, "aria-label": label})
            field = forms.CharField(label="", required=False, widget=widget)
            self.fields[f"{parameter}_{end}"] = field


class RangeNumericFilter(ThemeRangeNumericFilter):
    """A filter from one number to another; the list says so where something else was typed."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "request": self.request,
            "parameter_name": self.parameter_name,
            "form": RangeForm(str(self.parameter_name), self.used_parameters),
        }

    def in_words(self, typed: str) -> str:
        """Return one end of the range as people read it."""
        number = number_of(typed, self.field)
        return typed if number is None else quantity(number)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for end, lookup in (("from", "gte"), ("to", "lte")):
            typed = str(self.used_parameters.get(f"{self.parameter_name}_{end}") or "")
            if not typed:
                continue
            number = number_of(typed, self.field)
            if number is None:
                message = gettext(
                    "Filter “%(filter)s”: “%(typed)s” is not a number that can be compared. "
                    "The filter was left out."
                )
                messages.warning(request, message % {"filter": self.title, "typed": typed[:40]})
                continue
            queryset = queryset.filter(**{f"{self.parameter_name}__{lookup}": number})
        return queryset


def number_of(typed: str, field: Any) -> Decimal | None:
    """Return a number as typed; None for what is none, or too large for a column of its kind."""
    try:
        number = read_number(typed, reader_signs())
    except QuantityError:
        return None
    digits = 15
    if isinstance(field, DecimalField):
        digits = field.max_digits - field.decimal_places
    if isinstance(field, IntegerField) and number != number.to_integral_value():
        return None
    return number if number.adjusted() < digits else None


def number_parameters(listed: Iterable[Any]) -> list[str]:
    """Return the parameters of an address that hold numbers, of the filters of a list."""
    return [
        f"{spec[0]}_{end}"
        for spec in listed
        if isinstance(spec, (list, tuple)) and issubclass(spec[1], RangeNumericFilter)
        for end in ("from", "to")
    ]


class RangeDateFilter(ThemeRangeDateFilter):
    """A filter from one day to another, both included, in the site's time zone; what is no day
    narrows nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = self.parameter_name
        first, last = (self._day(f"{name}_from"), self._day(f"{name}_to"))
        if first is not None:
            queryset = queryset.filter(**{f"{name}__gte": self._bound(first, time.min)})
        if last is not None:
            queryset = queryset.filter(**{f"{name}__lte": self._bound(last, time.max)})
        return queryset

    def _day(self, name: str) -> date | None:
        try:
            return parse_date(str(self.used_parameters.get(name, "")))
        except ValueError:
            return None

    def _bound(self, day: date, at: time) -> date | datetime:
        if not isinstance(self.field, DateTimeField):
            return day
        try:
            return timezone.make_aware(datetime.combine(day, at))
        except OverflowError:
            # The first and the last day of all have no such time elsewhere.
            return datetime.combine(day, at, tzinfo=UTC)

"""The address of the review: its filters, order, page, columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import ForeignKey
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_filters import NumberFilter

from core.access_limits import seen
from core.admin.fields import AddressNumberInput, NumberFormField, field_of
from core.admin.list_page.address import with_plain_numbers, without_blanks
from core.admin.list_page.chips import Chip
from core.admin.list_page.layout import VIEW
from core.admin.theme import CHECKBOX_CLASS, INPUT_CLASS, SELECT_CLASS
from core.clock import Moment, this_moment
from core.column_limits import row_key
from fulfillment.models import Shipment, ShipmentLine, Shipments
from fulfillment.review.filters import ShipmentFilterSet
from fulfillment.review.listing import QUEUE_ORDER
from inventory.admin.typed_choice import (
    SOURCE,
    STOCK,
    Choices,
    CodeBoxes,
    CodeInput,
    code_choices,
)
from orders.models import Order

# Parts of the address that choose no shipments.
SORT, PAGE, OPEN = "sort", "page", "open"
NOT_FILTERS = (SORT, PAGE, OPEN, VIEW)


class AddressNumberField(NumberFormField):
    """A number in the address of the review."""

    widget = AddressNumberInput


class ReviewFilterSet(ShipmentFilterSet):
    """The filters as people type them: numbers as their language writes them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NUMBERS:
            self.filters[name].field_class = AddressNumberField


NUMBERS = tuple(
    name
    for name, chosen in ShipmentFilterSet.base_filters.items()
    if isinstance(chosen, NumberFilter)
)


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """An address of the review. ``parameters`` holds no blank values.

    Its filters are read once: to make and to check their form takes a tenth of a page's time.
    """

    parameters: QueryDict
    moment: Moment
    _filtersets: dict[tuple[str, ...], ReviewFilterSet] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def sort(self) -> str:
        return self.parameters.get(SORT, QUEUE_ORDER)

    @property
    def page(self) -> int:
        return self._whole(PAGE, default=1)

    @property
    def opened(self) -> int:
        """The shipment whose explanation is shown; 0 for none."""
        return self._whole(OPEN, default=0)

    @property
    def filters(self) -> QueryDict:
        """What narrows the list, alone."""
        return self._without(*NOT_FILTERS)

    @property
    def is_countable(self) -> bool:
        """Whether only waiting shipments are listed, which are few beside all shipments."""
        chosen = self.filterset()
        states = chosen.form.cleaned_data.get("state") if chosen.is_valid() else ()
        return set(states or ()) <= set(Shipment.WAITING_STATES)

    def filterset(self, *, without: tuple[str, ...] = ()) -> ReviewFilterSet:
        """Return the filters as given; waiting shipments, unless states are named."""
        left_out = tuple(name for name in without if name in self.parameters)
        if left_out not in self._filtersets:
            chosen = self._without(*NOT_FILTERS, *left_out)
            every = seen(Shipment.objects.all())
            queued = every if "state" in chosen else every.in_queue()
            self._filtersets[left_out] = ReviewFilterSet(
                chosen, queued, today=self.moment.today, zone=self.moment.zone
            )
        return self._filtersets[left_out]

    def shipments(self, *, without: tuple[str, ...] = ()) -> Shipments:
        """Return what matches; nothing, if a filter is not understood."""
        chosen = self.filterset(without=without)
        return chosen.shipments() if chosen.is_valid() else Shipment.objects.none()

    def address(self, **changes: Any) -> str:
        """Return this address with some parts changed, ``None`` taking one away.

        Another filter or order begins at the first page again.
        """
        parameters = self.parameters.copy()
        if set(changes) - {OPEN}:
            parameters.pop(OPEN, None)
            if PAGE not in changes:
                parameters.pop(PAGE, None)
        for name, value in changes.items():
            parameters.pop(name, None)
            if value is not None:
                parameters[name] = str(value)
        return f"?{parameters.urlencode()}"

    def _whole(self, name: str, *, default: int) -> int:
        number = row_key(self.parameters.get(name, ""))
        return default if number is None else number

    def _without(self, *names: str) -> QueryDict:
        parameters = self.parameters.copy()
        for name in names:
            parameters.pop(name, None)
        return parameters


def review_request(request: HttpRequest) -> ReviewRequest:
    """Return what ``request`` asks of the review."""
    asked = with_plain_numbers(without_blanks(request.GET), NUMBERS)
    return ReviewRequest(asked, this_moment())


# Fields of codes, and the foreign keys whose rows are offered: to select, or while one types.
LOOKED_UP: dict[str, ForeignKey[Any, Any]] = {
    "channel": Order._meta.get_field("channel"),
    "stock": STOCK,
    "source": SOURCE,
    "pickup_source": SOURCE,
}
LISTED = {*LOOKED_UP, "sku"}
PRODUCT: ForeignKey[Any, Any] = ShipmentLine._meta.get_field("product")

# Fields that stand in one row stand in one tuple.
GROUPS: tuple[tuple[Promise, tuple[tuple[str, ...], ...]], ...] = (
    (
        _("Shipment"),
        (("state",), ("held", "method"), ("order",), ("customer",), ("sku",), ("assignee",)),
    ),
    (
        _("When"),
        (
            ("age_days_min", "age_days_max"),
            ("expected_after", "expected_before"),
            ("overdue",),
            ("promised", "missed_promises_min"),
            ("promised_after", "promised_before"),
            ("informed_after", "informed_before"),
            ("expires_after", "expires_before"),
        ),
    ),
    (
        _("Delays"),
        (
            ("unanswered", "asked_too_late"),
            ("answer_days_max", "request_number_min"),
            ("agreed_after", "agreed_before"),
        ),
    ),
    (
        _("Why and how much"),
        (("reason",), ("next_supply",), ("value_min", "value_max"), ("currency",)),
    ),
    (_("Where"), (("channel",), ("stock",), ("source",), ("pickup_source",))),
)


def filter_groups(form: forms.Form) -> list[dict[str, Any]]:
    """Return the fields of the drawer, row by row, under the headings that people look for."""
    choices = {field.related_model: code_choices(field) for field in LOOKED_UP.values()}
    return [
        {
            "label": label,
            "rows": [[_drawn(form[name], choices) for name in names] for names in rows],
        }
        for label, rows in GROUPS
    ]


def _drawn(field: BoundField, choices: Mapping[Any, Choices | None]) -> dict[str, Any]:
    """Return a field with the widget of the drawer; ``is_choices`` are boxes to select."""
    _style(field, choices)
    return {
        "bound": field,
        "is_choices": isinstance(field.field.widget, forms.CheckboxSelectMultiple),
    }


def _style(field: BoundField, choices: Mapping[Any, Choices | None]) -> None:
    if field.name == "state":
        # What waits is listed; other states only where an address names them.
        listed = {*Shipment.WAITING_STATES, *_words(field.value() or [])}
        states = field_of(field.form, "state", forms.MultipleChoiceField)
        states.choices = [choice for choice in Shipment.State.choices if choice[0] in listed]
    elif field.name == "sku":
        field.field.widget = CodeInput(PRODUCT, is_several=True)
    elif field.name in LOOKED_UP:
        key = LOOKED_UP[field.name]
        few = choices[key.related_model]
        field.field.widget = (
            CodeInput(key, is_several=True) if few is None else CodeBoxes(choices=few)
        )
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        widget.attrs["class"] = CHECKBOX_CLASS
    elif isinstance(widget, forms.Select):
        widget.attrs["class"] = SELECT_CLASS
    else:
        widget.attrs["class"] = INPUT_CLASS
        if isinstance(field.field, forms.DateField):
            widget.input_type = "date"


def chips(question: ReviewRequest, form: forms.Form) -> list[Chip]:
    """Return each filter in use in words, with the address of the list without it."""
    found = []
    for name in question.filters:
        if name not in form.fields:
            continue
        values = question.filters.getlist(name)
        field = form.fields[name]
        choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
        words = _words(values) if name in LISTED or choices else values
        if isinstance(field.widget, AddressNumberInput):
            words = [field.widget.format_value(value) or "" for value in values]
        spelled = [choices.get(word, word) for word in words]
        found.append(Chip(str(field.label), ", ".join(spelled), question.address(**{name: None})))
    return found


def _words(values: list[str]) -> list[str]:
    return [word.strip() for value in values for word in value.split(",") if word.strip()]

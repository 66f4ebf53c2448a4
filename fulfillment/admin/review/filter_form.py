"""The drawer of filters, and the filters in use."""

from typing import Any

from django import forms
from django.db.models import ForeignKey
from django.forms import BoundField
from django.utils.translation import gettext as _

from core.admin.theme import CHECKBOX_CLASS, INPUT_CLASS, SELECT_CLASS
from fulfillment.admin.review.request import ReviewRequest
from inventory.admin.typed_choice import SOURCE, STOCK, CodeInput
from orders.models import Order

# Fields of codes, and the foreign keys whose rows are offered while one types.
LOOKED_UP: dict[str, ForeignKey[Any, Any]] = {
    "channel": Order._meta.get_field("channel"),
    "stock": STOCK,
    "source": SOURCE,
    "pickup_source": SOURCE,
}


def filter_groups(form: forms.Form) -> list[dict[str, Any]]:
    """Return the fields of the drawer under the headings that people look for them."""
    groups = (
        (_("Shipment"), ("state", "held", "method", "order", "sku", "customer")),
        (_("Where"), ("channel", "stock", "source", "pickup_source")),
        (
            _("When"),
            ("age_days_min", "age_days_max", "expected_after", "expected_before", "overdue"),
        ),
        (
            _("Why and how much"),
            (
                "reason",
                "next_supply",
                "value_min",
                "value_max",
                "currency",
                "expires_after",
                "expires_before",
            ),
        ),
    )
    return [
        {"label": label, "fields": [_styled(form[name]) for name in names]}
        for label, names in groups
    ]


def _styled(field: BoundField) -> BoundField:
    if field.name in LOOKED_UP:
        field.field.widget = CodeInput(LOOKED_UP[field.name], is_several=True)
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        widget.attrs["class"] = CHECKBOX_CLASS
    elif isinstance(widget, forms.Select):
        widget.attrs["class"] = SELECT_CLASS
    else:
        widget.attrs["class"] = INPUT_CLASS
        if isinstance(field.field, forms.DateField):
            widget.input_type = "date"
    return field


def chips(question: ReviewRequest, form: forms.Form) -> list[dict[str, str]]:
    """Return each filter in use in words, with the address of the list without it."""
    found = []
    for name in question.filters:
        if name not in form.fields:
            continue
        values = question.filters.getlist(name)
        field = form.fields[name]
        choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
        spelled = [choices.get(word, word) for value in values for word in _words(value, choices)]
        found.append(
            {
                "label": str(field.label),
                "value": ", ".join(spelled),
                "address": question.address(**{name: None}),
            }
        )
    return found


def _words(value: str, choices: dict[str, str]) -> list[str]:
    return [value] if value in choices or not choices else value.split(",")

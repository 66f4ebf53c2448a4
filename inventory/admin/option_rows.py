"""Options on a page of their own: a line each, those that are inherited apart from the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django import forms

from inventory.admin.option_fields import UseConfigField


@dataclass(frozen=True, slots=True)
class OptionRow:
    """An option of a form; ``is_own`` where its box is clear, or its value is at fault.

    ``note`` is said beside it; ``address`` is a list of what it is not about ("" for none).
    """

    field: forms.BoundField
    is_own: bool
    note: str = ""
    address: str = ""


def option_rows(
    form: forms.BaseForm,
    names: Iterable[str],
    notes: Mapping[str, tuple[str, str]] | None = None,
) -> list[OptionRow]:
    """Return the rows of the options ``names`` that the form has, in this order.

    ``notes`` are words and an address by name.
    """
    return [
        OptionRow(form[name], _is_own(form[name]), *(notes or {}).get(name, ()))
        for name in names
        if isinstance(form.fields.get(name), UseConfigField)
    ]


def _is_own(option: forms.BoundField) -> bool:
    field = option.field
    is_proposed = isinstance(field, UseConfigField) and field.widget.proposed is not None
    return is_proposed or bool(option.errors) or option.value() is not None

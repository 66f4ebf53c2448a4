"""Values of form fields as a person reads them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext

from core.admin.fields import plain_words
from core.name_order import name_key


def value_in_words(field: forms.Field, value: Any) -> str:
    """Return a cleaned or stored value of ``field`` as its input would show it.

    A field that knows better has a method ``in_words``.
    """
    if hasattr(field, "in_words"):
        words: str = field.in_words(value)
        return words
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(map(str, value or []), key=name_key)) or plain_words(None)
    if isinstance(field, forms.ModelChoiceField):
        return _row_in_words(field, value)
    if isinstance(field, forms.ChoiceField):
        return _choice_in_words(field, value)
    return plain_words(value)


def difference(field: forms.Field, *, now: Any, typed: Any) -> ValidationError:
    """Return what is said at a field that two people changed to different values."""
    message = gettext(
        "This was changed to “%(now)s” after the page was opened. You entered “%(typed)s”. "
        "Save again to write your value, or enter another."
    )
    values = {"now": value_in_words(field, now), "typed": value_in_words(field, typed)}
    return ValidationError(message % values, code="changed_meanwhile")


def difference_from_invalid(field: forms.Field, *, now: Any) -> ValidationError:
    """Return what is said at a field whose text cannot be read and that others changed."""
    message = gettext("This was changed to “%(now)s” after the page was opened.")
    return ValidationError(message % {"now": value_in_words(field, now)}, code="changed_meanwhile")


def fields_gone() -> ValidationError:
    """Return what is said where fields that were shown can no longer be changed."""
    message = gettext(
        "Some fields of this page can no longer be changed. Nothing was saved. Review the page and "
        "save again."
    )
    return ValidationError(message, code="fields_gone")


def _row_in_words(field: "forms.ModelChoiceField[Any]", value: Any) -> str:
    if value in field.empty_values:
        return plain_words(None)
    if field.queryset is not None and not isinstance(value, models.Model):
        key = field.to_field_name or "pk"
        found = field.queryset.model._base_manager.filter(**{key: value}).order_by("pk").first()
        value = value if found is None else found
    return field.label_from_instance(value) if isinstance(value, models.Model) else str(value)


def _choice_in_words(field: forms.ChoiceField, value: Any) -> str:
    flat: dict[str, Any] = {}
    choices: Any = field.choices
    for key, label in choices:
        flat |= dict(label) if isinstance(label, (list, tuple)) else {key: label}
    by_text = {str(key): str(label) for key, label in flat.items()}
    return plain_words(None) if value in field.empty_values else by_text.get(str(value), str(value))

"""Fields of filters that refuse what they do not understand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import filters

YES_NO = (("", _("Any")), ("true", _("Yes")), ("false", _("No")))


class ListedChoiceField(forms.MultipleChoiceField):
    """Several choices, given one by one or separated by commas."""

    def to_python(self, value: Any) -> list[str]:
        return [word for text in super().to_python(value) for word in text.split(",") if word]


class ListedChoiceFilter(filters.MultipleChoiceFilter):
    """``?name=A&name=B`` or ``?name=A,B``."""

    field_class = ListedChoiceField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(*args, **kwargs)
        # It goes to the filter's method; a field of choices knows no null choice.
        self.always_filter = True
        for name in ("null_label", "null_value"):
            self.extra.pop(name, None)


class YesNoFilter(filters.TypedChoiceFilter):
    """``?name=true`` or ``?name=false``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=YES_NO, coerce="true".__eq__, **kwargs)


def words(text: str) -> list[str]:
    """Return what is separated by commas."""
    return [word.strip() for word in text.split(",") if word.strip()]

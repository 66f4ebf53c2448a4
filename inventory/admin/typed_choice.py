"""Rows chosen by their code: from a list while there are few, by typing once there are many.

What is typed is the code itself, so that it is right without JavaScript; a script offers the
codes that match. Several codes are separated by commas.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import ForeignKey, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from core.access_limits import seen
from core.admin.bases import ModelChoiceField, ModelMultipleChoiceField
from core.admin.lookup_input import LookupInput
from inventory.models import SalesChannel, SourceItem

# As many rows are read through in a list; more are looked up.
MOST_LISTED = 50

SOURCE = SourceItem._meta.get_field("source")
STOCK = SalesChannel._meta.get_field("stock")


class CodeInput(LookupInput):
    """A code as text; ``field`` is a foreign key whose rows a script offers while one types."""

    def __init__(self, field: ForeignKey[Any, Any], *, is_several: bool) -> None:
        super().__init__()
        self.field = field
        self.is_several = is_several

    def format_value(self, value: Any) -> str | None:
        several = isinstance(value, (list, tuple))
        return ", ".join(map(str, value)) if several else super().format_value(value)

    def lookup_url(self) -> str:
        asked = {
            "app_label": self.field.model._meta.app_label,
            "model_name": self.field.model._meta.model_name or "",
            "field_name": self.field.name,
        }
        return f"{reverse('admin:autocomplete')}?{urlencode(asked)}"

    def lookup_attributes(self) -> dict[str, Any]:
        return {"data-several": self.is_several}


Choices = list[tuple[str, str]]


class CodeBoxes(forms.CheckboxSelectMultiple):
    """Codes to select, of which an address may have several in one word, separated by commas."""

    def format_value(self, value: Any) -> list[str]:
        return _words(value)


def code_choices(field: ForeignKey[Any, Any]) -> Choices | None:
    """Return the rows that ``field`` may refer to, by code; None where there are too many."""
    every = seen(field.related_model._default_manager.order_by("code"))
    rows = every.values_list("code", "name")
    few = list(rows[: MOST_LISTED + 1])
    if len(few) > MOST_LISTED:
        return None
    return [(code, f"{code} – {name}" if name and name != code else code) for code, name in few]


class RowChoice(ModelChoiceField):
    """A row that has a code, chosen from a list or typed, by how many there are.

    ``lookup`` is a foreign key to such a row.
    """

    is_several = False
    typed_help = _("Type the code.")
    not_offered = _("“%(value)s” is not among the choices.")

    def __init__(
        self, queryset: QuerySet[Any], *, lookup: ForeignKey[Any, Any], **kwargs: Any
    ) -> None:
        super().__init__(queryset, **kwargs)
        self.lookup = lookup
        self.listed_by = self.to_field_name

    def __deepcopy__(self, memo: Any) -> Any:
        # Each form looks how many there are now.
        own: Any = super().__deepcopy__(memo)
        own.offer(own.queryset)
        return own

    def offer(self, rows: QuerySet[Any]) -> None:
        """Offer ``rows`` that the person may see: in a list, or to be typed where they are many."""
        rows = seen(rows)
        is_long = rows.order_by()[: MOST_LISTED + 1].count() > MOST_LISTED
        self.to_field_name = "code" if is_long else self.listed_by
        self.queryset = rows
        if is_long:
            self.widget = CodeInput(self.lookup, is_several=self.is_several)
            self.error_messages = {**self.error_messages, "invalid_choice": self.not_offered}
            self.help_text = f"{self.help_text} {self.typed_help}".strip()

    def label_from_instance(self, row: Any) -> str:
        return f"{row.code} – {row.name}"


class RowsChoice(RowChoice, ModelMultipleChoiceField):
    """Any number of rows."""

    is_several = True
    typed_help = _("Type the codes, separated by commas.")

    def clean(self, value: Any) -> Any:
        return super().clean(_words(value) if isinstance(self.widget, CodeInput) else value)

    def prepare_value(self, value: Any) -> Any:
        typed = isinstance(self.widget, CodeInput) and isinstance(value, str)
        return value if typed else super().prepare_value(value)


def _words(text: str | Iterable[str] | None) -> list[str]:
    parts = [text] if isinstance(text, str) else list(text or [])
    words = [word.strip() for part in parts for word in part.split(",")]
    return [word for word in words if word]

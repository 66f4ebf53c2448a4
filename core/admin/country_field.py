"""The field in which people choose a country."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.admin.theme import Select
from core.countries import UNKNOWN, country_choices, country_code, country_name, is_country


class CountryField(forms.ChoiceField):
    """A country by its name, kept as its ISO 3166 code.

    ``stored`` is a text from before that may be no country: it is offered, marked, and stays.
    """

    default_error_messages = {"invalid_choice": _(UNKNOWN)}

    def __init__(self, *, stored: str = "", **kwargs: Any) -> None:
        self.stored = stored
        super().__init__(
            label=kwargs.pop("label", _("Country")), choices=self._offered, widget=Select, **kwargs
        )

    def to_python(self, value: Any) -> str:
        """Take a name for its code, as files and the API do."""
        typed = super().to_python(value)
        return typed if typed == self.stored else country_code(typed) or typed

    def _offered(self) -> list[tuple[str, str]]:
        from_before = []
        if self.stored and not is_country(self.stored):
            from_before = [(self.stored, country_name(self.stored))]
        return [("", "---------"), *from_before, *country_choices()]

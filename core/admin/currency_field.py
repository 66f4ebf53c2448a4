"""The field in which people choose a currency."""

from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name, get_territory_currencies
from django import forms
from django.conf import settings
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from core.admin.theme import Select
from core.clock import today


class CurrencyField(forms.ChoiceField):
    """A currency that is in use somewhere, by its ISO 4217 code and its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=kwargs.pop("label", _("Currency")),
            choices=currency_choices,
            widget=Select,
            **kwargs,
        )


def currency_choices() -> list[tuple[str, str]]:
    """Return every currency in use as (code, code and name), the name in the reader's language."""
    locale = to_locale(get_language() or "en")
    return [(code, f"{code} – {name}") for code, name in _names(locale, today())]


@lru_cache(maxsize=16)
def _in_use(on: date) -> frozenset[str]:
    """Return the codes of the currencies with which people pay somewhere on a day."""
    return frozenset(
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, on, on, tender=True)
    )


@lru_cache(maxsize=16)
def _names(locale: str, on: date) -> list[tuple[str, str]]:
    known = Locale.parse(locale)
    codes = sorted(_in_use(on) | {settings.SITE_CURRENCY})
    return [(code, get_currency_name(code, locale=known)) for code in codes]

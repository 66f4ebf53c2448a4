"""Public holidays by country, from the package ``holidays``."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays
from django.utils import translation


def has_public_holidays(country: str) -> bool:
    """Return whether the holidays of a country, by its ISO 3166 code, are known."""
    return country in _countries()


def public_holidays(country: str, *, first: date, last: date) -> Mapping[date, str]:
    """Return the nationwide holidays of a country from ``first`` to ``last``, with their names.

    Names are in the current language where the package has them, else in the country's own. A
    country whose holidays are not known has none.
    """
    if not has_public_holidays(country):
        return {}
    days = _holidays(country, first.year, last.year, translation.get_language() or "en")
    return {day: name for day, name in days.items() if first <= day <= last}


@cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


@cache
def _holidays(country: str, first: int, last: int, language: str) -> Mapping[date, str]:
    spoken = holidays.country_holidays(country).supported_languages
    language = language.partition("-")[0]
    known = [one for one in spoken if one.partition("_")[0] == language]
    found = holidays.country_holidays(
        country, years=range(first, last + 1), language=known[0] if known else None
    )
    return dict(sorted(found.items()))

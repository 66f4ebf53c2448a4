"""Maps countries that were kept as texts to their ISO 3166 codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from core.countries import country_code, is_country


@dataclass(frozen=True, slots=True)
class CountryText:
    """A text that is no code, how many rows have it, and the code it means; None: unknown."""

    text: str
    row_count: int
    code: str | None


def country_texts(rows: QuerySet[Any]) -> list[CountryText]:
    """Return the texts in the column ``country`` of ``rows`` that are no code, by text."""
    counted = rows.exclude(country="").order_by("country").values_list("country")
    return [
        CountryText(text, row_count, country_code(text))
        for text, row_count in counted.annotate(Count("pk"))
        if not is_country(text)
    ]


def map_country_texts(rows: QuerySet[Any]) -> Sequence[CountryText]:
    """Write the code where a text means a country; others stay. Opens the transaction.

    Returns what was found, as :func:`country_texts` does.

    Rule: §1, source; §20, addresses.
    """
    with transaction.atomic():
        found = country_texts(rows)
        for one in found:
            if one.code is not None:
                rows.filter(country=one.text).order_by().update(country=one.code)
    return found

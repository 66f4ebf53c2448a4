"""The values that a page showed: brought to a form that compares, signed, and read again."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

# The one hidden input that carries all of them.
INPUT_NAME = "shown_values"

Comparable = bool | str | list[str] | None


def comparable(value: Any) -> Comparable:
    """Return ``value`` so that equal values are equal, however they were entered or stored.

    Rows are their keys, several rows their keys in order, quantities have no trailing zeros,
    times are in UTC, and what is empty is ``None``.
    """
    match value:
        case None | bool():
            return value
        case str():
            return value.replace("\r\n", "\n").strip() or None
        case Decimal():
            plain = f"{value.normalize():f}" if value.is_finite() else str(value)
            return "0" if plain == "-0" else plain
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
        case models.Model():
            return str(value.pk)
        case models.QuerySet() | list() | tuple() | set() | frozenset():
            return sorted(str(comparable(member)) for member in value) or None
        case _:
            return str(value)


def sign(shown: Any, *, page: str) -> str:
    """Return what ``page`` showed as one short signed text, to be read by :func:`read`."""
    return signing.dumps(shown, salt=f"{INPUT_NAME} {page}", compress=True)


def read_text(text: str, *, page: str) -> Any:
    """Return what :func:`sign` was given; None for what it did not sign for this page."""
    try:
        return signing.loads(text, salt=f"{INPUT_NAME} {page}")
    except signing.BadSignature:
        return None


def read(request: HttpRequest, *, page: str) -> Any:
    """Return what ``page`` showed when its form was opened, as :func:`sign` was given it.

    None where the form does not say so, or where it was not this page that signed it.
    """
    return read_text(request.POST.get(INPUT_NAME, ""), page=page)


def hidden_input(shown: Any, *, page: str) -> SafeString:
    """Return the input that carries what ``page`` shows."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">', INPUT_NAME, sign(shown, page=page)
    )


def of_row(row: models.Model, names: Iterable[str]) -> Mapping[str, Comparable]:
    """Return the values of a row's columns, by name."""
    return {name: comparable(row.serializable_value(name)) for name in names}

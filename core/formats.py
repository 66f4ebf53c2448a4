"""Counts, money and dates as people read them."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format

UNKNOWN = "–"


def whole(count: Decimal | int) -> str:
    """Return a whole number with its thousands grouped."""
    return number_format(int(count), force_grouping=True)


def money(amount: Decimal) -> str:
    """Return an amount with two decimals, without its currency."""
    return number_format(amount, decimal_pos=2, force_grouping=True)


def day(on: date | str | None) -> str:
    """Return a date, or the ISO text of one, in the reader's language; – for none."""
    if not on:
        return UNKNOWN
    return date_format(date.fromisoformat(on) if isinstance(on, str) else on, "DATE_FORMAT")

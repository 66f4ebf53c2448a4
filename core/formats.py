"""The one way to write a quantity, an amount or a date for a reader, or to read a number.

Everything is in the reader's language. Machines read other forms: the API, files and
``datetime`` attributes have exact decimals with a point and ISO dates.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern
from django.utils import timezone
from django.utils.formats import date_format, get_format, time_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy, to_locale

from core.currencies import decimals_of, exact_text
from core.number_texts import COMMA, NumberSigns
from core.quantities import DECIMALS, PLAIN, format_quantity

EMPTY = "–"
# Gaps of sentences that hold quantities and amounts, in no sentence anything else.
QUANTITY_GAPS = frozenset(
    (
        *("amount", "free", "held", "increment", "least", "maximum", "meant"),
        *("minimum", "missing", "most", "outstanding", "quantity", "received", "threshold"),
        *("units",),
    )
)

# Django's own French has jan. and fév., which nobody writes: these are of our catalogues.
SHORT_MONTHS = (pgettext_lazy("abbrev. month", "Jan."), pgettext_lazy("abbrev. month", "Feb."))

QUANTITY: NumberPattern = parse_pattern(f"#,##0.{'#' * DECIMALS}")
# By the number of decimals.
FIXED: tuple[NumberPattern, ...] = tuple(
    parse_pattern(f"#,##0.{'0' * decimals}".rstrip(".")) for decimals in range(DECIMALS + 1)
)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(to_locale(language))


def _reader() -> Locale:
    return _locale(get_language() or "en")


@lru_cache(maxsize=10_000)
def _number_text(pattern: NumberPattern, number: Decimal | int, locale: Locale) -> str:
    # A list repeats few numbers many times.
    return str(pattern.apply(number, locale))


@cache
def _signs(locale: Locale) -> NumberSigns:
    symbols = locale.number_symbols["latn"]
    return NumberSigns(symbols["decimal"], COMMA if symbols["group"] == COMMA else None)


def reader_signs() -> NumberSigns:
    """Return the signs by which the reader's language writes numbers."""
    return _signs(_reader())


def input_text(number: Decimal) -> str:
    """Return a number as an input holds it: ``1234.5``, in Swedish and French ``1234,5``."""
    return reader_signs().example(format_quantity(number))


def input_amount(amount: Decimal, currency: str) -> str:
    """Return an amount as an input holds it, with its currency's decimals: ``1234.50``."""
    return reader_signs().example(exact_text(amount, currency))


def whole(count: Decimal | int | None) -> str:
    """Return a whole number with its thousands grouped: ``12,000``; – for none."""
    return EMPTY if count is None else _number_text(FIXED[0], int(count), _reader())


def fixed(number: Decimal, decimals: int) -> str:
    """Return a number with exactly ``decimals`` decimals: ``98.0``."""
    return _number_text(FIXED[decimals], number or 0, _reader())


def quantity(units: Decimal | int | None) -> str:
    """Return a quantity with the decimals it needs: ``40``, ``1,234.5``, ``-50``; – for none."""
    return EMPTY if units is None else _number_text(QUANTITY, units or 0, _reader())


def signed(units: Decimal) -> str:
    """Return a quantity with its sign: ``+3``, ``-2.5``, ``0``."""
    return f"{'+' if units > 0 else ''}{quantity(units)}"


def filled(message: str, values: Mapping[str, object]) -> str:
    """Return a sentence in the reader's language, its named gaps filled with ``values``.

    A date among them is written as a day, a decimal as a quantity. So is a number in one of
    ``QUANTITY_GAPS``, which may have been kept as text.
    """
    return gettext(message) % {gap: _word(gap, value) for gap, value in values.items()}


def _word(gap: str, value: object) -> object:
    if isinstance(value, Decimal):
        return quantity(value)
    if isinstance(value, date):
        return day(value)
    if gap in QUANTITY_GAPS and isinstance(value, str) and PLAIN.match(value):
        return reader_signs().example(value)
    return value


def plural_of(units: Decimal) -> int:
    """Return the whole number whose plural a quantity takes in each language.

    English and Swedish write *1.5 units*, French *1,5 unité*: as they do with 0.
    """
    if units == 1:
        return 1
    return 0 if 0 <= units < 2 else 2


def labelled(label: object, text: object) -> str:
    """Return a text after its label, as the reader's language writes a colon: ``Key: abc``."""
    return gettext("%(label)s: %(text)s") % {"label": label, "text": text}


def series(texts: Iterable[str]) -> str:
    """Return texts after one another, as the reader's language writes a semicolon: ``a; b``."""
    written = ""
    for text in texts:
        pair = {"first": written, "next": text}
        written = gettext("%(first)s; %(next)s") % pair if written else text
    return written


def money(amount: Decimal | None, currency: str) -> str:
    """Return an amount with its currency and that currency's decimals; – for none.

    ``1,234.50 USD``, ``1,235 JPY``, ``1.250 KWD``.
    """
    if amount is None:
        return EMPTY
    return f"{fixed(amount, decimals_of(currency))} {currency}"


def day(on: date | str | None) -> str:
    """Return a date, or the ISO text of one: ``27 Nov 2026``; – for none.

    A time is its day in its own zone.
    """
    if not on:
        return EMPTY
    if isinstance(on, str):
        on = date.fromisoformat(on)
    return _written(on, "DATE_FORMAT")


def moment(at: datetime | str | None) -> str:
    """Return a time at the site, or the ISO text of one: ``27 Nov 2026, 09:00``; – for none."""
    if not at:
        return EMPTY
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return _written(timezone.localtime(at), "DATETIME_FORMAT")


def appointment(at: datetime) -> str:
    """Return a time with its weekday and zone: ``Friday, 27 Nov 2026, 09:00 CET``."""
    values = {"weekday": date_format(at, "l"), "time": moment(at), "zone": f"{at:%Z}"}
    return gettext("%(weekday)s, %(time)s %(zone)s") % values


def span(length: timedelta) -> str:
    """Return a length of time as people say it: 31 ms, 12 s, 3 min 5 s, 2 h 10 min, 3 days."""
    seconds = max(int(length.total_seconds()), 0)
    if 60 <= seconds < 3600:
        minutes, seconds = divmod(seconds, 60)
        return gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
    minutes = seconds // 60
    if 60 <= minutes < 48 * 60:
        hours, minutes = divmod(minutes, 60)
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return about(length)


def about(length: timedelta) -> str:
    """Return a length of time in its largest unit: 31 ms, 12 s, 3 min, 2 h, 3 days."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 1:
        return gettext("%(count)s ms") % {"count": max(length // timedelta(milliseconds=1), 0)}
    if seconds < 60:
        return gettext("%(seconds)s s") % {"seconds": seconds}
    minutes = seconds // 60
    if minutes < 60:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    hours = minutes // 60
    if hours < 48:
        return gettext("%(hours)s h") % {"hours": hours}
    days = hours // 24
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": whole(days)}


def ago(at: datetime | None, *, now: datetime) -> str:
    """Return about how long ago something was: ``5 min ago``; never for none."""
    return gettext("never") if at is None else gettext("%(span)s ago") % {"span": about(now - at)}


def ago_in_html(at: datetime | None) -> str:
    """Return how long ago something was, with the exact time as its title; – for none."""
    if at is None:
        return EMPTY
    how_long = ago(at, now=timezone.now())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), moment(at), how_long
    )


def clock(at: datetime | time) -> str:
    """Return the time of day of ``at``, in its own zone: ``09:00``."""
    return time_format(at, "TIME_FORMAT")


def short_day(on: date) -> str:
    """Return a day of a known year: ``27 Nov``."""
    return _written(on, "MONTH_DAY_FORMAT")


def _written(on: date, name: str) -> str:
    """Return a date in the format of a name, which shows no seconds, in the reader's language."""
    if isinstance(on, datetime):
        on = on.replace(second=0, microsecond=0, tzinfo=None)
    return date_text(on, name, get_language())


@lru_cache(maxsize=10_000)
def date_text(on: date, name: str, language: str | None) -> str:
    """Return a day or a minute in a format of the active language, which lists repeat often.

    French writes the first of a month ``1er mai``.
    """
    pattern = get_format(name)
    if on.day == 1:
        pattern = pattern.replace("j", get_format("FIRST_DAY_FORMAT"))
    return date_format(on, pattern)

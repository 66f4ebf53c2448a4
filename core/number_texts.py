"""Numbers as people write them, with a decimal point or comma, with thousands apart. PURE.

What can be read in two ways is refused: nothing is ever guessed by a factor of a thousand.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from core.quantities import QuantityError, parse_quantity
from core.text import gettext_noop as _

POINT, COMMA = ".", ","
# Of the keyboard, and those that do not break a line: wide, thin and narrow.
SPACES = " \u00a0\u2009\u202f"
MINUS = "\u2212"
SIGN = rf"(?P<sign>[+\-{MINUS}]?)"

NOT_A_NUMBER, AMBIGUOUS = "NOT_A_NUMBER", "AMBIGUOUS_NUMBER"
NO_NUMBER = _("“%(value)s” is not a number. Write digits such as %(example)s.")
COMMA_OF_THOUSANDS = _(
    "“%(value)s” has a comma that separates no thousands. Write a decimal point: %(example)s."
)
TWO_READINGS = _("“%(value)s” can mean %(whole)s or %(fraction)s. Write one of these.")


@dataclass(frozen=True, slots=True)
class NumberSigns:
    """The sign before decimals; ``thousands`` is the one between thousands where that is decided.

    Spaces may be there anyhow. Where nothing is decided, the other of point and comma is read
    wherever it has one meaning: 1.234,5 and 12.5 have, 1.234 has not.
    """

    decimal: str
    thousands: str | None = None

    @property
    def other(self) -> str:
        """The one of point and comma that is not the sign before decimals."""
        return COMMA if self.decimal == POINT else POINT

    def example(self, plain: str) -> str:
        """Return a number, written with a point, with the sign before decimals instead."""
        return plain.replace(POINT, self.decimal)


POINTS, COMMAS = NumberSigns(POINT), NumberSigns(COMMA)


def read_number(text: str, signs: NumberSigns) -> Decimal:
    """Read a quantity or an amount as people write it.

    :raises QuantityError: as :func:`plain_number` and :func:`core.quantities.parse_quantity`;
        each quotes the text as it was written.
    """
    plain = plain_number(text, signs)
    try:
        return parse_quantity(plain)
    except QuantityError as error:
        raise QuantityError(error.code, error.message, value=text[:40]) from error


def plain_number(text: str, signs: NumberSigns) -> str:
    """Return a number as programs write it: with a point, and nothing between thousands.

    :raises QuantityError: for what is no number or has two readings, with what would be right.
    """
    stripped = text.strip()
    value = text[:40]
    if _is_thousands_or_decimals(stripped, signs):
        whole, fraction = (stripped.replace(signs.other, mark) for mark in ("", signs.decimal))
        raise QuantityError(AMBIGUOUS, TWO_READINGS, value=value, whole=whole, fraction=fraction)
    plain = _plain(stripped, signs)
    if plain is not None:
        return plain
    with_point = stripped.replace(COMMA, POINT)
    if signs.thousands == COMMA and COMMA in stripped and _plain(with_point, signs) is not None:
        raise QuantityError(NOT_A_NUMBER, COMMA_OF_THOUSANDS, value=value, example=with_point)
    raise QuantityError(NOT_A_NUMBER, NO_NUMBER, value=value, example=signs.example("1234.5"))


def _plain(text: str, signs: NumberSigns) -> str | None:
    """Return a number with a point and nothing between its thousands; None for what is none."""
    for pattern in _patterns(signs):
        if found := pattern.match(text):
            sign = found["sign"].replace(MINUS, "-")
            whole = "".join(char for char in found["whole"] if char.isdigit())
            decimals = found["decimals"]
            return f"{sign}{whole}" if decimals is None else f"{sign}{whole}.{decimals}"
    return None


def _is_thousands_or_decimals(text: str, signs: NumberSigns) -> bool:
    return signs.thousands is None and bool(
        re.match(rf"{SIGN}[1-9]\d{{0,2}}{re.escape(signs.other)}\d{{3}}\Z", text, re.ASCII)
    )


@cache
def _patterns(signs: NumberSigns) -> tuple[re.Pattern[str], ...]:
    decimal, other = re.escape(signs.decimal), re.escape(signs.other)
    own = rf"(?:{decimal}(?P<decimals>\d*))?\Z"
    theirs = rf"{other}(?P<decimals>\d+)\Z"
    none = r"(?P<decimals>)?\Z"
    parts = [
        rf"(?P<whole>\d+){own}",
        rf"(?P<whole>){decimal}(?P<decimals>\d+)\Z",
        rf"(?P<whole>{_grouped(f'[{SPACES}]')}){own}",
    ]
    if signs.thousands is not None:
        parts.append(rf"(?P<whole>{_grouped(re.escape(signs.thousands))}){own}")
    else:
        parts += [
            rf"(?P<whole>\d*){theirs}",
            rf"(?P<whole>{_grouped(f'[{SPACES}]')}){theirs}",
            rf"(?P<whole>{_grouped(other)}){decimal}(?P<decimals>\d+)\Z",
            rf"(?P<whole>{_grouped(decimal)}){theirs}",
            rf"(?P<whole>{_grouped(other, least=2)}|{_grouped(decimal, least=2)}){none}",
        ]
    return tuple(re.compile(SIGN + part, re.ASCII) for part in parts)


def _grouped(mark: str, *, least: int = 1) -> str:
    """Return the pattern of a whole number in thousands, with one mark between all of them."""
    first = r"[1-9]\d{0,2}"
    if least == 1:
        return rf"{first}(?:{mark}\d{{3}})+"
    return rf"{first}(?:{mark}\d{{3}}){{{least},}}"

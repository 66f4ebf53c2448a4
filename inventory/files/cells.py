"""What a cell says: each value read strictly, and written so that it is read again the same.

A spreadsheet runs a text that begins with ``=``, ``+``, ``-`` or ``@`` (or with what it strips
before one) as a formula. Such texts are written behind an apostrophe, which reading takes off
again; numbers are written as numbers.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from inventory.files.problems import CellError
from inventory.quantities import MAX_QUANTITY, QuantityError, format_quantity, parse_quantity
from inventory.text import gettext_noop as _

APOSTROPHE = "'"
RUN_AS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
SCIENTIFIC = re.compile(r"[+-]?\d{1,13}(\.\d{1,20})?[eE][+-]?\d{1,2}\Z", re.ASCII)
COMMA = re.compile(r"[+-]?[\d.,]*,[\d.,]*\Z", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
YES = frozenset({"1", "yes", "true"})
NO = frozenset({"0", "no", "false"})
LARGEST_PRICE = Decimal("999999999999.99")
CENT = Decimal("0.01")

EMPTY = _("A value is needed here.")
CONTROL_CHARACTERS = _("Use no control characters, such as tabs and line breaks.")
TOO_LONG = _("The text has %(length)s characters; at most %(limit)s fit.")
WRITE_PLAIN = _("“%(value)s” is in scientific form; write %(plain)s.")
WRITE_POINT = _(
    "“%(value)s” has a comma; write a decimal point and no separators of thousands, such as 1234.5."
)
TOO_SMALL = _("“%(value)s” is too small; %(minimum)s or more is right.")
NOT_YES_NO = _("“%(value)s” is neither 1 (yes) nor 0 (no).")
NO_CHOICE = _("“%(value)s” is none of the choices: %(choices)s.")
NO_DATE = _("“%(value)s” is no day in the form 2026-12-31.")
TOO_FINE = _("“%(value)s” has a fraction of a cent; two decimals are right.")
TOO_DEAR = _("“%(value)s” is more than 999,999,999,999.99.")


def escape(text: str) -> str:
    """Return ``text`` as a cell that no spreadsheet runs."""
    if text[:1] in RUN_AS_FORMULA and text:
        return APOSTROPHE + text
    if text[:1] == APOSTROPHE and text[1:2] and text[1] in RUN_AS_FORMULA | {APOSTROPHE}:
        return APOSTROPHE + text
    return text


def unescape(cell: str) -> str:
    """Return the text that :func:`escape` made ``cell`` from."""
    if cell[:1] == APOSTROPHE and cell[1:2] and cell[1] in RUN_AS_FORMULA | {APOSTROPHE}:
        return cell[1:]
    return cell


def text_of(cell: str, *, limit: int) -> str:
    """Read a text of at most ``limit`` characters; may be empty.

    :raises CellError: for control characters, or a text too long.
    """
    text = unescape(cell)
    if CONTROL.search(text):
        raise CellError(CONTROL_CHARACTERS)
    if len(text) > limit:
        raise CellError(TOO_LONG, length=len(text), limit=limit)
    return text


def code_of(cell: str, *, limit: int) -> str:
    """Read a code such as a SKU: a text that is not empty, without space at its ends.

    :raises CellError: as :func:`text_of`, or for an empty cell.
    """
    code = text_of(cell.strip(), limit=limit).strip()
    if not code:
        raise CellError(EMPTY)
    return code


def quantity_of(cell: str, *, minimum: Decimal | int | None = Decimal(0)) -> Decimal:
    """Read an exact quantity of at least ``minimum``.

    :raises CellError: for anything else, with what would be right.
    """
    text = unescape(cell.strip())
    if SCIENTIFIC.match(text) and abs(Decimal(text)) <= MAX_QUANTITY:
        raise CellError(WRITE_PLAIN, value=text, plain=format_quantity(Decimal(text)))
    if COMMA.match(text):
        raise CellError(WRITE_POINT, value=text[:40])
    try:
        quantity = parse_quantity(text)
    except QuantityError as error:
        raise CellError(error.message, **error.values) from error
    if minimum is not None and quantity < minimum:
        raise CellError(TOO_SMALL, value=text[:40], minimum=format_quantity(Decimal(minimum)))
    return quantity


def price_of(cell: str) -> Decimal:
    """Read an amount of money to the cent; zeros may follow it.

    :raises CellError: for a fraction of a cent, and as :func:`quantity_of`.
    """
    whole, point, decimals = cell.strip().partition(".")
    price = quantity_of(f"{whole}{point}{decimals.rstrip('0') or '0'}" if point else whole)
    if price != price.quantize(CENT):
        raise CellError(TOO_FINE, value=cell.strip()[:40])
    if price > LARGEST_PRICE:
        raise CellError(TOO_DEAR, value=cell.strip()[:40])
    return price.quantize(CENT)


def yes_no_of(cell: str) -> bool:
    """Read 1 or 0; yes, no, true and false are understood too.

    :raises CellError: for anything else.
    """
    answer = cell.strip().lower()
    if answer in YES:
        return True
    if answer in NO:
        return False
    raise CellError(NOT_YES_NO, value=cell.strip()[:40])


def choice_of(cell: str, choices: Sequence[tuple[str, str]]) -> str:
    """Read one of ``choices`` by its number from 0, as Magento writes it, or by its code name.

    :raises CellError: for anything else, naming the numbers.
    """
    text = cell.strip()
    for number, (name, _label) in enumerate(choices):
        if text == str(number) or text.upper() == name:
            return name
    offered = ", ".join(f"{number} ({label})" for number, (_name, label) in enumerate(choices))
    raise CellError(NO_CHOICE, value=text[:40], choices=offered)


def date_of(cell: str) -> date:
    """Read a day in ISO form.

    :raises CellError: for any other form, or a day that is not in the calendar.
    """
    text = unescape(cell.strip())
    if not DATE.match(text):
        raise CellError(NO_DATE, value=text[:40])
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CellError(NO_DATE, value=text) from error

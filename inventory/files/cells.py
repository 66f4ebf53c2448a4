"""The cells of files: each value is read strictly, written so that reading returns it.

A spreadsheet runs a text that begins with ``=``, ``+``, ``-`` or ``@`` (or with what it strips
before one) as a formula. Such texts are written behind an apostrophe, which reading takes off
again; numbers are written as numbers.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from unicodedata import category

from core.currencies import amount_error, smallest_unit
from core.number_texts import POINTS, NumberSigns, plain_number, read_number
from core.quantities import MAX_QUANTITY, ZERO, format_quantity
from core.text import FaultError
from core.text import gettext_noop as _
from inventory.files.findings import RowProblem, problem_of, shortened
from inventory.files.sheet import FileRow
from inventory.files.usual_words import NO, OTHER_LABELS, USE_CONFIG, YES, folded
from inventory.options import OptionKind, StockOption

APOSTROPHE = "'"
RUN_AS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
SCIENTIFIC = re.compile(r"[+-]?\d{1,13}([.,]\d{1,20})?[eE][+-]?\d{1,2}\Z", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
CURRENCY_CODE = re.compile(
    r"([A-Z]{3}|kr\.?)\s?[\d.,+-]+\Z|[\d.,+-]+\s?([A-Z]{3}|kr\.?)\Z", re.ASCII
)
CURRENCY_SIGN = "Sc"
NUMBERS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
ZERO_DIGITS = re.compile(r"[+-]?0+([.,]0*)?\Z", re.ASCII)
# Zeros after the decimals, or all of them: 4.2000 is 4.20.
ZEROS_AT_THE_END = re.compile(r"\A([+-]?\d+\.\d*?)0+\Z", re.ASCII)

EMPTY = _("A value is needed here.")
CONTROL_CHARACTERS = _("Use no control characters, such as tabs and line breaks.")
TOO_LONG = _("The text has %(length)s characters; at most %(limit)s fit.")
WRITE_PLAIN = _("“%(value)s” is in scientific form; write %(plain)s.")
TOO_SMALL = _("“%(value)s” is too small. Write %(minimum)s or more.")
BELOW_0 = _(
    "“%(value)s” is below 0. A quantity on hand is never negative: write 0. Backordered "
    "units belong to their orders, so import those orders too."
)
HAS_CURRENCY = _("“%(value)s” has a currency in it; write the amount alone, such as %(example)s.")
NOT_YES_NO = _("“%(value)s” is neither 1 (yes) nor 0 (no).")
NO_CHOICE = _("“%(value)s” is not one of the choices: %(choices)s.")
NOT_WHOLE = _("“%(value)s” is not a whole number from %(least)s to %(most)s.")
NO_DATE = _("“%(value)s” is not a date in the form 2026-12-31.")

Value = str | Decimal | date | bool | int | None
UTF_8_MARK = "\ufeff"

STATUSES = (("OUT_OF_STOCK", _("Out of Stock")), ("IN_STOCK", _("In Stock")))
STATUS_CELLS = {name: str(number) for number, (name, _label) in enumerate(STATUSES)}
NO_STATUS = _("“%(value)s” is not a status. Write 1 for In Stock or 0 for Out of Stock.")


def escape(text: str) -> str:
    """Return ``text`` as a cell that no spreadsheet runs."""
    return APOSTROPHE + text if text[:1] in RUN_AS_FORMULA or _is_escaped(text) else text


def unescape(cell: str) -> str:
    """Return the text that :func:`escape` made ``cell`` from."""
    return cell[1:] if _is_escaped(cell) else cell


def _is_escaped(cell: str) -> bool:
    return cell[:1] == APOSTROPHE and cell[1:2] in RUN_AS_FORMULA | {APOSTROPHE}


def text_of(cell: str, *, limit: int) -> str:
    """Read a text of at most ``limit`` characters; may be empty.

    :raises FaultError: for control characters, or a text too long.
    """
    text = unescape(cell)
    if CONTROL.search(text):
        raise FaultError(CONTROL_CHARACTERS)
    if len(text) > limit:
        raise FaultError(TOO_LONG, length=len(text), limit=limit)
    return text


def code_of(cell: str, *, limit: int) -> str:
    """Read a code such as a SKU: a text that is not empty, without space at its ends.

    :raises FaultError: as :func:`text_of`, or for an empty cell.
    """
    code = text_of(cell.strip(), limit=limit).strip()
    if not code:
        raise FaultError(EMPTY)
    return code


def quantity_of(
    cell: str, *, minimum: Decimal | int | None = ZERO, signs: NumberSigns = POINTS
) -> Decimal:
    """Read an exact quantity of at least ``minimum``, by the signs of its file.

    :raises FaultError: for anything else, with what would be right.
    """
    text = unescape(cell.strip())
    _refuse_scientific(text, signs)
    quantity = read_number(text, signs)
    if minimum is not None and quantity < minimum:
        raise FaultError(TOO_SMALL, value=text[:40], minimum=format_quantity(Decimal(minimum)))
    return quantity


def _refuse_scientific(text: str, signs: NumberSigns) -> None:
    if SCIENTIFIC.match(text) and abs(number := Decimal(text.replace(",", "."))) <= MAX_QUANTITY:
        plain = signs.example(format_quantity(number))
        raise FaultError(WRITE_PLAIN, value=text, plain=plain)


def on_hand_of(cell: str, *, signs: NumberSigns = POINTS) -> Decimal:
    """Read a quantity on hand.

    :raises FaultError: as :func:`quantity_of`; for one below 0, with what becomes of units owed.
    """
    quantity = quantity_of(cell, minimum=None, signs=signs)
    if quantity < 0:
        raise FaultError(BELOW_0, value=cell.strip()[:40])
    return quantity


def whole_of(cell: str, *, least: int, most: int, signs: NumberSigns = POINTS) -> int:
    """Read a whole number from ``least`` to ``most``.

    :raises FaultError: for anything else.
    """
    number = quantity_of(cell, minimum=None, signs=signs)
    if number % 1 or not least <= number <= most:
        raise FaultError(NOT_WHOLE, value=cell.strip()[:40], least=str(least), most=str(most))
    return int(number)


def is_zero(cell: str) -> bool:
    """Whether the cell is a number, and that is 0."""
    return ZERO_DIGITS.match(unescape(cell.strip())) is not None


def amount_of(cell: str, *, signs: NumberSigns = POINTS) -> Decimal:
    """Read an amount of money, in whichever currency; zeros may follow it.

    :raises FaultError: for a currency in the cell, and as :func:`quantity_of`.
    """
    text = unescape(cell.strip())
    if CURRENCY_CODE.match(text) or any(category(char) == CURRENCY_SIGN for char in text):
        raise FaultError(HAS_CURRENCY, value=text[:40], example=signs.example("4.20"))
    _refuse_scientific(text, signs)
    plain = plain_number(text, signs)
    try:
        return quantity_of(ZEROS_AT_THE_END.sub(r"\1", plain))
    except FaultError as error:
        raise FaultError(error.message, **{**error.values, "value": text[:40]}) from error


def price_of(cell: str, *, currency: str, signs: NumberSigns = POINTS) -> Decimal:
    """Read an amount of money in whole smallest units of ``currency``.

    :raises FaultError: for a fraction of one, and as :func:`amount_of`.
    """
    price = amount_of(cell, signs=signs)
    if error := amount_error(price, currency):
        raise error
    return price.quantize(smallest_unit(currency))


def yes_no_of(cell: str) -> bool:
    """Read 1 or 0, or one of the usual words for yes and no.

    :raises FaultError: for anything else.
    """
    word = folded(unescape(cell.strip()))
    if word in YES:
        return True
    if word in NO:
        return False
    raise FaultError(NOT_YES_NO, value=cell.strip()[:40])


def choice_of(cell: str, choices: Sequence[tuple[str, str]], *, refusal: str = NO_CHOICE) -> str:
    """Read one of ``choices``: by its number from 0, as Magento writes it, its code name or its
    label; the usual words for no and yes are 0 and 1.

    :raises FaultError: for anything else, naming the numbers.
    """
    text = unescape(cell.strip())
    if text in NUMBERS[: len(choices)]:
        return choices[int(text)][0]
    word = folded(text)
    for name, label in choices:
        if word in (folded(name), folded(label), *OTHER_LABELS.get(name, ())):
            return name
    if word in NO:
        return choices[0][0]
    if word in YES:
        return choices[1][0]
    offered = ", ".join(f"{number} ({label})" for number, (_name, label) in enumerate(choices))
    raise FaultError(refusal, value=text[:40], choices=offered)


def date_of(cell: str) -> date:
    """Read a day in ISO form.

    :raises FaultError: for any other form, or a day that is not in the calendar.
    """
    text = unescape(cell.strip())
    with suppress(ValueError):
        if DATE.match(text):
            return date.fromisoformat(text)
    raise FaultError(NO_DATE, value=text[:40])


Cell = TypeVar("Cell")


class RowCells:
    """The cells of one row; a cell that cannot be read becomes a problem."""

    def __init__(self, row: FileRow) -> None:
        self.line = row.line
        self.cells = row.cells
        self.signs = row.signs
        self.problems: list[RowProblem] = []

    def has(self, column: str) -> bool:
        """Whether the file has the column, and the row a value in it."""
        return bool(self.cells.get(column, "").strip())

    def read(
        self, column: str, reader: Callable[..., Cell], *args: Any, **limits: Any
    ) -> Cell | None:
        """Return what ``reader`` makes of the cell; ``None`` where that is a problem."""
        try:
            return reader(self.cells.get(column, ""), *args, **limits)
        except FaultError as error:
            self.refuse(column, error)
            return None

    def read_if_given(
        self, column: str, reader: Callable[..., Cell], *args: Any, **limits: Any
    ) -> Cell | None:
        """Return what ``reader`` makes of the cell; ``None`` where it is empty, or a problem."""
        return self.read(column, reader, *args, **limits) if self.has(column) else None

    def read_number(
        self, column: str, reader: Callable[..., Cell], *args: Any, **limits: Any
    ) -> Cell | None:
        """Return what ``reader`` makes of the cell by the signs of the file's numbers."""
        return self.read(column, reader, *args, signs=self.signs, **limits)

    def read_number_if_given(
        self, column: str, reader: Callable[..., Cell], *args: Any, **limits: Any
    ) -> Cell | None:
        """Return the same; ``None`` where the cell is empty, or a problem."""
        return self.read_number(column, reader, *args, **limits) if self.has(column) else None

    def refuse(self, column: str, error: FaultError) -> None:
        """Note that the cell keeps the row from being imported."""
        cell = shortened(self.cells.get(column, ""))
        self.problems.append(problem_of(self.line, column, error, cell=cell))


Staged = Sequence[Any]


class _EchoFile:
    """A file whose writer gets back each line that it writes."""

    def write(self, text: str) -> str:
        return text


def lines(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """Yield the lines of a file, the header first, behind the mark that spreadsheets look for.

    Texts that a spreadsheet would run are escaped (:func:`inventory.files.cells.escape`).
    """
    writer = csv.writer(_EchoFile())
    yield UTF_8_MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow([cell_of(value) for value in row])


def cell_of(value: Value) -> str:
    """Return ``value`` as the cell that is read as the same value."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case Decimal():
            return format_quantity(value)
        case str():
            return escape(value)
        case _:
            return str(value)


def read_option(option: StockOption, cell: str, *, signs: NumberSigns = POINTS) -> Any:
    """Read an option's own value from a cell that is not empty.

    :raises core.text.FaultError: for what the option cannot hold, with
        what would be right.
    """
    match option.kind:
        case OptionKind.YES_NO:
            return yes_no_of(cell)
        case OptionKind.CHOICE:
            return choice_of(cell, option.choices)
        case _:
            minimum = None if option.minimum is None else Decimal(option.minimum)
            return quantity_of(cell, minimum=minimum, signs=signs)


def option_value(option: StockOption, value: Any) -> Value:
    """Return what of ``value`` is written to a file: the number of a choice, ``None`` is empty."""
    if value is not None and option.kind is OptionKind.CHOICE:
        return [name for name, _label in option.choices].index(value)
    written: Value = value
    return written


def option_cell(option: StockOption, value: Any) -> str:
    """Return the cell that :func:`read_option` reads ``value`` from."""
    return cell_of(option_value(option, value))


def uses_config(cell: str) -> bool:
    """Whether the cell says, in words, that its option follows the configuration."""
    return folded(unescape(cell.strip())) in USE_CONFIG


def read_status(cell: str) -> str:
    """Read the status of a source item: 1 is In Stock; its labels and words are read too.

    :raises core.text.FaultError: for anything else.
    """
    return choice_of(cell, STATUSES, refusal=NO_STATUS)

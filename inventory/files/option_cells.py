"""The values of stock options, and statuses, as cells: the table of options says how."""

from decimal import Decimal
from typing import Any

from core.text import gettext_noop as _
from inventory.files.cells import choice_of, quantity_of, unescape, yes_no_of
from inventory.files.usual_words import USE_CONFIG, folded
from inventory.files.writing import Value, cell_of
from inventory.options import OptionKind, StockOption

STATUSES = (("OUT_OF_STOCK", _("Out of Stock")), ("IN_STOCK", _("In Stock")))
STATUS_CELLS = {name: str(number) for number, (name, _label) in enumerate(STATUSES)}
NO_STATUS = _("“%(value)s” is no status: write 1 for In Stock or 0 for Out of Stock.")


def read_option(option: StockOption, cell: str) -> Any:
    """Read an option's own value from a cell that is not empty.

    :raises inventory.files.problems.CellError: for what the option cannot hold, with
        what would be right.
    """
    match option.kind:
        case OptionKind.YES_NO:
            return yes_no_of(cell)
        case OptionKind.CHOICE:
            return choice_of(cell, option.choices)
        case _:
            minimum = None if option.minimum is None else Decimal(option.minimum)
            return quantity_of(cell, minimum=minimum)


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

    :raises inventory.files.problems.CellError: for anything else.
    """
    return choice_of(cell, STATUSES, refusal=NO_STATUS)

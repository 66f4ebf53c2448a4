"""The columns of an order file, from rows to orders. PURE.

Rows with the same number are the lines of one order, in their sequence. What is said of the order
itself stands on its first row; on the others it is the same, or left empty.
"""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from core.number_texts import NumberSigns
from core.quantities import format_quantity
from core.text import FaultError
from core.text import gettext_noop as _
from inventory.files.cells import (
    RowCells,
    amount_of,
    cell_of,
    code_of,
    date_of,
    quantity_of,
    text_of,
    unescape,
    yes_no_of,
)
from inventory.files.findings import RowProblem, shortened
from inventory.files.usual_words import OTHER_LABELS, folded
from orders.placing.request import (
    PICKUP,
    SHIP_TO_HOME,
    Address,
    Customer,
    LineRequest,
    OrderRequest,
)
from orders.placing.validation import LONGEST_TEXTS

# It has no thousands, so either sign begins its decimals.
COORDINATE = re.compile(r"-?\d{1,3}([.,]\d{1,6})?\Z", re.ASCII)
LEAST = Decimal("0.0001")
# Replaces a quantity that could not be read, so that the rest of its order is checked.
ONE = Decimal(1)
LARGEST_PRIORITY = 1_000_000

NO_COORDINATE = _("“%(value)s” is not a coordinate. Write degrees with up to 6 decimals.")
NO_WHOLE = _("“%(value)s” is not a whole number up to 1,000,000.")
NO_METHOD = _("“%(value)s” is not a fulfillment method. Write SHIP_TO_HOME or PICKUP.")
NOT_YET = _("%(day)s is in the future. Write today or an earlier day.")
DIFFERS = _("The first row of this order, on line %(line)s, has “%(said)s”.")

METHODS = {
    word: name for name in (SHIP_TO_HOME, PICKUP) for word in (folded(name), *OTHER_LABELS[name])
}
# What a problem of an order is about, by the column that says it; others are called the same.
COLUMN_OF = {
    "customer/name": "customer_name",
    "customer/email": "customer_email",
    "customer/language": "customer_language",
    "placed_at": "placed_on",
}


TEXTS = {
    COLUMN_OF.get(path, path.rpartition("/")[2]): longest
    for path, longest in LONGEST_TEXTS.items()
    if path != "payment/token"
} | {"pickup_source": 64, "currency": 3}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A row as it is read; None or an empty text where it says nothing."""

    line: int
    number: str
    channel: str
    placed_on: date | None
    customer_name: str
    customer_email: str
    customer_language: str
    fulfillment_method: str
    pickup_source: str
    ship_complete: bool | None
    priority: int | None
    currency: str
    recipient: str
    street: str
    city: str
    region: str
    postcode: str
    country: str
    latitude: Decimal | None
    longitude: Decimal | None
    sku: str
    quantity: Decimal | None
    unit_price: Decimal | None
    discount: Decimal | None
    tax: Decimal | None


# Left out of the request where a file has no value: the default applies.
OPTIONAL = ("fulfillment_method", "pickup_source", "ship_complete", "priority", "currency")
OF_LINES = ("sku", "quantity", "unit_price", "discount", "tax")
COLUMNS = tuple(field.name for field in fields(OrderRow) if field.name != "line")
OF_ORDERS = tuple(name for name in COLUMNS if name not in OF_LINES)
KINDS = {
    "line": "integer",
    **dict.fromkeys(COLUMNS, "text"),
    "placed_on": "date",
    "ship_complete": "boolean",
    "priority": "integer",
    **dict.fromkeys(("latitude", "longitude", *OF_LINES[1:]), "numeric"),
}


def read_row(cells: RowCells) -> tuple[Any, ...]:
    """Return the values of a row in the order of :class:`OrderRow`; problems are on ``cells``."""

    optional, number = cells.read_if_given, cells.read_number_if_given

    texts = {name: cells.read(name, text_of, limit=limit) for name, limit in TEXTS.items()}
    values = {
        "line": cells.line,
        **texts,
        "fulfillment_method": optional("fulfillment_method", _method_of) or "",
        "number": cells.read("number", code_of, limit=32),
        "channel": cells.read("channel", text_of, limit=64),
        "placed_on": optional("placed_on", date_of),
        "ship_complete": optional("ship_complete", yes_no_of),
        "priority": number("priority", _whole_of),
        "latitude": optional("latitude", _coordinate_of),
        "longitude": optional("longitude", _coordinate_of),
        "sku": cells.read("sku", code_of, limit=64),
        "quantity": cells.read_number("quantity", quantity_of, minimum=LEAST),
        **{name: number(name, amount_of) for name in OF_LINES[2:]},
    }
    return tuple(values[field.name] for field in fields(OrderRow))


def row_from(staged: Sequence[Any]) -> OrderRow:
    """Return the row that :func:`read_row` staged; a text that could not be read is empty."""
    values: dict[str, Any] = {
        name: "" if value is None and kind == "text" else value
        for (name, kind), value in zip(KINDS.items(), staged, strict=True)
    }
    return OrderRow(**values)


@dataclass(frozen=True, slots=True)
class OrderOfFile:
    """The rows of one order, in their sequence."""

    rows: tuple[OrderRow, ...]

    @property
    def first(self) -> OrderRow:
        return self.rows[0]

    @property
    def number(self) -> str:
        return self.first.number

    def has_any_of(self, lines: Set[int]) -> bool:
        """Whether one of the rows is on one of ``lines``."""
        return any(row.line in lines for row in self.rows)

    def request(self, *, currency: str, language: str) -> OrderRequest:
        """Return what the rows ask for; the time of the order is the caller's to say.

        ``currency`` and ``language`` are those of orders which name none.
        """
        first = self.first
        said = {"currency": currency} | {
            name: getattr(first, name)
            for name in OPTIONAL
            if getattr(first, name) not in ("", None)
        }
        customer = Customer(
            first.customer_name, first.customer_email, first.customer_language or language
        )
        return OrderRequest(
            channel=first.channel,
            customer=customer,
            lines=tuple(
                LineRequest(
                    row.sku,
                    row.quantity if row.quantity is not None else ONE,
                    row.unit_price,
                    row.discount or Decimal("0.00"),
                    row.tax or Decimal("0.00"),
                )
                for row in self.rows
            ),
            address=Address(
                **{field.name: getattr(first, field.name) for field in fields(Address)}
            ),
            number=first.number,
            **said,
        )

    def differences(self, kept: "OrderOfFile") -> list[str]:
        """Return the columns in which an order that there is says something else.

        What these rows leave empty is not compared.
        """
        found = [
            name
            for name in OF_ORDERS
            if getattr(self.first, name) not in ("", None)
            and getattr(self.first, name) != getattr(kept.first, name)
        ]
        if len(self.rows) != len(kept.rows):
            return [*found, *OF_LINES[:2]]
        for name in OF_LINES:
            pairs = zip(self.rows, kept.rows, strict=True)
            said = [(getattr(mine, name), getattr(theirs, name)) for mine, theirs in pairs]
            if any(mine is not None and mine != theirs for mine, theirs in said):
                found.append(name)
        return found

    def problem(
        self, message: str, values: Mapping[str, object], *, path: str, number: int | None
    ) -> RowProblem:
        """Return what is wrong at ``path`` of the order, or of its line ``number``, as a problem
        of the row and the column that say it."""
        row = self.first if number is None else self.rows[number - 1]
        column = COLUMN_OF.get(path, path.rpartition("/")[2])
        said = cell_of(getattr(row, column)) if column in COLUMNS else ""
        plain = {
            gap: format_quantity(value) if isinstance(value, Decimal) else value
            for gap, value in values.items()
        }
        return RowProblem(row.line, column if column in COLUMNS else "", said, message, plain)


def orders_of(rows: Iterable[OrderRow]) -> list[OrderOfFile]:
    """Return the orders of a file's rows, in the sequence of their first rows."""
    found: dict[str, list[OrderRow]] = {}
    for row in rows:
        found.setdefault(row.number, []).append(row)
    return [OrderOfFile(tuple(of_order)) for of_order in found.values()]


def disagreements(order: OrderOfFile, *, today: date) -> list[RowProblem]:
    """Return where later rows say something else of the order than its first, and a day to come."""
    found = []
    first = order.first
    for row in order.rows[1:]:
        for name in OF_ORDERS:
            said = getattr(row, name)
            if said not in ("", None) and said != getattr(first, name):
                values = {"line": first.line, "said": shortened(cell_of(getattr(first, name)))}
                found.append(RowProblem(row.line, name, cell_of(said), DIFFERS, values))
    if first.placed_on is not None and first.placed_on > today:
        day = first.placed_on.isoformat()
        found.append(RowProblem(first.line, "placed_on", day, NOT_YET, {"day": day}))
    return found


def _method_of(cell: str) -> str:
    method = METHODS.get(folded(unescape(cell.strip())))
    if method is None:
        raise FaultError(NO_METHOD, value=cell.strip()[:40])
    return method


def _whole_of(cell: str, *, signs: NumberSigns) -> int:
    try:
        number = quantity_of(cell, minimum=None, signs=signs)
    except FaultError as error:
        raise FaultError(NO_WHOLE, value=cell.strip()[:40]) from error
    if number % 1 or abs(number) > LARGEST_PRIORITY:
        raise FaultError(NO_WHOLE, value=cell.strip()[:40])
    return int(number)


def _coordinate_of(cell: str) -> Decimal:
    if not COORDINATE.match(cell.strip()):
        raise FaultError(NO_COORDINATE, value=cell.strip()[:40])
    return Decimal(cell.strip().replace(",", "."))

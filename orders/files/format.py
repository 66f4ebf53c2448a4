"""The order file as the imports know it.

An import adds orders. One that is there already, and says the same, stays as it is, so what was
exported can be brought in again; one that says something else is refused.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone

from core.sql import fetch_rows
from core.text import gettext_noop as _
from inventory.files.cells import RowCells, Staged, Value, cell_of
from inventory.files.file_format import FileFormat
from inventory.files.findings import CellStep, ImportPlan, PlannedStep, RowProblem
from inventory.files.imports import ImportStateError
from inventory.files.staging import ImportRun
from inventory.models import ImportFile, ImportStep
from orders.files.order_rows import (
    COLUMNS,
    KINDS,
    OrderOfFile,
    OrderRow,
    disagreements,
    orders_of,
    read_row,
    row_from,
)
from orders.models import Order, OrderLine
from orders.placing.assessment import stored_country
from orders.placing.batch import PreviewedOrder, place_orders, preview_orders
from orders.placing.request import OrderRequest

Kind = ImportStep.Kind
MOST_ROWS = 10_000
NOON = time(12)
REQUIRED = ("number", "channel", "customer_name", "customer_email", "sku", "quantity")
STAGED = f"SELECT {', '.join(KINDS)} FROM staged_row ORDER BY line"  # noqa: S608 - constants
KEPT = {
    "number": "order__number",
    "channel": "order__channel__code",
    "placed_on": "order__placed_at",
    "pickup_source": "order__pickup_source__code",
}

KNOWN = _(
    "Order %(number)s already exists with other values in %(columns)s. A file adds "
    "orders and does not change them."
)
TAKEN = _("Another order has one of these numbers by now. Nothing was written.")


class Orders(FileFormat):
    """The format; a row is a line of an order."""

    columns = COLUMNS
    exported = COLUMNS
    staged = KINDS
    behaviors = {ImportFile.Behavior.APPEND.value: REQUIRED}
    group = "number"
    other_names = {
        "qty": "quantity",
        "order_number": "number",
        "email": "customer_email",
        "price": "unit_price",
        "zip": "postcode",
    }
    example = {
        "number": "1001",
        "channel": "default",
        "customer_name": "Ada",
        "customer_email": "ada@example.com",
        "fulfillment_method": "SHIP_TO_HOME",
        "recipient": "Ada",
        "street": "12 St James's Square",
        "city": "London",
        "postcode": "SW1Y 4JH",
        "country": "GB",
        "sku": "MUG",
        "quantity": "2",
        "unit_price": "9.50",
    }
    most_rows = MOST_ROWS

    def read(self, cells: RowCells, behavior: str) -> Staged:
        """Read a row; what its order says together is looked at later."""
        return read_row(cells)

    def plan(self, behavior: str, *, today: date, faulty: Set[int]) -> ImportPlan:
        """Return which orders would be placed, and how many of their units would wait."""
        found = _staged()
        new, problems = _sorted_out(found)
        differing = {order.number: disagreements(order, today=today) for order in found}
        problems += chain.from_iterable(differing.values())
        noon = datetime.combine(today, NOON, timezone.get_current_timezone())
        good = []
        for order in new:
            if differing[order.number] or order.has_any_of(faulty):
                # Looked at by itself, so that it takes no units from the others.
                outcome = preview_orders([_request(order, today=today)], now=noon)[0]
                problems += _refusals(order, outcome)
            else:
                good.append(order)
        previewed = preview_orders([_request(order, today=today) for order in good], now=noon)
        for order, outcome in zip(good, previewed, strict=True):
            problems += _refusals(order, outcome)
        return ImportPlan(
            new_count=sum(len(order.rows) for order in good),
            steps=_steps(good, previewed),
            problems=problems,
        )

    def stored(self, behavior: str, part: str) -> tuple[()]:
        """Return nothing: a file adds orders, and changes none."""
        return ()

    def write(self, behavior: str, run: ImportRun) -> tuple[str, ...]:
        """Place the orders that are new, one after the other.

        :raises inventory.files.imports.ImportStateError: when a number is taken meanwhile.
        """
        new, _problems = _sorted_out(_staged())
        requests = [_request(order, today=run.today) for order in new]
        try:
            place_orders(requests, run.act)
        except IntegrityError as error:
            raise ImportStateError(TAKEN) from error
        return ()

    def export(self, orders: QuerySet[Order]) -> Iterator[Sequence[Value]]:
        """Yield a row for each line of the orders, by the time they were placed."""
        lines = OrderLine.objects.in_force().filter(order__in=orders.order_by().values("pk"))
        for row in _rows(lines):
            yield [getattr(row, name) for name in COLUMNS]


def _staged() -> list[OrderOfFile]:
    """Return the staged orders; a row without a number is of none."""
    rows = (row_from(staged) for staged in fetch_rows(STAGED))
    return orders_of(
        replace(row, country=stored_country(row.country or "")) for row in rows if row.number
    )


def _sorted_out(found: Sequence[OrderOfFile]) -> tuple[list[OrderOfFile], list[RowProblem]]:
    """Return the orders that are new, and a problem for each that is there and differs."""
    numbers = [order.number for order in found]
    lines = OrderLine.objects.in_force().filter(order__number__in=numbers)
    kept = {order.number: order for order in orders_of(_rows(lines))}
    problems = []
    for order in found:
        if order.number in kept and (columns := order.differences(kept[order.number])):
            values = {"number": order.number, "columns": ", ".join(columns)}
            problems.append(order.problem(KNOWN, values, path="number", number=None))
    return [order for order in found if order.number not in kept], problems


def _request(order: OrderOfFile, *, today: date) -> OrderRequest:
    """Return the order's request; a day before today is its beginning there."""
    placed_on = order.first.placed_on
    request = order.request(currency=settings.SITE_CURRENCY, language=settings.LANGUAGE_CODE)
    if placed_on is None or placed_on >= today:
        return request
    zone = timezone.get_current_timezone()
    return replace(request, placed_at=datetime.combine(placed_on, time(0), zone))


def _rows(lines: QuerySet[OrderLine]) -> Iterator[OrderRow]:
    """Yield lines that there are as the rows that would say the same."""
    own = {"sku", "quantity", "unit_price", "discount", "tax"}
    paths = [KEPT.get(name, name if name in own else f"order__{name}") for name in COLUMNS]
    ordered = lines.order_by("order__placed_at", "order_id", "number").values_list(*paths)
    for values in ordered.iterator(chunk_size=2000):
        row: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
        row["placed_on"] = timezone.localtime(row["placed_on"]).date()
        row["pickup_source"] = row["pickup_source"] or ""
        yield OrderRow(line=0, **row)


def _refusals(order: OrderOfFile, outcome: PreviewedOrder) -> list[RowProblem]:
    return [
        order.problem(found.message, found.values, path=found.path, number=found.line)
        for found in outcome.problems
    ]


def _steps(
    new: Sequence[OrderOfFile], previewed: Sequence[PreviewedOrder]
) -> tuple[PlannedStep, ...]:
    """Return what becomes of the rows; of a refused order the problems say more."""
    steps: list[PlannedStep] = []
    for order, outcome in zip(new, previewed, strict=True):
        for row, backordered in zip(order.rows, outcome.backordered, strict=False):
            cells = (
                CellStep("quantity", "", cell_of(row.quantity)),
                CellStep("backordered", "", cell_of(backordered)),
            )
            steps.append(PlannedStep(row.line, f"{order.number}: {row.sku}", Kind.NEW, cells))
    return tuple(steps)

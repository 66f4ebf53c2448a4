"""The cells of the review as its table shows them.

They are written here and not by a template: a page has hundreds, and a template of its own for
each takes as long as all the rest of the page.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from core.formats import EMPTY, quantity, short_day
from fulfillment.admin.review.cell_texts import lines_of
from fulfillment.review.list_columns import COLUMN_LABELS
from fulfillment.review.review_rows import ReviewRow

# The youngest of each: more than these days.
AGES = ((30, "is-older"), (14, "is-month"), (7, "is-fortnight"))


class TableColumn(NamedTuple):
    """A column as each of its cells repeats it: its name, its classes, and its heading."""

    name: str
    classes: str
    label: str


def columns_shown(
    names: Sequence[str], *, figures: frozenset[str], facts: Sequence[str]
) -> list[TableColumn]:
    """Return the columns of a table; ``facts`` are shown by a card on a phone."""
    return [
        TableColumn(
            name,
            f"is-{name}{' is-figure' * (name in figures)}{' is-fact' * (name in facts)}",
            str(COLUMN_LABELS[name]),
        )
        for name in names
    ]


def cells_of(row: ReviewRow, columns: Sequence[TableColumn]) -> list[tuple[str, str, str]]:
    """Return the classes, the heading and the content of each cell of a row."""
    return [
        (column.classes, column.label, CELLS.get(column.name, _first)(row, _lines(row, column)))
        for column in columns
    ]


def _lines(row: ReviewRow, column: TableColumn) -> list[str]:
    return lines_of(row, column.name) or [EMPTY]


def _state(row: ReviewRow, lines: list[str]) -> SafeString:
    shipment = row.shipment
    classes = [shipment.state.lower(), *["held"] * shipment.is_held]
    badges = [
        format_html('<span class="list-badge is-{}">{}</span>', code, line)
        for code, line in zip(classes, lines, strict=False)
    ]
    if shipment.is_preorder:
        badges.append(format_html('<span class="list-badge">{}</span>', lines[-1]))
    return SafeString(" ".join(badges))


def _age(row: ReviewRow, lines: list[str]) -> SafeString:
    older = next((f" {code}" for days, code in AGES if (row.age_days or 0) > days), "")
    return format_html('<span class="review-age{}">{}</span>', older, lines[0])


def _expected(row: ReviewRow, lines: list[str]) -> SafeString:
    if not row.days_late:
        return format_html("<span>{}</span>", lines[0])
    return format_html(
        '<span class="review-{}">{} <small>{}</small></span>',
        "alarm" if row.is_very_late else "late",
        lines[0],
        gettext("late"),
    )


def _expires(row: ReviewRow, lines: list[str]) -> SafeString:
    if row.expires_soon:
        return format_html('<span class="review-alarm">{}</span>', lines[0])
    return format_html("<span>{}</span>", lines[0])


def _next_supply(row: ReviewRow, lines: list[str]) -> SafeString:
    supply = row.first_supply
    if supply is None:
        return _first(row, lines)
    on = gettext("no date") if supply.expected_on is None else short_day(supply.expected_on)
    text = f"{on} · {quantity(supply.quantity)} {supply.source}"
    return _one_line(text, lines, is_late=supply.is_overdue)


def _missing(row: ReviewRow, lines: list[str]) -> SafeString:
    name = row.missing[0].name if row.missing else ""
    return _one_line(lines[0], lines, name=name)


def _first(row: ReviewRow, lines: list[str]) -> SafeString:
    return _one_line(lines[0], lines)


def _one_line(text: str, lines: list[str], *, name: str = "", is_late: bool = False) -> SafeString:
    """Return ``text`` with how many more lines there are; the title names them all."""
    more = SafeString("")
    if len(lines) > 1:
        more = format_html(' <small class="review-more">+{}</small>', len(lines) - 1)
    if name:
        more += format_html(' <span class="review-name">{}</span>', name)
    return format_html(
        '<span class="list-line{}" title="{}">{}{}</span>',
        " review-late" if is_late else "",
        " · ".join(lines),
        text,
        more,
    )


CELLS: Mapping[str, Callable[[ReviewRow, list[str]], SafeString]] = {
    "state": _state,
    "age": _age,
    "expected": _expected,
    "expires": _expires,
    "next_supply": _next_supply,
    "missing": _missing,
}

"""The Northwind fixture files, their dates moved to the day of loading."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import groupby
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "northwind"
NOMINAL_LOADING_DATE = date(1998, 5, 7)
FIRST_OPEN_DATE = date(1998, 4, 1)
OPENING_HOUR = 9
# The language that customers of a country read, where it is none of English.
LANGUAGES = {"SE": "sv", "FR": "fr", "BE": "fr"}


@dataclass(frozen=True, slots=True)
class FixtureLine:
    sku: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class FixtureOrder:
    """An order of the files; ``columns`` are the customer's and the address's, by name."""

    number: str
    placed_on: date
    shipped_on: date | None
    position_of_day: int
    columns: dict[str, str]
    lines: tuple[FixtureLine, ...]

    @property
    def is_history(self) -> bool:
        return self.placed_on < FIRST_OPEN_DATE

    @property
    def language(self) -> str:
        """The language of the customer, among those of the site."""
        return LANGUAGES.get(self.columns["country"], "en")

    def placed_at(self, shift: timedelta, zone: tzinfo) -> datetime:
        """Return when it was placed, with dates moved by ``shift``; orders keep their sequence."""
        day = self.placed_on + shift
        opening = datetime(day.year, day.month, day.day, OPENING_HOUR, tzinfo=zone)
        return opening + timedelta(minutes=self.position_of_day)


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of one fixture file, by column."""
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def shift_to(today: date) -> timedelta:
    """Return the whole days that make the newest order date yesterday."""
    return today - NOMINAL_LOADING_DATE


def orders() -> Iterator[FixtureOrder]:
    """Yield every order in the sequence of date and number."""
    day, position = date.min, 0
    for number, group in groupby(rows_of("orders"), key=lambda row: row["number"]):
        rows = list(group)
        placed_on = date.fromisoformat(rows[0]["placed_on"])
        position = position + 1 if placed_on == day else 0
        day = placed_on
        shipped_on = rows[0]["shipped_on"]
        yield FixtureOrder(
            number=number,
            placed_on=placed_on,
            shipped_on=date.fromisoformat(shipped_on) if shipped_on else None,
            position_of_day=position,
            columns=rows[0],
            lines=tuple(
                FixtureLine(row["sku"], Decimal(row["quantity"]), Decimal(row["unit_price"]))
                for row in rows
            ),
        )

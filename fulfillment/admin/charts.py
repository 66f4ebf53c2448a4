"""Charts as bars on a grid of whole numbers, with the table that says the same in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

HEIGHT = 100
STEP = 100
GAP = 16


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as people read it, and the address of the list that it counts ("" for none).

    ``more`` are further numbers in the same place, such as the values in other currencies.
    """

    text: str
    link: str = ""
    more: tuple["Cell", ...] = ()

    @property
    def numbers(self) -> tuple["Cell", ...]:
        return (self, *self.more)


@dataclass(frozen=True, slots=True)
class Point:
    """One place on the axis: its name, a short one, and a value and a cell for each series."""

    label: str
    tick: str
    values: tuple[Decimal, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the drawing; ``series`` counts from 1, ``label`` is its tooltip."""

    x: int
    y: int
    width: int
    height: int
    series: int
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side at each point, one for each series.

    ``summary`` says in a sentence what there is to see; ``axis`` and ``columns`` head the table;
    ``top`` is the text of the highest value, ``limit`` the value that fills the height (the
    highest, if it is ``None``). ``caption`` says of which numbers in the table there is no list.
    """

    key: str
    title: str
    summary: str
    axis: str
    series: tuple[str, ...]
    columns: tuple[str, ...]
    points: Sequence[Point]
    top: str
    limit: Decimal | None = None
    caption: str = ""

    @property
    def width(self) -> int:
        return STEP * max(len(self.points), 1)

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def ticks(self) -> list[str]:
        return [point.tick for point in self.points if point.tick]

    @property
    def names_every_point(self) -> bool:
        return all(point.tick for point in self.points)

    @property
    def legend(self) -> list[tuple[int, str]]:
        return list(enumerate(self.series, start=1)) if len(self.series) > 1 else []

    @property
    def bars(self) -> list[Bar]:
        return list(self._bars())

    def _bars(self) -> Iterator[Bar]:
        limit = self.limit or max((max(point.values) for point in self.points), default=Decimal(0))
        if not limit:
            return
        width = (STEP - GAP) // len(self.series)
        for position, point in enumerate(self.points):
            for number, value in enumerate(point.values):
                # What is more than nothing is seen.
                height = max(int(value * HEIGHT / limit), 1 if value else 0)
                yield Bar(
                    x=position * STEP + GAP // 2 + number * width,
                    y=HEIGHT - height,
                    width=width,
                    height=height,
                    series=number + 1,
                    label=f"{point.label}: {point.cells[number].text}",
                )

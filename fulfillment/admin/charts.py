"""Charts as bars on a grid of whole numbers, with the table that says the same in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.formats import whole
from core.quantities import ZERO

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
    """Bars side by side at each point, one for each of its values.

    ``summary`` says in a sentence what there is to see. ``axis`` and ``columns`` head the table;
    where points have several values, ``columns`` name them. ``words`` writes the highest value.
    ``limit`` is the value that fills the height (the highest, if it is ``None``). ``caption`` says
    which numbers of the table have no list.
    """

    key: str
    title: str
    summary: str
    axis: str
    columns: tuple[str, ...]
    points: Sequence[Point]
    words: Callable[[Decimal], str] = whole
    limit: Decimal | None = None
    caption: str = ""
    height = HEIGHT

    @property
    def width(self) -> int:
        return STEP * max(len(self.points), 1)

    @property
    def top(self) -> str:
        """The value that fills the height, as people read it."""
        return self.words(self.limit or highest(self.points))

    @property
    def ticks(self) -> list[str]:
        return [point.tick for point in self.points if point.tick]

    @property
    def names_every_point(self) -> bool:
        return all(point.tick for point in self.points)

    @property
    def legend(self) -> list[tuple[int, str]]:
        has_several = any(len(point.values) > 1 for point in self.points)
        return list(enumerate(self.columns, start=1)) if has_several else []

    @property
    def bars(self) -> list[Bar]:
        limit = self.limit or highest(self.points)
        return [
            Bar(
                x=position * STEP + GAP // 2 + number * ((STEP - GAP) // len(point.values)),
                y=HEIGHT - height,
                width=(STEP - GAP) // len(point.values),
                height=height,
                series=number + 1,
                label=f"{point.label}: {point.cells[number].text}",
            )
            for position, point in enumerate(self.points if limit else ())
            for number, value in enumerate(point.values)
            # A value above zero is always visible.
            for height in [max(int(value * HEIGHT / limit), 1 if value else 0)]
        ]


def highest(points: Sequence[Point]) -> Decimal:
    """Return the highest value of all points."""
    return max((max(point.values) for point in points), default=ZERO)

"""Charts as bars on a grid of whole numbers, with the table that says the same in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.formats import labelled, whole
from core.quantities import ZERO

HEIGHT = 100
STEP = 100
GAP = 16
# Ends of an axis, in units of 1, 10, 100 and so on: halves of them are whole.
STEPS_OF_ONE = (2, 4, 6, 8, 10)
STEPS_OF_MORE = (Decimal("1.2"), Decimal("1.6"), 2, Decimal("2.4"), 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as people read it, and the address of the list that it counts ("" for none).

    ``more`` are further numbers of the same point, such as the values in other currencies.
    """

    text: str
    link: str = ""
    more: tuple["Cell", ...] = ()

    @property
    def numbers(self) -> tuple["Cell", ...]:
        return (self, *self.more)


@dataclass(frozen=True, slots=True)
class Point:
    """One point on the axis: its name, a short one, and a value and a cell for each series."""

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
    where points have several values, ``columns`` name them. ``words`` writes the values of the
    axis. ``limit`` is the value that fills the height (None: a round one above the highest).
    ``caption`` says which numbers of the table have no list.
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
    def ceiling(self) -> Decimal:
        """The value that fills the height; 0 where there is nothing to show."""
        return self.limit or round_above(highest(self.points))

    @property
    def scale(self) -> list[str]:
        """The values of the axis from the top, its half and 0, as people read them."""
        top = self.ceiling
        return [self.words(value) for value in ((top, top / 2, ZERO) if top else (ZERO,))]

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
        limit = self.ceiling
        return [
            Bar(
                x=position * STEP + GAP // 2 + number * ((STEP - GAP) // len(point.values)),
                y=HEIGHT - height,
                width=(STEP - GAP) // len(point.values),
                height=height,
                series=number + 1,
                label=labelled(point.label, point.cells[number].text),
            )
            for position, point in enumerate(self.points if limit else ())
            for number, value in enumerate(point.values)
            # A value above zero is always visible.
            for height in [max(int(value * HEIGHT / limit), 1 if value else 0)]
        ]


def round_above(value: Decimal) -> Decimal:
    """Return the first value that is easy to read, and whose half is, from ``value`` on."""
    if not value:
        return ZERO
    unit = Decimal(1)
    while True:
        for step in STEPS_OF_ONE if unit == 1 else STEPS_OF_MORE:
            if value <= step * unit:
                return step * unit
        unit *= 10


def highest(points: Sequence[Point]) -> Decimal:
    """Return the highest value of all points."""
    return max((max(point.values) for point in points), default=ZERO)

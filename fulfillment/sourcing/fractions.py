"""Fractions of order lines, where some source items of a product hold whole units only; PURE.

Units are whole ten-thousandths.

Rule: Qty Uses Decimals, §2.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.quantities import UNIT

Place = TypeVar("Place")
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Exchange(Generic[Place, Part]):
    """One more whole unit for ``line`` at ``place``, and the units given back for it, by part."""

    line: int
    place: Place
    given_back: Mapping[Part, int]


def fitting(
    units: int, source_id: int, product_id: int, with_decimals: Collection[tuple[int, int]]
) -> int:
    """Return how many of ``units`` may be taken: whole ones, or fractions where decimals are used.

    ``with_decimals`` are the (source, product) pairs that use decimals.
    """
    rest = units % UNIT
    return units - rest if rest and (source_id, product_id) not in with_decimals else units


def find_exchange(
    missing: Mapping[int, int],
    in_fractions: Mapping[int, Sequence[tuple[Part, int]]],
    whole_unit_for: Callable[[int], Place | None],
) -> Exchange[Place, Part] | None:
    """Return the exchange that covers the missing fraction of a line of one product, if any.

    2.3 of 2.5 units came from a source item with decimals; the other holds whole units and cannot
    give 0.2. It gives 1, and 0.8 of the 2.3 are given back. Where the line itself has too few to
    give back, another line of the product exchanges a whole unit.

    ``missing`` are units by line, ``in_fractions`` the parts of lines from source items with
    decimals, in the order in which they were taken. ``whole_unit_for`` returns where a line may
    take one more whole unit.
    """
    for short, units in missing.items():
        if not 0 < units < UNIT:
            continue
        for line in (short, *in_fractions):
            parts = in_fractions.get(line, ())
            given_back = _last_of(parts, UNIT - units if line == short else UNIT)
            place = whole_unit_for(line) if given_back else None
            if place is not None:
                return Exchange(line, place, given_back)
    return None


def _last_of(parts: Sequence[tuple[Part, int]], wanted: int) -> dict[Part, int]:
    """Return the last ``wanted`` units of ``parts``; nothing where there are fewer."""
    found: dict[Part, int] = {}
    left = wanted
    for part, units in reversed(parts):
        if left:
            found[part] = min(units, left)
            left -= found[part]
    return {} if left else found

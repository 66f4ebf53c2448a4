"""Fractions of order lines, where some source items of a product hold whole units only; PURE.

Units are Decimals at placement and whole ten-thousandths at release: ``one`` is one unit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

Units = TypeVar("Units", int, Decimal)
Place = TypeVar("Place")
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Exchange(Generic[Place, Part, Units]):
    """One whole unit more for ``line`` at ``place``, and what it gives back for it, by part."""

    line: int
    place: Place
    given_back: Mapping[Part, Units]


def find_exchange(
    missing: Mapping[int, Units],
    in_fractions: Mapping[int, Sequence[tuple[Part, Units]]],
    whole_unit_for: Callable[[int], Place | None],
    one: Units,
) -> Exchange[Place, Part, Units] | None:
    """Return the exchange that lets a line of one product have the fraction that it lacks, if any.

    2.3 of 2.5 units were given by a source item that uses decimals; the other holds whole units
    and cannot give 0.2. It gives 1, and 0.8 of the 2.3 are given back. Where the line itself has
    too few to give back, another line of the product exchanges a whole unit.

    ``missing`` are units by line, ``in_fractions`` the parts that lines have from source items
    that use decimals, in the order in which they were given. ``whole_unit_for`` says where a line
    may have one whole unit more.

    Rule: Qty Uses Decimals, §2.
    """
    for lacking, units in missing.items():
        if not 0 < units < one:
            continue
        for line in (lacking, *in_fractions):
            parts = in_fractions.get(line, ())
            given_back = _last_of(parts, one - units if line == lacking else one)
            place = whole_unit_for(line) if given_back else None
            if place is not None:
                return Exchange(line, place, given_back)
    return None


def _last_of(parts: Sequence[tuple[Part, Units]], wanted: Units) -> dict[Part, Units]:
    """Return the last units of ``parts``, ``wanted`` in all; nothing where there are fewer."""
    found: dict[Part, Units] = {}
    left = wanted
    for part, units in reversed(parts):
        if left:
            found[part] = min(units, left)
            left -= found[part]
    return {} if left else found

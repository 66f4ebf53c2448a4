"""The units that a source may give: eligible sources in order, fractions, spare units; PURE.

Units are whole ten-thousandths.

Rules: Choosing sources; Qty Uses Decimals, §2.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import asin, cos, inf, radians, sin, sqrt
from typing import Generic, NamedTuple, Protocol, TypeVar

from core.quantities import UNIT, ZERO
from inventory.options import SourceSelection
from inventory.salability import LinkedSource, SalableItem

# Latitude and longitude, in degrees.
Destination = tuple[Decimal, Decimal] | tuple[float, float]

EARTH_RADIUS_KM = 6371.0


class SourceCoordinates(Protocol):
    """A source, as far as an algorithm looks at it; coordinates in degrees, None if unknown."""

    @property
    def latitude(self) -> Decimal | float | None: ...
    @property
    def longitude(self) -> Decimal | float | None: ...


class Algorithm(Protocol):
    """Ranks sources that a shipment may leave from."""

    @property
    def uses_destination(self) -> bool:
        """Whether shipments to different destinations may try sources in different orders."""

    def rank(self, source: SourceCoordinates, destination: Destination | None) -> float:
        """Return a number by which sources are tried, the least first; equals by priority."""


class Priority:
    """The order that a stock gives its sources."""

    uses_destination = False

    def rank(self, source: SourceCoordinates, destination: Destination | None) -> float:
        return 0.0


class Distance:
    """The source nearest to the destination first."""

    uses_destination = True

    def rank(self, source: SourceCoordinates, destination: Destination | None) -> float:
        """Return the great circle in kilometres; infinite for a source without coordinates.

        Without a destination all are equal.
        """
        if destination is None:
            return 0.0
        if source.latitude is None or source.longitude is None:
            return inf
        here, there = radians(source.latitude), radians(destination[0])
        across = radians(float(destination[1]) - float(source.longitude))
        chord = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(across / 2) ** 2
        return 2 * EARTH_RADIUS_KM * asin(sqrt(min(chord, 1.0)))


ALGORITHMS: dict[SourceSelection, Algorithm] = {
    SourceSelection.PRIORITY: Priority(),
    SourceSelection.DISTANCE: Distance(),
}


class Ineligibility(StrEnum):
    """Why a source may not serve a shipment."""

    DISABLED = "DISABLED"
    NOT_LINKED = "NOT_LINKED"
    NOT_SHIPPING_HOME = "NOT_SHIPPING_HOME"
    NOT_FOR_PICKUP = "NOT_FOR_PICKUP"
    BARRED = "BARRED"


class Candidate(SourceCoordinates, Protocol):
    """A source, as far as eligibility looks at it."""

    @property
    def source_id(self) -> int: ...
    @property
    def is_enabled(self) -> bool: ...
    @property
    def ships_to_home(self) -> bool: ...


Found = TypeVar("Found", bound=Candidate)


def ineligibilities(
    source: Candidate, *, pickup_source_id: int | None, is_linked: bool = True
) -> list[Ineligibility]:
    """Return every reason why a source may not serve a shipment; none: it is eligible.

    ``pickup_source_id`` is None for ship to home. Bars hold for single products and are not
    considered.
    """
    found = []
    if not source.is_enabled:
        found.append(Ineligibility.DISABLED)
    if not is_linked:
        found.append(Ineligibility.NOT_LINKED)
    if pickup_source_id is None and not source.ships_to_home:
        found.append(Ineligibility.NOT_SHIPPING_HOME)
    if pickup_source_id not in (None, source.source_id):
        found.append(Ineligibility.NOT_FOR_PICKUP)
    return found


def eligible(linked: Iterable[Found], *, pickup_source_id: int | None) -> list[Found]:
    """Return those of a stock's ``linked`` sources that may serve a shipment, in their order."""
    return [
        source
        for source in linked
        if not ineligibilities(source, pickup_source_id=pickup_source_id)
    ]


def in_order_of_choice(
    candidates: Iterable[Found],
    *,
    algorithm: SourceSelection,
    destination: Destination | None,
    last: Collection[int],
) -> list[Found]:
    """Return sources, which come by priority and code, in the order they are tried.

    ``destination`` is latitude and longitude; without one, and for sources without coordinates,
    priority decides. Sources in ``last``, where pickup shipments wait, are tried last.
    """
    rank = ALGORITHMS[algorithm].rank
    return sorted(
        candidates, key=lambda source: (source.source_id in last, rank(source, destination))
    )


Origin = TypeVar("Origin")
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Exchange(Generic[Origin, Part]):
    """A whole unit more for ``line`` from ``origin``, and the units given back for it, by part."""

    line: int
    origin: Origin
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
    whole_unit_for: Callable[[int], Origin | None],
) -> Exchange[Origin, Part] | None:
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
            origin = whole_unit_for(line) if given_back else None
            if origin is not None:
                return Exchange(line, origin, given_back)
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


class Queue(NamedTuple):
    """The shipments that wait for a product: pickup at a source, or (None) ship to home."""

    product_id: int
    pickup_source_id: int | None


@dataclass(frozen=True, slots=True)
class SpareUnits:
    """Units that may be given, by (source id, product id), and in all by product id.

    ``with_decimals`` are the (source id, product id) pairs that use decimals; all others give
    whole units only.
    """

    at_source: Mapping[tuple[int, int], Decimal]
    in_all: Mapping[int, Decimal]
    with_decimals: Collection[tuple[int, int]] = frozenset()


def available_units(
    items: Iterable[SalableItem],
    links: Iterable[LinkedSource],
    *,
    closed: Collection[int] = frozenset(),
) -> dict[tuple[int, int], Decimal]:
    """Return the available units of items In Stock at enabled sources, by (source, product).

    ``closed`` are products, by id, of which nothing may be given before their release date.
    """
    enabled = {link.source_id for link in links if link.is_enabled}
    return {
        (item.source_id, item.product_id): item.available
        for item in items
        if item.is_in_stock and item.source_id in enabled and item.product_id not in closed
    }


def all_of(
    available: Mapping[tuple[int, int], Decimal], with_decimals: Collection[tuple[int, int]]
) -> SpareUnits:
    """Return all that is ``available``, by (source id, product id), as spare."""
    in_all: dict[int, Decimal] = {}
    for (_source, product), units in available.items():
        in_all[product] = in_all.get(product, ZERO) + units
    return SpareUnits(available, in_all, with_decimals)


def spare_units(
    *,
    available: Mapping[tuple[int, int], Decimal],
    waiting: Mapping[Queue, Decimal],
    home_source_ids: Collection[int],
    pickup_source_id: int | None,
    with_decimals: Collection[tuple[int, int]] = frozenset(),
) -> SpareUnits:
    """Return the units of ``available``, by (source id, product id), left for a new order.

    ``waiting`` are the units that earlier shipments wait for, in the order's stock and in every
    stock that shares a source with it.

    Rule: No one is overtaken at placement.
    """
    at_source = {
        (source, product): max(ZERO, units - waiting.get(Queue(product, source), ZERO))
        for (source, product), units in available.items()
    }
    home: dict[int, Decimal] = {}
    for (source, product), units in at_source.items():
        home[product] = home.get(product, ZERO) + (units if source in home_source_ids else ZERO)
    spare_home = {
        product: max(ZERO, units - waiting.get(Queue(product, None), ZERO))
        for product, units in home.items()
    }
    if pickup_source_id is None:
        return SpareUnits(at_source, spare_home, with_decimals)
    there = {
        (source, product): units
        for (source, product), units in at_source.items()
        if source == pickup_source_id
    }
    if pickup_source_id in home_source_ids:
        return SpareUnits(there, spare_home, with_decimals)
    spare_there = {product: units for (_, product), units in there.items()}
    return SpareUnits(there, spare_there, with_decimals)

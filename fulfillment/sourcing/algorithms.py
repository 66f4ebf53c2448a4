"""The algorithms that rank the sources of an order or a shipment; PURE.

Rule: Choosing sources.
"""

from decimal import Decimal
from math import asin, cos, inf, radians, sin, sqrt
from typing import Protocol

from inventory.options import SourceSelection

# Latitude and longitude, in degrees.
Destination = tuple[Decimal, Decimal] | tuple[float, float]

EARTH_RADIUS_KM = 6371.0


class Located(Protocol):
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

    def rank(self, source: Located, destination: Destination | None) -> float:
        """Return a number by which sources are tried, the least first; equals by priority."""


class Priority:
    """The order that a stock gives its sources."""

    uses_destination = False

    def rank(self, source: Located, destination: Destination | None) -> float:
        return 0.0


class Distance:
    """The source nearest to the destination first."""

    uses_destination = True

    def rank(self, source: Located, destination: Destination | None) -> float:
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

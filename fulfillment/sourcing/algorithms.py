"""What an algorithm answers; PURE."""

from decimal import Decimal
from typing import Protocol

# Latitude and longitude, in degrees.
Destination = tuple[Decimal, Decimal] | tuple[float, float]


class Located(Protocol):
    """A source, as far as an algorithm looks at it; coordinates in degrees, None if unknown."""

    @property
    def latitude(self) -> Decimal | float | None: ...
    @property
    def longitude(self) -> Decimal | float | None: ...


class Algorithm(Protocol):
    """Ranks sources that a shipment may leave from."""

    @property
    def asks_where_to(self) -> bool:
        """Whether shipments to different destinations may try sources in different orders."""

    def rank(self, source: Located, destination: Destination | None) -> float:
        """Return a number by which sources are tried, the least first; equals by priority."""

"""Distance: the source nearest to the destination; PURE."""

from math import asin, cos, inf, radians, sin, sqrt

from fulfillment.sourcing.algorithms import Destination, Located

EARTH_RADIUS_KM = 6371.0


class Distance:
    asks_where_to = True

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

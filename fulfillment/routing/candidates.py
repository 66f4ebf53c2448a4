"""The order in which sources are tried; PURE."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

from inventory.options import SourceSelection
from inventory.selling import LinkedSource

EARTH_RADIUS_KM = 6371
FARTHEST = float("inf")


def in_order_of_choice(
    candidates: Iterable[LinkedSource],
    *,
    algorithm: str,
    destination: tuple[Decimal, Decimal] | None,
    last: Collection[int],
) -> list[LinkedSource]:
    """Return the sources in the order they are tried; equals by code.

    ``destination`` is latitude and longitude; without one, and for sources without coordinates,
    priority decides. Sources in ``last``, where pickup shipments wait, are tried last.

    Rule: Choosing sources.
    """

    def rank(source: LinkedSource) -> tuple[bool, float, int, str]:
        away = 0.0
        if algorithm == SourceSelection.DISTANCE and destination is not None:
            away = _distance(source, destination)
        return source.source_id in last, away, source.priority, source.code

    return sorted(candidates, key=rank)


def _distance(source: LinkedSource, destination: tuple[Decimal, Decimal]) -> float:
    """Return the great circle in kilometres; infinite for a source without coordinates."""
    if source.latitude is None or source.longitude is None:
        return FARTHEST
    here, there = radians(source.latitude), radians(destination[0])
    turn = radians(destination[1] - source.longitude)
    chord = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(turn / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(chord, 1.0)))

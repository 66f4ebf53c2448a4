"""Which sources serve an order or a shipment, and in which order they are tried; PURE.

Rule: Choosing sources.
"""

from fulfillment.sourcing.algorithms import Algorithm, Destination
from fulfillment.sourcing.distance import Distance
from fulfillment.sourcing.priority import Priority

ALGORITHMS: dict[str, Algorithm] = {
    "PRIORITY": Priority(),
    "DISTANCE": Distance(),
}

__all__ = ["ALGORITHMS", "Algorithm", "Destination"]

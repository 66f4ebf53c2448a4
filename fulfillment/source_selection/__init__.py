"""In which order sources are tried, beside their priority; PURE. One algorithm a file.

Rule: Choosing sources.
"""

from fulfillment.source_selection.algorithm import Algorithm, Destination
from fulfillment.source_selection.distance import Distance
from fulfillment.source_selection.priority import Priority

ALGORITHMS: dict[str, Algorithm] = {
    "PRIORITY": Priority(),
    "DISTANCE": Distance(),
}

__all__ = ["ALGORITHMS", "Algorithm", "Destination"]

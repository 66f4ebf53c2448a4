"""Which sources a shipment may draw on, and in which order they are tried; PURE."""

from math import asin, cos, inf, radians, sin, sqrt

from fulfillment.release.plan import QueuedShipment, SourceFacts, Supply

EARTH_RADIUS_KM = 6371.0


def candidates_for(shipment: QueuedShipment, supply: Supply, *, algorithm: str) -> list[int]:
    """Return source ids: the pickup source alone, or those that ship to home, in order.

    Enabled, linked to the order's stock and not barred; by priority, or by distance from the
    destination (sources without coordinates last, by priority), equals by code. Sources at which
    pickup shipments wait for one of the products are tried last.

    Rule: Choosing sources.
    """
    linked = [
        source_id
        for source_id in supply.links.get(shipment.stock_id, ())
        if _is_eligible(shipment, supply.sources[source_id])
    ]
    if shipment.pickup_source_id is not None or len(linked) < 2:
        return linked
    awaited = {
        source_id
        for source_id in linked
        for need in shipment.needs
        if (source_id, need.product_id) in supply.pickup_waiting
    }
    rank = {source_id: rank for rank, source_id in enumerate(linked)}
    if algorithm == "DISTANCE" and shipment.destination is not None:
        destination = shipment.destination

        def key(source_id: int) -> tuple[bool, float, int]:
            away = distance(supply.sources[source_id], destination)
            return source_id in awaited, away, rank[source_id]

        return sorted(linked, key=key)
    return sorted(linked, key=lambda source_id: (source_id in awaited, rank[source_id]))


def _is_eligible(shipment: QueuedShipment, source: SourceFacts) -> bool:
    if not source.is_enabled or source.id in shipment.barred:
        return False
    if shipment.pickup_source_id is not None:
        return source.id == shipment.pickup_source_id
    return source.ships_to_home


def distance(source: SourceFacts, destination: tuple[float, float]) -> float:
    """Return the great circle in kilometres; infinite for a source without coordinates."""
    if source.latitude is None or source.longitude is None:
        return inf
    here, there = radians(source.latitude), radians(destination[0])
    across = radians(destination[1] - source.longitude)
    chord = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(chord, 1.0)))

"""Which sources a shipment may draw on, and in which order they are tried; PURE."""

from fulfillment.release.planning.values import QueuedShipment, SourceFacts, Supply
from fulfillment.sourcing.algorithms import ALGORITHMS
from inventory.options import SourceSelection


def candidates_for(
    shipment: QueuedShipment, supply: Supply, *, algorithm: SourceSelection
) -> list[int]:
    """Return source ids: the pickup source alone, or those that ship to home, in order.

    Enabled and linked to the order's stock; by priority, or by distance from the
    destination (sources without coordinates last, by priority), equals by code. Sources at which
    pickup shipments wait for one of the products are tried last.

    Rule: Choosing sources.
    """
    return EligibleSources(supply, algorithm=algorithm).of(shipment)


class EligibleSources:
    """Answers :func:`candidates_for` for many shipments: most can draw on the same sources."""

    def __init__(self, supply: Supply, *, algorithm: SourceSelection) -> None:
        self._supply = supply
        self._algorithm = ALGORITHMS[algorithm]
        self._products_awaited = {product_id for _, product_id in supply.pickup_waiting}
        self._eligible: dict[tuple[int, int | None], list[int]] = {}

    def of(self, shipment: QueuedShipment) -> list[int]:
        """Return the sources of ``shipment``, in order; not to be changed."""
        eligible = self._eligible_for(shipment)
        if shipment.pickup_source_id is not None or len(eligible) < 2:
            return eligible
        in_order = (
            self._in_order(eligible, shipment) if self._algorithm.uses_destination else eligible
        )
        awaited = {
            source_id
            for need in shipment.needs
            if need.product_id in self._products_awaited
            for source_id in eligible
            if (source_id, need.product_id) in self._supply.pickup_waiting
        }
        if not awaited:
            return in_order
        return sorted(in_order, key=lambda source_id: source_id in awaited)

    def _in_order(self, eligible: list[int], shipment: QueuedShipment) -> list[int]:
        """Return sources by what the algorithm says; linked ones stay by priority where equal."""
        sources, destination = self._supply.sources, shipment.destination
        return sorted(eligible, key=lambda found: self._algorithm.rank(sources[found], destination))

    def _eligible_for(self, shipment: QueuedShipment) -> list[int]:
        key = shipment.stock_id, shipment.pickup_source_id
        if key not in self._eligible:
            self._eligible[key] = [
                source_id
                for source_id in self._supply.links.get(shipment.stock_id, ())
                if _is_eligible(shipment, self._supply.sources[source_id])
            ]
        return self._eligible[key]


def _is_eligible(shipment: QueuedShipment, source: SourceFacts) -> bool:
    if not source.is_enabled:
        return False
    if shipment.pickup_source_id is not None:
        return source.id == shipment.pickup_source_id
    return source.ships_to_home

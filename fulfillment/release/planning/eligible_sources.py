"""The sources that a shipment may draw on, in the order of choice; PURE.

Rule: Choosing sources.
"""

from fulfillment.release.planning.values import QueuedShipment, Supply
from fulfillment.sourcing.eligibility import ALGORITHMS, in_order_of_choice, ineligibilities
from inventory.options import SourceSelection


class EligibleSources:
    """Returns the eligible sources of many shipments: most have the same ones."""

    def __init__(self, supply: Supply, algorithm: SourceSelection) -> None:
        self._supply = supply
        self._algorithm = algorithm
        self._uses_destination = ALGORITHMS[algorithm].uses_destination
        self._awaited_products = {product_id for _, product_id in supply.pickup_waiting}
        self._eligible: dict[tuple[int, int | None], list[int]] = {}

    def of(self, shipment: QueuedShipment) -> list[int]:
        """Return source ids in the order of choice; not to be changed.

        Sources at which pickup shipments wait for one of the products are tried last.
        """
        found = self._eligible_for(shipment)
        if shipment.pickup_source_id is not None or len(found) < 2:
            return found
        last = {
            source_id
            for need in shipment.needs
            if need.product_id in self._awaited_products
            for source_id in found
            if (source_id, need.product_id) in self._supply.pickup_waiting
        }
        if not last and not self._uses_destination:
            return found
        in_order = in_order_of_choice(
            [self._supply.sources[source_id] for source_id in found],
            algorithm=self._algorithm,
            destination=shipment.destination,
            last=last,
        )
        return [source.source_id for source in in_order]

    def _eligible_for(self, shipment: QueuedShipment) -> list[int]:
        key = shipment.stock_id, shipment.pickup_source_id
        if key not in self._eligible:
            sources, pickup_source_id = self._supply.sources, shipment.pickup_source_id
            self._eligible[key] = [
                source_id
                for source_id in self._supply.links.get(shipment.stock_id, ())
                if not ineligibilities(sources[source_id], pickup_source_id=pickup_source_id)
            ]
        return self._eligible[key]

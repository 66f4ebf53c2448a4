"""The units of a shipment's products at each source, with why they may not go; PURE."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from core.quantities import format_quantity, quantity_of
from fulfillment.release.planning.values import QueuedShipment, SourceItemFacts, Supply
from fulfillment.sourcing.eligibility import Ineligibility, ineligibilities
from fulfillment.sourcing.needs import units_by_product

OUT_OF_STOCK, SAFETY_STOCK = "OUT_OF_STOCK", "SAFETY_STOCK"
BEFORE_RELEASE_DATE = "BEFORE_RELEASE_DATE"


@dataclass(frozen=True, slots=True)
class UnitsAtSource:
    """Units on hand and set aside for nobody; ``causes`` are why they may not go, if anything.

    ``safety_stock`` are those of them that the source keeps back. Units are ten-thousandths.
    """

    product_id: int
    source_id: int
    units: int
    safety_stock: int
    causes: tuple[str, ...]

    def as_json(self, supply: Supply) -> dict[str, object]:
        """Return the units with SKU and source code."""
        return {
            "sku": supply.products[self.product_id].sku,
            "source": supply.sources[self.source_id].code,
            "quantity": format_quantity(quantity_of(self.units)),
            "safety_stock": format_quantity(quantity_of(self.safety_stock)),
            "causes": list(self.causes),
        }


def units_at_sources(shipment: QueuedShipment, supply: Supply, today: date) -> list[UnitsAtSource]:
    """Return the units of each product that ``shipment`` needs, where there are any.

    Rule: Why a shipment waits.
    """
    wanted = units_by_product(shipment.needs)
    linked = supply.links.get(shipment.stock_id, ())
    before = dict.fromkeys(supply.before_release(today), (BEFORE_RELEASE_DATE,))
    return [
        UnitsAtSource(
            item.product_id,
            item.source_id,
            item.unallocated,
            min(max(item.safety_stock, 0), item.unallocated),
            (*_causes(item, shipment, supply, linked), *before.get(item.product_id, ())),
        )
        for item in supply.items
        if item.product_id in wanted and item.unallocated > 0
    ]


def _causes(
    item: SourceItemFacts, shipment: QueuedShipment, supply: Supply, linked: Sequence[int]
) -> Iterator[str]:
    source = supply.sources[item.source_id]
    yield from ineligibilities(
        source,
        pickup_source_id=shipment.pickup_source_id,
        is_linked=item.source_id in linked,
    )
    if (item.source_id, item.product_id) in shipment.barred:
        yield Ineligibility.BARRED
    if not item.is_in_stock:
        yield OUT_OF_STOCK
    elif item.available == 0:
        yield SAFETY_STOCK

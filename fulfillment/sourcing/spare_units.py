"""The units that a new order may be given without overtaking shipments that wait; PURE."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from core.quantities import ZERO
from inventory.selling import LinkedSource, SalableItem


class Queue(NamedTuple):
    """The shipments that wait for a product: pickup at a source, or (None) ship to home."""

    product_id: int
    pickup_source_id: int | None


@dataclass(frozen=True, slots=True)
class SpareUnits:
    """Units that may be given, by (source id, product id), and in all by product id.

    ``with_decimals`` are the (source id, product id) pairs that use decimals; all others give
    whole units only.
    """

    at_source: Mapping[tuple[int, int], Decimal]
    in_all: Mapping[int, Decimal]
    with_decimals: Collection[tuple[int, int]] = frozenset()


def available_units(
    items: Iterable[SalableItem], links: Iterable[LinkedSource]
) -> dict[tuple[int, int], Decimal]:
    """Return the available units of items In Stock at enabled sources, by (source, product)."""
    enabled = {link.source_id for link in links if link.is_enabled}
    return {
        (item.source_id, item.product_id): item.available
        for item in items
        if item.is_in_stock and item.source_id in enabled
    }


def all_of(
    available: Mapping[tuple[int, int], Decimal], with_decimals: Collection[tuple[int, int]]
) -> SpareUnits:
    """Return all that is ``available``, by (source id, product id), as spare."""
    in_all: dict[int, Decimal] = {}
    for (_source, product), units in available.items():
        in_all[product] = in_all.get(product, ZERO) + units
    return SpareUnits(available, in_all, with_decimals)


def spare_units(
    *,
    available: Mapping[tuple[int, int], Decimal],
    waiting: Mapping[Queue, Decimal],
    home_source_ids: Collection[int],
    pickup_source_id: int | None,
    with_decimals: Collection[tuple[int, int]] = frozenset(),
) -> SpareUnits:
    """Return the units of ``available``, by (source id, product id), left for a new order.

    ``waiting`` are the units that earlier shipments wait for, in the order's stock and in every
    stock that shares a source with it.

    Rule: No one is overtaken at placement.
    """
    at_source = {
        (source, product): max(ZERO, units - waiting.get(Queue(product, source), ZERO))
        for (source, product), units in available.items()
    }
    home: dict[int, Decimal] = {}
    for (source, product), units in at_source.items():
        home[product] = home.get(product, ZERO) + (units if source in home_source_ids else ZERO)
    spare_home = {
        product: max(ZERO, units - waiting.get(Queue(product, None), ZERO))
        for product, units in home.items()
    }
    if pickup_source_id is None:
        return SpareUnits(at_source, spare_home, with_decimals)
    there = {key: units for key, units in at_source.items() if key[0] == pickup_source_id}
    if pickup_source_id in home_source_ids:
        return SpareUnits(there, spare_home, with_decimals)
    spare_there = {product: units for (_, product), units in there.items()}
    return SpareUnits(there, spare_there, with_decimals)

"""What a new order may be given without overtaking those who wait; PURE."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SpareUnits:
    """Units a new order may be given, by (source id, product id), and in all by product id.

    ``with_decimals`` names the places that give fractions of a unit too; all others give whole
    units only.
    """

    at_source: Mapping[tuple[int, int], Decimal]
    in_all: Mapping[int, Decimal]
    with_decimals: Collection[tuple[int, int]] = frozenset()


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
    waiting: Mapping[tuple[int, int | None], Decimal],
    home_source_ids: Collection[int],
    pickup_source_id: int | None,
    with_decimals: Collection[tuple[int, int]] = frozenset(),
) -> SpareUnits:
    """Return what is left of ``available``, by (source id, product id), for a new order.

    ``waiting`` are the units that earlier shipments wait for, by (product id, pickup source id;
    None = sent to homes), in the order's stock and in every stock that shares a source with it.

    Rule: No one is overtaken at placement.
    """
    at_source = {
        (source, product): max(ZERO, units - waiting.get((product, source), ZERO))
        for (source, product), units in available.items()
    }
    home: dict[int, Decimal] = {}
    for (source, product), units in at_source.items():
        home[product] = home.get(product, ZERO) + (units if source in home_source_ids else ZERO)
    spare_home = {
        product: max(ZERO, units - waiting.get((product, None), ZERO))
        for product, units in home.items()
    }
    if pickup_source_id is None:
        return SpareUnits(at_source, spare_home, with_decimals)
    there = {key: units for key, units in at_source.items() if key[0] == pickup_source_id}
    if pickup_source_id in home_source_ids:
        return SpareUnits(there, spare_home, with_decimals)
    spare_there = {product: units for (_, product), units in there.items()}
    return SpareUnits(there, spare_there, with_decimals)

"""What a new order may be given without overtaking those who wait; PURE."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spare:
    """Units a new order may be given, by (source id, product id), and in all by product id."""

    at_source: Mapping[tuple[int, int], Decimal]
    in_all: Mapping[int, Decimal]


def spare_units(
    *,
    available: Mapping[tuple[int, int], Decimal],
    waiting: Mapping[tuple[int, int | None], Decimal],
    home_source_ids: Collection[int],
    pickup_source_id: int | None,
) -> Spare:
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
        return Spare(at_source, spare_home)
    there = {key: units for key, units in at_source.items() if key[0] == pickup_source_id}
    if pickup_source_id in home_source_ids:
        return Spare(there, spare_home)
    return Spare(there, {product: units for (_, product), units in there.items()})

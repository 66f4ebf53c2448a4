"""The units of a plan that are kept for earlier shipments; PURE."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from fulfillment.release.planning.values import Decision
from fulfillment.sourcing.needs import LinePart


class KeptUnits:
    """Units kept for earlier shipments: by (product, source), and by record of future supply."""

    def __init__(self) -> None:
        self._current: Counter[tuple[int, int]] = Counter()
        self._dated: Counter[int] = Counter()

    def keep(self, parts: Iterable[LinePart]) -> None:
        """Keep the units of ``parts``."""
        for part in parts:
            if part.future_id is None:
                self._current[part.product_id, part.source_id] += part.units
            else:
                self._dated[part.future_id] += part.units

    def keep_decision(self, decision: Decision) -> None:
        """Keep the units that a decision allocates beyond those that its shipment holds."""
        shipment = decision.shipment
        for child in decision.children:
            held = Counter(shipment.received if child.source_id == shipment.source_id else {})
            for part in child.parts:
                if part.future_id is None and held[part.product_id]:
                    own = min(held[part.product_id], part.units)
                    held[part.product_id] -= own
                    part = part._replace(units=part.units - own)
                self.keep([part])

    def copy(self) -> "KeptUnits":
        """Return the same units, to go back to."""
        same = KeptUnits()
        same._current, same._dated = self._current.copy(), self._dated.copy()
        return same

    def less_current(self, units: Mapping[tuple[int, int], int]) -> Mapping[tuple[int, int], int]:
        """Return ``units``, by (product, source), less the kept ones; they may be below zero."""
        if not self._current:
            return units
        return {key: count - self._current[key] for key, count in units.items()}

    def less_dated(
        self, promisable: Mapping[int, tuple[int, date | None]]
    ) -> Mapping[int, tuple[int, date | None]]:
        """Return ``promisable``, units and date by record, less the kept units."""
        if not self._dated:
            return promisable
        return {
            record: (count - self._dated[record], expected_on)
            for record, (count, expected_on) in promisable.items()
        }

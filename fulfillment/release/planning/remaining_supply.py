"""The book of a plan: units that are left, kept for others, needed; PURE."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from core.quantities import UNIT
from fulfillment.release.planning.values import Decision, LinePart, Need, ReleaseSettings, Supply


class FutureRecord:
    """The units left to promise of one record of future supply."""

    __slots__ = ("expected_on", "future_id", "source_id", "units")

    def __init__(self, future_id: int, source_id: int, expected_on: date, units: int) -> None:
        self.future_id = future_id
        self.source_id = source_id
        self.expected_on = expected_on
        self.units = units


class RemainingSupply:
    """Units left, by product and source, and by record of future supply.

    ``current`` holds the available units of items In Stock at enabled sources; which of them
    are eligible differs by shipment. ``future`` holds records in force, dated and within the
    limit, in the order date, id.
    """

    def __init__(self, supply: Supply, settings: ReleaseSettings, today: date) -> None:
        self.with_decimals = supply.with_decimals
        self.current: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for item in supply.items:
            is_open = item.is_in_stock and supply.sources[item.source_id].is_enabled
            if is_open and (available := item.available):
                self.current[item.product_id][item.source_id] = available
        self.future: defaultdict[int, list[FutureRecord]] = defaultdict(list)
        for record in sorted(
            supply.future,
            key=lambda facts: (facts.expected_on is None, facts.expected_on, facts.id),
        ):
            if (
                record.units > 0
                and record.expected_on is not None
                and today <= record.expected_on <= settings.horizon
                and supply.sources[record.source_id].is_enabled
                and _in_force(supply, settings, record.product_id)
            ):
                self.future[record.product_id].append(
                    FutureRecord(record.id, record.source_id, record.expected_on, record.units)
                )

    def is_short_of(self, needs: Iterable[Need], source_ids: Collection[int]) -> bool:
        """Return whether less than one of ``needs`` is left at these sources, current and dated."""
        return any(self._left(need.product_id, source_ids)[1] < need.units for need in needs)

    def obtainable(
        self, product_id: int, source_ids: Collection[int], whole: int | None = None
    ) -> tuple[int, int]:
        """Return the units left of a product at these sources: current, and with dated ones.

        Where fractions are needed, at most ``whole`` units of source items without decimals count.
        """
        if whole is None:
            return self._left(product_id, source_ids)
        at_source = self.current.get(product_id, {})
        now = [(source, at_source.get(source, 0)) for source in source_ids]
        dated = [
            (record.source_id, record.units)
            for record in self.future.get(product_id, ())
            if record.source_id in source_ids
        ]
        return (
            self._obtainable(product_id, now, whole),
            self._obtainable(product_id, [*now, *dated], whole),
        )

    def _left(self, product_id: int, source_ids: Collection[int]) -> tuple[int, int]:
        at_source = self.current.get(product_id, {})
        now = sum(at_source.get(source_id, 0) for source_id in source_ids)
        records = self.future.get(product_id, ())
        return now, now + sum(record.units for record in records if record.source_id in source_ids)

    def _obtainable(self, product_id: int, units_at: Iterable[tuple[int, int]], whole: int) -> int:
        in_fractions = in_whole = 0
        for source_id, units in units_at:
            if (source_id, product_id) in self.with_decimals:
                in_fractions += units
            else:
                in_whole += units - units % UNIT
        return in_fractions + min(in_whole, whole)

    def allocate(self, parts: Iterable[LinePart]) -> None:
        """Take the units of ``parts`` off."""
        for part in parts:
            if part.future_id is None:
                self.current[part.product_id][part.source_id] -= part.units
            else:
                for record in self.future[part.product_id]:
                    if record.future_id == part.future_id:
                        record.units -= part.units

    @contextmanager
    def without(self, barred: Collection[tuple[int, int]]) -> Iterator[None]:
        """Leave out these (source, product) pairs while the context lasts, current and dated."""
        kept: list[tuple[dict[int, int], int, int]] = []
        records: list[tuple[FutureRecord, int]] = []
        for source_id, product_id in barred:
            at_source = self.current.get(product_id, {})
            if units := at_source.get(source_id, 0):
                kept.append((at_source, source_id, units))
                at_source[source_id] = 0
            for record in self.future.get(product_id, ()):
                if record.source_id == source_id:
                    records.append((record, record.units))
                    record.units = 0
        try:
            yield
        finally:
            for at_source, source_id, units in kept:
                at_source[source_id] += units
            for record, units in records:
                record.units += units

    def deallocate(self, parts: Iterable[LinePart]) -> None:
        """Undo :meth:`allocate`."""
        self.allocate(
            LinePart(part.line_id, part.product_id, -part.units, part.source_id, part.future_id)
            for part in parts
        )

    def lower_current(
        self, units: Mapping[tuple[int, int], int], *, unknown: Collection[int] = ()
    ) -> None:
        """Leave no more than ``units``, by (product, source), of every product named.

        Never more than was left: units that arrived since were not offered to earlier shipments.
        Of the ``unknown`` products exactly ``units`` are left.
        """
        lowered: dict[int, dict[int, int]] = {}
        for (product_id, source_id), available in units.items():
            left = self.current.get(product_id, {}).get(source_id, 0)
            is_lower = available < left or product_id in unknown
            at_source = lowered.setdefault(product_id, {})
            at_source[source_id] = max(available, 0) if is_lower else left
        self.current.update(lowered)

    def lower_future(
        self,
        promisable: Mapping[int, tuple[int, date | None]],
        product_ids: Iterable[int],
        *,
        unknown: Collection[int] = (),
    ) -> None:
        """Leave no more than ``promisable``, units and date by record, of these products.

        A record whose date has changed promises nothing until the next run.
        """
        for product_id in product_ids:
            for record in self.future.get(product_id, ()):
                units, expected_on = promisable.get(record.future_id, (0, None))
                left = max(units if product_id in unknown else min(record.units, units), 0)
                record.units = left if expected_on == record.expected_on else 0


def _in_force(supply: Supply, settings: ReleaseSettings, product_id: int) -> bool:
    """Whether the site promises from future inventory and the product does not forbid it (§2)."""
    return settings.promises_from_future and supply.products[product_id].own_future is not False


def units_by_product(needs: Iterable[Need]) -> dict[int, int]:
    """Return the units that lines need, by product."""
    wanted: dict[int, int] = {}
    for need in needs:
        if need.is_reserving:
            wanted[need.product_id] = wanted.get(need.product_id, 0) + need.units
    return wanted


def summed(needs: Sequence[Need]) -> Sequence[Need]:
    """Return one need per product, with the id of its first line.

    A fraction of a line comes from source items with decimals, even where fractions of several
    lines add up to a whole unit: ``whole`` says how many units may come from other source items.

    Rule: Release, full and by quantity (§15).
    """
    lines: defaultdict[int, list[Need]] = defaultdict(list)
    for need in needs:
        lines[need.product_id].append(need)
    if len(lines) == len(needs):
        return needs
    return [_sum_of(same) for same in lines.values()]


def _sum_of(needs: Sequence[Need]) -> Need:
    if len(needs) == 1:
        return needs[0]
    units = sum(need.units for need in needs)
    whole = sum(need.units - need.units % UNIT for need in needs)
    return needs[0]._replace(units=units, whole=whole)


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
        return {place: count - self._current[place] for place, count in units.items()}

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

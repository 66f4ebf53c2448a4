"""The units that are left to allocate or to promise; PURE."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from core.quantities import UNIT
from fulfillment.sourcing.needs import LinePart, Need


class FutureRecord:
    """The units left to promise of one record of future supply.

    They come on ``supplied_on``, and can leave on ``expected_on``, a working day of their source.
    """

    __slots__ = ("expected_on", "future_id", "source_id", "supplied_on", "units")

    def __init__(
        self,
        future_id: int,
        source_id: int,
        expected_on: date,
        units: int,
        *,
        supplied_on: date | None = None,
    ) -> None:
        self.future_id = future_id
        self.source_id = source_id
        self.expected_on = expected_on
        self.units = units
        self.supplied_on = supplied_on or expected_on


class RemainingSupply:
    """Units left, by product and source, and by record of future supply.

    ``current`` holds the available units of items In Stock at enabled sources; which of them
    are eligible differs by shipment. ``future`` holds records in force, dated and within the
    limit, in the order date, id. Source items in ``with_decimals``, (source, product) pairs, give
    fractions too. Of the products ``in_all``, no more units than that may be given.
    """

    def __init__(
        self,
        current: defaultdict[int, dict[int, int]],
        future: Mapping[int, Sequence[FutureRecord]],
        with_decimals: Collection[tuple[int, int]],
        in_all: dict[int, int] | None = None,
    ) -> None:
        self.current = current
        self.future = future
        self.with_decimals = with_decimals
        self.in_all = in_all or {}

    def spare(self, product_id: int) -> Mapping[int, int]:
        """Return the current units that each source may give of a product."""
        at_source, most = self.current[product_id], self.in_all.get(product_id)
        if most is None:
            return at_source
        return {source_id: min(units, most) for source_id, units in at_source.items()}

    def coverable(self, needs: Sequence[Need]) -> Sequence[Need]:
        """Return the needs, in sequence, for which there are enough units in all."""
        if not self.in_all:
            return needs
        left = dict(self.in_all)
        found = []
        for need in needs:
            if need.units <= left[need.product_id]:
                left[need.product_id] -= need.units
                found.append(need)
        return found

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

    def records_in_order(self, product_id: int, rank: Mapping[int, int]) -> list[FutureRecord]:
        """Return the records with units left, in the order date, ``rank`` of its source, id."""
        return sorted(
            (
                record
                for record in self.future.get(product_id, ())
                if record.units > 0 and record.source_id in rank
            ),
            key=lambda record: (record.expected_on, rank[record.source_id], record.future_id),
        )

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
                if part.product_id in self.in_all:
                    self.in_all[part.product_id] -= part.units
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
                record.units = left if expected_on == record.supplied_on else 0

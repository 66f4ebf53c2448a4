"""The reasons why a shipment waits, by product, from which its expected date follows; PURE."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import accumulate

from core.quantities import UNIT, quantity_of
from fulfillment.release.planning.values import (
    FutureFacts,
    QueuedShipment,
    ReleaseSettings,
    Shortage,
    SourceItemFacts,
    Supply,
    WaitReason,
)
from fulfillment.sourcing.needs import LinePart
from fulfillment.sourcing.remaining_supply import RemainingSupply
from inventory.options import ReleaseMode

NAMED_SHIPMENTS = 5

# A shipment with its position in the plan.
NamedShipment = tuple[int, str]


class Explainer:
    """Notes which shipments units go to while a plan is made, and explains shortages."""

    def __init__(self, supply: Supply, settings: ReleaseSettings, today: date) -> None:
        self._supply = supply
        self._settings = settings
        self._today = today
        self._closed = supply.before_release(today)
        self._items: defaultdict[int, list[SourceItemFacts]] = defaultdict(list)
        for item in supply.items:
            self._items[item.product_id].append(item)
        self._future: defaultdict[int, list[FutureFacts]] = defaultdict(list)
        for record in sorted(supply.future, key=lambda facts: facts.id):
            self._future[record.product_id].append(record)
        # By product and source, the last shipments that took units and the first for which some
        # are kept: only these are named, however long the queue.
        self._takers: defaultdict[tuple[int, int], list[NamedShipment]] = defaultdict(list)
        self._keepers: defaultdict[tuple[int, int], list[NamedShipment]] = defaultdict(list)
        self._position = 0
        # Most shipments that wait for a product name the same ones: no units of it are left.
        self._last_named: dict[int, tuple[Sequence[int], list[str], list[str]]] = {}

    def refresh(
        self, promisable: Mapping[int, tuple[int, date | None]], product_ids: Iterable[int]
    ) -> None:
        """Continue with ``promisable``, units and date by record, of these products.

        A record that is over is left out. Units that were added since are left to the next run.
        """
        for product_id in product_ids:
            if records := self._future.get(product_id):
                self._future[product_id] = [
                    _as_now(record, *promisable[record.id])
                    for record in records
                    if record.id in promisable
                ]

    def note_allocated(self, shipment: QueuedShipment, parts: Iterable[LinePart]) -> None:
        """Note that these units were allocated to ``shipment``."""
        self._position += 1
        for product_id, source_id in {(part.product_id, part.source_id) for part in parts}:
            self._last_named.pop(product_id, None)
            takers = self._takers[product_id, source_id]
            takers.append((self._position, shipment.number))
            if len(takers) > NAMED_SHIPMENTS:
                del takers[0]

    def note_kept(self, shipment: QueuedShipment, parts: Iterable[LinePart]) -> None:
        """Note that these units are kept for ``shipment``."""
        self._position += 1
        for product_id, source_id in {(part.product_id, part.source_id) for part in parts}:
            self._last_named.pop(product_id, None)
            keepers = self._keepers[product_id, source_id]
            if len(keepers) < NAMED_SHIPMENTS:
                keepers.append((self._position, shipment.number))

    def explain(
        self,
        shipment: QueuedShipment,
        missing: Mapping[int, int],
        candidates: Sequence[int],
        remaining: RemainingSupply,
        *,
        is_every_choice_tried: bool,
    ) -> tuple[tuple[Shortage, ...], date | None]:
        """Return the shortages of ``shipment`` and the earliest date it could go, if one is known.

        ``missing`` are the units not covered, by line. A product of which enough is left is not
        short by itself, unless the limits stop the shipment, or, by line, the line.
        """
        wanted: defaultdict[int, int] = defaultdict(int)
        fractions: defaultdict[int, int] = defaultdict(int)
        for need in shipment.needs:
            if need.line_id in missing:
                wanted[need.product_id] += missing[need.line_id]
                fractions[need.product_id] += missing[need.line_id] % UNIT
        limits = {} if is_every_choice_tried else {"is_every_choice_tried": False}
        shortages = []
        is_short = False
        dates: list[date | None] = []
        for product_id in sorted(wanted):
            if release_on := self._closed.get(product_id):
                is_short = True
                dates.append(None)
                reasons = (WaitReason.BEFORE_RELEASE_DATE,)
                facts: dict[str, object] = {"release_on": release_on.isoformat()}
                shortages.append(Shortage(product_id, wanted[product_id], reasons, facts))
                continue
            sources = _open_to(shipment, product_id, candidates)
            rest = fractions[product_id]
            whole = wanted[product_id] - rest if rest else None
            now, with_dated = remaining.obtainable(product_id, sources, whole)
            if shipment.own_mode is not None:
                with_dated = now
            uncovered, short_by = wanted[product_id] - now, wanted[product_id] - with_dated
            coming = self._coming(product_id, sources, remaining) if uncovered > 0 else []
            if uncovered > 0:
                dates.append(_earliest(coming, uncovered))
            if short_by > 0:
                is_short = True
                facts = _part_coming(coming, uncovered, wanted[product_id])
                shortages.append(self._shortage(shipment, product_id, short_by, sources, facts))
            elif self._settings.mode_of(shipment) == ReleaseMode.BY_LINE:
                units = wanted[product_id]
                shortages.append(self._stopped(product_id, units, candidates, limits))
        if not is_short:
            shortages = [
                self._stopped(product_id, units, candidates, limits)
                for product_id, units in sorted(wanted.items())
            ]
            return tuple(shortages), None
        known = [day for day in dates if day is not None]
        return tuple(shortages), max(known) if len(known) == len(dates) else None

    def _stopped(
        self, product_id: int, units: int, candidates: Sequence[int], limits: Mapping[str, object]
    ) -> Shortage:
        """Return why a product waits although enough of it is left."""
        if not self._settings.limits.are_any:
            reason = WaitReason.NOT_ENOUGH_STOCK if candidates else WaitReason.SOURCE_NOT_ELIGIBLE
            return Shortage(product_id, units, (reason,), {})
        return Shortage(product_id, units, (WaitReason.SPLIT_LIMIT,), limits)

    def _shortage(
        self,
        shipment: QueuedShipment,
        product_id: int,
        short_by: int,
        candidates: Sequence[int],
        facts: dict[str, object],
    ) -> Shortage:
        eligible = set(candidates)
        items = self._items.get(product_id, [])
        at_hand = [item for item in items if item.source_id in eligible]
        takers, keepers = self._named_shipments(product_id, candidates)
        found: list[WaitReason] = []
        if not eligible and not shipment.barred:
            found.append(WaitReason.ROUTING_ERROR)
        elif takers:
            found.append(WaitReason.TAKEN_BY_EARLIER)
            facts["taken_by"] = takers
        elif not any(item.is_in_stock and item.unallocated > item.safety_stock for item in at_hand):
            found.append(WaitReason.NO_STOCK)
        if keepers:
            found.append(WaitReason.WAITING_BEHIND)
            facts["kept_for"] = keepers
        if not found:
            found.append(WaitReason.NOT_ENOUGH_STOCK)
        self._closed_units(at_hand, found, facts)
        self._units_elsewhere(shipment, items, eligible, found, facts)
        self._future_reasons(product_id, eligible, found, facts)
        return Shortage(product_id, short_by, tuple(found), facts)

    def _named_shipments(
        self, product_id: int, candidates: Sequence[int]
    ) -> tuple[list[str], list[str]]:
        """Return the last shipments that took units here, and the first for which some are kept."""
        last = self._last_named.get(product_id)
        if last is None or last[0] != candidates:
            takers = _names_at(self._takers, product_id, candidates)[-NAMED_SHIPMENTS:]
            keepers = _names_at(self._keepers, product_id, candidates)[:NAMED_SHIPMENTS]
            last = self._last_named[product_id] = (candidates, takers, keepers)
        return last[1], last[2]

    def _closed_units(
        self, items: list[SourceItemFacts], found: list[WaitReason], facts: dict[str, object]
    ) -> None:
        closed = [item for item in items if not item.is_in_stock and item.unallocated > 0]
        if closed:
            found.append(WaitReason.ITEM_OUT_OF_STOCK)
            facts["out_of_stock_at"] = self._codes(closed)
        kept_back = [
            item
            for item in items
            if item.is_in_stock and min(item.safety_stock, item.unallocated) > 0
        ]
        if kept_back:
            found.append(WaitReason.SAFETY_STOCK)
            facts["safety_stock_at"] = self._codes(kept_back)

    def _units_elsewhere(
        self,
        shipment: QueuedShipment,
        items: list[SourceItemFacts],
        eligible: set[int],
        found: list[WaitReason],
        facts: dict[str, object],
    ) -> None:
        elsewhere = [
            item for item in items if item.source_id not in eligible and item.unallocated > 0
        ]
        if not elsewhere:
            return
        is_pickup = shipment.pickup_source_id is not None
        found.append(WaitReason.PICKUP_SOURCE_ONLY if is_pickup else WaitReason.SOURCE_NOT_ELIGIBLE)
        facts["units_elsewhere_at"] = self._codes(elsewhere)

    def _future_reasons(
        self,
        product_id: int,
        eligible: set[int],
        found: list[WaitReason],
        facts: dict[str, object],
    ) -> None:
        records = [
            record
            for record in self._future.get(product_id, [])
            if record.source_id in eligible and record.units > 0
        ]
        if not records:
            return
        if not self._settings.promises_from_future:
            found.append(WaitReason.FUTURE_DISABLED_SITE)
        elif self._supply.products[product_id].own_future is False:
            found.append(WaitReason.FUTURE_DISABLED_PRODUCT)
        for reason, chosen in (
            (WaitReason.FUTURE_NO_DATE, [r for r in records if r.expected_on is None]),
            (WaitReason.FUTURE_OVERDUE, self._dated(records, before=self._today)),
            (WaitReason.FUTURE_BEYOND_LIMIT, self._dated(records, after=self._settings.horizon)),
        ):
            if chosen:
                found.append(reason)
                facts[reason.value.lower()] = [self._record(record) for record in chosen]

    def _coming(
        self, product_id: int, candidates: Sequence[int], remaining: RemainingSupply
    ) -> list[tuple[date, int]]:
        """Return the days on which dated supply that is not promised can leave, with its units.

        They are in order.

        Supply that may not be promised counts whole: it arrives all the same.
        """
        left = {record.future_id: record.units for record in remaining.future.get(product_id, ())}
        leaves_on = self._supply.working_day
        return sorted(
            (leaves_on(record.source_id, record.expected_on), left.get(record.id, record.units))
            for record in self._future.get(product_id, ())
            if record.expected_on is not None
            and record.expected_on >= self._today
            and record.source_id in candidates
        )

    @staticmethod
    def _dated(
        records: list[FutureFacts], *, before: date | None = None, after: date | None = None
    ) -> list[FutureFacts]:
        return [
            record
            for record in records
            if record.expected_on is not None
            and (before is None or record.expected_on < before)
            and (after is None or record.expected_on > after)
        ]

    def _codes(self, items: Iterable[SourceItemFacts]) -> list[str]:
        return sorted(self._supply.sources[item.source_id].code for item in items)

    def _record(self, record: FutureFacts) -> dict[str, object]:
        return {
            "future_supply": record.id,
            "source": self._supply.sources[record.source_id].code,
            "expected_on": None if record.expected_on is None else record.expected_on.isoformat(),
            "quantity": str(quantity_of(record.units)),
        }


def _as_now(record: FutureFacts, units: int, expected_on: date | None) -> FutureFacts:
    """Return a record with its date, and no more than ``units``, as they are now."""
    units = min(record.units, units)
    if (record.units, record.expected_on) == (units, expected_on):
        return record
    return replace(record, units=units, expected_on=expected_on)


def _earliest(coming: Sequence[tuple[date, int]], uncovered: int) -> date | None:
    """Return the first day on which dated supply covers the ``uncovered`` units."""
    running = accumulate(units for _, units in coming)
    for (expected_on, _), units in zip(coming, running, strict=True):
        if units >= uncovered:
            return expected_on
    return None


def _part_coming(
    coming: Sequence[tuple[date, int]], uncovered: int, wanted: int
) -> dict[str, object]:
    """Return the part of the wanted units that dated supply covers, and its last day."""
    part = [(day, units) for day, units in coming if units > 0]
    in_all = sum(units for _, units in part)
    if not part or in_all >= uncovered:
        return {}
    values = {"quantity": wanted - uncovered + in_all, "wanted": wanted}
    texts: dict[str, str] = {name: str(quantity_of(units)) for name, units in values.items()}
    return {"coming": {**texts, "expected_on": part[-1][0].isoformat()}}


def _open_to(shipment: QueuedShipment, product_id: int, candidates: Sequence[int]) -> Sequence[int]:
    """Return the sources at which the shipment may take the product."""
    if not shipment.barred:
        return candidates
    return [source for source in candidates if (source, product_id) not in shipment.barred]


def _names_at(
    by_item: Mapping[tuple[int, int], Sequence[NamedShipment]],
    product_id: int,
    candidates: Sequence[int],
) -> list[str]:
    """Return the shipments named at any of these sources, each once, in the order of the plan."""
    found = {
        named for source_id in candidates for named in by_item.get((product_id, source_id), ())
    }
    return [number for _, number in sorted(found)]

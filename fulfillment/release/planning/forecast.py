"""Foretells when a waiting shipment can go, by planning each day on which supply comes; PURE."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fulfillment.release.planning.planner import Planner
from fulfillment.release.planning.values import (
    Child,
    Decision,
    FutureFacts,
    QueuedShipment,
    ReleaseSettings,
    SourceItemFacts,
    Supply,
)
from fulfillment.sourcing.needs import Need, units_by_product

# A page waits for it: after so many days on which something changes, no date is known.
MOST_DAYS = 40


@dataclass(frozen=True, slots=True)
class PromisedUnits:
    """Units of one record of future supply that are promised to a FUTURE shipment."""

    shipment_id: int
    record_id: int
    units: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day on which all of a shipment can go; None: no recorded supply lets it.

    ``missing`` are then the units that are short of it by product, once all dated supply has come
    and every shipment had its turn.
    """

    day: date | None
    missing: Mapping[int, int]


def forecast(
    shipment_id: int,
    queue: Iterable[QueuedShipment],
    promises: Iterable[PromisedUnits],
    supply: Supply,
    settings_on: Callable[[date], ReleaseSettings],
    today: date,
) -> Forecast:
    """Return when a shipment of ``queue`` can go if supply comes as recorded and nobody orders.

    ``queue`` are all shipments that share units with it, also later ones: a policy may let them go
    first. ``settings_on`` returns the rules in force on a day. Supply that is overdue, or has no
    date, never comes; units of a product leave from its release date on.

    Rule: Why a shipment waits, the earliest date.
    """
    releases = supply.before_release(today).values()
    days = sorted({*_days(supply, settings_on, today), *releases})
    future = _Future(shipment_id, queue, promises, supply)
    future.release(today, settings_on(today), first_day=today)
    if future.is_gone:
        return Forecast(future.leaves_on(today), {})
    for day in days[:MOST_DAYS]:
        future.receive(day)
        future.release(day, settings_on(day), first_day=today)
        if future.is_gone:
            return Forecast(future.leaves_on(day), {})
    return Forecast(None, future.missing())


def estimate(
    shipment: QueuedShipment,
    earlier: Mapping[int, int],
    candidates: Collection[int],
    supply: Supply,
    today: date,
) -> Forecast:
    """Return when supply covers ``shipment`` and all before it, for a queue too long to plan.

    ``earlier`` are the units that those before it need, by product, ``candidates`` the sources
    that may serve it. Later shipments are not considered.
    """
    missing: dict[int, int] = {}
    needs = units_by_product(shipment.needs)
    closed = supply.before_release(today)
    day = max([today, *(closed[product] for product in closed.keys() & needs.keys())])
    day = min((supply.working_day(source_id, day) for source_id in candidates), default=day)
    for product_id, wanted in needs.items():
        left = wanted + earlier.get(product_id, 0)
        for item in supply.items:
            is_open = item.is_in_stock and (item.source_id, product_id) not in shipment.barred
            if item.product_id == product_id and item.source_id in candidates and is_open:
                left -= item.available
        for record in dated_records(supply, product_id, candidates, today):
            if left > 0 and record.expected_on is not None:
                left -= record.units
                day = max(day, supply.working_day(record.source_id, record.expected_on))
        if left > 0:
            missing[product_id] = min(left, wanted)
    return Forecast(None if missing else day, missing)


def dated_records(
    supply: Supply, product_id: int, candidates: Collection[int], today: date
) -> list[FutureFacts]:
    """Return the records of a product that are still to come to these sources, by date."""
    records = [
        record
        for record in supply.future
        if record.product_id == product_id
        and record.source_id in candidates
        and record.expected_on is not None
        and record.expected_on >= today
        and record.units > 0
    ]
    return sorted(records, key=lambda record: (record.expected_on, record.id))


def _days(
    supply: Supply, settings_on: Callable[[date], ReleaseSettings], today: date
) -> list[date]:
    """Return the days on which a record can leave, or comes within the limit of promises."""
    coming = {
        (record.source_id, record.expected_on)
        for record in supply.future
        if record.expected_on is not None and record.expected_on >= today
    }
    supplied = {day for _, day in coming}
    days = {supply.working_day(source_id, day) for source_id, day in coming}
    if not settings_on(today).promises_from_future:
        return sorted(days)

    def horizon(number: int) -> date:
        return settings_on(today + timedelta(number)).horizon

    # A limit lies no earlier than that of the day before: few of a year's days are looked at.
    coming_days = range((max(supplied, default=today) - today).days)
    for day in supplied:
        number = bisect_left(coming_days, day, key=horizon)
        if number < len(coming_days):
            days.add(today + timedelta(number))
    return sorted(days)


class _Future:
    """The queue and the supply of a day, and of the days after it."""

    def __init__(
        self,
        shipment_id: int,
        queue: Iterable[QueuedShipment],
        promises: Iterable[PromisedUnits],
        supply: Supply,
    ) -> None:
        self._supply = supply
        self._queue = {each.id: each for each in queue}
        self._items = {(item.product_id, item.source_id): item for item in supply.items}
        self._records = {record.id: record for record in supply.future}
        self._promises: dict[int, dict[int, int]] = {}
        for promise in promises:
            self._promises.setdefault(promise.shipment_id, {})[promise.record_id] = promise.units
        self._shipment_id = shipment_id
        # Parts that are promised come after every stored shipment.
        self._next_id = max(self._queue) + 1
        # The shipment, and what is promised of it.
        self._parts = {shipment_id}
        # The last day on which any of its units at hand can leave.
        self._leaves_on = date.min
        self._last: tuple[Decision, ...] = ()

    @property
    def is_gone(self) -> bool:
        """Whether all of the shipment has gone."""
        return not self._parts & self._queue.keys()

    def leaves_on(self, day: date) -> date:
        """Return the day on which all of the shipment has left, if it is gone on ``day``."""
        return max(day, self._leaves_on)

    def missing(self) -> dict[int, int]:
        """Return the units that the last run missed of the shipment, by product."""
        return {
            shortage.product_id: shortage.missing
            for decision in self._last
            if decision.shipment.id == self._shipment_id
            for shortage in decision.shortages
        }

    def receive(self, day: date) -> None:
        """Receive what can leave from ``day`` on: promises first, the rest is on hand."""
        coming = [
            record
            for record in self._records.values()
            if record.expected_on is not None
            and self._supply.working_day(record.source_id, record.expected_on) == day
        ]
        for record in coming:
            del self._records[record.id]
            self._end_bars(record.source_id, record.product_id)
            for shipment_id, held in list(self._promises.items()):
                if units := held.pop(record.id, 0):
                    self._keep(shipment_id, record.product_id, units, is_last=not held)
            self._add(record.product_id, record.source_id, record.units)

    def _keep(self, shipment_id: int, product_id: int, units: int, *, is_last: bool) -> None:
        shipment = self._queue[shipment_id]
        received = dict(shipment.received)
        received[product_id] = received.get(product_id, 0) + units
        self._queue[shipment_id] = replace(shipment, received=received)
        if is_last:
            self._leave(shipment_id)

    def _leave(self, shipment_id: int) -> None:
        del self._queue[shipment_id]
        self._promises.pop(shipment_id, None)

    def _end_bars(self, source_id: int, product_id: int) -> None:
        for shipment in list(self._queue.values()):
            if (source_id, product_id) in shipment.barred:
                barred = shipment.barred - {(source_id, product_id)}
                self._queue[shipment.id] = replace(shipment, barred=barred)

    def _add(self, product_id: int, source_id: int, units: int) -> None:
        if not units:
            return
        item = self._items.get((product_id, source_id))
        if item is None:
            item = SourceItemFacts(0, product_id, source_id, 0, 0, is_in_stock=True)
        self._items[product_id, source_id] = replace(item, unallocated=item.unallocated + units)

    def release(self, day: date, settings: ReleaseSettings, *, first_day: date) -> None:
        """Release what ``day`` lets go, run after run: one frees promises, or ends at a limit."""
        older = (day - first_day).days
        is_moving = True
        while is_moving:
            planner = Planner(self._current(), settings, day)
            self._last = tuple(
                planner.decide(replace(each, age_days=each.age_days + older))
                for each in sorted(self._queue.values(), key=QueuedShipment.queue_key)
            )
            released = [decision for decision in self._last if decision.children]
            for decision in released:
                if decision.shipment.id in self._parts:
                    self._note_leaving(decision, day)
                if decision.shipment.is_future:
                    self._move(decision)
                else:
                    self._split(decision)
            is_moving = bool(released)

    def _note_leaving(self, decision: Decision, day: date) -> None:
        """Note when units at hand leave: they may be at a source that is closed on ``day``."""
        for child in decision.children:
            if child.expected_on is None:
                leaves_on = self._supply.working_day(child.source_id, day)
                self._leaves_on = max(self._leaves_on, leaves_on)

    def _current(self) -> Supply:
        return replace(
            self._supply,
            items=tuple(self._items.values()),
            future=tuple(self._records.values()),
        )

    def _move(self, decision: Decision) -> None:
        """Move a promise to units on hand; its own units and promises are free again."""
        shipment = decision.shipment
        if shipment.source_id is not None:
            for product_id, units in shipment.received.items():
                self._add(product_id, shipment.source_id, units)
        for record_id, units in self._promises.get(shipment.id, {}).items():
            if record := self._records.get(record_id):
                self._records[record_id] = replace(record, units=record.units + units)
        self._take(decision.children[0])
        self._leave(shipment.id)

    def _split(self, decision: Decision) -> None:
        """Let go what is on hand, and keep what is promised as shipments of their own."""
        shipment = decision.shipment
        taken: dict[int, int] = {}
        gone: set[int] = set()
        for child in decision.children:
            gone.update(child.unmanaged_lines)
            for part in child.parts:
                taken[part.line_id] = taken.get(part.line_id, 0) + part.units
            if child.expected_on is None:
                self._take(child)
            else:
                self._promise(shipment, child)
        left = tuple(
            need._replace(units=need.units - taken.get(need.line_id, 0))
            for need in shipment.needs
            if need.line_id not in gone and need.units > taken.get(need.line_id, 0)
        )
        if decision.is_complete or not left:
            self._leave(shipment.id)
        else:
            self._queue[shipment.id] = replace(self._queue[shipment.id], needs=left)

    def _take(self, child: Child) -> None:
        for part in child.parts:
            self._add(part.product_id, part.source_id, -part.units)

    def _promise(self, shipment: QueuedShipment, child: Child) -> None:
        """Put what is promised of ``shipment`` into the queue, as a FUTURE shipment."""
        key = self._next_id
        self._next_id += 1
        held: dict[int, int] = {}
        for part in child.parts:
            if part.future_id is not None:
                held[part.future_id] = held.get(part.future_id, 0) + part.units
                record = self._records[part.future_id]
                self._records[record.id] = replace(record, units=record.units - part.units)
        self._promises[key] = held
        self._queue[key] = replace(
            self._queue[shipment.id],
            id=key,
            is_future=True,
            source_id=child.source_id,
            needs=tuple(Need(part.line_id, 0, part.product_id, part.units) for part in child.parts),
            received={},
        )
        if shipment.id in self._parts:
            self._parts.add(key)

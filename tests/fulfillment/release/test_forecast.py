"""On the earliest date the planner lets a shipment go, if supply comes as recorded.

The worlds are lived through here day by day, with books of their own.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given

from core.quantities import UNIT
from fulfillment.release.planning.forecast import (
    Forecast,
    PromisedUnits,
    _days,
    estimate,
    forecast,
)
from fulfillment.release.planning.planner import Planner
from fulfillment.release.planning.values import FutureFacts, ProductFacts, SourceItemFacts
from fulfillment.sourcing.needs import Need
from tests.examples import examples
from tests.fulfillment.release.test_planner_worlds import worlds
from tests.fulfillment.release.worlds import KTP, KTP2, TODAY, A, B, settings, shipment, supply


def day(number: int) -> date:
    return TODAY + timedelta(number)


def foretold(number: int, queue: list[Any], given_supply: Any, **rules: Any) -> Forecast:
    return forecast(number, queue, [], given_supply, lambda on: rules_on(on, rules), TODAY)


def rules_on(on: date, rules: dict[str, Any]) -> Any:
    return settings(horizon=on + timedelta(30), **rules)


@pytest.mark.parametrize("promises_from_future", [True, False])
def test_it_goes_when_the_last_unit_comes(promises_from_future: bool) -> None:
    coming = supply([(A, KTP, 1)], [(1, A, KTP, 2, day(40)), (2, A, KTP, 3, day(50))])

    found = foretold(1, [shipment(1, {KTP: 5})], coming, promises_from_future=promises_from_future)

    assert found == Forecast(day(50), {})


@pytest.mark.parametrize(
    ("promises_from_future", "numbers"), [(True, [10, 20, 40, 50]), (False, [40, 50])]
)
def test_a_run_of_the_day_whose_date_limit_reaches_a_delivery_is_foretold(
    promises_from_future: bool, numbers: list[int]
) -> None:
    coming = supply((), [(1, A, KTP, 2, day(40)), (2, A, KTP, 3, day(50))])
    rules = {"promises_from_future": promises_from_future}

    assert _days(coming, lambda on: rules_on(on, rules), TODAY) == [day(each) for each in numbers]


def test_units_of_a_product_leave_from_its_release_date_on() -> None:
    """What comes earlier waits for it; what comes later is waited for."""
    products = {KTP: ProductFacts(KTP, "KTP", release_on=day(20))}
    there = supply([(A, KTP, 3)], [(1, A, KTP, 2, day(5))], products=products)
    late = supply([(A, KTP, 3)], [(1, A, KTP, 2, day(25))], products=products)
    queue = [shipment(1, {KTP: 5})]

    assert foretold(1, queue, there, promises_from_future=False) == Forecast(day(20), {})
    assert foretold(1, queue, late, promises_from_future=True) == Forecast(day(25), {})
    assert estimate(queue[0], {}, [A], there, TODAY) == Forecast(day(20), {})
    assert estimate(queue[0], {}, [A], late, TODAY) == Forecast(day(25), {})


def test_units_that_earlier_shipments_need_are_not_counted() -> None:
    coming = supply((), [(1, A, KTP, 40, day(9)), (2, A, KTP, 40, day(20))])
    queue = [shipment(1, {KTP: 40}), shipment(2, {KTP: 30}), shipment(3, {KTP: 11})]

    assert foretold(2, queue, coming, promises_from_future=False).day == day(20)
    assert foretold(3, queue, coming, promises_from_future=False) == Forecast(None, {KTP: 1 * UNIT})


def test_a_later_shipment_may_take_units_first_unless_they_are_kept() -> None:
    coming = supply((), [(1, A, KTP, 4, day(3)), (2, A, KTP, 4, day(5))])
    queue = [shipment(1, {KTP: 6}), shipment(2, {KTP: 3})]

    skipped = foretold(1, queue, coming, promises_from_future=False)
    strict = foretold(1, queue, coming, promises_from_future=False, policy="STRICT")

    assert skipped == Forecast(None, {KTP: 1 * UNIT})
    assert strict.day == day(5)


def test_supply_that_is_overdue_or_undated_or_elsewhere_gives_no_date() -> None:
    queue = [shipment(1, {KTP: 1}, pickup_source_id=A)]
    for record in [(1, A, KTP, 1, day(-1)), (1, A, KTP, 1, None), (1, B, KTP, 1, day(2))]:
        assert foretold(1, queue, supply((), [record])) == Forecast(None, {KTP: UNIT})


def test_a_delivery_ends_a_bar_and_opens_a_source() -> None:
    barred = shipment(1, {KTP: 4}, barred=frozenset({(A, KTP)}))
    coming = supply([(A, KTP, 3)], [(1, A, KTP, 1, day(4))], links=(A,))

    assert foretold(1, [barred], coming, promises_from_future=False).day == day(4)


def test_a_promise_goes_when_its_record_comes() -> None:
    promised = shipment(1, {KTP: 2}, is_future=True, source_id=A)
    coming = supply((), [(1, A, KTP, 0, day(6))])

    found = forecast(
        1, [promised], [PromisedUnits(1, 1, 2 * UNIT)], coming, lambda on: rules_on(on, {}), TODAY
    )

    assert found.day == day(6)


def test_a_promise_that_moves_to_units_on_hand_frees_its_own() -> None:
    promised = shipment(1, {KTP: 2}, is_future=True, source_id=A)
    coming = supply((), [(1, A, KTP, 0, day(6)), (2, A, KTP, 2, day(3))])
    queue = [promised, shipment(2, {KTP: 2})]
    held = [PromisedUnits(1, 1, 2 * UNIT)]

    def on(some: date) -> Any:
        return rules_on(some, {"promises_from_future": False})

    assert [forecast(n, queue, held, coming, on, TODAY).day for n in (1, 2)] == [day(3), day(6)]


def test_a_shipment_in_parts_goes_with_its_last() -> None:
    coming = supply([(A, KTP, 1)], [(1, A, KTP, 1, day(2)), (2, A, KTP2, 1, day(60))])
    queue = [shipment(1, {KTP: 2, KTP2: 1})]

    assert foretold(1, queue, coming, mode="BY_QUANTITY").day == day(60)


def with_promises(queue: list[Any], there: Any) -> tuple[list[Any], list[PromisedUnits], Any]:
    """PromisedUnits what FUTURE shipments have not received, on records of their own."""
    records, promises = list(there.future), []
    for each in queue:
        wanted = Counter[int]()
        for need in each.needs if each.is_future else ():
            wanted[need.product_id] += need.units
        for product, units in sorted(wanted.items()):
            outstanding = units - each.received.get(product, 0)
            if outstanding > 0:
                key = 100 + len(records)
                on = day(each.id % 4 * 3)
                records.append(FutureFacts(key, product, A, on, 0))
                promises.append(PromisedUnits(each.id, key, outstanding))
    held = {promise.shipment_id for promise in promises}
    kept = [each for each in queue if not each.is_future or each.id in held]
    return kept, promises, replace(there, future=tuple(records))


class Life:
    """A world that is lived through, a day after the other."""

    def __init__(self, queue: list[Any], promises: list[PromisedUnits], there: Any) -> None:
        self.queue = list(queue)
        self.there = there
        self.promises = Counter({(p.shipment_id, p.record_id): p.units for p in promises})
        self.ancestor = {each.id: each.id for each in queue}

    def waiting(self, number: int) -> bool:
        return any(self.ancestor[each.id] == number for each in self.queue)

    def give(self, product: int, source: int, units: int) -> None:
        items = {(i.product_id, i.source_id): i for i in self.there.items}
        empty = SourceItemFacts(0, product, source, 0, 0, is_in_stock=True)
        item = items.get((product, source), empty)
        items[product, source] = replace(item, unallocated=item.unallocated + units)
        self.there = replace(self.there, items=tuple(items.values()))

    def promise(self, record: int, units: int) -> None:
        self.there = replace(
            self.there,
            future=tuple(
                replace(r, units=r.units + units) if r.id == record else r
                for r in self.there.future
            ),
        )

    def morning(self, on: date) -> None:
        """What is expected today is received."""
        for record in [r for r in self.there.future if r.expected_on == on]:
            key = record.source_id, record.product_id
            self.queue = [replace(e, barred=e.barred - {key}) for e in self.queue]
            for position, each in enumerate(self.queue):
                units = self.promises.pop((each.id, record.id), 0)
                has = Counter(each.received)
                has[record.product_id] += units
                self.queue[position] = replace(each, received=dict(+has)) if units else each
            if record.units:
                self.give(record.product_id, record.source_id, record.units)
            self.there = replace(
                self.there, future=tuple(r for r in self.there.future if r.id != record.id)
            )
        self.queue = [
            each
            for each in self.queue
            if not each.is_future or any(owner == each.id for owner, _ in self.promises)
        ]

    def run(self, on: date, rules: Any) -> None:
        """Release until nothing moves."""
        while self.run_once(on, rules):
            pass

    def run_once(self, on: date, rules: Any) -> bool:
        planner = Planner(self.there, rules, on)
        older = (on - TODAY).days
        decisions = [
            planner.decide(replace(each, age_days=each.age_days + older))
            for each in sorted(self.queue, key=lambda each: each.queue_key())
        ]
        for decision in decisions:
            self.write(decision)
        return any(decision.children for decision in decisions)

    def write(self, decision: Any) -> None:
        if not decision.children:
            return
        (one,) = (each for each in self.queue if each.id == decision.shipment.id)
        self.queue.remove(one)
        if one.is_future:
            self.give_back(one)
        left = Counter({need.line_id: need.units for need in one.needs})
        for child in decision.children:
            for line in child.unmanaged_lines:
                left[line] = 0
            for part in child.parts:
                left[part.line_id] -= part.units
                if part.future_id is None:
                    self.give(part.product_id, part.source_id, -part.units)
                else:
                    self.promise(part.future_id, -part.units)
            if child.expected_on is not None:
                self.add_promise(one, child)
        if +left:
            needs = tuple(
                n._replace(units=left[n.line_id]) for n in one.needs if left[n.line_id] > 0
            )
            self.queue.append(replace(one, needs=needs))

    def give_back(self, one: Any) -> None:
        for product, units in one.received.items():
            self.give(product, one.source_id, units)
        for owner, record in [held for held in self.promises if held[0] == one.id]:
            self.promise(record, self.promises.pop((owner, record)))

    def add_promise(self, one: Any, child: Any) -> None:
        key = max(self.ancestor) + 1
        self.ancestor[key] = self.ancestor[one.id]
        for part in child.parts:
            self.promises[key, part.future_id] += part.units
        needs = tuple(Need(p.line_id, 0, p.product_id, p.units) for p in child.parts)
        self.queue.append(
            replace(
                one,
                id=key,
                is_future=True,
                needs=needs,
                source_id=child.source_id,
                received={},
            )
        )


@examples(300)
@given(worlds())
def test_the_planner_releases_on_the_earliest_date(world: Any) -> None:
    queue, promises, there = with_promises(*world[:2])
    if not queue:
        return
    rules = world[2]

    def on(some: date) -> Any:
        return replace(rules, horizon=some + timedelta(5))

    found = {e.id: forecast(e.id, queue, promises, there, on, TODAY).day for e in queue}

    life = Life(queue, promises, there)
    went: dict[int, date | None] = dict.fromkeys(found)
    life.run(TODAY, on(TODAY))
    for number in range(-1, 32):
        if number >= 0:
            life.morning(day(number))
            life.run(day(number), on(day(number)))
        for key, former in went.items():
            if former is None and not life.waiting(key):
                went[key] = day(max(number, 0))
    assert found == went

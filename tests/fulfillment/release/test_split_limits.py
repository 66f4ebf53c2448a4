"""Where only a limit stops a shipment, every choice of sources within the limits is tried."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from core.quantities import UNIT
from fulfillment.release.planning.values import Decision, QueuedShipment, SourceFacts, Supply
from fulfillment.sourcing.needs import Need
from tests.examples import examples
from tests.fulfillment.release.reference import reference_plan
from tests.fulfillment.release.worlds import (
    KTP,
    KTP2,
    KTP3,
    TODAY,
    A,
    B,
    C,
    plan_release,
    settings,
    shipment,
    supply,
)

D, E = 4, 5
SOURCES = {
    number: SourceFacts(number, code, is_enabled=True, ships_to_home=True)
    for number, code in ((A, "a"), (B, "b"), (C, "c"), (D, "d"), (E, "e"))
}
MAY_1, MAY_9 = TODAY + timedelta(days=3), TODAY + timedelta(days=11)
MANY = examples(400)


def world(
    current: list[tuple[Any, ...]] | list[tuple[Any, Any, int]] | tuple[()] = (),
    future: list[tuple[Any, ...]] | list[tuple[int, Any, Any, int, Any]] | tuple[()] = (),
) -> Supply:
    return supply(current, future, sources=SOURCES, links=(A, B, C, D, E))


def plan(
    needs: dict[Any, int], units: Any, **rules: Any
) -> list[tuple[int, date | None, dict[int, int]]]:
    """Return what becomes of one shipment: source, date and units by product, a row each."""
    (decision,) = plan_release([shipment(1, needs)], units, settings(**rules), TODAY).decisions
    return [
        (
            child.source_id,
            child.expected_on,
            {t.product_id: t.units // UNIT for t in child.parts},
        )
        for child in decision.children
    ]


def reasons(
    queue: list[QueuedShipment], units: Supply, **rules: Any
) -> list[tuple[int, Any, list[Any], Any]]:
    decisions = plan_release(queue, units, settings(**rules), TODAY).decisions
    return [
        (s.product_id, s.missing // UNIT, [reason.value for reason in s.reasons], s.facts)
        for s in decisions[-1].shortages
    ]


# The one that covers most leaves, for each product, more than any other source can give.
TRAP = [(A, KTP, 4), (A, KTP2, 4), (B, KTP, 6), (C, KTP2, 6), (D, KTP, 1), (D, KTP2, 1)]


def test_the_source_that_covers_most_is_left_out_where_two_others_cover_all() -> None:
    assert plan({KTP: 6, KTP2: 6}, world(TRAP), max_sources_per_release=2) == [
        (B, None, {KTP: 6}),
        (C, None, {KTP2: 6}),
    ]


def test_nothing_changes_where_no_limit_stops() -> None:
    assert plan({KTP: 6, KTP2: 6}, world(TRAP)) == [
        (A, None, {KTP: 4, KTP2: 4}),
        (B, None, {KTP: 2}),
        (C, None, {KTP2: 2}),
    ]


def test_fewest_sources_come_first_then_their_order() -> None:
    units = world([(A, KTP, 5), (B, KTP, 3), (C, KTP, 3), (D, KTP, 3), (A, KTP2, 1), (E, KTP2, 9)])

    # A covers most, and leaves more than one other can give.
    found = plan({KTP: 6, KTP2: 6}, units, max_sources_per_release=3)

    assert [child[0] for child in found] == [A, B, E]
    assert reasons([shipment(1, {KTP: 6, KTP2: 6})], units, max_sources_per_release=1) == [
        (KTP, 6, ["SPLIT_LIMIT"], {}),
        (KTP2, 6, ["SPLIT_LIMIT"], {}),
    ]


def test_current_stock_within_the_limits_goes_before_any_dated_supply() -> None:
    units = world(TRAP, [(1, A, KTP, 9, MAY_1), (2, A, KTP2, 9, MAY_1)])

    assert plan({KTP: 6, KTP2: 6}, units, max_sources_per_release=2) == [
        (B, None, {KTP: 6}),
        (C, None, {KTP2: 6}),
    ]


def test_with_dated_supply_most_current_units_then_the_earliest_last_date_decide() -> None:
    # Both products come to A late and to B early; C has most now and gets nothing more.
    units = world(
        [(A, KTP, 1), (B, KTP, 1), (C, KTP, 2), (D, KTP, 2)],
        [
            (1, A, KTP, 9, MAY_9),
            (2, A, KTP2, 9, MAY_9),
            (3, B, KTP, 9, MAY_1),
            (4, B, KTP2, 9, MAY_1),
            (5, D, KTP, 9, MAY_9),
            (6, D, KTP2, 9, MAY_9),
        ],
    )

    assert plan({KTP: 6, KTP2: 6}, units, max_sources_per_release=1) == [
        (D, None, {KTP: 2}),
        (D, MAY_9, {KTP: 4, KTP2: 6}),
    ]
    less = replace(units, items=tuple(item for item in units.items if item.source_id != D))
    assert plan({KTP: 6, KTP2: 6}, less, max_sources_per_release=1) == [
        (B, None, {KTP: 1}),
        (B, MAY_1, {KTP: 5, KTP2: 6}),
    ]


def test_a_line_is_taken_from_the_sources_that_give_most() -> None:
    units = world([(A, KTP, 3), (B, KTP, 4), (C, KTP, 4), (D, KTP, 1), (A, KTP2, 9)])

    assert plan({KTP: 8, KTP2: 9}, units, max_sources_per_line=2) == [
        (A, None, {KTP2: 9}),
        (B, None, {KTP: 4}),
        (C, None, {KTP: 4}),
    ]


def test_by_line_the_sources_of_earlier_lines_count() -> None:
    units = world([(A, KTP, 1), *((s, KTP2, n) for s, n in ((B, 4), (C, 3), (D, 3)))])

    rules = {"mode": "BY_LINE", "max_sources_per_release": 3}

    assert plan({KTP: 1, KTP2: 6}, units, **rules) == [
        (A, None, {KTP: 1}),
        (B, None, {KTP2: 4}),
        (C, None, {KTP2: 2}),
    ]
    assert reasons([shipment(1, {KTP: 1, KTP2: 9})], units, **rules) == [
        (KTP2, 9, ["SPLIT_LIMIT"], {})
    ]


def test_for_one_that_only_a_limit_stops_all_that_it_could_use_is_kept() -> None:
    queue = [shipment(1, {KTP: 5}), shipment(2, {KTP: 1})]
    units = world([(A, KTP, 3), (B, KTP, 6), (C, KTP, 2)])
    rules = {"policy": "STRICT", "max_sources_per_release": 1}

    # 5 of 6 units at B cover the first: nothing is kept.
    assert reasons(queue, units, **rules) == []
    fewer = world([(A, KTP, 3), (B, KTP, 4), (C, KTP, 2)])
    assert reasons(queue, fewer, **rules) == [
        (KTP, 1, ["WAITING_BEHIND"], {"kept_for": ["S1"]}),
    ]


def test_of_more_than_ten_thousand_sets_the_sources_that_give_most_are_combined() -> None:
    many = {
        number: SourceFacts(number, f"s{number:02}", is_enabled=True, ships_to_home=True)
        for number in range(1, 31)
    }
    small = [(number, KTP, 1) for number in range(1, 28)] + [(number, KTP2, 1) for number in many]
    trap = [(28, KTP, 4), (28, KTP2, 5), (29, KTP, 6), (30, KTP2, 11)]
    rows = [row for row in small if row[:2] not in {t[:2] for t in trap}] + trap
    units = supply(rows, sources=many, links=tuple(many))

    assert plan({KTP: 7, KTP2: 12}, units, max_sources_per_release=4)
    assert reasons([shipment(1, {KTP: 13, KTP2: 12})], units, max_sources_per_release=4) == [
        (KTP, 13, ["SPLIT_LIMIT"], {"is_every_choice_tried": False}),
        (KTP2, 12, ["SPLIT_LIMIT"], {"is_every_choice_tried": False}),
    ]


@st.composite
def limited_worlds(draw: DrawFn) -> Any:
    products = st.sampled_from([KTP, KTP2, KTP3])
    queue = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        needs = tuple(
            Need(number * 100 + sequence, sequence, draw(products), draw(st.integers(1, 9)) * UNIT)
            for sequence in range(1, draw(st.integers(1, 3)) + 1)
        )
        age = draw(st.integers(12, 16))
        queue.append(replace(shipment(number, {}), needs=needs, age_days=age))
    items = st.tuples(st.sampled_from([A, B, C, D, E]), products)
    held = draw(st.dictionaries(items, st.integers(1, 5), min_size=3, max_size=12))
    rows = st.tuples(items, st.integers(1, 5), st.sampled_from([MAY_1, MAY_9]))
    future = [
        (record, *item, units, day)
        for record, (item, units, day) in enumerate(draw(st.lists(rows, max_size=5)), start=1)
    ]
    rules = settings(
        mode=draw(st.sampled_from(["FULL", "FULL", "BY_LINE", "BY_QUANTITY"])),
        policy=draw(st.sampled_from(["SKIP_OVER", "STRICT", "AGEING"])),
        max_sources_per_release=draw(st.sampled_from([None, 1, 2, 2, 3])),
        max_sources_per_line=draw(st.sampled_from([None, None, 1, 2])),
    )
    return queue, world([(*item, units) for item, units in held.items()], future), rules


def takes_of(decision: Decision) -> Any:
    return frozenset(
        (part.line_id, part.source_id, part.future_id, part.units)
        for child in decision.children
        for part in child.parts
    )


@MANY
@given(limited_worlds())
def test_the_reference_that_tries_every_set_plans_the_same(world: Any) -> None:
    queue, units, rules = world
    plan = plan_release(queue, units, rules, TODAY)

    expected = reference_plan(queue, units, rules, TODAY)

    assert {each.shipment.id: takes_of(each) for each in plan.decisions} == expected


@MANY
@given(limited_worlds())
def test_a_wait_for_the_split_limit_means_that_no_choice_covers_it(world: Any) -> None:
    queue, units, rules = world
    rules = replace(rules, mode="FULL")
    (decision, *_) = plan_release(queue, units, rules, TODAY).decisions
    wanted, offered = Counter[int](), Counter[tuple[int, int]]()
    for need in decision.shipment.needs:
        wanted[need.product_id] = wanted.get(need.product_id, 0) + need.units
    for item in units.items:
        offered[item.product_id, item.source_id] = item.unallocated
    for record in units.future:
        key = record.product_id, record.source_id
        offered[key] = offered.get(key, 0) + record.units

    def is_covered(sources: Any) -> bool:
        return all(
            sum(
                sorted((offered.get((product, s), 0) for s in sources), reverse=True)[:most_of_line]
            )
            >= needed
            for product, needed in wanted.items()
        )

    most, most_of_line = rules.limits.sources or 5, rules.limits.sources_per_line
    can_go = any(
        is_covered(sources)
        for size in range(1, most + 1)
        for sources in combinations(SOURCES, size)
    )
    waits = [shortage for shortage in decision.shortages if "SPLIT_LIMIT" in shortage.reasons]
    assert decision.is_complete == can_go
    if not can_go and all(
        sum(offered.get((product, s), 0) for s in SOURCES) >= needed
        for product, needed in wanted.items()
    ):
        assert waits

"""The rules of a release, one literal example each, on the planner alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.quantities import UNIT
from fulfillment.release.planning.values import Child, SourceFacts
from fulfillment.sourcing.needs import Need
from tests.fulfillment.release.worlds import (
    KTP,
    KTP2,
    STOCK,
    TODAY,
    A,
    B,
    C,
    plan_release,
    settings,
    shipment,
    supply,
)

MAY_1, MAY_9 = date(2026, 5, 1), date(2026, 5, 9)


def plan(
    queue: list[Any], world: Any, **rules: Any
) -> dict[str, list[tuple[int, date | None, dict[int, int]]]]:
    """Return what each shipment gets, by number: (source, date, {product: units}) a child."""
    decisions = plan_release(queue, world, settings(**rules), TODAY).decisions
    return {
        decision.shipment.number: [
            (child.source_id, child.expected_on, _units(child)) for child in decision.children
        ]
        for decision in decisions
    }


def _units(child: Child) -> dict[int, int]:
    units: dict[int, int] = {}
    for part in child.parts:
        units[part.product_id] = units.get(part.product_id, 0) + part.units // UNIT
    return units


def test_the_queue_goes_by_priority_then_age_then_id() -> None:
    day = datetime(2026, 4, 1, tzinfo=UTC)
    queue = [
        shipment(1, {KTP: 1}, backordered_since=day),
        shipment(2, {KTP: 1}, backordered_since=day),
        shipment(3, {KTP: 1}, backordered_since=day - timedelta(days=1)),
        shipment(4, {KTP: 1}, backordered_since=day + timedelta(days=9), priority=1),
    ]

    decisions = plan_release(queue, supply(), settings(), TODAY).decisions

    assert [decision.shipment.id for decision in decisions] == [4, 3, 1, 2]


def test_full_mode_releases_all_or_nothing() -> None:
    queue = [shipment(1, {KTP: 3, KTP2: 1}), shipment(2, {KTP: 3})]

    found = plan(queue, supply([(A, KTP, 3)]))

    assert found == {"S1": [], "S2": [(A, None, {KTP: 3})]}


def test_by_line_releases_lines_in_sequence_whole_or_not() -> None:
    queue = [shipment(1, {KTP: 3, KTP2: 4}), shipment(2, {KTP: 2})]
    world = supply([(A, KTP, 4), (B, KTP2, 3)])

    assert plan(queue, world, mode="BY_LINE") == {"S1": [(A, None, {KTP: 3})], "S2": []}


def test_by_quantity_releases_every_unit_on_hand() -> None:
    queue = [shipment(1, {KTP: 3, KTP2: 4}), shipment(2, {KTP: 2})]
    world = supply([(A, KTP, 4), (B, KTP2, 3)])

    assert plan(queue, world, mode="BY_QUANTITY") == {
        "S1": [(A, None, {KTP: 3}), (B, None, {KTP2: 3})],
        "S2": [(A, None, {KTP: 1})],
    }


def test_the_same_product_on_two_lines_is_one_need() -> None:
    needs = (Need(11, 1, KTP, 2 * UNIT), Need(12, 2, KTP, 2 * UNIT))
    queue = [replace(shipment(1, {}), needs=needs)]

    assert plan(queue, supply([(A, KTP, 3)])) == {"S1": []}
    assert plan(queue, supply([(A, KTP, 3), (B, KTP, 1)])) == {
        "S1": [(A, None, {KTP: 3}), (B, None, {KTP: 1})]
    }


def test_current_stock_goes_before_supply_to_come_and_dates_go_in_order() -> None:
    world = supply([(B, KTP, 1)], [(1, A, KTP, 2, MAY_9), (2, C, KTP, 2, MAY_1)])

    assert plan([shipment(1, {KTP: 4})], world) == {
        "S1": [(B, None, {KTP: 1}), (C, MAY_1, {KTP: 2}), (A, MAY_9, {KTP: 1})]
    }


def test_a_source_that_can_give_all_goes_before_one_of_higher_priority() -> None:
    world = supply([(A, KTP, 2), (B, KTP, 3)])

    assert plan([shipment(1, {KTP: 3})], world) == {"S1": [(B, None, {KTP: 3})]}


def test_pickup_draws_on_its_source_alone() -> None:
    world = supply([(A, KTP, 9), (B, KTP, 2)])

    assert plan([shipment(1, {KTP: 3}, pickup_source_id=B)], world) == {"S1": []}
    assert plan([shipment(1, {KTP: 2}, pickup_source_id=B)], world) == {"S1": [(B, None, {KTP: 2})]}


def test_sources_at_which_pickups_wait_are_tried_last() -> None:
    world = replace(
        supply([(A, KTP, 3), (B, KTP, 3)]), pickup_waiting=frozenset({(A, KTP), (A, KTP2)})
    )

    assert plan([shipment(1, {KTP: 3})], world) == {"S1": [(B, None, {KTP: 3})]}


def test_by_distance_the_nearest_goes_first_and_sources_without_coordinates_last() -> None:
    coordinates = {A: (None, None), B: (48.0, 2.0), C: (59.0, 18.0)}
    sources = {
        source: SourceFacts(source, name, True, True, *coordinates[source])
        for source, name in ((A, "a"), (B, "b"), (C, "c"))
    }
    world = supply([(A, KTP, 1), (B, KTP, 1), (C, KTP, 1)], sources=sources)
    queue = [shipment(number, {KTP: 1}, destination=(57.7, 12.0)) for number in (1, 2, 3)]

    found = plan(queue, world, algorithm="DISTANCE")

    assert [child[0][0] for child in found.values()] == [C, B, A]


def test_safety_stock_and_an_item_out_of_stock_give_no_current_units() -> None:
    world = supply([(A, KTP, 5, 3), (B, KTP, 9, 0, False)])

    assert plan([shipment(1, {KTP: 2}), shipment(2, {KTP: 1})], world) == {
        "S1": [(A, None, {KTP: 2})],
        "S2": [],
    }


def test_they_do_not_close_supply_that_is_promised() -> None:
    world = supply([(A, KTP, 0, 3, False)], [(1, A, KTP, 2, MAY_1)])

    assert plan([shipment(1, {KTP: 2})], world) == {"S1": [(A, MAY_1, {KTP: 2})]}


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"max_sources_per_release": 2}, []),
        ({"max_sources_per_release": 3}, [A, B, C]),
        ({"max_sources_per_line": 1}, []),
        ({"max_sources_per_line": 2}, [A, B, C]),
    ],
)
def test_limits_count_the_sources_of_a_release_and_of_a_line(
    limit: dict[str, int], expected: list[Any]
) -> None:
    world = supply([(A, KTP, 2), (B, KTP, 1)], [(1, C, KTP2, 4, MAY_1)])

    found = plan([shipment(1, {KTP: 3, KTP2: 4})], world, **limit)

    assert [child[0] for child in found["S1"]] == expected


def test_a_line_that_takes_no_units_goes_with_the_first_child() -> None:
    needs = (
        Need(11, 1, KTP, 2 * UNIT),
        Need(12, 2, KTP2, UNIT, is_reserving=False),
    )
    queue = [replace(shipment(1, {}), needs=needs)]

    (decision,) = plan_release(queue, supply([(B, KTP, 2)]), settings(), TODAY).decisions

    assert decision.is_complete
    assert [(child.source_id, child.unmanaged_lines) for child in decision.children] == [(B, (12,))]


@pytest.mark.parametrize(
    ("policy", "age", "gets"),
    [
        ("SKIP_OVER", 99, [(A, None, {KTP: 2})]),
        ("STRICT", 0, []),
        ("AGEING", 13, [(A, None, {KTP: 2})]),
        ("AGEING", 14, []),
    ],
)
def test_policies_keep_units_for_a_shipment_that_cannot_go(
    policy: str, age: int, gets: list[tuple[Any, None, dict[Any, int]]]
) -> None:
    queue = [shipment(1, {KTP: 5}, age_days=age), shipment(2, {KTP: 2})]

    found = plan(queue, supply([(A, KTP, 3)]), policy=policy)

    assert found == {"S1": [], "S2": gets}


def test_what_is_kept_is_what_it_could_use_and_no_more() -> None:
    queue = [shipment(1, {KTP: 5, KTP2: 1}), shipment(2, {KTP: 2})]

    assert plan(queue, supply([(A, KTP, 7)]), policy="STRICT")["S2"] == [(A, None, {KTP: 2})]


def test_dated_supply_is_kept_too() -> None:
    queue = [shipment(1, {KTP: 5}), shipment(2, {KTP: 2})]
    world = supply(future=[(1, A, KTP, 3, MAY_1)])

    assert plan(queue, world, policy="STRICT") == {"S1": [], "S2": []}


def test_a_promise_moves_to_one_source_that_has_all_of_it_now_and_to_no_other_promise() -> None:
    promised = shipment(1, {KTP: 3}, is_future=True, source_id=A, received={KTP: UNIT})

    assert plan([promised], supply([(A, KTP, 2)])) == {"S1": [(A, None, {KTP: 3})]}
    assert plan([promised], supply([(B, KTP, 2)])) == {"S1": []}
    assert plan([promised], supply([(B, KTP, 3)])) == {"S1": [(B, None, {KTP: 3})]}
    assert plan([promised], supply([(A, KTP, 1), (B, KTP, 1)], [(1, A, KTP, 9, MAY_1)])) == {
        "S1": []
    }


def test_a_promise_that_stays_keeps_nothing_under_any_policy() -> None:
    promised = shipment(1, {KTP: 3}, is_future=True, source_id=A)
    queue = [promised, shipment(2, {KTP: 2})]

    assert plan(queue, supply([(B, KTP, 2)]), policy="STRICT")["S2"] == [(B, None, {KTP: 2})]


def test_a_disabled_source_and_one_of_another_stock_give_nothing() -> None:
    world = supply([(A, KTP, 2), (B, KTP, 2), (C, KTP, 2)])
    disabled = replace(world.sources[A], is_enabled=False)
    world = replace(world, sources={**world.sources, A: disabled}, links={STOCK: (A, C), 2: (B,)})

    found = plan([shipment(1, {KTP: 2}), shipment(2, {KTP: 2})], world)

    assert found == {"S1": [(C, None, {KTP: 2})], "S2": []}

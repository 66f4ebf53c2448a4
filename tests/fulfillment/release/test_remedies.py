"""What is said to unblock a shipment does, when it is done."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from core.quantities import UNIT
from fulfillment.release.planning.planner import EligibleSources
from fulfillment.release.planning.remedy import Remedy, RemedyKind
from fulfillment.release.planning.remedy_search import find_remedy, receipt_for_all
from fulfillment.release.planning.values import (
    ProductFacts,
    QueuedShipment,
    SourceFacts,
    Supply,
)
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.needs import Need, units_by_product
from tests.examples import examples
from tests.fulfillment.release.test_planner_worlds import worlds
from tests.fulfillment.release.worlds import (
    KTP,
    KTP2,
    TODAY,
    A,
    B,
    plan_release,
    settings,
    shipment,
    supply,
)


def remedy_of(queue: list[Any], given_supply: Any, **rules: int) -> tuple[Remedy, ...]:
    return find_remedy(queue, given_supply, settings(**rules), TODAY)


def test_units_that_are_short_are_to_be_received() -> None:
    found = remedy_of([shipment(1, {KTP: 5})], supply([(A, KTP, 3)]))

    assert found == (Remedy(RemedyKind.RECEIVE, KTP, A, 2 * UNIT),)


def test_what_an_earlier_one_would_take_of_them_is_to_be_received_too() -> None:
    queue = [shipment(1, {KTP: 1}), shipment(2, {KTP: 4})]

    found = remedy_of(queue, supply([(A, KTP, 0)]))

    assert found == (Remedy(RemedyKind.RECEIVE, KTP, A, 5 * UNIT),)


def test_units_that_lie_there_need_a_rule_changed_and_no_receipt() -> None:
    closed = supply([(A, KTP, 5, 0, False)])
    kept_back = supply([(A, KTP, 5, 2)])

    assert remedy_of([shipment(1, {KTP: 5})], closed) == (Remedy(RemedyKind.SET_IN_STOCK, KTP, A),)
    assert remedy_of([shipment(1, {KTP: 5})], kept_back) == (
        Remedy(RemedyKind.LOWER_SAFETY_STOCK, KTP, A, 0),
    )


def test_units_of_a_preordered_product_need_another_release_date() -> None:
    """And receipts, where there are not enough of them either."""
    day = TODAY + timedelta(days=9)
    products = {KTP: ProductFacts(KTP, "KTP", release_on=day)}
    moved = Remedy(RemedyKind.SET_RELEASE_DATE, KTP, day=TODAY)

    assert remedy_of([shipment(1, {KTP: 5})], supply([(A, KTP, 5)], products=products)) == (moved,)
    assert remedy_of([shipment(1, {KTP: 5})], supply([(A, KTP, 3)], products=products)) == (
        moved,
        Remedy(RemedyKind.RECEIVE, KTP, A, 2 * UNIT),
    )


def test_units_on_their_way_need_the_switch_or_the_limit() -> None:
    day = TODAY + timedelta(days=31)
    coming = supply(future=[(1, A, KTP, 5, day)])

    assert remedy_of([shipment(1, {KTP: 5})], coming) == (
        Remedy(RemedyKind.EXTEND_FUTURE_DATE_LIMIT, day=day),
    )
    assert remedy_of([shipment(1, {KTP: 5})], coming, promises_from_future=False) == (
        Remedy(RemedyKind.ENABLE_FUTURE_INVENTORY),
        Remedy(RemedyKind.EXTEND_FUTURE_DATE_LIMIT, day=day),
    )


def test_units_at_too_many_sources_need_the_limit_lifted() -> None:
    apart = supply([(A, KTP, 3), (B, KTP2, 3)])

    found = remedy_of([shipment(1, {KTP: 3, KTP2: 3})], apart, max_sources_per_release=1)

    assert found == (Remedy(RemedyKind.LIFT_SPLIT_LIMITS),)


DISABLED = SourceFacts(A, "a", is_enabled=False, ships_to_home=True)
PICKUP_ONLY = SourceFacts(A, "a", is_enabled=True, ships_to_home=False)


@pytest.mark.parametrize(
    ("source", "links", "expected"),
    [
        (DISABLED, (A,), [RemedyKind.ENABLE_SOURCE]),
        (PICKUP_ONLY, (A,), [RemedyKind.SHIP_TO_HOME]),
        (replace(PICKUP_ONLY, ships_to_home=True), (), [RemedyKind.LINK_SOURCE]),
        (
            replace(DISABLED, ships_to_home=False),
            (),
            [RemedyKind.ENABLE_SOURCE, RemedyKind.LINK_SOURCE, RemedyKind.SHIP_TO_HOME],
        ),
    ],
)
def test_a_source_that_it_may_not_draw_on_is_opened(
    source: Any, links: tuple[Any, ...], expected: list[Any]
) -> None:
    world = supply([(A, KTP, 5)], sources={A: source}, links=links)

    found = remedy_of([shipment(1, {KTP: 5})], world)

    assert found == tuple(Remedy(kind, source_id=A) for kind in expected)


def test_a_source_that_is_opened_may_need_units_as_well() -> None:
    world = supply([(A, KTP, 2)], sources={A: DISABLED}, links=(A,))

    found = remedy_of([shipment(1, {KTP: 5})], world)

    assert found == (
        Remedy(RemedyKind.ENABLE_SOURCE, source_id=A),
        Remedy(RemedyKind.RECEIVE, KTP, A, 5 * UNIT),
    )


def test_units_at_a_source_that_is_closed_spare_a_receipt() -> None:
    world = supply([(A, KTP, 5)])
    world = replace(world, sources={**world.sources, A: DISABLED})

    assert remedy_of([shipment(1, {KTP: 5})], world) == (
        Remedy(RemedyKind.ENABLE_SOURCE, source_id=A),
    )


def test_a_bar_is_lifted_or_ended_by_units_that_come_in() -> None:
    world = supply([(A, KTP, 5)], sources={A: replace(DISABLED, is_enabled=True)}, links=(A,))
    barred = shipment(1, {KTP: 5}, barred=frozenset({(A, KTP)}))

    assert remedy_of([barred], world) == (Remedy(RemedyKind.LIFT_BAR, KTP, A),)
    empty = replace(world, items=())
    assert remedy_of([barred], empty) == (Remedy(RemedyKind.RECEIVE, KTP, A, 5 * UNIT),)


def test_a_source_is_barred_for_its_product_alone() -> None:
    world = supply([(A, KTP, 5), (A, KTP2, 5), (B, KTP, 5)])

    plan = plan_release(
        [shipment(1, {KTP: 5, KTP2: 5}, barred=frozenset({(A, KTP)})), shipment(2, {KTP: 5})],
        world,
        settings(),
        TODAY,
    )

    taken = [
        {part.product_id: child.source_id for part in child.parts}
        for decision in plan.decisions
        for child in decision.children
    ]
    assert taken == [{KTP2: A}, {KTP: B}, {KTP: A}]


def test_what_is_released_anyway_needs_no_remedy() -> None:
    assert remedy_of([shipment(1, {KTP: 5})], supply([(A, KTP, 5)])) == ()


def with_fraction(world: Supply, *items_with_decimals: tuple[Any, Any]) -> tuple[list[Any], Any]:
    """Let 0.5 of KTP be owed; only these items use decimals."""
    waiting = replace(shipment(1, {}), needs=(Need(101, 1, KTP, 5_000),))
    return [waiting], replace(world, with_decimals=frozenset(items_with_decimals))


def test_a_fraction_is_to_be_received_where_decimals_are_used() -> None:
    queue, world = with_fraction(supply([(A, KTP, 9)]), (B, KTP))

    assert remedy_of(queue, world) == (Remedy(RemedyKind.RECEIVE, KTP, B, 5_000),)
    # As the product does, so does a source that has none of it yet.
    products = {**world.products, KTP: replace(world.products[KTP], uses_decimals=True)}
    world = replace(world, products=products, with_decimals=frozenset())
    assert remedy_of(queue, world) == (Remedy(RemedyKind.RECEIVE, KTP, B, 5_000),)


def test_a_source_is_to_use_decimals_where_none_gives_the_fraction() -> None:
    queue, world = with_fraction(supply([(A, KTP, 9)]))

    assert remedy_of(queue, world) == (Remedy(RemedyKind.USE_DECIMALS, KTP, A),)
    assert remedy_of(queue, replace(world, items=())) == (
        Remedy(RemedyKind.USE_DECIMALS, KTP, A),
        Remedy(RemedyKind.RECEIVE, KTP, A, 5_000),
    )


def test_fractions_of_two_products_may_need_two_sources_and_no_limit() -> None:
    needs = (Need(101, 1, KTP, 5_000), Need(102, 2, KTP2, 5_000))
    world = replace(supply(), with_decimals=frozenset({(A, KTP), (B, KTP2)}))

    waiting = replace(shipment(1, {}), needs=needs)

    found = remedy_of([waiting], world, max_sources_per_release=1)

    assert found == (
        Remedy(RemedyKind.LIFT_SPLIT_LIMITS),
        Remedy(RemedyKind.RECEIVE, KTP, A, 5_000),
        Remedy(RemedyKind.RECEIVE, KTP2, B, 5_000),
    )


def test_a_remedy_names_things_as_people_do() -> None:
    world = supply()

    assert Remedy(RemedyKind.RECEIVE, KTP, A, 25_000).as_json(world) == {
        "kind": "RECEIVE", "sku": "KTP", "source": "a", "quantity": "2.5",
    }  # fmt: skip
    assert Remedy(RemedyKind.EXTEND_FUTURE_DATE_LIMIT, day=TODAY).as_json(world) == {
        "kind": "EXTEND_FUTURE_DATE_LIMIT", "until": "2026-04-28",
    }  # fmt: skip


def with_source(world: Any, source: int, **changes: bool) -> Any:
    return replace(
        world, sources={**world.sources, source: replace(world.sources[source], **changes)}
    )


def carried_out(remedies: tuple[Any, ...], world: Any, rules: Any) -> tuple[Any, Any]:
    """Change the world by hand, one remedy at a time."""
    items = {(item.product_id, item.source_id): item for item in world.items}
    products = dict(world.products)
    decimals = set(world.with_decimals)
    for remedy in remedies:
        key = remedy.product_id, remedy.source_id
        if remedy.kind == "USE_DECIMALS":
            decimals.add(key[::-1])
        elif remedy.kind == "RECEIVE":
            if key not in items and products[remedy.product_id].uses_decimals:
                decimals.add(key[::-1])
            # Only whole units can be received where decimals are not used.
            assert key[::-1] in decimals or remedy.units % UNIT == 0
            item = items.get(key) or replace(
                next(iter(supply([(A, KTP, 0)]).items)),
                product_id=remedy.product_id,
                source_id=remedy.source_id,
            )
            items[key] = replace(item, unallocated=item.unallocated + remedy.units)
        elif remedy.kind == "SET_IN_STOCK":
            items[key] = replace(items[key], is_in_stock=True)
        elif remedy.kind == "LOWER_SAFETY_STOCK":
            items[key] = replace(items[key], safety_stock=remedy.units)
        elif remedy.kind == "EXTEND_FUTURE_DATE_LIMIT":
            rules = replace(rules, horizon=remedy.day)
        elif remedy.kind == "ENABLE_SOURCE":
            world = with_source(world, remedy.source_id, is_enabled=True)
        elif remedy.kind == "SHIP_TO_HOME":
            world = with_source(world, remedy.source_id, ships_to_home=True)
        elif remedy.kind == "LINK_SOURCE":
            linked = {stock: (*found, remedy.source_id) for stock, found in world.links.items()}
            world = replace(world, links=linked)
        elif remedy.kind == "ENABLE_FUTURE_INVENTORY":
            rules = replace(rules, promises_from_future=True)
        elif remedy.kind == "ENABLE_FUTURE_INVENTORY_OF_PRODUCT":
            changed = products[remedy.product_id]
            products[remedy.product_id] = replace(changed, own_future=True)
        elif remedy.kind == "SET_RELEASE_DATE":
            changed = products[remedy.product_id]
            products[remedy.product_id] = replace(changed, release_on=remedy.day)
        elif remedy.kind == "LIFT_SPLIT_LIMITS":
            rules = replace(rules, limits=SplitLimits())
    changed = replace(world, items=tuple(items.values()), products=products)
    return replace(changed, with_decimals=frozenset(decimals)), rules


def unbarred(queue: list[Any], position: int, remedies: tuple[Remedy, ...]) -> list[Any]:
    """Return the queue without the bars that units ended, and that were lifted of one shipment."""
    received = {(r.source_id, r.product_id) for r in remedies if r.kind == "RECEIVE"}
    lifted = {(r.source_id, r.product_id) for r in remedies if r.kind == "LIFT_BAR"}
    return [
        replace(each, barred=each.barred - received - (lifted if key == position else set()))
        for key, each in enumerate(queue)
    ]


@examples(300)
@given(worlds())
def test_carrying_a_remedy_out_releases_the_shipment(world: Any) -> None:
    shipments, given_supply, rules = world
    queue = sorted(shipments, key=lambda each: each.queue_key())
    plan = plan_release(queue, given_supply, rules, TODAY)
    for position, decision in enumerate(plan.decisions):
        if decision.is_complete:
            continue
        remedies = find_remedy(queue[: position + 1], given_supply, rules, TODAY)
        if remedies:
            changed, changed_rules = carried_out(remedies, given_supply, rules)
            after = plan_release(unbarred(queue, position, remedies), changed, changed_rules, TODAY)
            assert after.decisions[position].is_complete
        else:
            assert not could_draw(decision.shipment, given_supply)


@examples(300)
@given(worlds())
def test_receiving_for_all_who_come_before_releases_the_shipment(world: Any) -> None:
    shipments, given_supply, rules = world
    queue = sorted(shipments, key=lambda each: each.queue_key())
    plan = plan_release(queue, given_supply, rules, TODAY)
    for position, decision in enumerate(plan.decisions):
        if decision.is_complete:
            continue
        earlier = Counter[int]()
        for each in queue[:position]:
            earlier.update(units_by_product(each.needs))
        remedies = receipt_for_all(decision.shipment, earlier, given_supply, rules, TODAY)
        if remedies:
            changed, changed_rules = carried_out(remedies, given_supply, rules)
            after = plan_release(unbarred(queue, position, remedies), changed, changed_rules, TODAY)
            assert after.decisions[position].is_complete
        else:
            candidates = EligibleSources(given_supply, rules.algorithm).of(decision.shipment)
            assert not candidates


def could_draw(waiting: QueuedShipment, given_supply: Any) -> bool:
    """Whether there is a source from which it might leave, were it open to it."""
    return any(waiting.pickup_source_id in (None, source) for source in given_supply.sources)

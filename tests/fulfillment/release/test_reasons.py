"""Why it waits: every reason with its facts, and the earliest date; on the planner alone."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.quantities import UNIT
from fulfillment.release.planning.values import ProductFacts, QueuedShipment, SourceFacts, Supply
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

MAY_9 = date(2026, 5, 9)
JULY_1 = date(2026, 7, 1)
JULY_2 = date(2026, 7, 2)


def shortages_of_last(
    queue: list[QueuedShipment], world: Any, **rules: Any
) -> list[tuple[int, Any, list[Any], Any]]:
    """Return what the last of the queue lacks, as (product, missing, reasons, facts)."""
    decision = plan_release(queue, world, settings(**rules), TODAY).decisions[-1]
    return [
        (
            short.product_id,
            short.missing // UNIT,
            [reason.value for reason in short.reasons],
            dict(short.facts),
        )
        for short in decision.shortages
    ]


def expected(queue: list[QueuedShipment], world: Supply, **rules: bool) -> Any:
    return plan_release(queue, world, settings(**rules), TODAY).decisions[-1].expected_on


@pytest.mark.parametrize(
    ("current", "missing", "reasons", "facts"),
    [
        ([], 5, ["NO_STOCK"], {}),
        ([(A, KTP, 2), (B, KTP, 1)], 2, ["NOT_ENOUGH_STOCK"], {}),
        (
            [(A, KTP, 9, 0, False)],
            5,
            ["NO_STOCK", "ITEM_OUT_OF_STOCK"],
            {"out_of_stock_at": ["a"]},
        ),
        (
            [(A, KTP, 9, 7), (B, KTP, 1, 1)],
            3,
            ["NOT_ENOUGH_STOCK", "SAFETY_STOCK"],
            {"safety_stock_at": ["a", "b"]},
        ),
    ],
)
def test_what_is_there_and_may_not_be_used_is_named(
    current: list[Any], missing: int, reasons: list[str], facts: dict[str, list[str]]
) -> None:
    found = shortages_of_last([shipment(1, {KTP: 5})], supply(current))

    assert found == [(KTP, missing, reasons, facts)]


def test_who_took_the_units_is_named() -> None:
    queue = [shipment(1, {KTP: 3}), shipment(2, {KTP: 3})]

    found = shortages_of_last(queue, supply([(A, KTP, 4)]))

    assert found == [(KTP, 2, ["TAKEN_BY_EARLIER"], {"taken_by": ["S1"]})]


def test_who_took_units_that_are_out_of_reach_is_not_named() -> None:
    # The first picks up at B; the second may draw on A alone.
    queue = [shipment(1, {KTP: 3}, pickup_source_id=B), shipment(2, {KTP: 3}, pickup_source_id=A)]

    found = shortages_of_last(queue, supply([(A, KTP, 1), (B, KTP, 3)]))

    assert found == [
        (KTP, 2, ["NOT_ENOUGH_STOCK", "PICKUP_SOURCE_ONLY"], {"units_elsewhere_at": ["b"]})
    ]


def test_who_was_promised_all_that_comes_is_named() -> None:
    queue = [shipment(1, {KTP: 3}), shipment(2, {KTP: 3})]
    day = TODAY + timedelta(days=3)

    found = shortages_of_last(queue, supply(future=[(1, A, KTP, 4, day)]))

    part = {"quantity": "1.0000", "wanted": "3.0000", "expected_on": day.isoformat()}
    assert found == [(KTP, 2, ["TAKEN_BY_EARLIER"], {"taken_by": ["S1"], "coming": part})]


def test_who_only_uses_what_it_had_received_took_nothing() -> None:
    queue = [
        shipment(1, {KTP: 3}, is_future=True, source_id=A, received={KTP: 3 * UNIT}),
        shipment(2, {KTP: 3}),
    ]

    found = shortages_of_last(queue, supply([(A, KTP, 0)]))

    assert found == [(KTP, 3, ["NO_STOCK"], {})]


def test_who_took_is_named_in_the_order_of_the_queue_wherever_it_took() -> None:
    queue = [shipment(number, {KTP: 1}) for number in range(1, 8)]
    apart = supply([(A, KTP, 3), (B, KTP, 4)])

    found = shortages_of_last([*queue, shipment(8, {KTP: 1})], apart)

    last_five = ["S3", "S4", "S5", "S6", "S7"]
    assert found == [(KTP, 1, ["TAKEN_BY_EARLIER"], {"taken_by": last_five})]


def test_the_shipment_that_units_are_kept_for_is_named() -> None:
    queue = [shipment(1, {KTP: 9}), shipment(2, {KTP: 3})]

    found = shortages_of_last(queue, supply([(A, KTP, 4)]), policy="STRICT")

    assert found == [(KTP, 3, ["WAITING_BEHIND"], {"kept_for": ["S1"]})]


@pytest.mark.parametrize(
    "source",
    [
        SourceFacts(C, "c", is_enabled=False, ships_to_home=True),
        SourceFacts(C, "c", is_enabled=True, ships_to_home=False),
    ],
)
def test_units_at_a_source_that_may_not_be_used_are_named(source: SourceFacts) -> None:
    world = supply([(C, KTP, 9)])
    world = replace(world, sources={**world.sources, C: source})

    found = shortages_of_last([shipment(1, {KTP: 5})], world)

    assert found == [(KTP, 5, ["NO_STOCK", "SOURCE_NOT_ELIGIBLE"], {"units_elsewhere_at": ["c"]})]


@pytest.mark.parametrize(
    ("links", "barred"), [((A, B), frozenset()), ((A, B, C), frozenset({(C, KTP)}))]
)
def test_units_at_a_source_that_is_not_linked_or_barred_are_named(
    links: tuple[Any, ...], barred: Any
) -> None:
    world = supply([(C, KTP, 9)], links=links)

    found = shortages_of_last([shipment(1, {KTP: 5}, barred=barred)], world)

    assert found == [(KTP, 5, ["NO_STOCK", "SOURCE_NOT_ELIGIBLE"], {"units_elsewhere_at": ["c"]})]


def test_units_that_are_not_at_the_pickup_source_are_named() -> None:
    found = shortages_of_last([shipment(1, {KTP: 5}, pickup_source_id=B)], supply([(A, KTP, 9)]))

    assert found == [(KTP, 5, ["NO_STOCK", "PICKUP_SOURCE_ONLY"], {"units_elsewhere_at": ["a"]})]


def test_a_stock_without_any_source_to_leave_from_is_an_error_of_routing() -> None:
    world = replace(supply([(A, KTP, 9)]), links={STOCK: ()})

    found = shortages_of_last([shipment(1, {KTP: 5})], world)

    assert found == [
        (KTP, 5, ["ROUTING_ERROR", "SOURCE_NOT_ELIGIBLE"], {"units_elsewhere_at": ["a"]})
    ]


@pytest.mark.parametrize("limit", ["max_sources_per_release", "max_sources_per_line"])
def test_limits_that_stop_it_are_named_where_enough_is_there(limit: str) -> None:
    world = supply([(A, KTP, 3), (B, KTP, 3)])

    found = shortages_of_last([shipment(1, {KTP: 5})], world, **{limit: 1})

    assert found == [(KTP, 5, ["SPLIT_LIMIT"], {})]


@pytest.mark.parametrize(
    ("day", "rules", "own", "reason"),
    [
        (None, {}, None, "FUTURE_NO_DATE"),
        (TODAY - timedelta(days=1), {}, None, "FUTURE_OVERDUE"),
        (JULY_1, {}, None, "FUTURE_BEYOND_LIMIT"),
        (MAY_9, {"promises_from_future": False}, None, "FUTURE_DISABLED_SITE"),
        (MAY_9, {}, False, "FUTURE_DISABLED_PRODUCT"),
    ],
)
def test_why_supply_that_is_coming_is_not_promised_is_named(
    day: Any, rules: dict[str, bool], own: bool | None, reason: str
) -> None:
    world = supply(future=[(7, A, KTP, 5, day)], products={KTP: ProductFacts(KTP, "KTP", own)})
    record = {
        "future_supply": 7,
        "source": "a",
        "expected_on": None if day is None else day.isoformat(),
        "quantity": "5.0000",
    }

    found = shortages_of_last([shipment(1, {KTP: 5})], world, **rules)

    is_about_date = not reason.startswith("FUTURE_DISABLED")
    facts = {reason.lower(): [record]} if is_about_date else {}
    assert found == [(KTP, 5, ["NO_STOCK", reason], facts)]


@pytest.mark.parametrize(
    ("rules", "missing", "reasons"),
    [
        ({}, 1, ["NOT_ENOUGH_STOCK"]),
        ({"promises_from_future": False}, 38, ["NOT_ENOUGH_STOCK", "FUTURE_DISABLED_SITE"]),
    ],
)
def test_a_part_that_is_coming_is_named_with_its_day(
    rules: dict[str, bool], missing: int, reasons: list[str]
) -> None:
    world = supply([(A, KTP, 3)], [(1, A, KTP, 30, MAY_9), (2, A, KTP, 7, JULY_1)])

    found = shortages_of_last([shipment(1, {KTP: 41})], world, **{"horizon": JULY_2, **rules})

    part = {"quantity": "40.0000", "wanted": "41.0000", "expected_on": "2026-07-01"}
    assert found == [(KTP, missing, reasons, {"coming": part})]


def test_the_earliest_date_is_when_the_last_product_is_there() -> None:
    world = supply(future=[(1, A, KTP, 5, JULY_1), (2, A, KTP2, 3, JULY_2)])

    assert expected([shipment(1, {KTP: 5, KTP2: 3})], world) == JULY_2


def test_units_that_are_there_and_units_that_may_be_promised_count_towards_the_date() -> None:
    world = supply([(A, KTP, 2)], [(1, A, KTP, 2, MAY_9), (2, A, KTP, 1, JULY_1)])

    assert expected([shipment(1, {KTP: 5})], world) == JULY_1
    assert expected([shipment(1, {KTP: 6})], world) is None


def test_what_earlier_shipments_are_promised_does_not_count_towards_the_date() -> None:
    world = supply(future=[(1, A, KTP, 5, MAY_9), (2, A, KTP, 5, JULY_1)])

    assert expected([shipment(1, {KTP: 4}), shipment(2, {KTP: 5})], world) == JULY_1


def test_overdue_supply_gives_no_date() -> None:
    world = supply(future=[(1, A, KTP, 5, TODAY - timedelta(days=1))])

    assert expected([shipment(1, {KTP: 5})], world) is None


def test_supply_gives_a_date_although_it_may_not_be_promised() -> None:
    world = supply(future=[(1, A, KTP, 5, MAY_9)])

    assert expected([shipment(1, {KTP: 5})], world, promises_from_future=False) == MAY_9


def test_units_that_are_there_wait_for_the_release_date_of_their_product() -> None:
    """Under every policy, and supply that is coming is not promised before it either (§23)."""
    products = {
        KTP: ProductFacts(KTP, "KTP", release_on=MAY_9),
        KTP2: ProductFacts(KTP2, "KTP2", release_on=TODAY),
    }
    world = supply([(A, KTP, 5), (A, KTP2, 5)], [(7, A, KTP, 5, TODAY)], products=products)

    found = shortages_of_last([shipment(1, {KTP: 2, KTP2: 1})], world, policy="STRICT")
    plan = plan_release([shipment(1, {KTP2: 5})], world, settings(), TODAY)

    assert found == [(KTP, 2, ["BEFORE_RELEASE_DATE"], {"release_on": MAY_9.isoformat()})]
    # Its own release date is today.
    assert [decision.is_complete for decision in plan.decisions] == [True]

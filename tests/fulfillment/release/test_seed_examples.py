"""The six examples of backorder release with current inventory, future inventory, and both."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.quantities import UNIT
from fulfillment.release.planning.values import (
    Decision,
    ProductFacts,
    QueuedShipment,
    Supply,
    WaitReason,
)
from tests.fulfillment.release.worlds import (
    KTP,
    KTP2,
    KTP3,
    TODAY,
    A,
    B,
    plan_release,
    settings,
    shipment,
    supply,
)

TWO = shipment(1, {KTP: 5, KTP2: 5})
THREE = shipment(1, {KTP: 5, KTP2: 5, KTP3: 5})


def decide(waiting: QueuedShipment, world: Supply, **changes: bool) -> Decision:
    (decision,) = plan_release([waiting], world, settings(**changes), TODAY).decisions
    return decision


def children(decision: Decision) -> list[tuple[int, date | None, list[tuple[int, int]]]]:
    return [
        (
            child.source_id,
            child.expected_on,
            [(t.product_id, t.units // UNIT) for t in child.parts],
        )
        for child in decision.children
    ]


def test_current_at_two_locations_releases() -> None:
    decision = decide(TWO, supply([(A, KTP, 5), (B, KTP2, 5)]))

    assert decision.is_complete
    assert not decision.becomes_ready_itself
    assert children(decision) == [(A, None, [(KTP, 5)]), (B, None, [(KTP2, 5)])]


def test_one_product_nowhere_keeps_all_of_it_waiting() -> None:
    decision = decide(TWO, supply([(A, KTP, 5)]))

    assert decision.children == ()
    (shortage,) = decision.shortages
    assert (shortage.product_id, shortage.missing) == (KTP2, 5 * UNIT)
    assert shortage.reasons == (WaitReason.NO_STOCK,)


def test_dated_supply_on_three_dates_releases() -> None:
    world = supply(
        future=[
            (1, A, KTP, 2, date(2026, 5, 1)),
            (2, A, KTP, 3, date(2026, 5, 10)),
            (3, B, KTP2, 5, date(2026, 5, 15)),
        ]
    )

    decision = decide(TWO, world)

    assert decision.is_complete
    assert children(decision) == [
        (A, date(2026, 5, 1), [(KTP, 2)]),
        (A, date(2026, 5, 10), [(KTP, 3)]),
        (B, date(2026, 5, 15), [(KTP2, 5)]),
    ]


def test_supply_without_a_date_promises_nothing() -> None:
    world = supply(future=[(1, A, KTP, 5, date(2026, 5, 1)), (2, B, KTP2, 5, None)])

    decision = decide(TWO, world)

    assert decision.children == ()
    (shortage,) = decision.shortages
    assert shortage.product_id == KTP2
    assert WaitReason.FUTURE_NO_DATE in shortage.reasons
    assert decision.expected_on is None


def test_current_and_future_together_release() -> None:
    world = supply(
        [(B, KTP2, 5)],
        [(1, A, KTP, 5, date(2026, 5, 1)), (2, B, KTP3, 5, date(2026, 5, 9))],
    )

    decision = decide(THREE, world)

    assert children(decision) == [
        (B, None, [(KTP2, 5)]),
        (A, date(2026, 5, 1), [(KTP, 5)]),
        (B, date(2026, 5, 9), [(KTP3, 5)]),
    ]


def test_current_and_future_with_one_undated_wait() -> None:
    world = supply([(B, KTP2, 5)], [(1, A, KTP, 5, date(2026, 5, 1)), (2, B, KTP3, 5, None)])

    decision = decide(THREE, world)

    assert decision.children == ()
    assert [shortage.product_id for shortage in decision.shortages] == [KTP3]


@pytest.mark.parametrize(("days", "is_released"), [(30, True), (31, False)])
def test_limit_is_inclusive(days: int, is_released: bool) -> None:
    day = TODAY + timedelta(days=days)
    decision = decide(shipment(1, {KTP: 5}), supply(future=[(1, A, KTP, 5, day)]))

    assert decision.is_complete is is_released
    if not is_released:
        assert WaitReason.FUTURE_BEYOND_LIMIT in decision.shortages[0].reasons
        assert decision.expected_on == day


def test_overdue_supply_is_never_promised() -> None:
    yesterday = TODAY - timedelta(days=1)
    decision = decide(shipment(1, {KTP: 5}), supply(future=[(1, A, KTP, 5, yesterday)]))

    assert decision.children == ()
    assert WaitReason.FUTURE_OVERDUE in decision.shortages[0].reasons


@pytest.mark.parametrize(
    ("promises", "own", "reason"),
    [
        (False, None, WaitReason.FUTURE_DISABLED_SITE),
        (False, True, WaitReason.FUTURE_DISABLED_SITE),
        (True, False, WaitReason.FUTURE_DISABLED_PRODUCT),
    ],
)
def test_future_inventory_needs_the_site_and_the_product(
    promises: bool, own: bool | None, reason: Any
) -> None:
    world = supply(
        future=[(1, A, KTP, 5, TODAY)], products={KTP: ProductFacts(KTP, "KTP", own_future=own)}
    )

    decision = decide(shipment(1, {KTP: 5}), world, promises_from_future=promises)

    assert decision.children == ()
    assert reason in decision.shortages[0].reasons

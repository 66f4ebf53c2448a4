"""Future supply is received, moved, cut down, closed short and canceled: whom it hits, and how."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.release.runs import engine
from inventory.models import FutureSupply, InventoryConfiguration, SourceItem
from inventory.operations.bulk import take_back_transit
from inventory.operations.future_supply import (
    BelowReceivedError,
    ClosedSupplyError,
    NewSupply,
    SupplyError,
    cancel_supply,
    change_supply,
    preview_changes,
    preview_closes,
)
from inventory.operations.receipts import Confirmation, receive_supply
from inventory.promises import PromisePlan
from orders.models import OrderEmail
from tests.factories.fulfillment import BackorderFactory, promise
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants

TODAY = date(2026, 4, 28)
NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MAY_1, MAY_10 = date(2026, 5, 1), date(2026, 5, 10)
pytestmark = pytest.mark.django_db


@pytest.fixture
def supply() -> FutureSupply:
    """10 kettles on 1 May; promised to the shipments S1 (3), S2 (4) and S3 (2), in queue order."""
    kettle, source = ProductFactory(sku="KTP"), SourceFactory(code="a")
    SourceItemFactory(source=source, product=kettle, quantity=0, safety_stock=5)
    supply = FutureSupplyFactory(source=source, product=kettle, quantity=10, expected_on=MAY_1)
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"future_inventory": True})
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    for day, quantity in [(1, 3), (2, 4), (3, 2)]:
        placed_at = datetime(2026, 4, day, tzinfo=UTC)
        order = OrderFactory(channel=channel, number=f"O{day}", placed_at=placed_at)
        promise(BackorderFactory(order=order, number=f"S{day}", lines={kettle: quantity}), None)
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    assert states() == ["S1 FUTURE", "S2 FUTURE", "S3 FUTURE"]
    return supply


def states() -> list[str]:
    """What each order's units do now, in queue order."""
    open_now = Shipment.objects.exclude(state="REASSIGNED").order_by("order__number")
    return [f"S{s.order.number[1:]} {s.state}" for s in open_now.select_related("order")]


def hit(plan: PromisePlan) -> list[str]:
    return [promise.order_number for promise in plan.broken]


def test_all_that_was_promised_becomes_ready_and_the_rest_is_on_hand(supply: FutureSupply) -> None:
    over = Confirmation(confirms_over=True)
    plan = receive_supply(supply.pk, Act(NOW), quantity=Decimal(12), confirmation=over)

    assert states() == ["S1 READY", "S2 READY", "S3 READY"]
    item = SourceItem.objects.get()
    assert (item.quantity, item.allocated) == (Decimal(12), Decimal(9))
    supply.refresh_from_db()
    assert (supply.state, supply.received_quantity, supply.allocated_quantity) == (
        "RECEIVED",
        Decimal(12),
        Decimal(0),
    )
    assert hit(plan) == []
    assert OrderEmail.objects.filter(kind="BEING_PREPARED").count() == 3
    assert_invariants()


def test_a_part_goes_to_the_first_in_the_queue(supply: FutureSupply) -> None:
    receive_supply(supply.pk, Act(NOW), quantity=Decimal(5))

    assert states() == ["S1 READY", "S2 FUTURE", "S3 FUTURE"]
    supply.refresh_from_db()
    assert (supply.state, supply.allocated_quantity) == ("OPEN", Decimal(4))
    assert SourceItem.objects.get().allocated == 5
    assert_invariants()
    receive_supply(supply.pk, Act(NOW), quantity=Decimal(1))
    receive_supply(supply.pk, Act(NOW), quantity=Decimal(1))
    assert states() == ["S1 READY", "S2 READY", "S3 FUTURE"]
    assert_invariants()


def test_a_held_promise_becomes_ready_and_is_told_once_the_hold_is_lifted(
    supply: FutureSupply,
) -> None:
    hold(Shipment.objects.get(order__number="O1", state="FUTURE").pk, Act(NOW - HOUR))

    receive_supply(supply.pk, Act(NOW), quantity=Decimal(3))

    ready = Shipment.objects.get(state="READY")
    assert (ready.order.number, ready.is_held) == ("O1", True)
    prepared = OrderEmail.objects.filter(kind="BEING_PREPARED")
    assert not prepared.exists()

    for again in (False, True):
        if again:
            hold(ready.pk, Act(NOW))
        lift_hold(ready.pk, Act(NOW))
        [told] = prepared
        assert told.order.number == "O1"


def test_closing_short_sends_promised_shipments_back_whole_with_their_age(
    supply: FutureSupply,
) -> None:
    before = preview_closes([supply.pk])[supply.pk]
    plan = receive_supply(supply.pk, Act(NOW), quantity=Decimal(5), is_last=True)

    assert hit(before) == ["O1", "O2", "O3"]
    assert hit(plan) == ["O2", "O3"]
    assert states() == ["S1 READY", "S2 BACKORDER", "S3 BACKORDER"]
    back = Shipment.objects.get(order__number="O2", state="BACKORDER")
    assert back.backordered_since == datetime(2026, 4, 2, tzinfo=UTC)
    item = SourceItem.objects.get()
    assert (item.quantity, item.allocated) == (Decimal(5), Decimal(3))
    supply.refresh_from_db()
    assert (supply.state, supply.allocated_quantity) == ("RECEIVED", Decimal(0))
    assert_invariants()


def test_the_effect_of_taking_a_transfer_back_costs_one_query_however_many_are_promised(
    supply: FutureSupply, django_assert_num_queries: Any
) -> None:
    channel = Shipment.objects.order_by("pk")[0].order.channel
    for number in (4, 5):
        kettle = ProductFactory(sku=f"KT{number}")
        SourceItemFactory(source=supply.source, product=kettle, quantity=0)
        FutureSupplyFactory(source=supply.source, product=kettle, quantity=9, expected_on=MAY_1)
        order = OrderFactory(channel=channel, number=f"O{number}", placed_at=NOW)
        promise(BackorderFactory(order=order, number=f"S{number}", lines={kettle: 1}), None)
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    ids = list(FutureSupply.objects.order_by("pk").values_list("pk", flat=True))
    rows = take_back_transit.plan(ids)

    with django_assert_num_queries(1):
        hit_by_all = take_back_transit.affected_shipments(rows, ids)
    with django_assert_num_queries(1):
        hit_by_one = take_back_transit.affected_shipments(rows[2:], ids)

    promised = Shipment.objects.filter(state="FUTURE")
    assert hit_by_all == set(promised.values_list("number", flat=True))
    assert len(hit_by_all) == 5
    assert hit_by_one == set(promised.filter(order__number="O5").values_list("number", flat=True))


def test_a_lower_quantity_breaks_the_last_promises_until_the_rest_fits(
    supply: FutureSupply,
) -> None:
    new = NewSupply(Decimal(5), MAY_1)
    shown = preview_changes({supply.pk: new}, today=TODAY)[supply.pk]
    assert states() == ["S1 FUTURE", "S2 FUTURE", "S3 FUTURE"]

    plan = change_supply(supply.pk, new, Act(NOW), today=TODAY)

    assert shown == plan
    assert hit(plan) == ["O2", "O3"]
    assert states() == ["S1 FUTURE", "S2 BACKORDER", "S3 BACKORDER"]
    assert_invariants()


def test_a_date_inside_the_limit_moves_promises_along_and_tells_customers(
    supply: FutureSupply,
) -> None:
    for shipment in Shipment.objects.filter(state="FUTURE"):
        promise(shipment, date(2026, 5, 1))
    OrderEmail.objects.all().delete()

    plan = change_supply(supply.pk, NewSupply(Decimal(10), MAY_10), Act(NOW), today=TODAY)

    assert hit(plan) == []
    assert set(Shipment.objects.filter(state="FUTURE").values_list("expected_on", flat=True)) == {
        MAY_10
    }
    told = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED")
    assert {(e.context["former_expected_on"], e.context["expected_on"]) for e in told} == {
        ("2026-05-01", "2026-05-10")
    }
    assert told.count() == 3
    assert_invariants()


@pytest.mark.parametrize(
    ("expected_on", "left"),
    [
        (date(2026, 5, 28), "FUTURE"),  # 30 days: exactly on the limit
        (date(2026, 5, 29), "BACKORDER"),
        (TODAY, "FUTURE"),
        (date(2026, 4, 27), "BACKORDER"),
        (None, "BACKORDER"),
    ],
)
def test_a_date_outside_the_limit_sends_promises_back(
    supply: FutureSupply, expected_on: Any, left: str
) -> None:
    change_supply(supply.pk, NewSupply(Decimal(10), expected_on), Act(NOW), today=TODAY)

    assert states() == [f"S1 {left}", f"S2 {left}", f"S3 {left}"]
    assert_invariants()


def test_a_limit_that_was_lowered_breaks_no_promise_whose_date_stays(supply: FutureSupply) -> None:
    InventoryConfiguration.objects.update(future_date_limit="P1D")

    change_supply(supply.pk, NewSupply(Decimal(9), MAY_1), Act(NOW), today=TODAY)

    assert states() == ["S1 FUTURE", "S2 FUTURE", "S3 FUTURE"]


def test_canceled_supply_sends_all_back(supply: FutureSupply) -> None:
    plan = cancel_supply(supply.pk, Act(NOW))

    assert hit(plan) == ["O1", "O2", "O3"]
    assert states() == ["S1 BACKORDER", "S2 BACKORDER", "S3 BACKORDER"]
    supply.refresh_from_db()
    assert (supply.state, supply.allocated_quantity) == ("CANCELED", Decimal(0))
    assert_invariants()


def test_what_makes_no_sense_is_refused_and_nothing_moves(supply: FutureSupply) -> None:
    receive_supply(supply.pk, Act(NOW), quantity=Decimal(3))

    with pytest.raises(BelowReceivedError):
        change_supply(supply.pk, NewSupply(Decimal(2), MAY_1), Act(NOW), today=TODAY)
    with pytest.raises(SupplyError):
        receive_supply(supply.pk, Act(NOW), quantity=Decimal(0))
    with pytest.raises(SupplyError):
        receive_supply(supply.pk, Act(NOW), quantity=Decimal(-1), is_last=True)
    cancel_supply(supply.pk, Act(NOW))
    with pytest.raises(ClosedSupplyError):
        receive_supply(supply.pk, Act(NOW), quantity=Decimal(1))

    assert FutureSupply.objects.get().received_quantity == 3
    assert_invariants()


def test_a_shipment_on_two_records_has_the_later_date() -> None:
    kettle, pan = ProductFactory(sku="KTP"), ProductFactory(sku="PAN")
    source = SourceFactory(code="a")
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"future_inventory": True})
    kettles = FutureSupplyFactory(source=source, product=kettle, quantity=2, expected_on=MAY_1)
    pans = FutureSupplyFactory(source=source, product=pan, quantity=1, expected_on=MAY_1)
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    order = OrderFactory(channel=channel, placed_at=datetime(2026, 4, 1, tzinfo=UTC))
    BackorderFactory(order=order, number="S1", lines={kettle: 2, pan: 1})
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")

    change_supply(pans.pk, NewSupply(Decimal(1), MAY_10), Act(NOW), today=TODAY)
    promised = Shipment.objects.get(state="FUTURE")
    receive_supply(kettles.pk, Act(NOW), quantity=Decimal(2))
    still_promised = Shipment.objects.get(pk=promised.pk)
    cancel_supply(pans.pk, Act(NOW))

    assert promised.expected_on == MAY_10
    assert still_promised.state == "FUTURE"
    assert Shipment.objects.get(pk=promised.pk).state == "BACKORDER"
    assert SourceItem.objects.get(product=kettle).allocated == 0
    assert_invariants()

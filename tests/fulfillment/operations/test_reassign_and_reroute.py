"""Moving a shipment to other sources by hand: whole, and past nobody who waits."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import ArrivalNotice, Shipment, SourceBar
from fulfillment.operations.moves.customer_care import move_to_care
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.reassignment import (
    NotServedError,
    SourceNotEligibleError,
    reassign,
    reroute,
)
from fulfillment.operations.shipments.locking import StaleShipmentError, WrongStateError
from inventory.models import InventoryConfiguration, Source, SourceItem
from orders.models import Order, OrderEmail
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from orders.refusals import UnpaidOrderError
from tests.factories.fulfillment import promise
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.present import present

PLACED = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    """East has 4 A and 4 B, west 4 A; south is of no stock of ours."""
    east, west, south = (SourceFactory(code=code) for code in ("east", "west", "south"))
    SalesChannelFactory(code="web", stock=StockFactory(sources=[east, west]))
    a, b = ProductFactory(sku="A"), ProductFactory(sku="B")
    for source, product in ((east, a), (west, a), (east, b), (south, a)):
        SourceItemFactory(source=source, product=product, quantity=Decimal(4))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0"}
    )


def place(units: int, *, sku: str = "A", now: datetime = PLACED, **values: Any) -> Any:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest(sku, Decimal(units), Decimal("2.50")),),
        **values,
    )
    order_id = place_order(request, Act(now)).order_id
    return Shipment.objects.filter(order=order_id).order_by("pk").last()


def let_pick_up(code: str) -> None:
    Source.objects.filter(code=code).update(
        is_pickup_location=True, street="1 Main St", city="Town", phone="1"
    )


def stock_up(source: str, units: int, sku: str = "A") -> None:
    SourceItem.objects.filter(source__code=source, product__sku=sku).update(quantity=units)


def allocated() -> dict[Any, int]:
    rows = SourceItem.objects.filter(product__sku="A").order_by("source__code")
    return {code: int(units) for code, units in rows.values_list("source__code", "allocated")}


def test_a_ready_shipment_moves_to_the_source_that_staff_name() -> None:
    shipment = place(3)

    served = reassign(shipment.pk, Act(NOW, reason="Closer"), source_code="west")

    shipment.refresh_from_db()
    [child] = served.ready
    assert (shipment.state, shipment.source.code, shipment.amount) == ("REASSIGNED", "east", 0)
    assert (child.state, present(child.source).code, child.number) == (
        "READY",
        "west",
        f"{shipment.number}.1",
    )
    assert child.amount == Decimal("7.50")
    assert allocated() == {"east": 0, "south": 0, "west": 3}
    [event] = shipment.events.filter(kind="REASSIGNED")
    assert (event.reason, event.detail) == ("Closer", {"sources": ["west"]})
    assert not OrderEmail.objects.filter(kind="BEING_PREPARED").exists()
    assert_invariants()
    fulfill(child.pk, Act(NOW))
    assert_invariants()


def test_no_child_has_the_number_of_a_shipment_of_another_order() -> None:
    moved = place(1, number="7")
    [child] = reassign(moved.pk, Act(NOW, reason="Closer"), source_code="west").ready

    assert (moved.number, child.number) == ("7-1", "7-1.1")
    assert place(1, number="7-1").number == "7-1-1"


def test_units_that_a_move_frees_ask_for_a_run() -> None:
    shipment = place(3)
    place(6)
    ArrivalNotice.objects.all().delete()
    stock_up("west", 20)

    reassign(shipment.pk, Act(NOW), source_code="west")

    assert ArrivalNotice.objects.count() == 1


def test_a_backorder_becomes_ready_at_the_source_with_a_notice() -> None:
    place(8)
    waits = place(5)
    promise(waits, None)
    stock_up("west", 10)

    reassign(waits.pk, Act(NOW), source_code="west")

    waits.refresh_from_db()
    assert (waits.state, waits.source.code, waits.released_at) == ("READY", "west", NOW)
    kinds = list(waits.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["CREATED", "REASSIGNED", "RELEASED"]
    [email] = OrderEmail.objects.filter(kind="BEING_PREPARED")
    assert email.context == {
        "lines": [{"sku": "A", "name": "Product A", "quantity": "5.0000"}],
        "shipments": [waits.pk],
    }
    assert_invariants()


def test_what_reauthorizes_is_held_until_the_money_is_there() -> None:
    InventoryConfiguration.objects.update(payment_action="AUTHORIZE", void_and_reauthorize=True)
    place(8)
    waits = place(5)
    promise(waits, None)
    stock_up("west", 10)

    [ready] = reassign(waits.pk, Act(NOW), source_code="west").ready

    assert (ready.state, ready.is_held, ready.hold_reason) == ("READY", True, "PAYMENT")
    assert not OrderEmail.objects.filter(kind="BEING_PREPARED").exists()
    assert_invariants()


def test_a_backorder_passes_nobody_who_waits_before_it() -> None:
    place(8)
    first, second = place(5), place(3, now=PLACED + timedelta(hours=1))
    stock_up("west", 10)

    with pytest.raises(NotServedError) as refused:
        reassign(second.pk, Act(NOW), source_code="west")
    assert refused.value.missing == {"A": Decimal(2)}
    assert allocated() == {"east": 4, "south": 0, "west": 4}
    assert_invariants()

    reassign(first.pk, Act(NOW), source_code="west")
    assert Shipment.objects.get(pk=first.pk).state == "READY"
    assert_invariants()


def test_an_exception_comes_after_all_who_wait() -> None:
    place(8)
    care = place(3)
    place(5, now=PLACED + timedelta(hours=1))
    move_to_care(care.pk, Act(NOW, reason="Address"))
    stock_up("west", 11)

    with pytest.raises(NotServedError):
        reroute(care.pk, Act(NOW))
    stock_up("west", 12)
    reroute(care.pk, Act(NOW))

    care.refresh_from_db()
    assert (care.state, care.source.code, care.care_reason) == ("READY", "west", "")
    assert_invariants()


def test_a_reroute_leaves_the_source_and_may_split() -> None:
    shipment = place(4)
    SourceItem.objects.filter(source__code="west", product__sku="A").update(quantity=3)
    north = SourceFactory(code="north")
    shipment.stock.links.create(source=north, priority=3)
    SourceItemFactory(source=north, product=shipment.lines.get().product, quantity=Decimal(1))

    served = reroute(shipment.pk, Act(NOW))

    shipment.refresh_from_db()
    assert shipment.state == "REASSIGNED"
    found = [
        (present(child.source).code, child.amount, child.lines.get().quantity)
        for child in served.ready
    ]
    assert found == [("west", Decimal("7.50"), Decimal(3)), ("north", Decimal("2.50"), Decimal(1))]
    assert allocated() == {"east": 0, "north": 1, "south": 0, "west": 3}
    assert_invariants()


def test_a_reroute_without_enough_elsewhere_moves_nothing() -> None:
    shipment = place(4, sku="B")

    with pytest.raises(NotServedError) as refused:
        reroute(shipment.pk, Act(NOW))

    assert refused.value.missing == {"B": Decimal(4)}
    shipment.refresh_from_db()
    assert (shipment.state, shipment.source.code) == ("READY", "east")
    assert_invariants()


def test_limits_hold_for_a_reroute() -> None:
    InventoryConfiguration.objects.update(max_sources_per_release=1)
    shipment = place(4)
    stock_up("west", 3)
    north = SourceFactory(code="north")
    shipment.stock.links.create(source=north, priority=3)
    SourceItemFactory(source=north, product=shipment.lines.get().product, quantity=Decimal(1))

    with pytest.raises(NotServedError):
        reroute(shipment.pk, Act(NOW))


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("unlinked", "NOT_LINKED"),
        ("unknown", "NOT_LINKED"),
        ("disabled", "DISABLED"),
        ("barred", "BARRED"),
        ("stays", "NOT_SHIPPING_HOME"),
    ],
)
def test_a_source_that_may_not_serve_it_is_refused_and_why(reason: str, cause: str) -> None:
    shipment = place(3)
    west = Source.objects.get(code="west")
    if reason == "disabled":
        Source.objects.filter(pk=west.pk).update(is_enabled=False)
    if reason == "barred":
        product = shipment.lines.get().product
        SourceBar.objects.create(shipment=shipment, source=west, product=product, created_at=NOW)
    if reason == "stays":
        Source.objects.filter(pk=west.pk).update(ships_to_home=False)
    code = {"unlinked": "south", "unknown": "nowhere"}.get(reason, "west")

    with pytest.raises(SourceNotEligibleError) as refused:
        reassign(shipment.pk, Act(NOW), source_code=code)

    assert (refused.value.source_code, refused.value.cause) == (code, cause)
    shipment.refresh_from_db()
    assert (shipment.state, shipment.source.code) == ("READY", "east")
    assert_invariants()


def test_a_shipment_that_is_there_already_held_over_stale_or_unpaid_is_not_moved() -> None:
    shipment = place(3)

    with pytest.raises(WrongStateError):
        reassign(shipment.pk, Act(NOW), source_code="east")
    with pytest.raises(StaleShipmentError):
        reassign(shipment.pk, Act(NOW), source_code="west", expected_version=0)
    hold(shipment.pk, Act(NOW))
    with pytest.raises(WrongStateError):
        reroute(shipment.pk, Act(NOW))
    Shipment.objects.update(is_held=False, hold_reason="")
    Order.objects.update(status="PAYMENT_REVIEW")
    with pytest.raises(UnpaidOrderError):
        reroute(shipment.pk, Act(NOW))
    Order.objects.update(status="PROCESSING")
    fulfill(shipment.pk, Act(NOW))
    with pytest.raises(WrongStateError):
        reroute(shipment.pk, Act(NOW))

    assert allocated() == {"east": 0, "south": 0, "west": 0}
    assert_invariants()


def test_a_pickup_shipment_is_served_by_its_own_source_alone() -> None:
    let_pick_up("west")
    place(8)
    waits = place(3, fulfillment_method="PICKUP", pickup_source="west")
    stock_up("west", 20)
    stock_up("east", 20)

    with pytest.raises(SourceNotEligibleError) as refused:
        reassign(waits.pk, Act(NOW), source_code="east")
    assert refused.value.cause == "NOT_FOR_PICKUP"
    reroute(waits.pk, Act(NOW))

    waits.refresh_from_db()
    assert (waits.state, waits.source.code) == ("READY", "west")
    assert_invariants()


def test_units_that_pick_up_waits_for_are_not_taken_by_a_move() -> None:
    let_pick_up("west")
    ready = place(4)
    place(4)
    place(3, fulfillment_method="PICKUP", pickup_source="west", now=PLACED - timedelta(days=1))
    stock_up("west", 9)

    with pytest.raises(NotServedError) as refused:
        reassign(ready.pk, Act(NOW), source_code="west")

    assert refused.value.missing == {"A": Decimal(2)}
    assert_invariants()

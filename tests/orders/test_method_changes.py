"""The method or the store of a placed order is changed: what has still to leave is routed anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import PickList, Shipment, WaitingBalance
from fulfillment.operations.moves.customer_care import move_to_care
from fulfillment.operations.moves.departures import NotAtStoreError
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.moves.pack import pack
from fulfillment.operations.moves.reassignment import reassign, reroute
from fulfillment.operations.moves.set_aside import set_aside
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.picking.pick_lists import close, make_pick_list
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.queries.order_shipments import shipments_of
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from inventory.operations.source_items import ItemChange, set_items
from inventory.operations.stocks import save_source
from orders.admin.change_effects import effect_in_words
from orders.changes.cancel import cancel
from orders.changes.change import ChangeRefusedError
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest
from orders.models import Order, OrderChange, OrderEmail
from orders.notices.send import send_queued
from orders.placing.place import place_order
from orders.placing.request import Address, Customer, LineRequest, OrderRequest
from orders.refusals import WouldWaitError
from tests.api import api_of_superuser, codes
from tests.factories.fulfillment import promise
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.fulfillment.operations.paid_orders import release
from tests.fulfillment.review.bulk_moves import effects
from tests.inbox import text_of
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.orders.mugs import NOW
from tests.present import present

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)
ACT = Act(LATER, reason="The customer called")
SOON, TOLD = date(2026, 3, 10), date(2026, 3, 12)
TO_STORE = ChangeRequest(fulfillment_method="PICKUP", pickup_source="store")
TO_MALL = ChangeRequest(pickup_source="mall")
TO_HOME = ChangeRequest(fulfillment_method="SHIP_TO_HOME")


@pytest.fixture(autouse=True)
def shop() -> None:
    """A warehouse with ten MUGs, a store with four of them, and a mall with none."""
    InventoryConfiguration.load()
    store: dict[str, Any] = {"is_pickup_location": True, "street": "1", "city": "T", "phone": "1"}
    sources = [
        SourceFactory(code="warehouse"),
        SourceFactory(code="store", **store),
        SourceFactory(code="mall", **store, ships_to_home=False),
    ]
    SalesChannelFactory(code="web", stock=StockFactory(sources=sources))
    mug = ProductFactory(sku="MUG", backorders="ALLOW_QTY_BELOW_0")
    for source, quantity in zip(sources, (10, 4, 0), strict=True):
        SourceItemFactory(product=mug, source=source, quantity=Decimal(quantity))


def ordered(
    quantity: int, *, store: str | None = None, number: str = "W-1", address: Address = HOME
) -> Order:
    request = OrderRequest(
        address=address,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(quantity), Decimal("3.33")),),
        number=number,
        fulfillment_method="PICKUP" if store else "SHIP_TO_HOME",
        pickup_source=store,
    )
    return Order.objects.get(pk=place_order(request, Act(NOW)).order_id)


def parts(order: Order) -> list[tuple[Any, ...]]:
    """Return the shipments with units: number, state, source, pickup source, units."""
    rows = Shipment.objects.filter(order=order, lines__quantity__gt=0).order_by("pk")
    return list(
        rows.values_list(
            "number", "state", "source__code", "pickup_source__code", "lines__quantity"
        )
    )


def test_what_is_there_is_ready_at_the_store_and_the_rest_waits_with_its_age() -> None:
    order = ordered(6)

    change = change_order(order.pk, ACT, request=TO_STORE)

    order.refresh_from_db()
    assert (order.fulfillment_method, order.pickup_source) == (
        "PICKUP",
        Source.objects.get(code="store"),
    )
    assert change.steps == [
        {"column": "fulfillment_method", "before": "SHIP_TO_HOME", "after": "PICKUP"},
        {"column": "pickup_source", "before": "", "after": "store"},
    ]
    assert parts(order) == [
        ("W-1-1", "BACKORDER", None, "store", 2),
        ("W-1-1.1", "READY", "store", "store", 4),
    ]
    waits = Shipment.objects.get(number="W-1-1")
    assert (waits.backordered_since, waits.expected_on) == (NOW, date(2026, 3, 19))
    assert_invariants()


def test_a_pickup_becomes_ship_to_home_and_is_sent_from_elsewhere() -> None:
    order = ordered(6, store="store")
    assert [row[1] for row in parts(order)] == ["READY", "BACKORDER"]

    change_order(order.pk, ACT, request=TO_HOME)

    assert parts(order) == [
        ("W-1-2", "READY", "warehouse", None, 2),
        ("W-1-1.1", "READY", "warehouse", None, 4),
    ]
    assert_invariants()
    for shipment in Shipment.objects.filter(state="READY").order_by("pk"):
        fulfill(shipment.pk, Act(LATER))
    order.refresh_from_db()
    assert order.status == "COMPLETE"
    assert present(Shipment.objects.get(number="W-1-2").shipped_to)["street"] == "1 High Street"
    assert_invariants()


def test_units_that_wait_at_another_store_keep_their_place_there() -> None:
    order = ordered(6, store="store")

    change_order(order.pk, ACT, request=TO_MALL)

    assert parts(order) == [
        ("W-1-1", "BACKORDER", None, "mall", 4),
        ("W-1-2", "BACKORDER", None, "mall", 2),
    ]
    item = SourceItem.objects.get(source__code="mall")
    SourceItem.objects.filter(pk=item.pk).update(quantity=6)
    release(LATER)
    assert {row[1:4] for row in parts(order)} == {("READY", "mall", "mall")}
    assert_invariants()


def test_nobody_who_waits_before_it_is_overtaken() -> None:
    InventoryConfiguration.objects.update(release_mode="FULL")
    ordered(9, number="W-0", store="store")
    SourceItem.objects.filter(source__code="store").update(quantity=8)
    order = ordered(3, number="W-1")

    change_order(order.pk, ACT, request=TO_STORE)

    # Of eight, four are ready for the first, which waits for five more.
    assert parts(order) == [("W-1-1", "BACKORDER", None, "store", 3)]
    assert_invariants()


def test_units_that_are_set_aside_at_a_source_that_serves_it_stay_its_own() -> None:
    SourceItem.objects.filter(source__code="warehouse").update(quantity=0)
    order = ordered(3, store="store")
    ordered(9, number="W-0")

    change_order(order.pk, ACT, request=TO_HOME)

    assert parts(order) == [("W-1-1.1", "READY", "store", None, 3)]
    assert_invariants()


def test_holds_and_exceptions_stay() -> None:
    order = ordered(2)
    hold(Shipment.objects.get().pk, Act(NOW, reason="Fraud check"))

    change_order(order.pk, ACT, request=TO_STORE)

    ready = Shipment.objects.get(state="READY")
    assert (ready.is_held, ready.hold_reason, ready.hold_note) == (True, "STAFF", "Fraud check")
    assert Shipment.objects.get(state="REASSIGNED").is_held is False
    second = ordered(2, number="W-2")
    move_to_care(Shipment.objects.get(order=second).pk, Act(NOW, reason="Ask"))
    change_order(second.pk, ACT, request=TO_STORE)
    assert parts(second) == [("W-2-1", "CUSTOMER_CARE", None, "store", 2)]
    assert_invariants()


def test_a_held_backorder_is_given_nothing() -> None:
    order = ordered(6, store="store")
    waits = Shipment.objects.get(state="BACKORDER")
    hold(waits.pk, Act(NOW, reason="Asked for"))

    change_order(order.pk, ACT, request=TO_HOME)

    waits.refresh_from_db()
    assert (waits.state, waits.is_held, waits.pickup_source) == ("BACKORDER", True, None)
    assert_invariants()


def test_a_promise_of_dated_supply_is_lost_and_the_preview_says_so() -> None:
    InventoryConfiguration.objects.update(future_inventory=True)
    supply = FutureSupplyFactory(
        product=Product.objects.get(),
        source=Source.objects.get(code="store"),
        quantity=5,
        expected_on=LATER.date() + timedelta(days=5),
    )
    order = ordered(6, store="store")
    release(NOW)
    assert [row[1] for row in parts(order)] == ["READY", "FUTURE"]

    effect = change_order.preview(order.pk, ACT, request=TO_MALL)
    assert [(one.standing, one.quantity) for one in effect.fallen_back] == [
        ("READY", Decimal(4)),
        ("PROMISED", Decimal(2)),
    ]
    change_order(order.pk, ACT, request=TO_MALL)

    supply.refresh_from_db()
    assert supply.allocated_quantity == 0
    assert [row[1] for row in parts(order)] == ["BACKORDER", "BACKORDER"]
    assert_invariants()


def test_the_preview_compares_the_dates_that_the_customer_was_told(admin_client: Client) -> None:
    SourceItem.objects.filter(source__code="warehouse").update(quantity=0)
    order = ordered(6)
    [waits] = Shipment.objects.filter(state="BACKORDER")
    Shipment.objects.filter(pk=waits.pk).update(expected_on=SOON, has_known_supply=True)
    body = {"reason": "x", "set": {"fulfillment_method": "PICKUP", "pickup_source": "store"}}
    api = api_of_superuser()

    untold = api.post("orders/W-1/changes/?dry_run=1", body)[1]
    promise(waits, TOLD)
    told = api.post("orders/W-1/changes/?dry_run=1", body)[1]

    assert untold["promises_moved"] == []
    assert told["promises_moved"] == [
        {"shipment": waits.number, "before": "2026-03-12", "after": None}
    ]
    url = reverse("admin:orders_order_task", args=[order.pk, "change"])
    typed = {**admin_client.get(url).context["form"].initial, "reason": "Asked to"}
    typed |= {"fulfillment_method": "PICKUP", "pickup_source": "store", "step": "preview"}
    effect = admin_client.post(url, typed).context["effect"]
    [step] = effect["promises"]
    assert (step.what, step.before, step.after) == (waits.number, "12 Mar 2026", "no date yet")
    assert [one.what for one in effect["dates"]] == [waits.number]


def test_what_becomes_ready_is_not_shown_without_a_date(admin_client: Client) -> None:
    SourceItem.objects.filter(source__code="warehouse").update(quantity=0)
    store = Source.objects.get(code="store")
    # The date is a Tuesday.
    store.work_days = ["MON", "WED", "THU", "FRI", "SAT", "SUN"]
    save_source(store, today=LATER.date(), changed={"work_days": store.work_days})
    SourceItem.objects.filter(source=store).update(quantity=0)
    order = ordered(2)
    [waits] = Shipment.objects.all()
    Shipment.objects.filter(pk=waits.pk).update(expected_on=SOON, has_known_supply=True)
    promise(waits, TOLD)
    SourceItem.objects.filter(source=store).update(quantity=2)
    body = {"reason": "x", "set": {"fulfillment_method": "PICKUP", "pickup_source": "store"}}

    effect = api_of_superuser().post("orders/W-1/changes/?dry_run=1", body)[1]

    assert [one["state"] for one in effect["shipments"]] == ["READY"]
    assert effect["promises_moved"] == [
        {"shipment": waits.number, "before": "2026-03-12", "after": "2026-03-11"}
    ]
    # Without a date before, it needs none.
    Shipment.objects.filter(pk=waits.pk).update(expected_on=None)
    shown = change_order.preview(order.pk, ACT, request=TO_STORE)
    assert [(one.before, one.after) for one in shown.moved_promises] == []
    change_order(order.pk, ACT, request=TO_STORE)
    shown = change_order.preview(order.pk, ACT, request=TO_MALL)
    [date_step] = effect_in_words(shown, "USD")["dates"]
    assert (date_step.before, date_step.after) == ("ready", "19 Mar 2026")


def test_notices_speak_of_the_method_that_each_shipment_has(inbox: list[Any]) -> None:
    """What is on a pick list is still sent, though the order is collected by now."""
    order = ordered(12)
    ready = Shipment.objects.get(state="READY", source__code="warehouse")
    make_pick_list(present(ready.source_id), [ready.pk], Act(NOW))
    Source.objects.filter(code="store").update(name="Corner shop", street="Main Street 7")
    change_order(order.pk, ACT, request=TO_STORE)

    send_queued(now=LATER + timedelta(minutes=10))

    [confirmation] = [text_of(one) for one in inbox if one["Subject"] == "Your order W-1"]
    assert "Delivery address:\nAda" in confirmation
    assert "once we have written that it is ready:\nCorner shop\nMain Street 7" in confirmation


def test_units_of_a_pickup_order_that_are_still_sent_are_said_to_be_prepared(
    inbox: list[Any],
) -> None:
    InventoryConfiguration.objects.update(pickup_without_setting_aside=True)
    SourceItem.objects.update(quantity=0)
    order = ordered(2)
    promise(Shipment.objects.get(), SOON)
    SourceItem.objects.filter(source__code="warehouse").update(quantity=2)
    release(NOW)
    ready = on_list(order)
    change_order(order.pk, ACT, request=TO_STORE)

    send_queued(now=LATER + timedelta(minutes=10))

    kinds = [(email.kind, email.state) for email in OrderEmail.objects.all()]
    assert ("BEING_PREPARED", "SENT") in kinds
    assert "- 2 × " in text_of(inbox[-1])
    # What is collected is told when it can be, at once.
    close(PickList.objects.get().pk)
    SourceItem.objects.filter(source__code="store").update(quantity=2)
    reroute(ready.pk, ACT)
    OrderEmail.objects.filter(kind="BEING_PREPARED").update(state="QUEUED", sent_at=None)
    send_queued(now=LATER + timedelta(minutes=20))
    assert OrderEmail.objects.get(kind="BEING_PREPARED").state == "LEFT_OUT"


def test_a_product_without_backorders_is_not_made_to_wait() -> None:
    Product.objects.update(backorders="NO_BACKORDERS")
    order = ordered(6)

    with pytest.raises(WouldWaitError) as refused:
        change_order(order.pk, ACT, request=TO_STORE)

    assert refused.value.values == {"products": "MUG"}
    order.refresh_from_db()
    assert order.fulfillment_method == "SHIP_TO_HOME"
    assert parts(order) == [("W-1-1", "READY", "warehouse", None, 6)]
    assert not OrderChange.objects.exists()
    SourceItem.objects.filter(source__code="store").update(quantity=6)
    change_order(order.pk, ACT, request=TO_STORE)
    assert parts(order) == [("W-1-1.1", "READY", "store", "store", 6)]
    assert_invariants()


def test_what_is_on_a_pick_list_stays_and_is_named_and_the_rest_is_routed_again(
    admin_client: Client,
) -> None:
    order = ordered(12)
    ready = Shipment.objects.get(state="READY", source__code="warehouse")
    make_pick_list(present(ready.source_id), [ready.pk], Act(NOW))
    before = parts(order)
    assert before == [
        ("W-1-1", "READY", "warehouse", None, 10),
        ("W-1-2", "READY", "store", None, 2),
    ]
    url = reverse("admin:orders_order_task", args=[order.pk, "change"])
    typed = {**admin_client.get(url).context["form"].initial, "reason": "Asked to"}
    typed |= {"fulfillment_method": "PICKUP", "pickup_source": "store", "step": "preview"}
    shown = admin_client.post(url, typed)

    change_order(order.pk, ACT, request=TO_STORE)

    assert "W-1-1 is on a pick list, and stays at warehouse." in shown.text
    assert parts(order) == [
        ("W-1-1", "READY", "warehouse", None, 10),
        ("W-1-2.1", "READY", "store", "store", 2),
    ]
    assert_invariants()
    # Another change moves both, each from the queue in which it is.
    close(PickList.objects.get().pk)
    change_order(order.pk, ACT, request=TO_MALL)
    assert {(row[1], row[3]) for row in parts(order)} == {("BACKORDER", "mall")}
    assert_invariants()
    cancel(order.pk, ACT)
    assert_invariants()


def test_what_was_taken_off_its_list_follows_the_order_when_it_is_routed_again() -> None:
    order = ordered(10)
    ready = Shipment.objects.get()
    make_pick_list(present(ready.source_id), [ready.pk], Act(NOW))
    change_order(order.pk, ACT, request=TO_STORE)
    SourceItem.objects.filter(source__code="store").update(quantity=10)
    close(PickList.objects.get().pk)

    reroute(ready.pk, ACT)

    assert parts(order) == [("W-1-1.1", "READY", "store", "store", 10)]
    assert_invariants()


def test_an_order_offers_to_ship_only_what_may_leave() -> None:
    order = ordered(2)

    def can_ship() -> bool:
        [shown] = shipments_of(order.pk)
        return shown.can_ship

    assert can_ship()
    # Its shipping was undone after the method changed: it is not at its store yet.
    Shipment.objects.update(pickup_source=Source.objects.get(code="store"))
    assert not can_ship()
    Shipment.objects.update(pickup_source=None)
    Order.objects.update(status="PENDING_PAYMENT")
    assert not can_ship()


def on_list(order: Order) -> Shipment:
    """Put the one shipment of an order, which is READY, on a pick list."""
    ready = Shipment.objects.get(order=order)
    make_pick_list(present(ready.source_id), [ready.pk], Act(NOW))
    return ready


def choose_again(order: Order) -> None:
    change_order(order.pk, ACT, request=ChangeRequest(chooses_sources_again=True))


def to_store(order: Order) -> None:
    [ready] = Shipment.objects.filter(order=order, state="READY")
    reassign(ready.pk, ACT, source_code="store")


def by_the_rules(order: Order) -> None:
    [ready] = Shipment.objects.filter(order=order, state="READY")
    reroute(ready.pk, ACT)


@pytest.mark.parametrize("move", [choose_again, to_store, by_the_rules])
@pytest.mark.parametrize("way", ["to the store", "to home"])
def test_what_was_taken_off_its_list_follows_the_order_where_it_is(
    move: Callable[[Order], None], way: str
) -> None:
    SourceItem.objects.filter(source__code="warehouse").update(quantity=0)
    is_to_home = way == "to home"
    order = ordered(3, store="store" if is_to_home else None)
    on_list(order)
    # Who waits before it loses nothing by its own units.
    ordered(9, number="W-0", store=None if is_to_home else "store")
    Shipment.objects.filter(order__number="W-0", state="BACKORDER").update(
        backordered_since=NOW - timedelta(days=1)
    )
    change_order(order.pk, ACT, request=TO_HOME if is_to_home else TO_STORE)
    close(PickList.objects.get().pk)
    stood = "store" if is_to_home else None
    assert parts(order) == [("W-1-1", "READY", "store", stood, 3)]

    move(order)

    follows = None if is_to_home else "store"
    assert parts(order) == [("W-1-1.1", "READY", "store", follows, 3)]
    assert_invariants()
    # It follows once.
    with pytest.raises(WrongStateError):
        to_store(order)


def test_the_preview_lets_it_follow_where_it_is() -> None:
    SourceItem.objects.filter(source__code="warehouse").update(quantity=0)
    order = ordered(3)
    ready = on_list(order)
    change_order(order.pk, ACT, request=TO_STORE)
    close(PickList.objects.get().pk)
    change = ShipmentBulkChange(BulkAction.REASSIGN, source="store", reason="Near")

    first = effects([ready], change)
    [child] = reassign(ready.pk, ACT, source_code="store").ready

    assert first[0][0] is True
    assert effects([child], change) == [(False, "Ships from store already.")]


def fall_by_count(shipment: Shipment) -> None:
    item = SourceItem.objects.get(source__code="warehouse")
    set_items([ItemChange(item.product_id, item.source_id, {"quantity": Decimal(0)})], ACT)


def fall_by_hand(shipment: Shipment) -> None:
    close(PickList.objects.get().pk)
    move_to_care(shipment.pk, ACT)


@pytest.mark.parametrize("fall", [fall_by_count, fall_by_hand])
def test_what_falls_back_waits_as_its_order_now_asks(fall: Callable[[Shipment], None]) -> None:
    order = ordered(10)
    shipment = on_list(order)
    change_order(order.pk, ACT, request=TO_STORE)
    assert parts(order) == [("W-1-1", "READY", "warehouse", None, 10)]

    fall(shipment)

    [row] = parts(order)
    assert row[2:] == (None, "store", 10)
    balances = WaitingBalance.objects.exclude(quantity=0)
    assert list(balances.values_list("pickup_source__code", "quantity")) == [("store", Decimal(10))]
    assert_invariants()


def test_what_was_set_aside_and_is_reassigned_is_set_aside_no_longer() -> None:
    order = ordered(2, store="store")
    ready = Shipment.objects.get()
    set_aside(ready.pk, Act(NOW))
    Order.objects.filter(pk=order.pk).update(pickup_source=Source.objects.get(code="mall"))
    SourceItem.objects.filter(source__code="mall").update(quantity=2)

    [child] = reassign(ready.pk, ACT, source_code="mall").ready

    child.refresh_from_db()
    assert (child.set_aside_at, child.collect_by) == (None, None)
    assert parts(order) == [("W-1-1.1", "READY", "mall", "mall", 2)]
    assert_invariants()


def test_what_was_on_a_list_leaves_as_it_was_to_be_sent() -> None:
    order = ordered(12)
    ready = Shipment.objects.get(state="READY", source__code="warehouse")
    make_pick_list(present(ready.source_id), [ready.pk], Act(NOW))
    change_order(order.pk, ACT, request=TO_STORE)

    fulfill(ready.pk, ACT)

    [email] = OrderEmail.objects.filter(kind="DISPATCHED")
    assert email.context["shipments"] == [ready.pk]
    assert present(Shipment.objects.get(pk=ready.pk).shipped_to)["street"] == HOME.street


def test_what_was_sent_and_never_left_goes_to_the_store_before_it_is_collected() -> None:
    order = ordered(2)
    shipment = Shipment.objects.get()
    second = ordered(1, number="W-2")
    fulfill(shipment.pk, ACT)
    Order.objects.filter(pk=order.pk).update(
        fulfillment_method="PICKUP", pickup_source=Source.objects.get(code="store")
    )
    undo_fulfillment(shipment.pk, ACT)
    lift_hold(shipment.pk, ACT)

    for move in (set_aside, pack, fulfill):
        with pytest.raises(NotAtStoreError):
            move(shipment.pk, ACT)
    to_ship = Shipment.objects.to_ship().values_list("order", flat=True)
    assert list(to_ship) == [second.pk]
    [child] = reassign(shipment.pk, ACT, source_code="store").ready
    set_aside(child.pk, ACT)
    assert OrderEmail.objects.filter(kind="READY_TO_COLLECT").count() == 1
    assert_invariants()


@pytest.mark.parametrize(
    ("request_", "code", "path"),
    [
        (ChangeRequest(fulfillment_method="PICKUP"), "INVALID_PICKUP_SOURCE", "set/pickup_source"),
        (ChangeRequest(pickup_source="store"), "INVALID_PICKUP_SOURCE", "set/pickup_source"),
        (replace(TO_STORE, pickup_source="no"), "NOT_A_PICKUP_SOURCE", "set/pickup_source"),
        (replace(TO_STORE, pickup_source="warehouse"), "NOT_A_PICKUP_SOURCE", "set/pickup_source"),
    ],
)
def test_a_pickup_names_a_store_of_the_orders_stock(
    request_: ChangeRequest, code: str, path: str
) -> None:
    order = ordered(2)

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=request_)

    assert [(one.code, one.path) for one in refused.value.problems] == [(code, path)]


def test_to_be_shipped_to_home_it_has_an_address() -> None:
    order = ordered(2, store="store", address=Address())

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=TO_HOME)

    assert [one.path for one in refused.value.problems] == [
        "set/address/recipient",
        "set/address/street",
        "set/address/city",
        "set/address/country",
        "set/address/postcode",
    ]
    change_order(order.pk, ACT, request=replace(TO_HOME, address=HOME))
    order.refresh_from_db()
    assert (order.is_pickup, order.street) == (False, "1 High Street")


def test_while_something_is_sent_its_address_is_not_emptied() -> None:
    order = ordered(10)
    ready = on_list(order)
    emptied = ChangeRequest(address=Address())

    # What is on the list is sent; what is routed again is not.
    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=replace(TO_STORE, address=Address()))
    assert refused.value.problems[0].path == "set/address/recipient"
    change_order(order.pk, ACT, request=TO_STORE)
    with pytest.raises(ChangeRefusedError):
        change_order(order.pk, ACT, request=emptied)
    close(PickList.objects.get().pk)
    with pytest.raises(ChangeRefusedError):
        change_order(order.pk, ACT, request=emptied)
    fulfill(ready.pk, ACT)
    change_order(ordered(2, number="W-2").pk, ACT, request=replace(TO_STORE, address=Address()))

    assert present(Shipment.objects.get(pk=ready.pk).shipped_to)["street"] == "1 High Street"
    assert Order.objects.get(number="W-2").street == ""
    assert_invariants()


def test_what_was_set_aside_or_has_left_keeps_what_it_was() -> None:
    order = ordered(6)
    line = order.lines.get()
    fulfill(Shipment.objects.get().pk, Act(NOW), quantities={line.pk: Decimal(4)})

    change_order(order.pk, ACT, request=TO_STORE)
    ready = Shipment.objects.get(state="READY")
    set_aside(ready.pk, Act(LATER))

    left = Shipment.objects.get(state="FULFILLED")
    assert (left.pickup_source, present(left.shipped_to)["city"]) == (None, "London")
    change_order(order.pk, ACT, request=TO_HOME)
    ready = Shipment.objects.get(state="READY")
    assert (ready.set_aside_at, ready.pickup_source) == (None, None)
    change_order(order.pk, ACT, request=TO_STORE)
    # A parcel that never left belongs to the order as it is now.
    undo_fulfillment(left.pk, Act(LATER, reason="Found"))
    left.refresh_from_db()
    assert left.pickup_source == Source.objects.get(code="store")
    assert order.emails.filter(kind="SHIPPING_UNDONE").exists()
    assert_invariants()


def page_of(order: Order) -> str:
    return reverse("admin:orders_order_task", args=[order.pk, "change"])


def test_the_page_previews_who_would_wait_and_confirms(admin_client: Client) -> None:
    order = ordered(6)
    form = admin_client.get(page_of(order)).context["form"]
    assert [code for code, _label in form["pickup_source"].field.widget.choices][1:] == [
        "mall",
        "store",
    ]
    typed = {
        **form.initial,
        "fulfillment_method": "PICKUP",
        "pickup_source": "store",
        "reason": "Called",
    }

    effect = admin_client.post(page_of(order), {**typed, "step": "preview"}).context["effect"]

    assert [(step.what, step.before, step.after) for step in effect["facts"]] == [
        ("Fulfillment method", "Ship to home", "Pickup"),
        ("Pickup source", "–", "store"),
    ]
    assert effect["fallen_back"] == ["2 × MUG: ready now, will wait."]
    assert admin_client.post(page_of(order), {**typed, "step": "confirm"}).status_code == 302
    assert [row[1] for row in parts(order)] == ["BACKORDER", "READY"]
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    [entry] = [one for one in page.context["history"] if one.what == "Order changed"]
    assert entry.detail == (
        "Fulfillment method: Ship to home → Pickup · Pickup source: – → store · Called"
    )


def test_the_page_makes_a_pickup_ship_to_home_whatever_store_is_still_chosen(
    admin_client: Client,
) -> None:
    order = ordered(2, store="store", address=Address())
    typed = {
        **admin_client.get(page_of(order)).context["form"].initial,
        "fulfillment_method": "SHIP_TO_HOME",
        "reason": "Called",
    }

    form = admin_client.post(page_of(order), {**typed, "step": "preview"}).context["form"]
    assert form.errors["street"] == ["Give the street: the order is shipped to home."]
    home = {name: getattr(HOME, name) for name in ("recipient", "street", "city", "country")}
    sent = {**typed, **home, "postcode": HOME.postcode, "step": "confirm"}
    assert admin_client.post(page_of(order), sent).status_code == 302
    order.refresh_from_db()
    assert (order.is_pickup, order.city) == (False, "London")


def test_a_shop_without_stores_offers_no_method(admin_client: Client) -> None:
    order = ordered(2)
    Source.objects.update(is_pickup_location=False)

    form = admin_client.get(page_of(order)).context["form"]

    assert not {"fulfillment_method", "pickup_source"} & form.fields.keys()


def test_the_api_previews_changes_and_refuses() -> None:
    ordered(6)
    api = api_of_superuser()
    body = {
        "reason": "Called",
        "set": {"fulfillment_method": "PICKUP", "pickup_source": "store"},
    }

    status, shown = api.post("orders/W-1/changes/?dry_run=1", body)

    assert (status, shown["after"]["pickup_source"]) == (200, "store")
    assert shown["fallen_back"] == [{"line": 1, "standing": "READY", "quantity": "2.0000"}]
    assert api.post("orders/W-1/changes/", body)[0] == 201
    assert api.get("orders/W-1/")[1]["fulfillment_method"] == "PICKUP"
    again = api.post("orders/W-1/changes/", body)
    assert (again[0], codes(again[1])[0]) == (409, "nothing-to-change")
    nowhere = {"reason": "Called", "set": {"pickup_source": "warehouse"}}
    assert codes(api.post("orders/W-1/changes/", nowhere)[1]) == (
        "change-refused",
        [("/set/pickup_source", "NOT_A_PICKUP_SOURCE")],
    )
    Product.objects.update(backorders="NO_BACKORDERS")
    mall = {"reason": "Called", "set": {"pickup_source": "mall"}}
    refused = api.post("orders/W-1/changes/", mall)
    assert (refused[0], codes(refused[1])[0]) == (409, "would-wait")

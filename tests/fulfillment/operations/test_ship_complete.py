"""Of an order that ships complete, what is ready waits for the rest, and leaves with it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.acts import Act
from fulfillment.models import PickLine, ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.customer_care import move_to_care
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.moves.reassignment import reassign, reroute
from fulfillment.operations.moves.set_aside import set_aside
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.picking.pick_lists import NothingToPickError, make_pick_list
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.release.explanation import explain
from fulfillment.release.runs import engine
from fulfillment.release.runs.one_shipment import release_ahead
from fulfillment.release.runs.part_release import release_part
from inventory.models import FutureSupply, InventoryConfiguration, Source, SourceItem
from inventory.operations.receipt_reversals import take_back_receipt
from inventory.operations.receipts import receive_supply
from inventory.operations.source_items import ItemChange, adjust_items, set_items
from inventory.options import ReleaseMode
from orders.changes.cancel import cancel
from orders.changes.order_change import change_order
from orders.changes.request import ChangePayment, ChangeRequest, Substitution
from orders.models import Order, OrderEmail, OrderLine, PaymentOperation
from orders.payments.staff_decisions import settle
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    FutureSupplyFactory,
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
ZONE = ZoneInfo("UTC")
WHY = Act(NOW, reason="Asked for")
REST = ("READY", "REST")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    open_shop()


def open_shop() -> None:
    """Two sources; of kettles 4 are at each, of pots none, but 9 are to come to the first."""
    a = SourceFactory(code="a", is_pickup_location=True, street="1 Main St", city="T", phone="1")
    b = SourceFactory(code="b")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[a, b]))
    kettle, pot = ProductFactory(sku="KTP"), ProductFactory(sku="POT")
    for source in (a, b):
        SourceItemFactory(source=source, product=kettle, quantity=Decimal(4))
        SourceItemFactory(source=source, product=pot, quantity=Decimal(0))
    FutureSupplyFactory(product=pot, source=a, quantity=9, expected_on=date(2026, 3, 20))
    configure(backorders="ALLOW_QTY_BELOW_0")


def configure(**options: Any) -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults=options)


def place(*lines: tuple[str, int], whole: bool | None = True, **values: Any) -> Order:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=tuple(LineRequest(sku, Decimal(units), Decimal("2.50")) for sku, units in lines),
        ship_complete=whole,
        **values,
    )
    return Order.objects.get(pk=place_order(request, Act(PLACED)).order_id)


def mixed(**values: Any) -> Order:
    """Place an order of which the kettles are ready and the pots wait."""
    return place(("KTP", 2), ("POT", 2), **values)


def held(order: Order) -> list[tuple[str, str]]:
    """Return the state and the hold of each shipment, in the order in which they were made."""
    assert_invariants()
    rows = Shipment.objects.filter(order=order).order_by("pk")
    return list(rows.values_list("state", "hold_reason"))


def open_ones(order: Order) -> list[tuple[str, str]]:
    assert_invariants()
    rows = Shipment.objects.filter(order=order, state__in=Shipment.OPEN_STATES).order_by("pk")
    return list(rows.values_list("state", "hold_reason"))


def one(order: Order, state: str) -> Shipment:
    return Shipment.objects.filter(order=order, state=state).order_by("pk")[0]


def line(order: Order, sku: str) -> OrderLine:
    return order.lines.get(sku=sku)


def stock(sku: str, units: int, source: str = "a") -> None:
    item = SourceItem.objects.get(product__sku=sku, source__code=source)
    adjust_items({(item.product_id, item.source_id): Decimal(units)}, Act(NOW))


def release(**values: Any) -> ReleaseRun:
    return engine.run_release(act=Act(NOW), zone=ZONE, trigger="STAFF", **values)


def change(order: Order, **values: Any) -> None:
    change_order(order.pk, WHY, request=ChangeRequest(**values))


def kinds(shipment: Shipment) -> list[tuple[str, str]]:
    rows = shipment.events.order_by("pk").values_list("kind", "reason")
    return [row for row in rows if row[0] in ("HELD", "HOLD_LIFTED")]


def test_what_is_ready_when_the_order_is_placed_waits_for_the_rest() -> None:
    order = mixed()

    assert held(order) == [REST, ("BACKORDER", "")]
    assert kinds(one(order, "READY")) == [("HELD", "REST")]
    with pytest.raises(WrongStateError):
        fulfill(one(order, "READY").pk, Act(NOW))


def test_an_order_of_which_all_is_there_is_not_held() -> None:
    assert held(place(("KTP", 2))) == [("READY", "")]


def test_without_it_each_shipment_leaves_as_soon_as_it_is_ready() -> None:
    assert held(mixed(whole=False)) == [("READY", ""), ("BACKORDER", "")]
    assert held(mixed(whole=None)) == [("READY", ""), ("BACKORDER", "")]


def test_the_site_decides_for_orders_that_do_not_say() -> None:
    configure(ship_complete=True)

    assert held(mixed(whole=None)) == [REST, ("BACKORDER", "")]
    assert held(mixed(whole=False)) == [("READY", ""), ("BACKORDER", "")]
    assert list(Order.objects.order_by("pk").values_list("ship_complete", flat=True)) == [
        True,
        False,
    ]


def test_the_release_of_the_last_lets_all_go_together() -> None:
    order = mixed()
    stock("POT", 2)

    run = release()

    assert run.released_count == 1
    assert held(order) == [("READY", ""), ("READY", "")]
    assert kinds(one(order, "READY")) == [("HELD", "REST"), ("HOLD_LIFTED", "REST")]
    assert [kinds(each) for each in Shipment.objects.filter(order=order).order_by("pk")[1:]] == [[]]


def test_what_is_released_before_the_rest_waits_and_its_customer_is_told_when_it_is_let_go() -> (
    None
):
    configure(release_mode="BY_LINE")
    order = place(("POT", 2), ("KTP", 9))
    for shipment in order.shipments.all():
        shipment.lines.update(promise_told_at=PLACED)
    assert open_ones(order) == [REST, REST, ("BACKORDER", "")]
    stock("POT", 2)

    release()

    assert open_ones(order) == [REST, REST, ("BACKORDER", ""), REST]
    assert not OrderEmail.objects.filter(kind="BEING_PREPARED").exists()

    stock("KTP", 1)
    release()

    assert open_ones(order) == [("READY", "")] * 4
    prepared = OrderEmail.objects.filter(kind="BEING_PREPARED").order_by("pk")
    told = [each["sku"] for email in prepared for each in email.context["lines"]]
    assert sorted(told) == ["KTP", "POT"]


def test_a_release_ahead_of_the_queue_lets_go_too() -> None:
    order = mixed()
    stock("POT", 2)
    release_ahead(one(order, "BACKORDER").pk, WHY, zone=ZONE)

    assert held(order) == [("READY", ""), ("READY", "")]


def test_a_part_that_is_released_waits_for_the_rest() -> None:
    order = mixed()
    stock("POT", 1)
    release_part(one(order, "BACKORDER").pk, WHY, zone=ZONE, mode=ReleaseMode.BY_QUANTITY)

    assert open_ones(order) == [REST, ("BACKORDER", ""), REST]


def test_a_promise_keeps_the_others_until_its_units_are_received() -> None:
    configure(future_inventory=True)
    order = mixed()
    release()
    assert open_ones(order) == [REST, ("FUTURE", "")]

    supply = FutureSupply.objects.get()
    receive_supply(supply.pk, Act(NOW), quantity=Decimal(1))
    assert open_ones(order) == [REST, ("FUTURE", "")]
    release_part(one(order, "FUTURE").pk, WHY, zone=ZONE, mode=ReleaseMode.BY_QUANTITY)
    assert open_ones(order) == [REST, ("FUTURE", ""), REST]

    receive_supply(supply.pk, Act(NOW), quantity=Decimal(8))
    assert open_ones(order) == [("READY", "")] * 3


def test_a_receipt_taken_back_holds_what_was_let_go() -> None:
    configure(future_inventory=True)
    order = mixed()
    release()
    receive_supply(FutureSupply.objects.get().pk, Act(NOW), quantity=Decimal(2))
    assert open_ones(order) == [("READY", ""), ("READY", "")]

    take_back_receipt(FutureSupply.objects.get().receipts.get().pk, WHY)

    assert open_ones(order) == [REST, ("FUTURE", "")]


def test_the_cancel_of_the_last_that_waits_lets_the_others_go() -> None:
    order = mixed()

    cancel(order.pk, WHY, quantities={line(order, "POT").pk: Decimal(1)})
    assert held(order) == [REST, ("BACKORDER", "")]
    cancel(order.pk, WHY, quantities={line(order, "POT").pk: Decimal(1)})

    assert held(order) == [("READY", ""), ("CANCELED", "")]


def test_the_hold_of_a_canceled_shipment_ends_with_it() -> None:
    order = mixed()
    cancel(order.pk, WHY, quantities={line(order, "KTP").pk: Decimal(2)})

    assert held(order) == [("CANCELED", ""), ("BACKORDER", "")]


def test_what_falls_back_keeps_the_others() -> None:
    order = place(("KTP", 8))
    assert held(order) == [("READY", ""), ("READY", "")]

    item = SourceItem.objects.get(product__sku="KTP", source__code="b")
    key = item.product_id, item.source_id
    set_items([ItemChange(*key, {"quantity": Decimal(3)})], Act(NOW))
    assert held(order) == [REST, ("BACKORDER", "")]

    stock("KTP", 1, "b")
    release()
    assert held(order) == [("READY", ""), ("READY", "")]


@pytest.mark.parametrize("move", [move_to_backorder, move_to_care])
def test_what_staff_send_back_keeps_the_others(move: Callable[..., Any]) -> None:
    order = place(("KTP", 8))

    move(Shipment.objects.filter(order=order).order_by("pk")[1].pk, WHY)

    assert [hold_reason for _state, hold_reason in held(order)] == ["REST", ""]


def test_what_waits_for_the_rest_can_be_moved_and_waits_on_where_it_is() -> None:
    order = mixed()
    reassign(one(order, "READY").pk, WHY, source_code="b")
    assert open_ones(order) == [("BACKORDER", ""), REST]

    reroute(one(order, "READY").pk, WHY)
    assert open_ones(order) == [("BACKORDER", ""), REST]

    move_to_care(one(order, "READY").pk, WHY)
    assert open_ones(order) == [("BACKORDER", ""), ("CUSTOMER_CARE", "")]


def test_the_reassignment_of_the_last_lets_all_go() -> None:
    order = mixed()
    stock("POT", 2, "b")
    reassign(one(order, "BACKORDER").pk, WHY, source_code="b")

    assert held(order) == [("READY", ""), ("READY", "")]


def test_what_staff_hold_keeps_its_reason_and_the_others() -> None:
    order = place(("KTP", 8))
    first, second = order.shipments.order_by("pk")
    hold(first.pk, WHY)
    assert held(order) == [("READY", "STAFF"), REST]
    with pytest.raises(WrongStateError):
        lift_hold(second.pk, WHY)

    hold(second.pk, WHY)
    assert held(order) == [("READY", "STAFF"), ("READY", "STAFF")]
    lift_hold(first.pk, WHY)
    assert held(order) == [REST, ("READY", "STAFF")]
    lift_hold(second.pk, WHY)
    assert held(order) == [("READY", ""), ("READY", "")]


def test_what_is_shipped_does_not_count_and_shipping_undone_keeps_the_others() -> None:
    order = place(("KTP", 8))
    first, _second = order.shipments.order_by("pk")
    fulfill(first.pk, Act(NOW))
    assert held(order) == [("FULFILLED", ""), ("READY", "")]

    undo_fulfillment(first.pk, WHY)
    assert held(order) == [("READY", "STAFF"), REST]


def test_added_lines_that_wait_keep_what_is_ready() -> None:
    order = place(("KTP", 2))
    change(order, add=(LineRequest("POT", Decimal(1), Decimal("1.00")),))

    assert held(order) == [REST, ("BACKORDER", "")]


def test_a_line_that_waits_for_its_payment_keeps_the_others() -> None:
    order = place(("KTP", 2), payment=PaymentRequest("sandbox"))
    added = (LineRequest("KTP", Decimal(1), Decimal("1.00")),)
    change(order, add=added, payment=ChangePayment("timeout"))
    assert held(order) == [REST, ("READY", "CHANGE")]

    [asked] = PaymentOperation.objects.filter(state="UNKNOWN")
    settle(asked.pk, WHY, has_happened=False)
    assert held(order) == [("READY", ""), ("CANCELED", "")]


def test_a_substitute_that_is_there_lets_the_others_go() -> None:
    order = mixed()
    pots = Substitution(line(order, "POT").pk, Decimal(2), "KTP", Decimal(2))
    change(order, substitute=(pots,))

    assert open_ones(order) == [("READY", ""), ("READY", "")]


def test_another_method_routes_it_anew_and_holds_what_is_ready() -> None:
    order = mixed()
    change(order, fulfillment_method="PICKUP", pickup_source="a")

    assert sorted(open_ones(order)) == [("BACKORDER", ""), REST]
    with pytest.raises(WrongStateError):
        set_aside(one(order, "READY").pk, WHY)


def test_turned_off_what_is_ready_is_let_go_and_turned_on_it_is_held() -> None:
    order = mixed()
    shown = change_order.preview(order.pk, WHY, request=ChangeRequest(ship_complete=False))
    assert [
        (each.before.hold_reason, each.after.hold_reason)
        for each in shown.changed_shipments
        if each.before is not None
    ] == [("REST", "")]
    assert held(order) == [REST, ("BACKORDER", "")]

    change(order, ship_complete=False)
    assert held(order) == [("READY", ""), ("BACKORDER", "")]
    change(order, ship_complete=True)
    assert held(order) == [REST, ("BACKORDER", "")]
    assert present(order.orderchanges.order_by("pk").last()).steps == [
        {"column": "ship_complete", "before": "False", "after": "True"}
    ]


def test_a_substitute_that_is_paid_for_leaves_pick_lists_alone() -> None:
    order = place(("KTP", 2), ("KTP", 1))
    listed, other = one(order, "READY"), order.lines.get(number=2)
    stock("POT", 1)
    make_pick_list(listed.source_id or 0, [listed.pk], Act(NOW))

    change(order, substitute=(Substitution(other.pk, Decimal(1), "POT", Decimal(1)),))

    assert open_ones(order) == [("READY", ""), ("READY", "")]
    picks = PickLine.objects.order_by("pk").values_list("is_open", "is_put_back")
    assert list(picks) == [(True, False), (False, True)]
    assert kinds(listed) == []


def test_what_customers_were_told_to_collect_stays_theirs() -> None:
    order = place(("KTP", 2), fulfillment_method="PICKUP", pickup_source="a")
    set_aside(one(order, "READY").pk, WHY)

    change(order, add=(LineRequest("POT", Decimal(2), Decimal("2.50")),))

    assert open_ones(order) == [("READY", ""), ("BACKORDER", "")]


def test_a_shipment_on_a_pick_list_is_put_back_when_its_order_waits() -> None:
    order = place(("KTP", 2))
    shipment = order.shipments.get()
    make_pick_list(Source.objects.get(code="a").pk, [shipment.pk], Act(NOW))

    change(order, add=(LineRequest("POT", Decimal(1), Decimal("1.00")),))

    [pick] = PickLine.objects.all()
    assert (pick.is_open, pick.is_put_back) == (False, True)
    with pytest.raises(NothingToPickError):
        make_pick_list(Source.objects.get(code="a").pk, [shipment.pk], Act(NOW))


def test_why_it_waits_names_the_rest_and_when_it_could_leave() -> None:
    order = mixed()
    shipment, other = order.shipments.order_by("pk")

    found = explain([shipment.pk], now=NOW, zone=ZONE, with_remedies=True)[shipment.pk]

    assert found.outcome == "WAITING"
    assert found.detail["shortages"] == [
        {
            "sku": "POT",
            "missing": "2",
            "reasons": ["WAITING_FOR_REST"],
            "facts": {"waiting": [other.number]},
        }
    ]
    assert found.detail["expected_on"] == present(other.expected_on).isoformat()
    assert found.remedies == ({"kind": "SHIP_WHAT_IS_READY"},)


def test_a_payment_that_is_to_be_renewed_comes_before_the_rest() -> None:
    configure(void_and_reauthorize=True, payment_action="AUTHORIZE")
    order = mixed(payment=PaymentRequest("sandbox"))
    stock("POT", 2)

    release()

    assert ShipmentEvent.objects.filter(kind="HELD", reason="PAYMENT").count() == 1
    assert open_ones(order) == [REST, ("READY", "PAYMENT")]


def test_a_run_takes_as_many_statements_for_many_orders_as_for_one() -> None:
    counts = []
    for number in (1, 6):
        orders = [mixed() for _ in range(number)]
        stock("KTP", 20)
        stock("POT", 2 * number)
        with CaptureQueriesContext(connection) as statements:
            release()
        counts.append(len(statements))
        assert {tuple(held(order)) for order in orders} == {(("READY", ""), ("READY", ""))}

    assert counts[0] == counts[1]

"""Shipped units come back: onto the shelf or not, with what becomes of their money."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import ArrivalNotice, Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.undo_fulfillment import UnitsSettledError, undo_fulfillment
from inventory.models import InventoryConfiguration, Reservation, SourceItem
from inventory.operations.whole_units import FractionError
from orders.books import books_of
from orders.changes.change import ChangeRefusedError
from orders.changes.refund import RefundRequest, refund
from orders.changes.return_request import (
    NewUnits,
    ReturnedUnits,
    ReturnMoney,
    ReturnRequest,
)
from orders.changes.returns import refund_return, take_back
from orders.models import Order, OrderLine, Payment, PaymentOperation, Refund, Return
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.refusals import (
    ExchangeError,
    NothingToReturnError,
    NotOnShipmentError,
    NotThatManyError,
    SettledReturnError,
    StaleOrderError,
)
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.orders.mugs import NOW, open_shop

pytestmark = pytest.mark.django_db
ACT = Act(NOW, reason="Too small")


def open_with(action: str = "AUTHORIZE_AND_CAPTURE") -> Order:
    """Three of ten MUGs were ordered for 10.00 in all, and have left; there are eight LAMPs too."""
    open_shop()
    InventoryConfiguration.objects.update(payment_action=action)
    source = SourceItem.objects.get().source
    lamp = ProductFactory(sku="LAMP", price=Decimal("5.00"), backorders="NO_BACKORDERS")
    SourceItemFactory(product=lamp, source=source, quantity=Decimal(8))
    line = LineRequest("MUG", Decimal(3), Decimal("3.00"), tax=Decimal("1.00"))
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(line,),
        number="W-1",
        payment=PaymentRequest("sandbox"),
    )
    order_id = place_order(request, Act(NOW)).order_id
    fulfill(Shipment.objects.get(order=order_id).pk, Act(NOW))
    return Order.objects.get(pk=order_id)


@pytest.fixture
def order() -> Order:
    return open_with()


def the_line() -> OrderLine:
    return OrderLine.objects.order_by("pk")[0]


def units(quantity: int | str, condition: str = "AS_NEW", **values: Any) -> ReturnedUnits:
    return ReturnedUnits(the_line().pk, Decimal(quantity), condition, **values)


def back(*lines: ReturnedUnits, money: ReturnMoney = ReturnMoney.NONE) -> ReturnRequest:
    return ReturnRequest(lines, money)


def for_new(quantity: int, sku: str, new: int) -> ReturnRequest:
    exchange = {the_line().pk: NewUnits(sku, Decimal(new))}
    return ReturnRequest((units(quantity),), ReturnMoney.EXCHANGE, exchange)


def on_hand(sku: str = "MUG", source: str = "seattle") -> int:
    return int(SourceItem.objects.get(product__sku=sku, source__code=source).quantity)


def paid_back() -> list[Decimal]:
    operations = PaymentOperation.objects.filter(kind="REFUND", state="SUCCEEDED").order_by("pk")
    return list(operations.values_list("amount", flat=True))


def test_what_is_sound_goes_to_its_source_and_what_is_damaged_does_not(order: Order) -> None:
    written = take_back(order.pk, ACT, request=back(units(1, "OPENED"), units(1, "DAMAGED")))

    lines = written.lines.order_by("pk").values_list("condition", "is_to_stock", "source__code")
    assert list(lines) == [("OPENED", True, "seattle"), ("DAMAGED", False, "seattle")]
    assert (on_hand(), int(the_line().returned_quantity)) == (8, 2)
    assert (written.state, written.reason, int(written.amount)) == ("CLOSED", "Too small", 0)
    events = Reservation.objects.values_list("event", flat=True).order_by("pk")
    assert list(events) == ["PLACED", "FULFILLED"]
    order.refresh_from_db()
    assert order.status == "COMPLETE"
    assert_invariants()


def test_units_go_to_stock_where_the_return_says(order: Order) -> None:
    other = SourceFactory(code="tacoma")

    take_back(
        order.pk, ACT, request=back(units(2, "DAMAGED", is_to_stock=True, source_id=other.pk))
    )

    assert (on_hand(), on_hand(source="tacoma")) == (7, 2)


def test_a_line_takes_back_what_it_shipped_and_no_more(order: Order) -> None:
    take_back(order.pk, ACT, request=back(units(2)))

    with pytest.raises(NotThatManyError) as refused:
        take_back(order.pk, ACT, request=back(units(1), units(1)))
    assert (int(refused.value.available), refused.value.line_id) == (1, the_line().pk)
    take_back(order.pk, ACT, request=back(units(1)))
    assert (on_hand(), Return.objects.count()) == (10, 2)
    with pytest.raises(NotThatManyError):
        take_back(order.pk, ACT, request=back(units(1)))
    with pytest.raises(NothingToReturnError):
        take_back(order.pk, ACT, request=back())


def test_units_that_have_not_left_do_not_come_back() -> None:
    open_shop()
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(3), Decimal(1)),),
    )
    order_id = place_order(request, Act(NOW)).order_id
    fulfill(Shipment.objects.get().pk, Act(NOW), quantities={the_line().pk: Decimal(1)})

    with pytest.raises(NotThatManyError):
        take_back(order_id, ACT, request=back(units(2)))
    take_back(order_id, ACT, request=back(units(1)))
    assert_invariants()


def test_the_same_key_takes_back_once(order: Order) -> None:
    act = replace(ACT, key="r-1")
    first = take_back(order.pk, act, request=back(units(1), money=ReturnMoney.REFUND))
    again = take_back(order.pk, act, request=back(units(1), money=ReturnMoney.REFUND))

    assert (first.pk, on_hand(), paid_back()) == (again.pk, 8, [Decimal("3.33")])


def test_an_order_that_has_changed_since_takes_nothing_back(order: Order) -> None:
    take_back(order.pk, ACT, request=back(units(1)), expected_version=order.version)

    with pytest.raises(StaleOrderError):
        take_back(order.pk, ACT, request=back(units(1)), expected_version=order.version)
    assert on_hand() == 8


def test_fractions_of_whole_units_do_not_come_back(order: Order) -> None:
    with pytest.raises(FractionError):
        take_back(order.pk, ACT, request=back(units("0.5")))


@pytest.mark.parametrize("action", ["AUTHORIZE_AND_CAPTURE", "AUTHORIZE"])
def test_a_refund_at_once_pays_the_share_of_price_and_tax(action: str) -> None:
    order = open_with(action)
    for _time in range(3):
        take_back(order.pk, ACT, request=back(units(1), money=ReturnMoney.REFUND))

    assert paid_back() == [Decimal("3.33"), Decimal("3.33"), Decimal("3.34")]
    order.refresh_from_db()
    assert (order.status, Payment.objects.get().state) == ("CLOSED", "REFUNDED")
    assert set(Return.objects.values_list("state", flat=True)) == {"REFUNDED"}
    assert on_hand() == 10
    assert_invariants()


def test_money_paid_back_later_is_what_the_units_were_worth(order: Order) -> None:
    request = back(units(1), units(1, "DAMAGED"), money=ReturnMoney.LATER)
    written = take_back(order.pk, ACT, request=request)
    amounts = written.lines.order_by("pk").values_list("amount", flat=True)
    assert (written.state, written.amount) == ("OPEN", Decimal("6.66"))
    assert list(amounts) == [Decimal("3.33"), Decimal("3.33")]
    assert (paid_back(), books_of(order).lines[the_line().pk].of_captured(Decimal(1))) == (
        [],
        Decimal("3.34"),
    )
    # Another refund of the line takes none of these units, and none of their money.
    with pytest.raises(NotThatManyError):
        refund(
            order.pk,
            Act(NOW),
            lines={the_line().pk: RefundRequest(Decimal(2))},
            is_returned_to_stock=True,
        )
    refund(
        order.pk,
        Act(NOW),
        lines={the_line().pk: RefundRequest(Decimal(1))},
        is_returned_to_stock=True,
    )

    refund_return(order.pk, Act(NOW), return_id=written.pk)
    refund_return(order.pk, Act(NOW), return_id=written.pk)

    assert paid_back() == [Decimal("3.34"), Decimal("6.66")]
    assert (on_hand(), int(the_line().returned_quantity)) == (9, 3)
    written.refresh_from_db()
    assert (written.state, Refund.objects.count()) == ("REFUNDED", 2)
    assert_invariants()


def test_a_return_without_a_refund_is_not_refunded_later(order: Order) -> None:
    written = take_back(order.pk, ACT, request=back(units(1)))

    with pytest.raises(SettledReturnError):
        refund_return(order.pk, Act(NOW), return_id=written.pk)


def test_units_that_came_back_are_not_brought_back_by_a_refund_of_them(order: Order) -> None:
    take_back(order.pk, ACT, request=back(units(2)))
    assert on_hand() == 9

    refund(
        order.pk,
        Act(NOW),
        lines={the_line().pk: RefundRequest(Decimal(3))},
        is_returned_to_stock=True,
    )

    assert (on_hand(), int(the_line().returned_quantity)) == (10, 3)
    assert_invariants()


def test_units_brought_back_by_a_refund_do_not_come_back_again(order: Order) -> None:
    refund(
        order.pk,
        Act(NOW),
        lines={the_line().pk: RefundRequest(Decimal(2))},
        is_returned_to_stock=True,
    )

    with pytest.raises(NotThatManyError):
        take_back(order.pk, ACT, request=back(units(2)))
    take_back(order.pk, ACT, request=back(units(1)))
    assert on_hand() == 10


def test_units_refunded_before_come_back_without_money(order: Order) -> None:
    refund(
        order.pk,
        Act(NOW),
        lines={the_line().pk: RefundRequest(Decimal(3))},
        is_returned_to_stock=False,
    )

    with pytest.raises(NotThatManyError):
        take_back(order.pk, ACT, request=back(units(1), money=ReturnMoney.REFUND))
    take_back(order.pk, ACT, request=back(units(3)))
    assert (on_hand(), paid_back()) == (10, [Decimal("10.00")])


def two_shipments() -> tuple[Order, Shipment, Shipment]:
    """One MUG of three left, and then the other two."""
    open_shop()
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(3), Decimal(1)),),
    )
    order = Order.objects.get(pk=place_order(request, Act(NOW)).order_id)
    whole = Shipment.objects.get()
    first = fulfill(whole.pk, Act(NOW), quantities={the_line().pk: Decimal(1)})
    return order, first, fulfill(whole.pk, Act(NOW + timedelta(hours=1)))


def test_units_are_of_the_shipment_that_is_named_or_that_left_first() -> None:
    order, first, second = two_shipments()
    with pytest.raises(NotOnShipmentError) as refused:
        take_back(order.pk, ACT, request=back(units(2, shipment=first.number)))
    assert refused.value.available == 1

    named = take_back(order.pk, ACT, request=back(units(1, shipment=second.number)))
    rest = take_back(order.pk, ACT, request=back(units(2)))

    assert named.lines.get().shipment_number == second.number
    parts = rest.lines.order_by("pk").values_list("shipment_number", "quantity")
    assert list(parts) == [(first.number, Decimal(1)), (second.number, Decimal(1))]


def test_shipping_is_not_undone_once_something_of_it_came_back() -> None:
    order, first, second = two_shipments()
    take_back(order.pk, ACT, request=back(units(1, shipment=second.number)))

    with pytest.raises(UnitsSettledError):
        undo_fulfillment(second.pk, ACT)
    undo_fulfillment(first.pk, ACT)
    assert_invariants()


def test_a_run_may_follow_what_goes_to_stock(order: Order) -> None:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Bo", "bo@example.com"),
        lines=(LineRequest("MUG", Decimal(9), Decimal(1)),),
    )
    place_order(request, Act(NOW))
    take_back(order.pk, ACT, request=back(units(1, "DAMAGED")))
    assert not ArrivalNotice.objects.exists()

    take_back(order.pk, ACT, request=back(units(1)))

    assert ArrivalNotice.objects.get().product_id == the_line().product_id


@pytest.mark.parametrize("action", ["AUTHORIZE_AND_CAPTURE", "AUTHORIZE"])
def test_an_exchange_costs_what_came_back_and_no_gateway_is_asked(action: str) -> None:
    order = open_with(action)
    asked = PaymentOperation.objects.count()

    written = take_back(order.pk, ACT, request=for_new(2, "LAMP", 4))

    new = OrderLine.objects.get(sku="LAMP")
    # 6.66 of 10.00, of which 0.66 is tax: 1.50 for each of 4.
    assert (new.unit_price, new.discount, new.tax, new.total) == (
        Decimal("1.50"),
        Decimal(0),
        Decimal("0.66"),
        Decimal("6.66"),
    )
    assert (written.state, written.amount) == ("EXCHANGED", Decimal("6.66"))
    assert PaymentOperation.objects.count() == asked
    order.refresh_from_db()
    assert (order.status, order.total) == ("PARTIALLY_SHIPPED", Decimal("16.66"))
    assert (int(new.open_quantity), int(new.invoiced_quantity)) == (4, 4)
    shipment = Shipment.objects.get(state="READY")
    assert (shipment.is_held, int(SourceItem.objects.get(product__sku="LAMP").allocated)) == (
        False,
        4,
    )
    assert_invariants()

    fulfill(shipment.pk, Act(NOW))

    order.refresh_from_db()
    assert (order.status, PaymentOperation.objects.count()) == ("COMPLETE", asked)
    # What was exchanged is paid back like anything that was paid for.
    refund(order.pk, Act(NOW), lines={new.pk: RefundRequest(Decimal(4))}, is_returned_to_stock=True)
    refund(
        order.pk,
        Act(NOW),
        lines={the_line().pk: RefundRequest(Decimal(1))},
        is_returned_to_stock=True,
    )
    assert paid_back() == [Decimal("6.66"), Decimal("3.34")]
    order.refresh_from_db()
    assert (order.status, on_hand(), on_hand("LAMP")) == ("CLOSED", 10, 8)
    assert_invariants()


def test_the_last_unit_of_an_exchange_has_the_cent_that_remains(order: Order) -> None:
    take_back(order.pk, ACT, request=for_new(1, "LAMP", 7))

    new = OrderLine.objects.get(sku="LAMP")
    assert (new.unit_price, new.discount, new.tax) == (
        Decimal("0.43"),
        Decimal("0.01"),
        Decimal("0.33"),
    )
    assert new.total == Decimal("3.33")
    for quantity, amount in ((6, "2.85"), (1, "0.48")):
        chosen = {new.pk: RefundRequest(Decimal(quantity))}
        refund(order.pk, Act(NOW), lines=chosen, is_returned_to_stock=True)
        assert paid_back()[-1] == Decimal(amount)
    assert_invariants()


def test_units_that_cannot_be_had_are_not_exchanged(order: Order) -> None:
    with pytest.raises(ChangeRefusedError) as refused:
        take_back(order.pk, ACT, request=for_new(1, "LAMP", 9))
    assert [problem.code for problem in refused.value.problems] == ["NOT_ENOUGH_ITEMS"]
    with pytest.raises(ExchangeError):
        take_back(order.pk, ACT, request=replace(for_new(1, "LAMP", 1), exchange={}))
    assert (on_hand(), on_hand("LAMP"), Return.objects.count()) == (7, 8, 0)


def test_an_exchange_is_not_made_in_part(order: Order) -> None:
    InventoryConfiguration.objects.update(no_match_action="CANCEL", partial_match_action="CANCEL")

    with pytest.raises(ChangeRefusedError) as refused:
        take_back(order.pk, ACT, request=for_new(1, "MUG", 9))

    assert [problem.line for problem in refused.value.problems] == [1]
    assert (on_hand(), OrderLine.objects.count()) == (7, 1)


def test_what_came_back_can_be_sent_in_exchange_and_the_rest_waits(order: Order) -> None:
    SourceItem.objects.filter(product__sku="MUG").update(quantity=0)

    take_back(order.pk, ACT, request=for_new(1, "MUG", 2))

    shipments = Shipment.objects.exclude(state="FULFILLED").order_by("pk")
    states = shipments.values_list("state", "lines__quantity", "is_held")
    assert sorted(states) == [("BACKORDER", Decimal(1), False), ("READY", Decimal(1), False)]
    assert_invariants()


def test_a_preview_writes_nothing_and_shows_what_would_be(order: Order) -> None:
    other = SourceFactory(code="tacoma")
    request = back(units(1, source_id=other.pk), money=ReturnMoney.REFUND)

    effect = take_back.preview(order.pk, ACT, request=request)

    [(item, before, after)] = effect.changed_items
    assert (item, int(before.quantity), int(after.quantity)) == (("tacoma", "MUG"), 0, 1)
    assert (effect.before.money.refunded, effect.after.money.refunded) == (
        Decimal(0),
        Decimal("3.33"),
    )
    assert (Return.objects.count(), Refund.objects.count()) == (0, 0)

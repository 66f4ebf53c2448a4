"""What happens to orders: placed, changed, canceled, taken back, paid for."""

import contextlib
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from fulfillment.models import Shipment
from orders.changes.cancel import cancel
from orders.changes.order_change import change_order
from orders.changes.refund import RefundRequest, refund
from orders.changes.request import (
    ChangePayment,
    ChangeRequest,
    NewContact,
    SubstitutePrice,
    Substitution,
)
from orders.changes.return_request import NewUnits, ReturnedUnits, ReturnMoney, ReturnRequest
from orders.changes.returns import refund_return, take_back
from orders.models import Order, OrderLine, PaymentOperation, Return
from orders.payments.outcome_inquiry import ask_due
from orders.payments.staff_decisions import settle
from orders.placing.request import LineRequest
from tests.machine.shop import (
    ANY,
    CARTS,
    ENDED,
    REFUSALS,
    SKUS,
    UNITS,
    Cart,
    ShopMachine,
    one_of,
    units_left,
)
from tests.orders.addresses import HOME

has_order = precondition(lambda shop: shop.has("order"))
TOKENS = st.sampled_from(["", "", "decline", "timeout"])


class OrderSteps(ShopMachine):
    """An order from its placement to its last return."""

    @rule(cart=CARTS)
    def place(self, cart: Cart) -> None:
        self.sell(cart)

    @has_order
    @rule(number=ANY, units=UNITS)
    def cancel_units(self, number: Any, units: Any) -> None:
        line = one_of(OrderLine.objects.order_by("pk"), number)
        before = self.on_hand()
        with contextlib.suppress(*REFUSALS):
            cancel(line.order_id, self.act(), quantities={line.pk: units})
        assert self.on_hand() == before

    @has_order
    @rule(number=ANY)
    def cancel_order(self, number: Any) -> None:
        order = one_of(Order.objects.order_by("pk"), number)
        with contextlib.suppress(*REFUSALS):
            cancel(order.pk, self.act())

    @has_order
    @rule(number=ANY, units=UNITS, is_returned=st.booleans())
    def refund_units(self, number: Any, units: Any, is_returned: Any) -> None:
        line = one_of(OrderLine.objects.order_by("pk"), number)
        before = self.on_hand(line.product_id)
        with contextlib.suppress(*REFUSALS):
            refund(
                line.order_id,
                self.act(),
                lines={line.pk: RefundRequest(units)},
                is_returned_to_stock=is_returned,
            )
        came = self.on_hand(line.product_id) - before
        if is_returned:
            assert 0 <= came <= min(units, units_left(line.pk))
            self.judge.returned[line.sku] += came
        else:
            # What never left is lost all the same: its customer is paid back for it.
            assert -units <= came <= 0
            self.judge.came[line.sku] += came

    @precondition(lambda shop: shop.has("FULFILLED"))
    @rule(
        number=ANY,
        units=UNITS,
        condition=st.sampled_from(["AS_NEW", "OPENED", "DAMAGED"]),
        is_to_stock=st.sampled_from([None, True, False]),
        source=st.sampled_from([None, 0, 1]),
        money=st.sampled_from(list(ReturnMoney)),
        sku=SKUS,
        new=UNITS,
    )
    def take_units_back(
        self,
        number: Any,
        units: Any,
        condition: str,
        is_to_stock: Any,
        source: Any,
        money: Any,
        sku: str,
        new: Any,
    ) -> None:
        line = one_of(OrderLine.objects.filter(shipped_quantity__gt=0).order_by("pk"), number)
        if line is None:
            return
        exchange = {line.pk: NewUnits(sku, new)} if money is ReturnMoney.EXCHANGE else {}
        source_id = None if source is None else self.sources[source].pk
        part = ReturnedUnits(line.pk, units, condition, is_to_stock, source_id)
        asked = ReturnRequest((part,), money, exchange)
        before = self.on_hand(line.product_id)
        try:
            take_back(line.order_id, self.act(), request=asked)
        except REFUSALS:
            assert self.on_hand(line.product_id) == before
            return
        # No more of it can come back than had left.
        self.came_back[line.pk] = self.came_back.get(line.pk, Decimal(0)) + units
        assert self.came_back[line.pk] <= units_left(line.pk)
        goes = condition != "DAMAGED" if is_to_stock is None else is_to_stock
        assert self.on_hand(line.product_id) == before + (units if goes else 0)
        self.judge.returned[line.sku] += units if goes else 0

    def __init__(self) -> None:
        super().__init__()
        self.came_back: dict[int, Decimal] = {}

    @precondition(lambda shop: shop.has("return"))
    @rule(number=ANY)
    def refund_return(self, number: Any) -> None:
        row = one_of(Return.objects.order_by("pk"), number)
        before = self.on_hand()
        with contextlib.suppress(*REFUSALS):
            refund_return(row.order_id, self.act(), return_id=row.pk)
        assert self.on_hand() == before

    @has_order
    @rule(number=ANY, city=st.sampled_from(["London", "Leeds"]), chooses=st.booleans())
    def change_address(self, number: Any, city: str, chooses: Any) -> None:
        address = replace(HOME, city=city)
        self.change(number, ChangeRequest(address=address, chooses_sources_again=chooses))

    @has_order
    @rule(number=ANY, email=st.sampled_from(["ada@example.com", "bo@example.com"]))
    def change_contact(self, number: Any, email: str) -> None:
        self.change(number, ChangeRequest(contact=NewContact("Bo Example", email, "sv")))

    @has_order
    @rule(number=ANY, is_whole=st.booleans())
    def ship_complete(self, number: Any, is_whole: Any) -> None:
        self.change(number, ChangeRequest(ship_complete=is_whole))

    @has_order
    @rule(number=ANY, picks_up=st.booleans())
    def change_method(self, number: Any, picks_up: Any) -> None:
        asked = ChangeRequest(
            fulfillment_method="PICKUP" if picks_up else "SHIP_TO_HOME",
            pickup_source="b" if picks_up else None,
        )
        order = one_of(Order.objects.order_by("pk"), number)
        oldest = oldest_of(order)
        self.change(number, asked)
        # What waits keeps its age.
        assert oldest_of(order) == oldest

    @has_order
    @rule(number=ANY, sku=SKUS, units=UNITS, token=TOKENS, is_due=st.booleans())
    def add_line(self, number: Any, sku: str, units: Any, token: str, is_due: Any) -> None:
        asked = ChangeRequest(
            add=(LineRequest(sku, units, Decimal("1.11")),),
            payment=ChangePayment(token, is_due=is_due),
        )
        self.change(number, asked)

    @has_order
    @rule(number=ANY, units=UNITS, picks_up=st.booleans())
    def change_many_things(self, number: Any, units: Any, picks_up: Any) -> None:
        """Fewer units of a line, another address, another method: all of it or nothing."""
        line = one_of(OrderLine.objects.order_by("pk"), number)
        asked = ChangeRequest(
            cancel={line.pk: units},
            address=replace(HOME, city="York"),
            fulfillment_method="PICKUP" if picks_up else "SHIP_TO_HOME",
            pickup_source="b" if picks_up else None,
        )
        former = line.canceled_quantity + line.refunded_quantity
        with contextlib.suppress(*REFUSALS):
            change_order(line.order_id, self.act("Called"), request=asked)
            line.refresh_from_db()
            assert line.canceled_quantity + line.refunded_quantity == former + units

    @has_order
    @rule(
        number=ANY,
        units=UNITS,
        new_units=UNITS,
        price=st.sampled_from(list(SubstitutePrice)),
        token=TOKENS,
    )
    def substitute(self, number: Any, units: Any, new_units: Any, price: Any, token: str) -> None:
        line = one_of(OrderLine.objects.order_by("pk"), number)
        other = "POT" if line.sku == "KTP" else "KTP"
        part = Substitution(line.pk, units, other, new_units, price)
        asked = ChangeRequest(substitute=(part,), payment=ChangePayment(token))
        with contextlib.suppress(*REFUSALS):
            change_order(line.order_id, self.act("Called"), request=asked)

    def change(self, number: Any, asked: ChangeRequest) -> None:
        order = one_of(Order.objects.order_by("pk"), number)
        with contextlib.suppress(*REFUSALS):
            change_order(order.pk, self.act("Called"), request=asked)

    @has_order
    @rule(number=ANY, has_happened=st.booleans())
    def settle_payment(self, number: Any, has_happened: Any) -> None:
        """A person learns what became of an operation that was not answered, or is due."""
        operation = one_of(
            PaymentOperation.objects.filter(state__in=["UNKNOWN", "DUE"])
            .select_related("payment")
            .order_by("pk"),
            number,
        )
        if operation is None:
            return
        payment = operation.payment
        if has_happened:
            self.judge.banks[payment.gateway].learn(
                operation.kind,
                operation.idempotency_key,
                operation.amount,
                payment.gateway_reference,
                payment.action,
            )
        settle(operation.pk, self.act("Looked up"), has_happened=has_happened)

    @has_order
    @rule()
    def ask_gateways(self) -> None:
        ask_due(now=self.now)


def oldest_of(order: Order) -> datetime | None:
    """Return since when the oldest open shipment of an order waits, or could."""
    waiting = Shipment.objects.filter(order=order).exclude(state__in=ENDED)
    return min((one.backordered_since or order.placed_at for one in waiting), default=None)

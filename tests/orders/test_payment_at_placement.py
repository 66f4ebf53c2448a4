from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Allocation, Shipment
from inventory.models import InventoryConfiguration, SourceItem, StockBalance
from orders.models import Cancellation, Order, OrderLine, Payment, PaymentOperation
from orders.payments.gateway_requests import send
from orders.payments.gateways import GatewayAnswer, GatewayOutcome, GatewayRequest
from orders.payments.settlement import Authorization, apply_authorization
from orders.placing.place import PlacedOrder, place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
REQUEST = OrderRequest(
    address=HOME,
    channel="web",
    customer=Customer("Ada Example", "ada@example.com"),
    lines=(LineRequest("A", Decimal(13), Decimal("10.01")),),
)


@pytest.fixture(autouse=True)
def shop(db: None) -> None:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    SourceItemFactory(source=source, product=ProductFactory(sku="A"), quantity=Decimal(10))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0"}
    )


def place(token: str) -> PlacedOrder:
    return place_order(replace(REQUEST, payment=PaymentRequest("sandbox", token)), Act(NOW))


def states(placed: PlacedOrder) -> tuple[Any, Any, Any]:
    operation = PaymentOperation.objects.get()
    return Order.objects.get(pk=placed.order_id).status, operation.payment.state, operation.state


def test_a_declined_payment_cancels_the_order_with_full_compensation() -> None:
    placed = place("decline")

    assert placed.is_declined
    assert states(placed) == ("CANCELED", "DECLINED", "DECLINED")
    assert OrderLine.objects.get().canceled_quantity == Decimal(13)
    assert {shipment.state for shipment in Shipment.objects.all()} == {"CANCELED"}
    assert Allocation.objects.count() == 0
    assert SourceItem.objects.get().allocated == Decimal(0)
    balance = StockBalance.objects.get()
    assert (balance.reserved, balance.allocated) == (Decimal(0), Decimal(0))
    assert Cancellation.objects.get().lines.get().amount == Decimal("130.13")
    assert_invariants()


def test_an_unknown_outcome_waits_for_review_with_its_units_set_aside() -> None:
    placed = place("timeout")

    assert placed.status == "PAYMENT_REVIEW"
    assert states(placed) == ("PAYMENT_REVIEW", "UNKNOWN", "UNKNOWN")
    assert SourceItem.objects.get().allocated == Decimal(10)
    assert_invariants()


def test_an_answer_that_comes_late_is_found_by_asking_again_with_the_same_key() -> None:
    placed = place("late")
    operation = PaymentOperation.objects.get()
    key = operation.idempotency_key

    assert placed.status == "PAYMENT_REVIEW"
    send([operation.pk], now=NOW + timedelta(minutes=5))
    operation.refresh_from_db()
    assert (operation.idempotency_key, operation.attempt_count) == (key, 2)
    assert states(placed) == ("PROCESSING", "CAPTURED", "SUCCEEDED")
    assert Payment.objects.get().captured_amount == Decimal("130.13")
    assert_invariants()


def test_asking_again_when_all_is_answered_changes_nothing() -> None:
    placed = place("")

    send([PaymentOperation.objects.get().pk], now=NOW)
    assert states(placed) == ("PROCESSING", "CAPTURED", "SUCCEEDED")
    assert PaymentOperation.objects.get().attempt_count == 1


@pytest.mark.parametrize(
    "outcome", [GatewayOutcome.SUCCEEDED, GatewayOutcome.DECLINED, GatewayOutcome.UNKNOWN]
)
def test_an_answer_that_comes_twice_is_applied_once(outcome: Any) -> None:
    placed = place("twice")
    operation = PaymentOperation.objects.get()
    again = Authorization(
        order_id=placed.order_id,
        operation_id=operation.pk,
        gateway="sandbox",
        captures=True,
        has_virtual_lines=False,
        request=GatewayRequest(operation.idempotency_key, operation.amount, "USD"),
    )

    status = apply_authorization(again, GatewayAnswer(outcome, reference="other"), now=NOW)

    assert status == "PROCESSING"
    assert states(placed) == ("PROCESSING", "CAPTURED", "SUCCEEDED")
    assert PaymentOperation.objects.get().gateway_reference != "other"
    assert_invariants()


def test_authorize_alone_captures_nothing_and_knows_when_it_expires() -> None:
    InventoryConfiguration.objects.update(payment_action="AUTHORIZE")

    placed = place("")

    payment = Payment.objects.get()
    assert states(placed) == ("PROCESSING", "AUTHORIZED", "SUCCEEDED")
    assert (payment.captured_amount, payment.expires_at) == (Decimal(0), NOW + timedelta(days=7))
    assert OrderLine.objects.get().invoiced_quantity == Decimal(0)

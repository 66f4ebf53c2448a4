"""Captures, refunds and voids that are declined, not answered, answered late or twice."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import InventoryConfiguration
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.changes.refund import RefundRequest, refund
from orders.models import OrderLine, Payment, PaymentOperation
from orders.payments import gateway_requests
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.refusals import NothingToCaptureError, NotThatManyError
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
LATER = datetime(2026, 3, 2, 13, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def place(token: str, action: str = "AUTHORIZE") -> OrderLine:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    SourceItemFactory(source=source, product=ProductFactory(sku="A"), quantity=Decimal(10))
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"payment_action": action})
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest("A", Decimal(4), Decimal("2.50")),),
        payment=PaymentRequest("sandbox", token),
    )
    placed = place_order(request, Act(NOW))
    return OrderLine.objects.get(order_id=placed.order_id)


def capture_units(line: OrderLine, units: int) -> tuple[Any, Any, Any]:
    capture(line.order_id, Act(NOW, key="click"), quantities={line.pk: Decimal(units)})
    return invoiced(line)


def invoiced(line: OrderLine) -> tuple[Any, Any, Any]:
    line.refresh_from_db()
    payment = Payment.objects.get()
    return line.invoiced_quantity, payment.captured_amount, payment.state


def last_operation() -> tuple[Any, Any, Any]:
    operation = PaymentOperation.objects.latest("pk")
    return operation.kind, operation.state, operation.amount


@pytest.mark.parametrize(
    ("token", "books", "operation"),
    [
        ("", (3, Decimal("7.50"), "AUTHORIZED"), "SUCCEEDED"),
        ("capture:twice", (3, Decimal("7.50"), "AUTHORIZED"), "SUCCEEDED"),
        ("capture:decline", (0, Decimal("0.00"), "AUTHORIZED"), "DECLINED"),
        ("capture:timeout", (0, Decimal("0.00"), "AUTHORIZED"), "UNKNOWN"),
    ],
)
def test_a_capture_invoices_only_what_succeeded(
    token: str, books: tuple[int, Decimal, str], operation: str
) -> None:
    line = place(token)

    assert capture_units(line, 3) == books
    assert last_operation() == ("CAPTURE", operation, Decimal("7.50"))
    assert_invariants()


def test_the_same_click_again_asks_the_gateway_again_and_captures_once() -> None:
    line = place("capture:late")

    assert capture_units(line, 3) == (0, Decimal("0.00"), "AUTHORIZED")
    assert capture_units(line, 3) == (3, Decimal("7.50"), "AUTHORIZED")
    assert capture_units(line, 3) == (3, Decimal("7.50"), "AUTHORIZED")
    assert PaymentOperation.objects.filter(kind="CAPTURE").count() == 1


def test_units_whose_capture_is_not_answered_are_neither_captured_again_nor_canceled() -> None:
    line = place("capture:timeout")
    capture_units(line, 3)

    with pytest.raises(NotThatManyError):
        capture(line.order_id, Act(NOW, key="other"), quantities={line.pk: Decimal(2)})
    with pytest.raises(NotThatManyError):
        cancel(line.order_id, Act(NOW), quantities={line.pk: Decimal(2)})
    cancel(line.order_id, Act(NOW), quantities={line.pk: Decimal(1)})

    assert_invariants()


def test_nothing_is_captured_twice() -> None:
    line = place("", action="AUTHORIZE_AND_CAPTURE")

    with pytest.raises(NothingToCaptureError):
        capture(line.order_id, Act(NOW, key="click"))


def test_fulfillment_captures_what_is_not_captured_of_the_shipped_units() -> None:
    line = place("")
    capture_units(line, 1)

    shipment = fulfill(Shipment.objects.get().pk, Act(NOW), quantities={line.pk: Decimal(3)})

    assert shipment.state == "FULFILLED"
    assert last_operation() == ("CAPTURE", "SUCCEEDED", Decimal("5.00"))
    assert invoiced(line) == (3, Decimal("7.50"), "AUTHORIZED")
    assert_invariants()


def test_a_shipment_whose_capture_is_declined_has_left_and_shows_it() -> None:
    line = place("capture:decline")

    fulfill(Shipment.objects.get().pk, Act(NOW))

    assert last_operation() == ("CAPTURE", "DECLINED", Decimal("10.00"))
    assert invoiced(line) == (0, Decimal("0.00"), "AUTHORIZED")
    assert line.shipped_quantity == 4
    assert_invariants()


@pytest.mark.parametrize(
    ("token", "paid_back", "state"),
    [
        ("", Decimal("7.50"), "SUCCEEDED"),
        ("refund:twice", Decimal("7.50"), "SUCCEEDED"),
        ("refund:decline", Decimal("0.00"), "DECLINED"),
        ("refund:timeout", Decimal("0.00"), "UNKNOWN"),
    ],
)
def test_a_refund_is_paid_once(token: str, paid_back: Decimal, state: str) -> None:
    line = place(token, action="AUTHORIZE_AND_CAPTURE")

    refund(
        line.order_id,
        Act(NOW),
        lines={line.pk: RefundRequest(Decimal(3))},
        is_returned_to_stock=True,
    )

    assert Payment.objects.get().refunded_amount == paid_back
    assert last_operation() == ("REFUND", state, Decimal("7.50"))
    assert_invariants()


def test_a_late_refund_is_found_by_asking_again() -> None:
    line = place("refund:late", action="AUTHORIZE_AND_CAPTURE")
    refund(
        line.order_id,
        Act(NOW),
        lines={line.pk: RefundRequest(Decimal(1))},
        is_returned_to_stock=True,
    )
    asked = PaymentOperation.objects.get(kind="REFUND")

    gateway_requests.send([asked.pk], now=LATER)
    gateway_requests.send([asked.pk], now=LATER)

    assert Payment.objects.get().refunded_amount == Decimal("2.50")


@pytest.mark.parametrize(
    ("token", "state"),
    [
        ("", "VOIDED"),
        ("void:twice", "VOIDED"),
        ("void:decline", "AUTHORIZED"),
        ("void:timeout", "AUTHORIZED"),
        ("void:late", "AUTHORIZED"),
    ],
)
def test_an_authorization_is_given_up_when_all_is_canceled(token: str, state: str) -> None:
    line = place(token)

    cancel(line.order_id, Act(NOW))

    assert Payment.objects.get().state == state
    assert PaymentOperation.objects.filter(kind="VOID").count() == 1


def test_units_that_were_shipped_may_be_named() -> None:
    line = place("", action="AUTHORIZE_AND_CAPTURE")
    fulfill(Shipment.objects.get().pk, Act(NOW), quantities={line.pk: Decimal(2)})

    with pytest.raises(NotThatManyError):
        refund(
            line.order_id,
            Act(NOW),
            lines={line.pk: RefundRequest(Decimal(3), shipped=Decimal(3))},
            is_returned_to_stock=False,
        )
    refund(
        line.order_id,
        Act(NOW),
        lines={line.pk: RefundRequest(Decimal(2), shipped=Decimal(2))},
        is_returned_to_stock=False,
    )

    line.refresh_from_db()
    assert (line.refunded_quantity, line.refunded_unshipped_quantity) == (Decimal(2), Decimal(0))
    assert line.open_quantity == 2
    assert_invariants()

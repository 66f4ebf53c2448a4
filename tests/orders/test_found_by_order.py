"""Payments and e-mails, found as the orders that they belong to are."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders.models import Cancellation, Order, OrderEmail, Payment, PaymentOperation, Refund
from tests.factories.orders import OrderFactory, OrderLineFactory

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def two_orders() -> None:
    """A-1 of Ada and B-2 of Grace, each with a row of every kind."""
    for number, name in (("A-1", "Ada"), ("B-2", "Grace")):
        order = OrderFactory(number=number, customer_name=name, customer_email=f"{name}@x.example")
        OrderLineFactory(order=order, product__sku=f"MUG-{number}")
        make_rows(order)


def make_rows(order: Order) -> None:
    money = {"amount": Decimal(5), "created_at": NOW}
    payment = Payment.objects.create(
        order=order, gateway="sandbox", gateway_reference=f"pay-{order.number}", **money
    )
    PaymentOperation.objects.create(
        payment=payment,
        kind="CAPTURE",
        gateway_reference=f"cap-{order.number}",
        idempotency_key=f"key-{order.number}",
        **money,
    )
    OrderEmail.objects.create(
        order=order,
        kind="CONFIRMATION",
        event_key="placed",
        recipient=order.customer_email,
        created_at=NOW,
        next_attempt_at=NOW,
    )
    Cancellation.objects.create(order=order, created_at=NOW)
    Refund.objects.create(order=order, **money)


def listed(client: Client, model: Any, text: str) -> list[str]:
    name = f"admin:orders_{model._meta.model_name}_changelist"
    response = client.get(reverse(name), {"q": text})
    assert response.status_code == 200
    found = response.context["cl"].result_list
    return [getattr(row, "payment", row).order.number for row in found]


@pytest.mark.parametrize("model", [Payment, PaymentOperation, OrderEmail, Cancellation, Refund])
@pytest.mark.parametrize("typed", ["b-2", "grace@x.example", "Grace", "MUG-B-2", " B-"])
def test_what_belongs_to_an_order_is_found_by_what_is_known_of_it(
    admin_client: Client, two_orders: None, model: type[Any], typed: str
) -> None:
    assert listed(admin_client, model, typed) == ["B-2"]


@pytest.mark.parametrize(("model", "reference"), [(Payment, "pay"), (PaymentOperation, "cap")])
def test_money_is_found_by_the_whole_reference_of_the_gateway(
    admin_client: Client,
    two_orders: None,
    model: type[PaymentOperation] | type[Payment],
    reference: str,
) -> None:
    assert listed(admin_client, model, f" {reference}-A-1 ") == ["A-1"]
    assert listed(admin_client, model, f"{reference}-A") == []


def test_a_blank_search_leaves_nothing_out(admin_client: Client, two_orders: None) -> None:
    assert listed(admin_client, Payment, "  ") == ["B-2", "A-1"]


def test_a_reference_is_sought_by_the_index_that_leaves_blanks_out(two_orders: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for model in (Payment, PaymentOperation):
            plan = model.objects.order_by().filter(gateway_reference="pay-A-1").explain()
            assert "_by_reference" in plan

"""Why units are canceled: chosen by staff from a table, and read by the customer."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment
from orders.models import Order, OrderEmail
from orders.notices.email_queue import STAFF_CAUSES, CancelCause
from orders.notices.placeholders import CAUSES
from orders.notices.render import render_emails
from tests.api import api_of_superuser
from tests.orders.kettles import open_shop, place

pytestmark = pytest.mark.django_db
WORDS = "They are not available."


def test_every_cause_that_staff_choose_has_words() -> None:
    assert {cause.value for cause in STAFF_CAUSES} <= set(CAUSES)
    assert set(CAUSES) == {cause.value for cause in CancelCause if cause}


def by_order_api(_client: Client, order: Order) -> Any:
    values = {"lines": [{"line": 1, "quantity": "1"}], "cause": "NOT_AVAILABLE", "reason": "Rude"}
    return api_of_superuser().post(f"orders/{order.number}/cancel/", values)[0]


def by_shipment_api(_client: Client, order: Order) -> Any:
    values = {"cause": "NOT_AVAILABLE", "reason": "Rude"}
    return api_of_superuser().post(f"shipments/{order.number}-1/cancel/", values)[0]


def by_order_page(client: Client, order: Order) -> Any:
    url = reverse("admin:orders_order_task", args=[order.pk, "cancel"])
    values = {"quantity_1": "1", "cause": "NOT_AVAILABLE", "reason": "Rude", "shipment": ""}
    sent = {**values, "token": "a", "version": order.version, "step": "confirm"}
    return client.post(url, sent, follow=True).status_code


def by_shipment_page(client: Client, order: Order) -> Any:
    shipment = Shipment.objects.get(order=order, number=f"{order.number}-1")
    url = reverse("admin:fulfillment_shipment_act", args=[shipment.pk, "cancel"])
    values = {"cause": "NOT_AVAILABLE", "reason": "Rude", "is_sure": "on"}
    typed = {f"cancel-{name}": value for name, value in values.items()}
    return client.post(url, {**typed, "version": shipment.version}, follow=True).status_code


@pytest.mark.parametrize("way", [by_order_api, by_shipment_api, by_order_page, by_shipment_page])
def test_the_customer_reads_the_cause_and_not_the_reason(admin_client: Client, way: Any) -> None:
    open_shop()
    order = Order.objects.get(pk=place())

    assert way(admin_client, order) == 200

    email = OrderEmail.objects.get(kind="CANCELED")
    assert email.context["cause"] == "NOT_AVAILABLE"
    _subject, text = render_emails([email])
    assert WORDS in text
    assert "Rude" not in text


def test_a_cause_of_another_kind_is_refused(admin_client: Client) -> None:
    open_shop()
    order = Order.objects.get(pk=place())
    api = api_of_superuser()

    for cause in ("PAYMENT_DECLINED", "", "rude"):
        status, body = api.post(f"orders/{order.number}/cancel/", {"all": True, "cause": cause})
        assert (status, body["errors"][0]["pointer"]) == (400, "/cause")
    assert not OrderEmail.objects.filter(kind="CANCELED").exists()

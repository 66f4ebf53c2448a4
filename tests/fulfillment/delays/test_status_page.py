"""A customer answers a delay request on the page of the order."""

from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from core.acts import Act
from fulfillment.models import DelayRequest, Shipment, ShipmentLine
from fulfillment.operations.moves.split import split_off
from orders.models import Cancellation
from orders.order_links import order_token
from tests.factories.orders import OrderFactory
from tests.fulfillment.delays.consent import (
    LONG,
    NOW,
    SOON,
    asked,
    configure,
    decisions,
    open_shop,
    waiting,
)
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


def page_of(request: DelayRequest) -> str:
    order = request.order
    return f"/order/{order_token(order.pk, email=order.customer_email, now=NOW)}/"


@pytest.fixture(autouse=True)
def shop() -> None:
    cache.clear()
    open_shop()


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_a_customer_waits_until_the_date_that_was_shown(client: Client) -> None:
    request = asked(SOON)
    page = page_of(request)
    html = client.get(page).text
    assert "They were due by 20 Mar 2026." in html
    assert "We now expect to send these units by 10 Apr 2026." in html
    assert "Wait until 10 Apr 2026" in html
    posted = {"request": request.pk, "shown_on": "2026-04-10", "answer": "WAIT_UNTIL"}

    answers = [client.post(page, posted), client.post(page, posted)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "The answer was recorded." in answers[0].text
    assert "You agreed to wait." in answers[0].text
    assert decisions(request) == [("WAIT_UNTIL", "CUSTOMER", SOON, "Please answer.", "")]


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_a_customer_cancels_late_units_after_a_look_at_them(client: Client) -> None:
    request = asked(LONG)
    page = page_of(request)

    preview = client.post(page, {"request": request.pk, "shown_on": "2026-06-01", "preview": "1"})
    assert "Cancel these units?" in preview.text
    assert not Cancellation.objects.exists()
    posted = {"request": request.pk, "shown_on": "2026-06-01", "answer": "CANCEL"}
    assert [client.post(page, posted).status_code for _click in range(2)] == [200, 200]

    assert Shipment.objects.get().state == "CANCELED"
    assert Cancellation.objects.count() == 1
    assert [answer[:2] for answer in decisions(request)] == [("CANCEL", "CUSTOMER")]
    assert_invariants()


@time_machine.travel("2026-03-05T12:00Z", tick=False)
@pytest.mark.parametrize(
    "posted",
    [
        {"answer": "WAIT_UNTIL", "shown_on": "2026-04-09"},
        {"answer": "WAIT_UNTIL", "shown_on": ""},
        {"answer": "WAIT_UNTIL", "shown_on": "soon"},
        {"answer": "WAIT", "shown_on": "2026-04-10"},
        {"answer": "PERHAPS", "shown_on": "2026-04-10"},
        {"answer": "WAIT_UNTIL", "shown_on": "2026-04-10", "request": "x"},
        {"answer": "CANCEL", "shown_on": "2026-04-10", "request": "0"},
        {"preview": "1", "request": "0"},
    ],
)
def test_what_was_not_asked_is_not_answered(client: Client, posted: dict[str, str]) -> None:
    request = asked(SOON)

    answer = client.post(page_of(request), {"request": str(request.pk), **posted})

    assert answer.status_code == 409
    assert "The order has changed. Nothing was done. Review it and try again." in answer.text
    assert decisions(request) == []
    assert not Cancellation.objects.exists()


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_a_link_answers_for_its_order_alone(client: Client) -> None:
    request = asked(SOON)
    other = OrderFactory()
    token = order_token(other.pk, email=other.customer_email, now=NOW)
    posted = {"request": request.pk, "shown_on": "2026-04-10", "answer": "WAIT_UNTIL"}

    assert client.post(f"/order/{token}/", posted).status_code == 409
    assert decisions(request) == []


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_looking_answers_nothing(client: Client) -> None:
    request = asked(SOON)
    query = {"request": str(request.pk), "shown_on": "2026-04-10", "answer": "CANCEL"}

    assert client.get(page_of(request), query).status_code == 200
    assert client.head(page_of(request), query).status_code == 200
    assert decisions(request) == []


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_late_units_are_offered_for_canceling_once(client: Client) -> None:
    configure(customers_may_cancel=True)
    request = asked(SOON)
    other = waiting()
    cancel = ">Cancel these units</button>"
    assert client.get(page_of(request)).text.count(cancel) == 1
    # A part of the shipment is late: the rest can be canceled too.
    line = request.shipment.lines.get()
    ShipmentLine.objects.filter(shipment=other).update(shipment=request.shipment)
    assert request.shipment.lines.count() == 2
    assert line.delay_request == request

    assert client.get(page_of(request)).text.count(cancel) == 2


@time_machine.travel("2026-03-05T12:00Z", tick=False)
def test_units_that_were_split_are_shown_together(client: Client) -> None:
    request = asked(SOON, 4)
    line = request.shipment.lines.get()
    with transaction.atomic():
        split_off(request.shipment, {line.pk: Decimal(3)}, Act(NOW))
    assert Shipment.objects.count() == 2

    late = client.get(page_of(request)).text.partition('id="shipments"')[0]

    assert "<li>4 × " in late

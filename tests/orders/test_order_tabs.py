"""The tabs of the order list: what each holds, and that it stays quick."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import Source
from orders.changes.cancel import cancel
from orders.models import Order, PaymentOperation
from tests.factories.orders import OrderFactory
from tests.orders.mugs import NOW, open_shop, placed

TABS = ("to-ship", "waiting", "needs-a-person", "done")
LIST = reverse("admin:orders_order_changelist")
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> None:
    open_shop()


def rows(client: Client, **chosen: str) -> list[Any]:
    response = client.get(LIST, chosen)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def listed(client: Client, **chosen: str) -> list[str]:
    return sorted(order.number for order in rows(client, **chosen))


def ship(order: Order) -> None:
    fulfill(Shipment.objects.get(order=order, state="READY").pk, Act(NOW))


def test_each_tab_holds_the_orders_that_its_name_says(admin_client: Client, shop: None) -> None:
    ship(placed("SHIPPED", 2))
    canceled = placed("CANCELED", 1)
    cancel(canceled.pk, Act(NOW), quantities={canceled.lines.get().pk: Decimal(1)})
    placed("READY", 3)
    placed("BOTH", 9)
    placed("BACKORDER", 1)
    # Waits for its customer, who collects it.
    kept, store = placed("KEPT", 1), Source.objects.get(code="seattle")
    Shipment.objects.filter(order=kept).update(
        state="READY", source=store, pickup_source=store, set_aside_at=NOW
    )
    OrderFactory(number="UNPAID", status="PENDING_PAYMENT")
    OrderFactory(number="CLOSED", status="CLOSED")

    assert {
        tab: listed(admin_client, tab=tab)
        for tab in ("to-ship", "waiting", "needs-a-person", "done")
    } == {
        "to-ship": ["BOTH", "READY"],
        "waiting": ["BACKORDER", "BOTH"],
        "needs-a-person": [],
        "done": ["CANCELED", "CLOSED", "SHIPPED"],
    }
    assert len(listed(admin_client)) == 8


def in_care(order: Order) -> None:
    Shipment.objects.filter(order=order).update(
        state="CUSTOMER_CARE", care_reason="Broken", source=None, backordered_since=NOW
    )


def held_for_payment(order: Order) -> None:
    Shipment.objects.filter(order=order).update(is_held=True, hold_reason="PAYMENT")


def held_by_staff(order: Order) -> None:
    Shipment.objects.filter(order=order).update(is_held=True, hold_reason="STAFF")


def payment_unanswered(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status="PAYMENT_REVIEW")


def refund_declined(order: Order) -> None:
    PaymentOperation.objects.filter(payment__order=order).update(review_since=NOW)


def refund_decided(order: Order) -> None:
    PaymentOperation.objects.filter(payment__order=order).update(review_since=NOW, reviewed_at=NOW)


@pytest.mark.parametrize(
    ("happen", "tabs"),
    [
        (in_care, {"waiting", "needs-a-person"}),
        (held_for_payment, {"needs-a-person"}),
        (held_by_staff, set()),
        (payment_unanswered, {"needs-a-person"}),
        (refund_declined, {"to-ship", "needs-a-person"}),
        (refund_decided, {"to-ship"}),
    ],
)
def test_what_only_a_person_can_move_on_is_in_its_tab(
    admin_client: Client, shop: None, happen: Callable[[Order], None], tabs: set[str]
) -> None:
    happen(placed("ODD", 2))

    assert {tab for tab in TABS if listed(admin_client, tab=tab) == ["ODD"]} == tabs


def test_a_tab_keeps_search_and_filters_and_starts_at_its_first_page(
    admin_client: Client, shop: None
) -> None:
    placed("A-READY", 1)
    placed("B-READY", 1)

    response = admin_client.get(LIST, {"q": "A-R", "status": "PROCESSING", "p": "1"})

    tabs = response.context["tabs"]
    assert [(str(tab["label"]), tab["is_open"]) for tab in tabs] == [
        ("All", True),
        ("To ship", False),
        ("Waiting", False),
        ("Needs attention", False),
        ("Done", False),
    ]
    assert tabs[1]["url"] == "?q=A-R&status=PROCESSING&tab=to-ship"
    assert listed(admin_client, q="A-R", tab="to-ship") == ["A-READY"]


def test_the_rows_of_a_tab_are_exported(admin_client: Client, shop: None) -> None:
    placed("READY", 10)
    placed("BACKORDER", 1)

    answer: Any = admin_client.get(reverse("admin:orders_order_export"), {"tab": "waiting"})

    text = b"".join(answer.streaming_content).decode()
    assert ("BACKORDER" in text, "READY" in text) == (True, False)


def test_a_tab_that_there_is_not_shows_all_and_says_so(admin_client: Client, shop: None) -> None:
    placed("READY", 1)

    response = admin_client.get(LIST, {"tab": "elsewhere"})

    assert [order.number for order in response.context["cl"].result_list] == ["READY"]
    assert [str(message) for message in response.context["messages"]] == [
        "The list has no such tab. All rows are shown."
    ]


def test_a_row_says_what_has_still_to_leave_and_when(admin_client: Client, shop: None) -> None:
    ship(placed("SHIPPED", 2))
    placed("BOTH", 9)
    held_by_staff(placed("HELD", 1))

    page = admin_client.get(LIST)

    shown = {
        order.number: [shipment.state for shipment in order.open_shipments]
        for order in page.context["cl"].result_list
    }
    assert shown == {"SHIPPED": [], "BOTH": ["READY", "BACKORDER"], "HELD": ["BACKORDER"]}
    assert page.content.decode().count("16 Mar 2026") == 2
    assert "Held by staff" in page.content.decode()


def test_the_list_takes_as_many_queries_for_many_orders_as_for_one(
    admin_client: Client, shop: None
) -> None:
    placed("FIRST", 12)
    few = queries_of(admin_client)
    for number in range(10):
        placed(f"MORE-{number}", 2)
        OrderFactory(number=f"OLD-{number}", placed_at=NOW - timedelta(days=number))

    assert queries_of(admin_client) <= few


def queries_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST).status_code == 200
    return len(queries)


def test_equal_rows_of_a_sorted_list_follow_in_its_own_order_turned_with_it(
    admin_client: Client,
) -> None:
    for number, total in (("FIRST", 5), ("SECOND", 5), ("DEAR", 9)):
        OrderFactory(number=number, total=Decimal(total))

    def by(column: str) -> list[str]:
        return [order.number for order in rows(admin_client, o=column)]

    # Of its columns, the customer (2) and what is expected (5) are not offered to be sorted by.
    assert by("7") == ["FIRST", "SECOND", "DEAR"]
    assert by("-7") == ["DEAR", "SECOND", "FIRST"]
    assert by("2") == by("5") == by("1000") == by("-2")

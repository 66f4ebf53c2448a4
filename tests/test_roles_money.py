"""Cancels and refunds ask for permissions of their own, at every entry (domain.md §19)."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment
from fulfillment.roles import permissions_of
from orders.models import Order, OrderChange, Return
from tests.api import api_with
from tests.orders.mugs import open_shop, placed

pytestmark = pytest.mark.django_db

OWN = {"orders.cancel_order", "orders.refund_order"}


@pytest.fixture
def order() -> Order:
    open_shop()
    return placed("W-1", 3)


@pytest.fixture
def worker(client: Client) -> User:
    """Who may do all that Fulfillment may, but cancel and refund."""
    fulfillment = Group.objects.get(name="Fulfillment")
    group = Group.objects.create(name="Packers")
    group.permissions.set(
        fulfillment.permissions.exclude(codename__in=["cancel_order", "refund_order"])
    )
    user = User.objects.create(username="packer", is_staff=True)
    user.groups.add(group)
    client.force_login(user)
    return user


def written() -> tuple[Any, ...]:
    order = Order.objects.get()
    return (
        order.status,
        order.version,
        Shipment.objects.filter(state="CANCELED").count(),
        OrderChange.objects.count(),
        Return.objects.count(),
    )


def page_of(order: Order, task: str) -> str:
    return reverse("admin:orders_order_task", args=[order.pk, task])


def test_fulfillment_alone_may_cancel_and_refund() -> None:
    may = {role: OWN & permissions_of(role) for role in ("Merchant", "Operations", "Viewer")}

    assert may == {"Merchant": set(), "Operations": set(), "Viewer": set()}
    assert permissions_of("Fulfillment") > OWN


@pytest.mark.usefixtures("worker")
def test_the_pages_of_an_order_offer_what_one_may_alone(client: Client, order: Order) -> None:
    before = written()

    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).text
    found = {
        (task, method): getattr(client, method)(page_of(order, task)).status_code
        for task in ("cancel", "substitute", "refund", "change-order")
        for method in ("get", "post")
    }

    assert [page_of(order, task) in page for task in ("cancel", "substitute", "refund")] == [
        False,
        False,
        False,
    ]
    assert page_of(order, "add-lines") in page
    assert {task for (task, _method), status in found.items() if status == 403} == {
        "cancel",
        "substitute",
        "refund",
    }
    assert found["cancel", "post"] == found["refund", "post"] == found["substitute", "post"] == 403
    assert written() == before


@pytest.mark.usefixtures("worker")
def test_the_cancel_of_a_shipment_is_neither_offered_nor_done(client: Client, order: Order) -> None:
    before = written()
    shipment = order.shipments.get()

    page = client.get(reverse("admin:fulfillment_shipment_change", args=[shipment.pk]))
    acted = client.post(
        reverse("admin:fulfillment_shipment_act", args=[shipment.pk, "cancel"]),
        {"version": page.context["version"], "cancel-reason": "No", "cancel-is_sure": "on"},
    )
    review = client.get(reverse("admin:fulfillment_shipment_review"))
    chosen = client.post(
        reverse("admin:fulfillment_shipment_review_bulk"),
        {"action": "CANCEL", "shipment": str(shipment.pk)},
    )

    offered = [one["action"].code for one in page.context["actions"]]
    assert "hold" in offered
    assert "cancel" not in offered
    assert "Cancel shipments" not in review.text
    assert (acted.status_code, chosen.status_code) == (403, 403)
    assert written() == before


LINE = [{"line": 1, "quantity": "1"}]
TASKS: dict[str, Any] = {
    "orders/W-1/cancel/": {"all": True},
    "orders/W-1/refund/": {"lines": LINE, "return_to_stock": True},
    "orders/W-1/changes/": {"reason": "No", "cancel": LINE},
    "orders/W-1/changes/?dry_run=1": {"reason": "No", "cancel": LINE},
    "shipments/W-1-1/cancel/": {"reason": "No"},
}


@pytest.mark.parametrize("path", TASKS)
def test_programs_need_them_too(order: Order, path: str) -> None:
    before = written()
    api = api_with(*(permissions_of("Fulfillment") - OWN))

    status, problem = api.post(path, TASKS[path])

    assert (status, problem["type"]) == (403, "urn:problem:permission-denied")
    assert written() == before


def test_a_substitute_is_a_cancel_too(order: Order) -> None:
    api = api_with(*(permissions_of("Fulfillment") - OWN))
    asked = {**LINE[0], "sku": "MUG", "new_quantity": "1"}

    status, _problem = api.post("orders/W-1/changes/", {"reason": "No", "substitute": [asked]})

    assert (status, OrderChange.objects.count()) == (403, 0)


@pytest.mark.parametrize(
    ("path", "body"),
    [("orders/W-1/cancel/", {"all": True}), ("shipments/W-1-1/cancel/", {"reason": "No"})],
)
def test_who_may_cancel_needs_no_more(order: Order, path: str, body: Any) -> None:
    api = api_with("orders.cancel_order")

    assert api.post(path, body)[0] == 200
    assert Order.objects.get().status == "CANCELED"
    assert api.post("orders/W-1/capture/", {})[0] == 403
    assert api.post("orders/W-1/refund/", TASKS["orders/W-1/refund/"])[0] == 403


def test_the_permissions_have_names_that_people_read(admin_client: Client) -> None:
    user = User.objects.create(username="somebody")

    page = admin_client.get(reverse("admin:auth_user_change", args=[user.pk])).text

    assert Permission.objects.filter(codename__in=["cancel_order", "refund_order"]).count() == 2
    assert "Orders: cancel units" in page
    assert "Orders: refund units" in page

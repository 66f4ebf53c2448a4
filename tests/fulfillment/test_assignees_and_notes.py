"""Who looks after a shipment, and notes on shipments and orders; customers see neither."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent, ShipmentNote
from fulfillment.operations.moves.assignees import UnknownPersonError, assign
from fulfillment.operations.shipments.locking import StaleShipmentError, WrongStateError
from orders.models import OrderNote
from tests.api import api_with
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.fulfillment.review.shipment_page import act, url
from tests.test_roles_walk import person

pytestmark = pytest.mark.django_db

ONCE = "6e0bf1de-a9a3-4d67-8bd3-6cbaae1b5a1c"


@pytest.fixture
def shipment() -> Shipment:
    return BackorderFactory(number="S1", lines={ProductFactory(sku="TEA"): 2})


@pytest.fixture
def worker() -> User:
    return person("Fulfillment")


def change(client: Client, row: Any, text: str, *, page: str, token: str = ONCE) -> Any:
    return client.post(
        reverse(f"admin:{page}_note", args=[row.pk]), {"text": text, "token": token}, follow=True
    )


def said(response: Any) -> list[str]:
    return [strip_tags(str(message)) for message in response.context["messages"]]


def test_a_shipment_is_assigned_and_its_timeline_says_by_whom(
    shipment: Shipment, worker: User
) -> None:
    boss = person("superuser")
    now = timezone.now()

    assign(shipment.pk, Act(now, boss.pk), username=worker.username)
    assign(shipment.pk, Act(now, boss.pk), username=worker.username)
    assign(shipment.pk, Act(now, boss.pk), username=None)

    shipment.refresh_from_db()
    assert shipment.assignee is None
    events = ShipmentEvent.objects.filter(kind="ASSIGNED").order_by("pk")
    assert [(event.detail, event.actor) for event in events] == [
        ({"from": None, "to": "Fulfillment"}, boss),
        ({"from": "Fulfillment", "to": None}, boss),
    ]


@pytest.mark.parametrize("name", ["Viewer", "gone", "nobody"])
def test_only_active_people_who_may_work_on_shipments_are_assigned(
    shipment: Shipment, name: Any
) -> None:
    person("Viewer")
    gone = person("superuser")
    User.objects.filter(pk=gone.pk).update(username="gone", is_active=False)

    with pytest.raises(UnknownPersonError):
        assign(shipment.pk, Act(timezone.now()), username=name)

    assert not ShipmentEvent.objects.filter(kind="ASSIGNED").exists()


def test_a_shipment_that_is_over_or_has_changed_is_not_assigned(
    shipment: Shipment, worker: User
) -> None:
    act_now = Act(timezone.now())
    with pytest.raises(StaleShipmentError):
        assign(shipment.pk, act_now, username=worker.username, expected_version=1)
    Shipment.objects.filter(pk=shipment.pk).update(state="CANCELED")
    with pytest.raises(WrongStateError):
        assign(shipment.pk, act_now, username=worker.username)

    shipment.refresh_from_db()
    assert shipment.assignee is None


def test_the_page_assigns_and_the_review_lists_what_is_a_persons(
    client: Client, shipment: Shipment, worker: User
) -> None:
    other = BackorderFactory(number="S2", lines={ProductFactory(): 1})
    client.force_login(worker)
    version = client.get(url(shipment)).context["version"]

    answer = act(client, shipment, "assign", version, username="Fulfillment")
    page = client.get(answer.url)

    assert said(page) == ["Assigned S1 to Fulfillment."]
    assert "– → Fulfillment" in page.text
    review = client.get(reverse("admin:fulfillment_shipment_review"))
    [_every, own] = review.context["tabs"]
    assert (own["label"], own["is_open"]) == ("Assigned to you", False)
    review = client.get(reverse("admin:fulfillment_shipment_review") + own["url"])
    assert review.context["tabs"][1]["is_open"]
    assert "S1" in strip_tags(review.text)
    order = client.get(reverse("admin:orders_order_change", args=[shipment.order_id]))
    assert "assigned to Fulfillment" in order.text
    assert other.number not in strip_tags(review.text)
    refused = act(client, other, "assign", other.version, username="Somebody")
    assert "Somebody is not one of the available choices" in refused.text


def test_people_are_typed_where_they_are_many(
    client: Client, shipment: Shipment, worker: User
) -> None:
    staff = {"is_staff": True, "is_superuser": True}
    User.objects.bulk_create(User(username=f"many-{n}", **staff) for n in range(60))
    client.force_login(worker)
    page = client.get(url(shipment))
    assert "many-1" not in page.text

    refused = act(client, shipment, "assign", page.context["version"], username="nobody")
    assert "Nobody with this user name may work on shipments." in refused.text
    assert act(client, shipment, "assign", page.context["version"], username="many-7").url
    assert Shipment.objects.get(pk=shipment.pk).assignee == User.objects.get(username="many-7")


@pytest.mark.parametrize("page", ["fulfillment_shipment", "orders_order"])
def test_a_note_is_kept_once_with_its_author(
    client: Client, shipment: Shipment, worker: User, page: Any
) -> None:
    row = shipment if page == "fulfillment_shipment" else shipment.order
    client.force_login(worker)

    first = change(client, row, "Call <b>first</b>", page=page)
    change(client, row, "Call <b>first</b>", page=page)
    again = change(client, row, "Called", page=page, token=ONCE.replace("6", "7"))
    nothing = change(client, row, " ", page=page)

    assert said(first) == [f"Added a note to {row}."]
    assert [(note.text, note.author) for note in row.notes.order_by("pk")] == [
        ("Call <b>first</b>", worker),
        ("Called", worker),
    ]
    assert "Call &lt;b&gt;first&lt;/b&gt;" in again.text
    assert said(nothing) == ["Nothing was added. A note has 1 to 2000 characters."]


def test_who_only_looks_reads_notes_and_writes_none(
    client: Client, shipment: Shipment, worker: User
) -> None:
    now = timezone.now()
    ShipmentNote.objects.create(shipment=shipment, text="Fragile", author=worker, created_at=now)
    OrderNote.objects.create(order=shipment.order, text="Gift", author=worker, created_at=now)
    client.force_login(person("Viewer"))

    pages = [
        client.get(url(shipment)).text,
        client.get(reverse("admin:orders_order_change", args=[shipment.order_id])).text,
    ]

    assert "Fragile" in pages[0]
    assert "Gift" in pages[1]
    assert all("Add note" not in page for page in pages)
    assert change(client, shipment, "No", page="fulfillment_shipment").status_code == 403


def test_programs_assign_and_write_notes(shipment: Shipment, worker: User) -> None:
    api = api_with(
        "fulfillment.view_shipment",
        "fulfillment.change_shipment",
        "orders.view_order",
        "orders.change_order",
    )
    number = shipment.order.number

    status, body = api.post("shipments/S1/assign/", {"username": "Fulfillment"})
    assert (status, body["assignee"]) == (200, "Fulfillment")
    status, body = api.post("shipments/S1/assign/", {"username": None})
    assert (status, body["assignee"]) == (200, None)
    status, body = api.post("shipments/S1/assign/", {"username": "nobody"})
    assert (status, body["errors"][0]["pointer"]) == (422, "/username")
    for path in ("shipments/S1/notes/", f"orders/{number}/notes/"):
        key = {"Idempotency_Key": path}
        status, made = api.post(path, {"text": "Fragile"}, **key)
        assert (status, made["text"]) == (201, "Fragile")
        assert api.post(path, {"text": "Fragile"}, **key)[1] == made
        assert api.get(path)[1]["results"] == [made]
        assert api.post(path, {"text": ""})[0] == 400
        assert api.get(path.replace("S1", "S9").replace(number, "NONE"))[0] == 404
    assert ShipmentNote.objects.get().author == OrderNote.objects.get().author
    looks = api_with("fulfillment.view_shipment", "orders.view_order")
    assert looks.get("shipments/S1/notes/")[0] == 200
    assert looks.post("shipments/S1/notes/", {"text": "No"})[0] == 403
    assert looks.post("shipments/S1/assign/", {"username": None})[0] == 403

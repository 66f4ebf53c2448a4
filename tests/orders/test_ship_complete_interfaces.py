"""Ship complete on the pages and over the API: asked for, previewed, ended, explained."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fulfillment.operations.moves.holds import hold
from orders.models import Order
from orders.order_links import order_token
from tests.api import api_of_superuser
from tests.fulfillment.operations.test_ship_complete import (
    REST,
    WHY,
    configure,
    held,
    mixed,
    one,
    open_shop,
    place,
    stock,
)

pytestmark = pytest.mark.django_db
BODY: dict[str, Any] = {
    "channel": "web",
    "customer": {"name": "Ada Example", "email": "ada@example.com"},
    "address": {
        "recipient": "Ada",
        "street": "1 High Street",
        "city": "London",
        "postcode": "SW1A 1AA",
        "country": "GB",
    },
    "lines": [{"sku": "KTP", "quantity": "2"}, {"sku": "POT", "quantity": "2"}],
}


@pytest.fixture(autouse=True)
def shop() -> None:
    open_shop()


def task(order: Order, name: str) -> str:
    return reverse("admin:orders_order_task", args=[order.pk, name])


def test_an_order_placed_over_the_api_ships_complete_and_says_so() -> None:
    api = api_of_superuser()

    status, body = api.post("orders/", {**BODY, "ship_complete": True})
    as_site = api.post("orders/", BODY)[1]

    assert (status, body["ship_complete"]) == (201, True)
    shown = [(each["state"], each["is_held"], each["hold_reason"]) for each in body["shipments"]]
    assert shown == [("READY", True, "REST"), ("BACKORDER", False, "")]
    assert as_site["ship_complete"] is False
    shipment = api.get(f"shipments/{body['shipments'][0]['number']}/")[1]
    assert (shipment["is_held"], shipment["hold_reason"]) == (True, "REST")


def test_a_change_over_the_api_previews_what_is_held_and_what_is_let_go() -> None:
    api, order = api_of_superuser(), mixed()
    body = {"reason": "Cannot wait", "set": {"ship_complete": False}}

    status, shown = api.post(f"orders/{order.number}/changes/?dry_run=1", body)
    assert status == 200
    assert (shown["before"]["ship_complete"], shown["after"]["ship_complete"]) == (True, False)
    [let_go] = shown["shipments"]
    assert (let_go["hold_reason_before"], let_go["hold_reason"]) == ("REST", "")
    assert held(order) == [REST, ("BACKORDER", "")]

    assert api.post(f"orders/{order.number}/changes/", body)[0] == 201
    assert held(order) == [("READY", ""), ("BACKORDER", "")]
    again = api.post(f"orders/{order.number}/changes/", body)
    assert (again[0], again[1]["type"].rsplit(":", 1)[-1]) == (409, "nothing-to-change")


def test_the_explanation_says_what_of_the_order_is_missing() -> None:
    api, order = api_of_superuser(), mixed()
    ready, waiting = order.shipments.order_by("pk")

    status, body = api.get(f"shipments/{ready.number}/explanation/")

    assert (status, body["outcome"]) == (200, "WAITING")
    assert [(each["sku"], each["reasons"]) for each in body["shortages"]] == [
        ("POT", ["WAITING_FOR_REST"])
    ]
    assert body["remedies"] == [{"kind": "SHIP_WHAT_IS_READY"}]
    listed = api.get("shipments/?reason=WAITING_FOR_REST")[1]["results"]
    assert [each["number"] for each in listed] == [ready.number]
    assert waiting.number in str(body)


def test_what_is_ready_is_let_go_from_the_order_with_a_preview(admin_client: Client) -> None:
    order = mixed()
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert task(order, "ship-ready") in page.text
    assert "2 ready, waiting for the rest" in page.text

    order.refresh_from_db()
    typed = {"token": "t0ken", "version": str(order.version), "reason": "Cannot wait"}
    shown = admin_client.post(task(order, "ship-ready"), {**typed, "step": "preview"})
    assert [(step.what, step.before, step.after) for step in shown.context["effect"]["facts"]] == [
        ("Ship complete", "Yes", "No")
    ]
    assert "Let go, no longer held" in shown.text
    assert held(order) == [REST, ("BACKORDER", "")]

    done = admin_client.post(task(order, "ship-ready"), {**typed, "step": "confirm"}, follow=True)
    assert [str(each) for each in done.context["messages"]] == [
        f"Ready shipments of order {order.number} can leave. The rest follows later."
    ]
    assert held(order) == [("READY", ""), ("BACKORDER", "")]
    assert "Ship complete: Yes → No · Cannot wait" in done.text
    assert task(order, "ship-ready") not in done.text


def test_it_is_turned_on_under_change_order(admin_client: Client) -> None:
    order = mixed(whole=False)
    form = admin_client.get(task(order, "change")).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields if name != "ship_complete"}
    typed |= {"ship_complete": "on", "reason": "Asked for by phone"}

    shown = admin_client.post(task(order, "change"), {**typed, "step": "preview"})
    assert "Waiting for the rest of the order" in shown.text
    admin_client.post(task(order, "change"), {**typed, "step": "confirm"})

    assert held(order) == [REST, ("BACKORDER", "")]


def test_the_phone_order_starts_from_the_option_of_the_site(admin_client: Client) -> None:
    page = reverse("admin:orders_order_add")
    assert admin_client.get(page).context["form"]["ship_complete"].value() is False
    configure(ship_complete=True)

    assert admin_client.get(page).context["form"]["ship_complete"].value() is True


def test_a_shipment_that_waits_says_for_what_and_what_ends_it(admin_client: Client) -> None:
    order = mixed()
    ready, waiting = order.shipments.order_by("pk")
    page = admin_client.get(reverse("admin:fulfillment_shipment_change", args=[ready.pk]))

    assert "Waiting for the rest of the order" in page.text
    assert f"2 × POT missing: the order ships complete ({waiting.number})" in page.text
    assert f'href="{task(order, "ship-ready")}"' in page.text
    assert "lift-hold" not in page.text
    attention = admin_client.get(
        f"{reverse('admin:fulfillment_shipment_changelist')}?tab=needs-a-person"
    )
    assert ready.number not in attention.text


def test_the_customer_reads_that_it_waits_for_the_rest(client: Client) -> None:
    order = mixed()
    place(("KTP", 1), whole=False)
    token = order_token(order.pk, email=order.customer_email, now=timezone.now())

    page = client.get(f"/order/{token}/")

    assert "Waiting for the rest of your order" in page.text
    assert one(order, "READY").hold_reason == "REST"


def release_page(admin_client: Client, order: Order) -> tuple[str, Any]:
    """Return the address and the page by which what is there of a shipment is released."""
    page = reverse("admin:fulfillment_shipment_part", args=[one(order, "BACKORDER").pk])
    return page, admin_client.get(page)


def released(admin_client: Client, page: str, shown: Any) -> str:
    """Release what the page shows; return what was said then."""
    sent = {
        "mode": "BY_QUANTITY",
        "version": shown.context["version"],
        "shown": shown.context["shown"],
        "reason": "Asked for",
    }
    done = admin_client.post(page, sent, follow=True)
    (message,) = done.context["messages"]
    return str(message)


def test_units_that_are_released_before_the_rest_are_said_to_be_set_aside(
    admin_client: Client,
) -> None:
    order = mixed()
    stock("POT", 1)

    page, shown = release_page(admin_client, order)

    assert "these units are set aside until the rest of it can leave" in shown.text
    assert "all of it can leave" not in shown.text
    message = released(admin_client, page, shown)
    assert "is set aside at A until the rest of the order can leave." in message
    assert held(order) == [REST, ("BACKORDER", ""), REST]


def test_the_last_units_of_an_order_are_said_to_let_all_of_it_leave(admin_client: Client) -> None:
    order = mixed()
    stock("POT", 2)

    page, shown = release_page(admin_client, order)

    assert "It waits for nothing else, so all of it can leave." in shown.text
    assert "is ready at A." in released(admin_client, page, shown)
    assert held(order) == [("READY", ""), ("READY", "")]


def test_units_wait_for_what_another_shipment_lacks_or_staff_hold(admin_client: Client) -> None:
    order = mixed()
    hold(one(order, "READY").pk, WHY)
    stock("POT", 2)

    _page, shown = release_page(admin_client, order)

    assert shown.context["waits_for_rest"] is True


def test_an_order_that_leaves_in_parts_is_said_to_have_ready_units(admin_client: Client) -> None:
    order = mixed(whole=False)
    stock("POT", 1)

    _page, shown = release_page(admin_client, order)

    assert "ships complete" not in shown.text

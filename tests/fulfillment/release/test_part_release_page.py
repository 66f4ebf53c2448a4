"""The page and the API by which staff release what is there of one shipment."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from inventory.models import FutureSupply, Product, Receipt, SourceItem
from inventory.operations.receipt_reversals import take_back_receipt
from inventory.operations.receipts import receive_supply
from tests.api import Api, api_of_superuser, codes
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, World, configure, release
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db

CHANGED = "This has changed since. Nothing was released. Review it again."


def address(shipment: Shipment) -> str:
    return reverse("admin:fulfillment_shipment_part", args=[shipment.pk])


def confirm(client: Client, shipment: Shipment, shown: Any, **values: Any) -> Any:
    sent = {
        "mode": "BY_QUANTITY",
        "version": shown.context["version"],
        "shown": shown.context["shown"],
        "reason": "Asked for by phone",
    }
    return client.post(address(shipment), {**sent, **values}, follow=True)


def states() -> dict[str, str]:
    return dict(Shipment.objects.order_by("number").values_list("number", "state"))


@pytest.fixture
def api() -> Api:
    return api_of_superuser()


@pytest.fixture
def waiting(world: World, kettle: Product) -> Shipment:
    """Waits for 5, of which 2 are there."""
    world.item(world.a, kettle, 2)
    return world.backorder({kettle: 5}, number="1001")


@pytest.fixture
def promise(world: World, kettle: Product) -> Shipment:
    """Is promised 5, of which 2 are received."""
    configure(future_inventory=True)
    world.item(world.a, kettle, 0)
    FutureSupplyFactory(
        source=world.a, product=kettle, quantity=5, expected_on=TODAY + timedelta(days=5)
    )
    world.backorder({kettle: 5}, number="1001")
    release()
    receive_supply(FutureSupply.objects.get().pk, Act(NOW), quantity=Decimal(2))
    return Shipment.objects.get(state="FUTURE")


def test_the_page_shows_what_leaves_and_what_waits_on_then_releases_it(
    admin_client: Client, waiting: Shipment
) -> None:
    shown = admin_client.get(address(waiting))

    assert shown.context["ready"] == ["Ready at a: 2 × KTP"]
    assert shown.context["waiting"] == ["3 × KTP missing: not enough stock"]
    assert states() == {"1001-1": "BACKORDER"}
    done = confirm(admin_client, waiting, shown)
    (message,) = done.context["messages"]
    assert "1001-1.1</a> is ready at " in str(message)
    assert states() == {"1001-1": "BACKORDER", "1001-1.1": "READY"}
    event = ShipmentEvent.objects.get(kind="RELEASED_IN_PART")
    assert (event.reason, event.actor) == ("Asked for by phone", done.context["user"])
    assert_invariants()


def test_a_second_confirmation_of_the_same_page_does_nothing(
    admin_client: Client, waiting: Shipment
) -> None:
    shown = admin_client.get(address(waiting))
    confirm(admin_client, waiting, shown)
    SourceItem.objects.update(quantity=4)

    again = confirm(admin_client, waiting, shown)

    assert again.context["problem"] == CHANGED
    assert states() == {"1001-1": "BACKORDER", "1001-1.1": "READY"}


def test_what_others_took_since_the_preview_is_shown_and_nothing_is_released(
    admin_client: Client, waiting: Shipment
) -> None:
    shown = admin_client.get(address(waiting))
    SourceItem.objects.update(quantity=1)

    again = confirm(admin_client, waiting, shown)

    assert again.context["problem"] == CHANGED
    assert again.context["ready"] == ["Ready at a: 1 × KTP"]
    assert states() == {"1001-1": "BACKORDER"}


def test_a_reason_is_asked_for(admin_client: Client, waiting: Shipment) -> None:
    shown = admin_client.get(address(waiting))

    again = confirm(admin_client, waiting, shown, reason="")

    assert again.context["problem"] == "Correct the marked fields."
    assert states() == {"1001-1": "BACKORDER"}


def test_by_line_nothing_of_a_line_that_is_not_complete_leaves(
    admin_client: Client, waiting: Shipment
) -> None:
    shown = admin_client.get(address(waiting), {"mode": "BY_LINE"})

    page = shown.content.decode()
    assert "no units are available that earlier shipments do not need" in page
    assert "Release these units" not in page
    assert shown.context["waiting"] == ["3 × KTP missing: not enough stock"]
    forged = confirm(admin_client, waiting, shown, mode="BY_LINE")
    assert "because units are missing" in forged.context["problem"]
    assert admin_client.get(address(waiting), {"mode": "FULL"}).context["form"].errors


def test_of_a_promise_the_page_shows_what_is_received_and_what_stays_promised(
    admin_client: Client, promise: Shipment
) -> None:
    shown = admin_client.get(address(promise))

    assert shown.context["ready"] == ["Ready at a: 2 × KTP"]
    assert shown.context["waiting"] == ["3 × KTP promised for 3 May 2026"]
    confirm(admin_client, promise, shown)
    assert sorted(states().values()) == ["FUTURE", "READY", "REASSIGNED"]
    assert_invariants()


def test_the_button_is_there_only_where_units_may_be(
    admin_client: Client, waiting: Shipment
) -> None:
    page = reverse("admin:fulfillment_shipment_change", args=[waiting.pk])
    order = reverse("admin:orders_order_change", args=[waiting.order_id])

    assert address(waiting) in admin_client.get(page).content.decode()
    assert address(waiting) in admin_client.get(order).content.decode()
    SourceItem.objects.update(quantity=0)
    assert address(waiting) not in admin_client.get(page).content.decode()
    SourceItem.objects.update(quantity=2)
    Shipment.objects.update(is_held=True, hold_reason="STAFF")
    assert address(waiting) not in admin_client.get(page).content.decode()
    assert address(waiting) not in admin_client.get(order).content.decode()
    shown = admin_client.get(address(waiting))
    assert "The shipment is on hold. Lift the hold, then release it." in shown.content.decode()


def test_an_order_offers_the_part_of_a_promise_once_units_are_received(
    admin_client: Client, promise: Shipment
) -> None:
    order = reverse("admin:orders_order_change", args=[promise.order_id])

    assert address(promise) in admin_client.get(order).content.decode()
    take_back_receipt(Receipt.objects.get().pk, Act(NOW, reason="Never came"))
    promise = Shipment.objects.get(state="FUTURE")
    assert address(promise) not in admin_client.get(order).content.decode()
    assert reverse("admin:fulfillment_shipment_change", args=[promise.pk]) in str(
        admin_client.get(order).content
    )


def test_a_mode_over_the_api_releases_what_is_there(api: Api, waiting: Shipment) -> None:
    path, body = "shipments/1001-1/release/", {"mode": "BY_QUANTITY"}

    status, answer = api.post(path, body, Idempotency_Key="once")

    assert (status, answer["state"], answer["children"]) == (200, "BACKORDER", ["1001-1.1"])
    SourceItem.objects.update(quantity=4)
    assert api.post(path, body, Idempotency_Key="once") == (status, answer)
    assert states() == {"1001-1": "BACKORDER", "1001-1.1": "READY"}
    run = ReleaseRun.objects.get()
    assert (run.trigger, run.scope) == ("API", {"shipments": ["1001-1"], "mode": "BY_QUANTITY"})


def test_over_the_api_too_little_a_wrong_mode_and_nothing_received_are_refused(
    api: Api, promise: Shipment
) -> None:
    path = f"shipments/{promise.number}/release/"

    status, problem = api.post(path, {"mode": "FULL"})
    assert (status, problem["errors"][0]["pointer"]) == (400, "/mode")
    assert api.post(path, {"mode": "BY_LINE"})[0] == 409
    status, body = api.post(path, {"mode": "BY_QUANTITY"})
    assert (status, body["state"], body["children"]) == (200, "FUTURE", [f"{promise.number}.1"])
    status, problem = api.post(path, {"mode": "BY_QUANTITY"})
    assert (status, codes(problem)[0]) == (409, "nothing-received")

"""What is done from one shipment's page: what comes of it, what it asks for, what it refuses."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from core.acts import Act
from fulfillment.admin.shipment.actions import OFFERS
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.release.shipment_actions import ACTIONS
from orders.models import OrderEmail
from tests.factories.fulfillment import BackorderFactory
from tests.factories.orders import OrderFactory
from tests.fulfillment.review.shipment_page import NOW, act, url

pytestmark = pytest.mark.django_db


def test_a_part_leaves_and_the_rest_stays_ready(admin_client: Client, shipment: Shipment) -> None:
    reassign(shipment.pk, Act(NOW), source_code="berlin")
    units = f"units_{shipment.lines.get().order_line_id}"
    page = admin_client.get(url(shipment))
    version = page.context["version"]
    assert "WHEEL: ship now, of 2" in page.content.decode()

    nothing = act(admin_client, shipment, "fulfill", version, **{units: "0"})
    assert "Enter at least one unit to ship." in nothing.content.decode()
    box = {"carrier": "ups", "tracking_number": "1Z-7"}
    empty = act(admin_client, shipment, "fulfill", version, **{units: "", **box})
    assert "Enter at least one unit to ship." in empty.content.decode()
    more = act(admin_client, shipment, "fulfill", version, **{units: "3"})
    assert "less than or equal to 2" in more.content.decode()
    values = {units: "1", "carrier": "ups", "tracking_number": "1Z-7"}
    assert act(admin_client, shipment, "fulfill", version, **values).status_code == 302

    shipment.refresh_from_db()
    assert (shipment.state, shipment.lines.get().quantity) == ("READY", Decimal(1))
    part = Shipment.objects.get(state="FULFILLED")
    assert (part.parent, part.lines.get().quantity) == (shipment, Decimal(1))
    assert str(part.parcels.get()) == "UPS 1Z-7"
    event = ShipmentEvent.objects.get(kind="FULFILLED")
    assert (event.reason, event.detail) == ("", {"tracking": "UPS 1Z-7"})
    assert "Shipped 1 unit from" in admin_client.get(url(shipment)).text


def test_the_button_ships_it_whole_and_asks_for_nothing(
    admin_client: Client, shipment: Shipment
) -> None:
    reassign(shipment.pk, Act(NOW), source_code="berlin")
    version = admin_client.get(url(shipment)).context["version"]

    page = admin_client.get(act(admin_client, shipment, "fulfill", version).url)

    shipment.refresh_from_db()
    assert (shipment.state, shipment.lines.get().quantity) == ("FULFILLED", Decimal(2))
    assert "Shipped 2 units from" in page.text


def test_a_release_of_one_is_a_run_over_it_alone(
    admin_client: Client, admin_user: User, shipment: Shipment
) -> None:
    version = admin_client.get(url(shipment)).context["version"]

    page = act(admin_client, shipment, "release", version)
    assert "This field is required." in page.content.decode()
    answer = act(admin_client, shipment, "release", version, reason="A hospital")

    run = ReleaseRun.objects.get()
    assert answer.url == reverse("admin:fulfillment_releaserun_change", args=[run.pk])
    assert (run.state, run.trigger, run.is_dry_run) == ("COMPLETED", "STAFF", False)
    assert run.scope == {"shipments": ["S1"]}
    assert (run.started_by, run.reason) == (admin_user, "A hospital")
    event = ShipmentEvent.objects.get()
    assert (event.kind, event.reason, event.detail) == ("RELEASED", "A hospital", {"run": run.pk})
    page = admin_client.get(url(shipment)).content.decode()
    assert f"Release run #{run.pk}, which {admin_user.username} started" in page
    assert "A hospital" in page


def test_every_action_on_units_or_dates_asks_for_a_reason() -> None:
    asking = [code for code, offer in OFFERS.items() if "reason" in offer.form.base_fields]

    one_click = {"fulfill", "pack", "unpack", "set-aside"}
    assert set(asking) == {action.code for action in ACTIONS} - {"assign", *one_click}
    assert all(OFFERS[code].form.base_fields["reason"].required for code in asking)


def test_a_release_ahead_overtakes_and_says_why(admin_client: Client, shipment: Shipment) -> None:
    product = shipment.lines.get().product
    order = OrderFactory(channel=shipment.order.channel)
    late = BackorderFactory(number="LATE", order=order, lines={product: 4})
    version = admin_client.get(url(late)).context["version"]

    act(admin_client, late, "release-ahead", version, reason="A hospital", is_sure="on")

    late.refresh_from_db()
    assert late.state == "READY"
    event = ShipmentEvent.objects.get(kind="RELEASED_AHEAD")
    assert (event.shipment, event.reason) == (late, "A hospital")


def test_a_release_ahead_without_enough_is_refused(
    admin_client: Client, shipment: Shipment
) -> None:
    shipment.stock.links.get().source.items.update(quantity=1)
    version = admin_client.get(url(shipment)).context["version"]

    page = act(admin_client, shipment, "release-ahead", version, reason="A hospital", is_sure="on")

    assert "There are not enough units, even ahead of the queue." in page.content.decode()
    assert "A hospital" in page.content.decode()


def test_an_action_is_done_and_kept_with_its_reason(
    admin_client: Client, admin_user: User, shipment: Shipment
) -> None:
    version = admin_client.get(url(shipment)).context["version"]

    answer = act(admin_client, shipment, "set-priority", version, priority="9", reason="A hospital")

    assert answer.url == url(shipment)
    shipment.refresh_from_db()
    assert shipment.priority == 9
    event = ShipmentEvent.objects.get()
    assert (event.kind, event.reason, event.actor) == ("PRIORITY_SET", "A hospital", admin_user)
    page = admin_client.get(url(shipment)).content.decode()
    assert "A hospital" in page
    assert "0 → 9" in page


def test_a_reason_is_asked_for(admin_client: Client, shipment: Shipment) -> None:
    version = admin_client.get(url(shipment)).context["version"]

    page = act(admin_client, shipment, "hold", version, reason="")

    assert "This field is required." in page.content.decode()
    assert not Shipment.objects.get(pk=shipment.pk).is_held


def test_what_cannot_be_undone_asks_whether_one_is_sure(
    admin_client: Client, shipment: Shipment
) -> None:
    version = admin_client.get(url(shipment)).context["version"]

    act(admin_client, shipment, "cancel", version, reason="Discontinued")
    assert Shipment.objects.get(pk=shipment.pk).state == "BACKORDER"

    act(admin_client, shipment, "cancel", version, reason="Discontinued", is_sure="on")
    assert Shipment.objects.get(pk=shipment.pk).state == "CANCELED"


def test_a_date_that_has_passed_is_refused_and_the_typing_kept(
    admin_client: Client, shipment: Shipment, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW, tick=False)
    version = admin_client.get(url(shipment)).context["version"]
    typed = {"expected_on": "2026-03-30", "reason": "They said"}

    page = act(admin_client, shipment, "set-expected-date", version, **typed)

    text = page.content.decode()
    assert "The date has passed: name today or a later day." in text
    assert 'value="2026-03-30"' in text
    assert "They said" in text
    assert not OrderEmail.objects.exists()
    typed["expected_on"] = "2026-03-31"
    assert act(admin_client, shipment, "set-expected-date", version, **typed).status_code == 302


def test_a_source_that_cannot_serve_it_is_said(admin_client: Client, shipment: Shipment) -> None:
    shipment.stock.links.get().source.items.update(quantity=1)
    version = admin_client.get(url(shipment)).context["version"]

    page = act(admin_client, shipment, "reassign", version, source="berlin", reason="Near")

    sentence = "The source cannot supply 1 × WHEEL without units of earlier shipments."
    assert sentence in page.content.decode()

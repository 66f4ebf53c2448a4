"""What is done is what was shown: anything else is shown first."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from core.models import Job
from fulfillment.models import ReleaseRun, Shipment
from inventory.models import StockSource
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
PREVIEW = reverse("admin:fulfillment_shipment_review_bulk")
APPLY = reverse("admin:fulfillment_shipment_review_bulk_apply")
UNHELD = {"all": "1", "filter": "held=false", "asked": "1", "reason": "Fair"}
PRIORITY = {**UNHELD, "action": "SET_PRIORITY", "priority": "5"}
NO_LONGER = "(no longer matches)"
AGAIN = "Nothing was done. Review {} again."
ASKED_ELSE = "You have asked for something else since. Nothing was done yet: look at it first."
UNSEEN = "Nothing was done yet: look at this first."


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def shipments():
    return [backorder(f"S{number}") for number in range(3)]


def backorder(number, **columns):
    return BackorderFactory(
        number=number, order=OrderFactory(), lines={ProductFactory(): 1}, **columns
    )


def units_for(shipment):
    """Put the units of a shipment on hand, so that a release is offered."""
    source = SourceFactory()
    StockSource.objects.create(stock=shipment.stock, source=source, priority=1)
    for line in shipment.lines.all():
        SourceItemFactory(source=source, product=line.product, quantity=line.quantity)


def shown(client, values):
    return client.post(PREVIEW, values).context["previewed"]


def told(response):
    return [str(message) for message in response.context["messages"]]


def priorities():
    return dict(Shipment.objects.order_by("number").values_list("number", "priority"))


def test_what_came_after_the_preview_is_left_alone(admin_client, shipments):
    token = shown(admin_client, PRIORITY)
    backorder("LATER")

    admin_client.post(APPLY, {**PRIORITY, "previewed": token})

    assert priorities() == {"LATER": 0, "S0": 5, "S1": 5, "S2": 5}


def test_a_day_that_began_after_the_preview_adds_nothing(admin_client, shipments, time_machine):
    Shipment.objects.update(backordered_since=NOON - timedelta(days=7))
    Shipment.objects.filter(number="S0").update(backordered_since=NOON - timedelta(days=8))
    values = {**PRIORITY, "filter": "age_days_min=8"}
    time_machine.move_to(NOON + timedelta(hours=9), tick=False)
    token = shown(admin_client, values)
    time_machine.shift(timedelta(hours=6))

    admin_client.post(APPLY, {**values, "previewed": token})

    assert priorities() == {"S0": 5, "S1": 0, "S2": 0}


def test_if_others_match_it_is_shown_again_and_then_done(admin_client, shipments):
    token = shown(admin_client, PRIORITY)
    # As many as before, and not the same.
    Shipment.objects.filter(number="S0").update(is_held=True, hold_reason="STAFF")
    Shipment.objects.filter(number="S1").update(is_held=True, hold_reason="STAFF")
    page = admin_client.post(APPLY, {**PRIORITY, "previewed": token})

    assert told(page) == [
        f"2 shipments were changed after the preview: S0 {NO_LONGER}, S1 {NO_LONGER}. "
        + AGAIN.format("them")
    ]
    assert [outcome.shipment.number for outcome in page.context["outcomes"]] == ["S2"]
    assert set(priorities().values()) == {0}

    admin_client.post(APPLY, {**PRIORITY, "previewed": page.context["previewed"]})
    assert priorities() == {"S0": 0, "S1": 0, "S2": 5}


def test_as_many_others_are_not_the_same(admin_client, shipments):
    Shipment.objects.filter(number="S2").update(is_held=True, hold_reason="STAFF")
    token = shown(admin_client, PRIORITY)
    Shipment.objects.filter(number="S2").update(is_held=False, hold_reason="")
    Shipment.objects.filter(number="S0").update(is_held=True, hold_reason="STAFF")

    page = admin_client.post(APPLY, {**PRIORITY, "previewed": token})

    assert told(page) == [
        f"2 shipments were changed after the preview: S0 {NO_LONGER}, S2 (not shown before). "
        + AGAIN.format("them")
    ]
    assert set(priorities().values()) == {0}


@pytest.mark.parametrize("edited", [{"priority": "6"}, {"reason": "Another"}])
def test_fields_that_were_edited_are_shown_first(admin_client, shipments, edited):
    token = shown(admin_client, PRIORITY)
    page = admin_client.post(APPLY, {**PRIORITY, **edited, "previewed": token})

    assert told(page) == [ASKED_ELSE]
    assert page.context["is_previewed"]
    assert set(priorities().values()) == {0}

    admin_client.post(APPLY, {**PRIORITY, **edited, "previewed": page.context["previewed"]})
    assert set(priorities().values()) == {int(edited.get("priority", 5))}


def test_nothing_is_done_unseen_altered_old_or_seen_by_another(
    admin_client, client, shipments, time_machine
):
    token = shown(admin_client, PRIORITY)
    other = User.objects.create_superuser("other")
    client.force_login(other)

    for asker, text in ((admin_client, ""), (admin_client, f"{token}x"), (client, token)):
        page = asker.post(APPLY, {**PRIORITY, "previewed": text})
        assert told(page) == [UNSEEN]
    hold = admin_client.post(APPLY, {**UNHELD, "action": "HOLD", "previewed": token})
    assert told(hold) == [UNSEEN]
    time_machine.shift(timedelta(hours=13))
    assert told(admin_client.post(APPLY, {**PRIORITY, "previewed": token})) == [UNSEEN]
    assert set(priorities().values()) == {0}
    assert not Job.objects.exists()


def test_a_release_asks_why_and_is_over_what_was_shown(admin_client, shipments):
    for shipment in shipments:
        units_for(shipment)
    release = {"action": "RELEASE", "all": "1", "filter": "held=false"}
    token = shown(admin_client, release)

    without = admin_client.post(APPLY, {**release, "previewed": token})
    assert without.context["form"].errors == {"reason": ["This field is required."]}
    unseen = admin_client.post(APPLY, {**release, "reason": "Arrived"})
    assert told(unseen) == [UNSEEN]
    Shipment.objects.filter(number="S0").update(is_held=True, hold_reason="STAFF")
    moved = admin_client.post(APPLY, {**release, "reason": "Arrived", "previewed": token})
    assert told(moved) == [
        f"1 shipment was changed after the preview: S0 {NO_LONGER}. " + AGAIN.format("it")
    ]
    assert "Arrived</textarea>" in moved.content.decode()
    assert not ReleaseRun.objects.exists()

    again = {**release, "reason": "Arrived", "previewed": moved.context["previewed"]}
    admin_client.post(APPLY, again)
    assert ReleaseRun.objects.get().reason == "Arrived"

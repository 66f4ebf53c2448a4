"""Two at one shipment at once: the second is told what is different, and loses no typing."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.priority import set_priority
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.release.runs.engine import run_release
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.review.shipment_page import NOW, act, offered, url

pytestmark = pytest.mark.django_db


def opened(client: Client, shipment: Shipment) -> dict[str, Any]:
    """Return what the forms of the page carry: the version, and what was seen."""
    context = client.get(url(shipment)).context
    return {"version": context["version"], "seen": context["seen"]}


def told(page: Any) -> tuple[Any, list[tuple[Any, Any, Any]]]:
    """Return what a page says is different, and what it says happened."""
    since = page.context["since"]
    return since["changes"], [
        (entry["event"].get_kind_display(), entry["detail"], entry["author"])
        for entry in since["events"]
    ]


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("release", {"reason": "What I typed"}),
        ("hold", {"reason": "What I typed"}),
        ("cancel", {"reason": "What I typed", "is_sure": "on"}),
        ("reassign", {"reason": "What I typed", "source": "berlin"}),
    ],
)
def test_the_second_of_two_people_is_refused_and_keeps_the_typed_text(
    admin_client: Client, shipment: Shipment, code: str, values: dict[str, str]
) -> None:
    was = opened(admin_client, shipment)
    colleague = User.objects.create_user("colleague")
    set_priority(shipment.pk, Act(NOW, colleague.pk, "First"), priority=3)

    page = act(admin_client, shipment, code, **was, **values)

    text = page.content.decode()
    assert "This shipment has changed since you opened it." in text
    assert "<li>Priority: 0 → 3</li>" in text
    assert told(page)[1] == [("Priority set", "0 → 3", "colleague")]
    assert "What I typed" in text
    untouched = Shipment.objects.get(pk=shipment.pk)
    assert (untouched.state, untouched.is_held) == ("BACKORDER", False)
    assert not ReleaseRun.objects.exists()
    # What is shown now is the new version: sent once more, it is done.
    assert act(admin_client, shipment, code, page.context["version"], **values).status_code == 302


def test_what_a_run_moved_is_laid_at_no_persons_door(
    admin_client: Client, shipment: Shipment
) -> None:
    colleague = User.objects.create_user("colleague")
    set_priority(shipment.pk, Act(NOW, colleague.pk, "First"), priority=3)
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=date(2126, 4, 3))
    source = shipment.stock.links.get().source
    source.items.update(quantity=1)
    product = shipment.lines.get().product
    day = date(2126, 5, 1)
    FutureSupplyFactory(source=source, product=product, quantity=9, expected_on=day)
    was = opened(admin_client, shipment)
    run = run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="SCHEDULE")

    page = act(admin_client, shipment, "hold", **was, reason="What I typed")

    moved = "3 Apr 2126 → 1 May 2126"
    assert told(page) == (
        [f"Expected on: {moved}"],
        [("Expected date set", moved, f"Release run #{run.pk}")],
    )
    assert "What I typed" in page.content.decode()
    assert not Shipment.objects.get(pk=shipment.pk).is_held


def test_each_difference_is_named(admin_client: Client, shipment: Shipment) -> None:
    was = opened(admin_client, shipment)
    reassign(shipment.pk, Act(NOW), source_code="berlin")
    hold(shipment.pk, Act(NOW, reason="Wait"))

    page = act(admin_client, shipment, "set-priority", **was, priority="9", reason="What I typed")

    assert told(page)[0] == [
        "State: Backorder → Ready",
        "Held: Not held → Held by staff",
        "Source: – → berlin",
    ]
    assert Shipment.objects.get(pk=shipment.pk).priority == 0


def test_a_change_that_shows_nowhere_is_said_to(admin_client: Client, shipment: Shipment) -> None:
    was = opened(admin_client, shipment)
    with transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).update(care_reason="T-1")

    page = act(admin_client, shipment, "hold", **was, reason="What I typed")
    assert "The values on this page are the same." in page.content.decode()

    forged = act(admin_client, shipment, "hold", was["version"], seen="forged", reason="Mine")
    assert told(forged) == ([], [])
    assert "The values on this page are the same." not in forged.content.decode()


def test_a_form_with_a_mistake_says_too_that_the_shipment_has_changed(
    admin_client: Client, shipment: Shipment
) -> None:
    was = opened(admin_client, shipment)
    with transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).update(priority=4)

    page = act(admin_client, shipment, "hold", **was, reason="")

    assert told(page)[0] == ["Priority: 0 → 4"]
    assert "This field is required." in page.content.decode()


def test_typing_is_kept_when_the_action_is_no_longer_possible(
    admin_client: Client, shipment: Shipment
) -> None:
    seen = admin_client.get(url(shipment)).context["version"]
    act(admin_client, shipment, "cancel", seen, reason="Discontinued", is_sure="on")

    page = act(admin_client, shipment, "hold", seen, reason="What I typed")

    assert "What I typed" in page.content.decode()
    assert offered(page) == ["hold"]

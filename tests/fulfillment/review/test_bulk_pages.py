"""Moves for many shipments over HTTP: what is asked, shown, done at once or by a worker."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from time_machine import TimeMachineFixture

from core.models import BulkChange, Job
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from inventory.models import SalesChannel
from tests.fulfillment.review.bulk_moves import (
    CHOOSE,
    NOW,
    TODAY,
    address_of,
    backorder,
    confirm,
    messages,
    shown,
)

pytestmark = pytest.mark.django_db


def words(page: Any) -> list[tuple[Any, Any]]:
    """What the preview says of each: the number, and what it would get or why not."""
    return [(row["names"][0], row["effect"] or row["refusal"]) for row in page.context["rows"]]


def test_preview_and_apply_for_what_is_selected(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    chosen = {"shipment": [shipments[0].pk, shipments[1].pk], "filter": "sort=value"}

    asked = admin_client.get(address_of(admin_client, "SET_PRIORITY", **chosen))
    previewed = shown(admin_client, "SET_PRIORITY", {"priority": 5}, **chosen)

    assert "planned" not in asked.context
    assert words(previewed) == [("S0", "Priority 0 → 5."), ("S1", "Priority 0 → 5.")]
    assert set(Shipment.objects.values_list("priority", flat=True)) == {0}

    done = confirm(admin_client, previewed)

    assert done.url.endswith("/review/?sort=value")
    assert messages(admin_client.get(done.url)) == ["Set priority: 2 shipments changed."]
    assert [s.priority for s in Shipment.objects.order_by("number")] == [5, 5, 0]
    assert set(ShipmentEvent.objects.values_list("reason", flat=True)) == {"Fair"}
    change = BulkChange.objects.get()
    assert (change.summary, change.changed_count) == ("Set priority to 5", 2)


def test_a_move_without_a_reason_is_not_made(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    page = shown(admin_client, "HOLD", shipment=[shipments[0].pk])

    answer = confirm(admin_client, page, reason=" ")

    assert answer.context["confirmation"].errors == {"reason": ["This field is required."]}
    assert "planned" in answer.context
    assert not Shipment.objects.get(pk=shipments[0].pk).is_held


def test_a_preview_in_which_none_would_change_offers_nothing_to_do(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    none = shown(admin_client, "LIFT_HOLD", shipment=[shipments[0].pk])
    one = shown(admin_client, "LIFT_HOLD", shipment=[shipments[0].pk, shipments[1].pk])

    assert "Nothing would change." in none.text
    assert "Lift hold (1)" not in none.text
    assert "Nothing would change." not in one.text
    assert "Lift hold (1)" in one.text


def test_a_date_that_has_passed_is_refused_at_its_field(
    admin_client: Client, shipments: list[Shipment], time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW, tick=False)
    chosen = {"shipment": [shipments[0].pk]}

    page = shown(admin_client, "SET_EXPECTED_DATE", {"expected_on": "2026-03-30"}, **chosen)

    assert page.context["form"].errors == {
        "expected_on": ["The date has passed: name today or a later day."]
    }
    assert "planned" not in page.context

    page = shown(admin_client, "SET_EXPECTED_DATE", {"expected_on": "2026-03-31"}, **chosen)
    confirm(admin_client, page)
    assert Shipment.objects.get(pk=shipments[0].pk).expected_on == TODAY


def test_all_that_match_is_what_the_filter_says(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    chosen = {"all": "1", "filter": "held=true", "shipment": [shipments[0].pk]}

    confirm(admin_client, shown(admin_client, "SET_PRIORITY", {"priority": 5}, **chosen))

    assert [s.priority for s in Shipment.objects.order_by("number")] == [0, 5, 0]


@pytest.mark.parametrize(
    ("chosen", "scope"),
    [
        ({"shipment": "selected"}, {"shipments": ["S0", "S1"]}),
        ({"all": "1", "filter": "held=false&sort=value"}, {"filter": "held=false"}),
        ({"all": "1", "filter": ""}, {}),
    ],
)
@pytest.mark.parametrize("is_dry_run", [False, True])
def test_a_release_is_a_run_over_what_was_chosen(
    admin_client: Client,
    admin_user: User,
    shipment: Shipment,
    chosen: dict[str, Any],
    scope: dict[Any, Any],
    is_dry_run: bool,
) -> None:
    Shipment.objects.update(number="S0")
    second = backorder("S1", shipment.order.channel)
    if chosen.get("shipment"):
        chosen = {"shipment": [shipment.pk, second.pk]}

    if is_dry_run:
        answer = admin_client.post(CHOOSE, {"action": "DRY_RUN", **chosen})
    else:
        page = shown(admin_client, "RELEASE", **chosen)
        answer = confirm(admin_client, page, reason="Arrived")

    run = ReleaseRun.objects.get()
    assert run.reason == ("" if is_dry_run else "Arrived")
    assert answer["Location"] == reverse("admin:fulfillment_releaserun_change", args=[run.pk])
    assert (run.state, run.trigger, run.is_dry_run) == ("QUEUED", "STAFF", is_dry_run)
    assert (run.scope, run.started_by) == (scope, admin_user)


def test_a_release_that_is_impossible_is_not_offered(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    text = shown(admin_client, "RELEASE", shipment=[shipments[0].pk]).text

    assert "1 × " in text
    assert "missing: no stock at a source that can ship this order" in text
    assert "Nothing can be released now" in text
    assert "Release now:" not in text
    assert not ReleaseRun.objects.exists()


def test_a_release_that_is_possible_offers_to_look_first(
    admin_client: Client, shipment: Shipment
) -> None:
    text = shown(admin_client, "RELEASE", shipment=[shipment.pk]).text

    assert "Dry run first" in text
    assert "Release now: 1 shipment" in text
    assert not ReleaseRun.objects.exists()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"action": "HOLD"}, "Select shipments first."),
        ({"action": "HOLD", "shipment": ["x"]}, "Select shipments first."),
        ({"action": "", "shipment": ["1"]}, "Select an action."),
        ({"action": "HOLD", "shipment": ["0"]}, "None of the selected rows is there any more."),
        ({"action": "RELEASE", "shipment": ["0"]}, "None of the selected rows is there any more."),
        ({"action": "DRY_RUN", "shipment": ["0"]}, "None of the selected rows is there any more."),
        ({"action": "HOLD", "all": "1", "filter": "hold=x"}, "The filter is not understood."),
        ({"action": "DRY_RUN", "all": "1", "filter": "hold=x"}, "The filter is not understood."),
    ],
)
def test_what_selects_nothing_leads_back_to_the_list(
    admin_client: Client, shipments: list[Shipment], body: dict[Any, Any], message: str
) -> None:
    response = admin_client.post(CHOOSE, body, follow=True)

    assert messages(response) == [message]
    assert response.redirect_chain[-1][0].startswith(reverse("admin:fulfillment_shipment_review"))
    assert not ReleaseRun.objects.exists()


def test_what_cannot_be_undone_is_confirmed(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    page = shown(admin_client, "CANCEL", shipment=[shipments[0].pk])

    asked = confirm(admin_client, page)
    assert asked.context["confirmation"].errors == {
        "is_sure": ["Select the box to confirm. This cannot be undone."]
    }
    assert Shipment.objects.get(pk=shipments[0].pk).state == "BACKORDER"

    confirm(admin_client, page, is_sure="1")
    assert Shipment.objects.get(pk=shipments[0].pk).state == "CANCELED"


def test_a_worker_does_what_is_many(admin_client: Client, channel: SalesChannel) -> None:
    for number in range(51):
        backorder(f"S{number:02}", channel)

    page = shown(admin_client, "HOLD", all="1", filter="held=false")
    answer = confirm(admin_client, page)

    job = Job.objects.get()
    assert "A worker does it" in page.text
    assert job.bulk_change.list_address.endswith("/review/?held=false")
    assert answer.url == reverse("admin:core_job_progress", args=[job.pk])
    assert (job.kind, job.total_count) == ("core.bulk_change", 51)
    assert not Shipment.objects.filter(is_held=True).exists()


CARE = "State: Backorder shown, Customer care now"
CHANGES = [
    (
        ("SET_PRIORITY", {"priority": "5"}),
        {"priority": 7},
        "Priority: 0 shown, 7 now",
    ),
    (
        ("SET_EXPECTED_DATE", {"expected_on": "2030-01-01"}),
        {"expected_on": TODAY},
        f"Expected on: – shown, {date_format(TODAY)} now",
    ),
    (
        ("HOLD", {}),
        {"is_held": True, "hold_reason": "STAFF"},
        "Hold reason: – shown, Held by staff now",
    ),
    (("CUSTOMER_CARE", {}), {"state": "CUSTOMER_CARE", "care_reason": "Unknown"}, CARE),
    (("CANCEL", {}), {"state": "CUSTOMER_CARE", "care_reason": "Unknown"}, CARE),
]


@pytest.mark.parametrize(
    ("asked", "changed", "difference"), CHANGES, ids=[row[0][0] for row in CHANGES]
)
def test_a_shipment_that_changed_after_the_preview_is_named_and_nothing_is_done(
    admin_client: Client,
    shipments: list[Shipment],
    asked: tuple[Any, ...],
    changed: dict[Any, Any],
    difference: str,
) -> None:
    page = shown(admin_client, *asked, shipment=[shipments[0].pk, shipments[2].pk])
    Shipment.objects.filter(pk=shipments[0].pk).update(**changed)
    before = list(Shipment.objects.order_by("pk").values())

    answer = confirm(admin_client, page, is_sure="1")

    assert messages(answer) == [
        f"1 row was changed after this page was opened: {shipments[0].number} ({difference}). "
        "Nothing was done. Review it again."
    ]
    # What was typed is kept where there is still something to do.
    assert ("Fair</textarea>" in answer.text) == (not answer.context["is_for_nothing"])
    assert list(Shipment.objects.order_by("pk").values()) == before
    assert not ShipmentEvent.objects.exists()


def test_what_others_changed_besides_does_not_stop_a_move(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    page = shown(admin_client, "SET_PRIORITY", {"priority": 5}, shipment=[shipments[0].pk])
    Shipment.objects.update(expected_on=TODAY)

    confirm(admin_client, page)

    assert Shipment.objects.get(pk=shipments[0].pk).priority == 5

"""Moves for many shipments over HTTP: what is asked, shown, done at once or by a worker."""

import pytest
from django.urls import reverse
from django.utils.formats import date_format

from core.models import Job
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from tests.fulfillment.review.bulk_moves import NOW, TODAY, backorder

pytestmark = pytest.mark.django_db

PREVIEW = reverse("admin:fulfillment_shipment_review_bulk")
APPLY = reverse("admin:fulfillment_shipment_review_bulk_apply")


def apply_what_was_shown(client, values, **more):
    """Have it previewed, and press the button beneath."""
    shown = client.post(PREVIEW, {"asked": "1", **values})
    return client.post(
        APPLY, {"asked": "1", **values, "previewed": shown.context["previewed"], **more}
    )


def test_preview_and_apply_for_what_is_ticked(admin_client, shipments):
    ticked = {"action": "SET_PRIORITY", "shipment": [shipments[0].pk, shipments[1].pk]}

    asked = admin_client.post(PREVIEW, ticked)
    previewed = admin_client.post(
        PREVIEW, {**ticked, "asked": "1", "priority": "5", "reason": "Fair"}
    )

    assert not asked.context["is_previewed"]
    assert [outcome.effect.sentence for outcome in previewed.context["outcomes"]] == [
        "Priority 0 → 5.",
        "Priority 0 → 5.",
    ]
    assert set(Shipment.objects.values_list("priority", flat=True)) == {0}

    done = admin_client.post(
        APPLY,
        {
            **ticked,
            "asked": "1",
            "priority": "5",
            "reason": "Fair",
            "back": "sort=value",
            "previewed": previewed.context["previewed"],
        },
        follow=True,
    )

    assert done.redirect_chain[-1][0].endswith("/review/?sort=value")
    assert [str(message) for message in done.context["messages"]] == [
        "Set priority: 2 shipments changed."
    ]
    assert [s.priority for s in Shipment.objects.order_by("number")] == [5, 5, 0]
    assert set(ShipmentEvent.objects.values_list("reason", flat=True)) == {"Fair"}


def test_a_preview_in_which_none_would_change_offers_nothing_to_do(admin_client, shipments):
    lifted = {"action": "LIFT_HOLD", "asked": "1", "reason": "Fair"}

    none = admin_client.post(PREVIEW, {**lifted, "shipment": [shipments[0].pk]})
    one = admin_client.post(PREVIEW, {**lifted, "shipment": [shipments[0].pk, shipments[1].pk]})

    assert "None of them would change" in none.text
    assert "Lift hold: 1 shipment" not in none.text
    assert "None of them would change" not in one.text
    assert "Lift hold: 2 shipments" in one.text


def test_a_date_that_has_passed_is_refused_at_its_field(admin_client, shipments, time_machine):
    time_machine.move_to(NOW, tick=False)
    chosen = {"action": "SET_EXPECTED_DATE", "shipment": [shipments[0].pk], "asked": "1"}
    values = {**chosen, "expected_on": "2026-03-30", "reason": "They said"}

    for address in (PREVIEW, APPLY):
        page = admin_client.post(address, values)
        assert page.context["form"].errors == {
            "expected_on": ["The date has passed: name today or a later day."]
        }
        assert not page.context["is_previewed"]
    assert Shipment.objects.get(pk=shipments[0].pk).expected_on is None

    apply_what_was_shown(admin_client, {**values, "expected_on": "2026-03-31"})
    assert Shipment.objects.get(pk=shipments[0].pk).expected_on == TODAY


def test_all_that_match_is_what_the_filter_says(admin_client, shipments):
    apply_what_was_shown(
        admin_client,
        {
            "action": "SET_PRIORITY",
            "all": "1",
            "filter": "held=true",
            "shipment": [shipments[0].pk],
            "priority": "5",
            "reason": "Fair",
        },
    )

    assert [s.priority for s in Shipment.objects.order_by("number")] == [0, 5, 0]


@pytest.mark.parametrize(
    ("chosen", "scope"),
    [
        ({"shipment": "ticked"}, {"shipments": ["S0", "S1"]}),
        ({"all": "1", "filter": "held=false"}, {"filter": "held=false"}),
        ({"all": "1", "filter": ""}, {}),
    ],
)
@pytest.mark.parametrize(("action", "is_dry_run"), [("RELEASE", False), ("DRY_RUN", True)])
def test_a_release_is_a_run_over_what_was_chosen(
    admin_client, admin_user, shipments, chosen, scope, action, is_dry_run
):
    if chosen.get("shipment"):
        chosen = {"shipment": [shipments[0].pk, shipments[1].pk]}

    if is_dry_run:
        answer = admin_client.post(APPLY, {"action": action, **chosen})
    else:
        answer = apply_what_was_shown(admin_client, {"action": action, **chosen}, reason="Arrived")

    run = ReleaseRun.objects.get()
    assert run.reason == ("" if is_dry_run else "Arrived")
    assert answer.url == reverse("admin:fulfillment_releaserun_change", args=[run.pk])
    assert (run.state, run.trigger, run.is_dry_run) == ("QUEUED", "STAFF", is_dry_run)
    assert (run.scope, run.started_by) == (scope, admin_user)


def test_a_release_that_is_impossible_is_not_offered(admin_client, shipments):
    page = admin_client.post(PREVIEW, {"action": "RELEASE", "shipment": [shipments[0].pk]})

    text = page.content.decode()
    assert "1 × " in text
    assert "missing: none at a source it may leave from" in text
    assert "Nothing can be released now" in text
    assert "Release now:" not in text
    assert not ReleaseRun.objects.exists()


def test_a_release_that_is_possible_offers_to_look_first(admin_client, shipment):
    page = admin_client.post(PREVIEW, {"action": "RELEASE", "shipment": [shipment.pk]})

    text = page.content.decode()
    assert "Dry run first" in text
    assert "Release now: 1 shipment" in text
    assert not ReleaseRun.objects.exists()


def test_a_dry_run_needs_no_preview(admin_client, shipments):
    admin_client.post(PREVIEW, {"action": "DRY_RUN", "shipment": [shipments[0].pk]})

    assert ReleaseRun.objects.get().is_dry_run


def test_nothing_ticked_is_said(admin_client, shipments):
    response = admin_client.post(PREVIEW, {"action": "HOLD"}, follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "Tick the shipments first."
    ]


@pytest.mark.parametrize("action", ["RELEASE", "HOLD"])
def test_ticks_of_nothing_are_not_taken_for_everything(admin_client, shipments, action):
    response = admin_client.post(APPLY, {"action": action, "shipment": ["0"]}, follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "None of these shipments is there any more."
    ]
    assert not ReleaseRun.objects.exists()


def test_what_cannot_be_undone_is_confirmed(admin_client, shipments):
    chosen = {"action": "CANCEL", "shipment": [shipments[0].pk], "reason": "Discontinued"}

    apply_what_was_shown(admin_client, chosen)
    assert Shipment.objects.get(pk=shipments[0].pk).state == "BACKORDER"

    apply_what_was_shown(admin_client, chosen, is_sure="1")
    assert Shipment.objects.get(pk=shipments[0].pk).state == "CANCELED"


def test_a_worker_does_what_is_many(admin_client, channel, django_capture_on_commit_callbacks):
    for number in range(51):
        backorder(f"S{number:02}", channel)

    answer = apply_what_was_shown(
        admin_client,
        {
            "action": "HOLD",
            "all": "1",
            "filter": "held=false",
            "reason": "Count",
            "back": "held=false",
        },
    )

    job = Job.objects.get()
    assert job.parameters["back"] == "held=false"
    assert answer.url == reverse("admin:core_job_progress", args=[job.pk])
    assert (job.kind, job.total_count) == ("fulfillment.bulk_change", 51)
    assert not Shipment.objects.filter(is_held=True).exists()


def previewed(client, shipments, **values):
    chosen = {"shipment": [shipment.pk for shipment in shipments], "asked": "1", **values}
    page = client.post(PREVIEW, chosen)
    return {**chosen, "previewed": page.context["previewed"]}


CARE = "State: Backorder shown, Customer care now"
CHANGES = [
    (
        {"action": "SET_PRIORITY", "priority": "5"},
        {"priority": 7},
        "Priority: 0 shown, 7 now",
    ),
    (
        {"action": "SET_EXPECTED_DATE", "expected_on": "2030-01-01"},
        {"expected_on": TODAY},
        f"Expected on: – shown, {date_format(TODAY)} now",
    ),
    (
        {"action": "HOLD"},
        {"is_held": True, "hold_reason": "STAFF"},
        "Hold reason: – shown, Held by staff now",
    ),
    ({"action": "CUSTOMER_CARE"}, {"state": "CUSTOMER_CARE", "care_reason": "Unknown"}, CARE),
    (
        {"action": "CANCEL", "is_sure": "1"},
        {"state": "CUSTOMER_CARE", "care_reason": "Unknown"},
        CARE,
    ),
]


@pytest.mark.parametrize(
    ("asked", "changed", "difference"), CHANGES, ids=[row[0]["action"] for row in CHANGES]
)
def test_a_shipment_that_changed_after_the_preview_is_named_and_nothing_is_done(
    admin_client, shipments, asked, changed, difference
):
    sent = previewed(admin_client, [shipments[0], shipments[2]], **asked, reason="Fair")
    Shipment.objects.filter(pk=shipments[0].pk).update(**changed)
    before = list(Shipment.objects.order_by("pk").values())

    answer = admin_client.post(APPLY, sent)

    assert [str(message) for message in answer.context["messages"]] == [
        f"1 shipment was changed after the preview: {shipments[0].number} ({difference}). "
        "Nothing was done. Review it again."
    ]
    assert list(Shipment.objects.order_by("pk").values()) == before
    assert not ShipmentEvent.objects.exists()


def test_what_others_changed_besides_does_not_stop_a_move(admin_client, shipments):
    sent = previewed(admin_client, shipments[:1], action="SET_PRIORITY", priority="5", reason="R")
    Shipment.objects.update(expected_on=TODAY)

    admin_client.post(APPLY, sent)

    assert Shipment.objects.get(pk=shipments[0].pk).priority == 5

"""The page of a release run: its record in words, its decisions, as a page and as a file."""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.acts import Act
from fulfillment.admin.runs.wording import scope_in_words
from fulfillment.models import ReleaseDecision, ReleaseRun
from fulfillment.release.runs.engine import request_run
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 15, 14, 20, tzinfo=UTC)
SETTINGS = {
    "release_enabled": True,
    "release_mode": "BY_LINE",
    "release_policy": "AGEING",
    "ageing_days": 14,
    "future_date_limit": "P3M",
    "max_sources_per_release": None,
}
GONE = {
    "children": [
        {"source": "seattle", "expected_on": None, "takes": [{"sku": "A", "quantity": "2"}]}
    ],
    "shortages": [],
    "expected_on": None,
}
SHORT = {
    "children": [],
    "shortages": [{"sku": "=B", "missing": "3", "reasons": ["NO_STOCK"], "facts": {}}],
    "expected_on": "2026-05-01",
}


def make_run(decisions: int = 0, **values: Any) -> ReleaseRun:
    run = ReleaseRun.objects.create(
        **{
            "trigger": "SCHEDULE",
            "state": "COMPLETED",
            "created_at": NOW,
            "started_at": NOW,
            "finished_at": NOW + timedelta(seconds=75),
            "settings_in_force": SETTINGS,
            **values,
        }
    )
    product = ProductFactory()
    for position in range(1, decisions + 1):
        is_gone = position % 2
        ReleaseDecision.objects.create(
            run=run,
            shipment=BackorderFactory(number=f"S{position}", lines={product: 1}),
            position=position,
            outcome="RELEASED" if is_gone else "WAITING",
            detail=GONE if is_gone else SHORT,
        )
    return run


def page(client: Client, run: ReleaseRun, **question: Any) -> Any:
    return client.get(reverse("admin:fulfillment_releaserun_change", args=[run.pk]), question)


def numbers(response: Any) -> list[str]:
    return [entry["decision"].shipment.number for entry in response.context["decisions"]]


def test_it_says_why_somebody_asked_for_the_run(admin_client: Client) -> None:
    asked = request_run(trigger="STAFF", act=Act(NOW, reason="A <hospital> asks"))

    shown = page(admin_client, asked).content.decode()

    assert "<p>A &lt;hospital&gt; asks</p>" in shown
    assert 'id="run-reason"' not in page(admin_client, make_run()).content.decode()


def test_it_says_in_words_what_the_run_followed_and_did(admin_client: Client) -> None:
    run = make_run(total_count=12, done_count=12, released_count=5, split_count=2, waiting_count=7)

    response = page(admin_client, run)

    assert response.context["settings"] == [
        ("Release Backorders", "Yes"),
        ("Release Mode", "By line"),
        ("Release Policy", "Ageing"),
        ("Ageing Days", "14"),
        ("Future Date Limit", "3 months"),
        ("Maximum Sources per Release", "no limit"),
    ]
    assert response.context["took"] == "1 min 15 s"
    assert dict(response.context["counts"]) == {
        "Considered": 12,
        "Released": 5,
        "Split": 2,
        "Promised from future supply": 0,
        "Waiting": 7,
        "Failed": 0,
    }
    assert "AGEING" not in response.text
    assert "{" not in response.text.split("Settings in force")[1].split("</section>")[0]


def test_decisions_are_narrowed_by_outcome_reason_and_number(admin_client: Client) -> None:
    run = make_run(4)
    make_other = BackorderFactory(order=OrderFactory(), number="S99")
    ReleaseDecision.objects.create(
        run=make_run(), shipment=make_other, position=1, outcome="WAITING", detail=SHORT
    )

    assert numbers(page(admin_client, run)) == ["S1", "S2", "S3", "S4"]
    assert numbers(page(admin_client, run, outcome="WAITING")) == ["S2", "S4"]
    assert numbers(page(admin_client, run, reason="NO_STOCK")) == ["S2", "S4"]
    assert numbers(page(admin_client, run, reason="SAFETY_STOCK")) == []
    assert numbers(page(admin_client, run, number="s3", outcome="RELEASED")) == ["S3"]
    chips = [(chip["label"], chip["count"]) for chip in page(admin_client, run).context["outcomes"]]
    assert chips == [("Released", 2), ("Waiting", 2)]
    assert "No decision matches." in page(admin_client, run, number="nothing").text


def test_decisions_are_grouped_by_reason(admin_client: Client) -> None:
    run = make_run(4)

    shown = page(admin_client, run)

    (group,) = shown.context["reason_groups"]
    assert (group.code, group.sentence) == ("NO_STOCK", "2 wait for units that no source has")
    assert group.address == "?reason=NO_STOCK#run-decisions"
    assert group.url == reverse("admin:inventory_futuresupply_add")
    assert numbers(page(admin_client, run, reason="NO_STOCK")) == ["S2", "S4"]


def test_decisions_say_what_and_why(admin_client: Client) -> None:
    text = page(admin_client, make_run(2)).text

    assert "<div>Ready at seattle: 2 × A</div>" in text
    assert "3 × =B missing: no stock at a source that can ship this order" in text


def test_a_shipment_that_stays_promised_or_failed_has_its_reason(admin_client: Client) -> None:
    run = make_run()
    promised: dict[str, Any] = {"children": [], "shortages": [], "expected_on": None}
    for position, outcome, detail in (
        (1, "WAITING", promised),
        (2, "FAILED", {**promised, "error": "No such source: 7"}),
    ):
        shipment = BackorderFactory(number=f"S{position}", lines={ProductFactory(): 1})
        ReleaseDecision.objects.create(
            run=run, shipment=shipment, position=position, outcome=outcome, detail=detail
        )

    said = [entry["why"] for entry in page(admin_client, run).context["decisions"]]
    file = admin_client.get(reverse("admin:fulfillment_releaserun_decisions", args=[run.pk]))
    rows = list(csv.reader(file.getvalue().decode("utf-8-sig").splitlines()))

    assert said == ["It stays promised from incoming supply.", "No such source: 7"]
    assert [row[3] for row in rows[1:]] == said


def test_pages_hold_fifty_and_keep_the_filter(admin_client: Client) -> None:
    run = make_run(102)

    first = page(admin_client, run, outcome="RELEASED")
    second = page(admin_client, run, outcome="RELEASED", page=2)

    assert len(numbers(first)) == 50
    assert numbers(second) == ["S101"]
    assert 'href="?outcome=RELEASED&amp;page=2#run-decisions"' in first.text


def test_the_file_holds_what_matches_and_nothing_that_a_spreadsheet_runs(
    admin_client: Client,
) -> None:
    run = make_run(3)
    url = reverse("admin:fulfillment_releaserun_decisions", args=[run.pk])

    response = admin_client.get(url)
    rows = list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))

    assert response["Content-Disposition"] == f'attachment; filename="release-run-{run.pk}.csv"'
    assert rows == [
        ["Position", "Shipment", "Outcome", "Decision", "Could go on"],
        ["1", "S1", "Released", "Ready at seattle: 2 × A", ""],
        [
            "2",
            "S2",
            "Waiting",
            "3 × =B missing: no stock at a source that can ship this order",
            "2026-05-01",
        ],
        ["2", "S2", "Waiting", "It could ship on 1 May 2026.", "2026-05-01"],
        ["3", "S3", "Released", "Ready at seattle: 2 × A", ""],
    ]
    narrowed = admin_client.get(url, {"outcome": "WAITING"}).getvalue().decode()
    assert narrowed.count("\n") == 3


def test_a_running_run_renews_its_part_of_the_page_and_then_the_page(
    admin_client: Client,
) -> None:
    run = make_run(state="RUNNING", finished_at=None, total_count=10, done_count=3)
    url = reverse("admin:fulfillment_releaserun_progress", args=[run.pk])

    going = admin_client.get(url)

    assert f'hx-get="{url}"' in page(admin_client, run).text
    assert 'value="30" max="100"' in going.text
    assert "HX-Refresh" not in going
    ReleaseRun.objects.filter(pk=run.pk).update(state="COMPLETED", finished_at=NOW)
    assert admin_client.get(url)["HX-Refresh"] == "true"


def test_decisions_that_were_deleted_are_said_to_be(admin_client: Client) -> None:
    assert "No decisions are kept" in page(admin_client, make_run()).text


@pytest.mark.parametrize("given", ["0", "99999999999999999999", "x", "-1"])
def test_a_run_that_is_not_there_is_not_found(admin_client: Client, given: str) -> None:
    url = reverse("admin:fulfillment_releaserun_change", args=[given])

    assert admin_client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("Merchant", 403), ("Fulfillment", 200), ("Operations", 200), ("Viewer", 200)],
)
def test_each_role_sees_what_it_may(client: Client, role: str, status: int) -> None:
    run = make_run(1)
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert page(client, run).status_code == status
    for name in ("progress", "decisions"):
        url = reverse(f"admin:fulfillment_releaserun_{name}", args=[run.pk])
        assert client.get(url).status_code == status


def test_queries_are_as_many_for_many_decisions_as_for_one(admin_client: Client) -> None:
    few_run, many_run = make_run(2), make_run()
    for position, decision in enumerate(ReleaseDecision.objects.all()):
        decision.pk, decision.run, decision.position = None, many_run, position
        decision.save()
    for number in range(20):
        ReleaseDecision.objects.create(
            run=many_run, shipment=BackorderFactory(), position=10 + number, outcome="WAITING",
            detail=SHORT,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as few:
        page(admin_client, few_run)

    with CaptureQueriesContext(connection) as many:
        page(admin_client, many_run)

    assert len(many) == len(few) <= 10


def test_the_limits_of_a_run_in_words() -> None:
    scope = {"stock": "north", "shipments": ["S1", "S2"], "filter": "age=OLDER", "products": [1]}

    assert scope_in_words(scope) == [
        "Only the stock north",
        "Only these shipments: S1, S2",
        "Only shipments that match the filter age=OLDER",
        "Only shipments of 1 product that arrived",
    ]
    assert scope_in_words({}) == []

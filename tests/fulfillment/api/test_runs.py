"""Release runs over the API."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.runs.engine import perform_run
from inventory.models import SourceItem
from tests.api import Api, codes
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.fixture
def waits(place: Callable[..., Any]) -> None:
    """W-1-2 waits for 2 A, W-2-1 for 3; then 4 come to the east."""
    place("W-1")
    place("W-2", "3", placed_at="2026-03-03T12:00:00Z")
    SourceItem.objects.filter(source__code="east").update(quantity=Decimal(8))


def perform(run_id: Any) -> None:
    perform_run(run_id=run_id, now=timezone.now(), zone=ZoneInfo(settings.SITE_TIME_ZONE))


def states() -> list[Any]:
    waiting = Shipment.objects.filter(number__in=["W-1-2", "W-2-1"]).order_by("number")
    return list(waiting.values_list("state", flat=True))


def test_a_run_is_accepted_performed_and_read(api: Api, waits: None) -> None:
    status, run = api.post("release-runs/", {})

    assert (status, run["state"], run["trigger"], run["scope"]) == (202, "QUEUED", "API", {})
    assert states() == ["BACKORDER", "BACKORDER"]

    perform(run["id"])
    _status, done = api.get(f"release-runs/{run['id']}/")
    assert (done["state"], done["dry_run"], done["progress"]["done"]) == ("COMPLETED", False, 2)
    assert done["counts"] == {
        "released": 1,
        "split": 0,
        "promised": 0,
        "waiting": 1,
        "failed": 0,
    }
    assert states() == ["READY", "BACKORDER"]

    _status, page = api.get(f"release-runs/{run['id']}/decisions/")
    released, waiting = page["results"]
    assert released == {
        "position": 1,
        "shipment": "W-1-2",
        "order": "W-1",
        "outcome": "RELEASED",
        "children": [
            {
                "source": "east",
                "expected_on": None,
                "takes": [{"sku": "A", "quantity": "2"}],
            }
        ],
        "shortages": [],
        "expected_on": None,
        "error": "",
    }
    assert (waiting["shipment"], waiting["outcome"]) == ("W-2-1", "WAITING")
    assert waiting["shortages"][0]["missing"] == "1"
    assert "TAKEN_BY_EARLIER" in waiting["shortages"][0]["reasons"]
    assert_invariants()


def test_a_dry_run_over_a_part_changes_nothing(api: Api, waits: None) -> None:
    scope = {"stock": "shop", "filter": "sku=A&order=W-2", "shipments": ["W-2-1"]}

    status, run = api.post("release-runs/", scope | {"dry_run": True})
    perform(run["id"])

    assert (status, run["dry_run"], run["scope"]) == (202, True, scope)
    [decision] = api.get(f"release-runs/{run['id']}/decisions/?shipment=W-2-1")[1]["results"]
    assert decision["outcome"] == "WAITING"
    assert states() == ["BACKORDER", "BACKORDER"]


def test_runs_and_decisions_are_filtered(api: Api, waits: None) -> None:
    first = api.post("release-runs/", {"dry_run": True})[1]["id"]
    second = api.post("release-runs/", {})[1]["id"]
    perform(first)

    def found(path: str) -> list[Any]:
        status, page = api.get(path)
        assert status == 200, page
        return [row.get("id", row.get("shipment")) for row in page["results"]]

    assert found("release-runs/") == [second, first]
    assert found("release-runs/?state=COMPLETED") == [first]
    assert found("release-runs/?dry_run=false&trigger=API") == [second]
    decisions = f"release-runs/{first}/decisions/"
    assert found(f"{decisions}?outcome=RELEASED") == ["W-1-2"]
    assert found(f"{decisions}?reason=TAKEN_BY_EARLIER") == ["W-2-1"]
    assert api.get("release-runs/?state=GONE")[0] == 400


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({"stock": "none"}, 422, ("/stock", "UNKNOWN_STOCK")),
        ({"shipments": ["W-1-2", "W-9"]}, 422, ("/shipments/1", "UNKNOWN_SHIPMENT")),
        ({"filter": "state=GONE"}, 422, ("/filter", "INVALID_FILTER")),
        ({"dry_run": 1}, 400, ("/dry_run", "INVALID")),
        ({"source": "east"}, 400, ("/source", "UNKNOWN")),
    ],
)
def test_a_run_over_what_there_is_not_is_refused(
    api: Api, waits: None, body: dict[Any, Any], status: int, fault: tuple[str, str]
) -> None:
    answered, problem = api.post("release-runs/", body)

    assert (answered, codes(problem)[1]) == (status, [fault])
    assert not ReleaseRun.objects.exists()


def test_the_same_key_starts_one_run(api: Api, waits: None) -> None:
    first = api.post("release-runs/", {}, Idempotency_Key="one")
    again = api.post("release-runs/", {}, Idempotency_Key="one")

    assert again == first
    assert ReleaseRun.objects.count() == 1


def test_the_same_key_has_the_same_answer_when_its_run_has_released_the_shipment(
    api: Api, waits: None
) -> None:
    asked = {"shipments": ["W-1-2"]}
    first = api.post("release-runs/", asked, Idempotency_Key="one")
    perform(first[1]["id"])

    again = api.post("release-runs/", asked, Idempotency_Key="one")

    assert again == first
    assert states() == ["READY", "BACKORDER"]
    assert api.post("release-runs/", asked)[0] == 409


def test_a_shipment_is_released_where_that_overtakes_nobody(api: Api, waits: None) -> None:
    status, waiting = api.post("shipments/W-2-1/release/")
    assert (status, waiting["type"]) == (409, "urn:problem:nothing-released")
    assert waiting["shortages"][0]["reasons"] == ["TAKEN_BY_EARLIER"]

    status, released = api.post("shipments/W-1-2/release/")
    assert (status, released["state"], released["source"]) == (200, "READY", "east")
    assert api.post("shipments/W-1-2/release/")[0] == 409
    assert_invariants()


def test_a_dry_run_is_applied_as_shown(api: Api, waits: None) -> None:
    dry = api.post("release-runs/", {"dry_run": True})[1]["id"]
    assert api.post(f"release-runs/{dry}/apply/")[0] == 409
    perform(dry)

    status, run = api.post(f"release-runs/{dry}/apply/")

    assert (status, run["state"], run["dry_run"]) == (200, "COMPLETED", False)
    assert run["counts"]["released"] == 1
    assert states() == ["READY", "BACKORDER"]
    assert_invariants()


def test_where_the_world_moved_nothing_is_applied_until_that_is_accepted(
    api: Api, waits: None
) -> None:
    dry = api.post("release-runs/", {"dry_run": True})[1]["id"]
    perform(dry)
    api.post("shipments/W-1-2/hold/", {"reason": "Call first"})

    status, problem = api.post(f"release-runs/{dry}/apply/")

    assert (status, codes(problem)) == (409, ("drift", []))
    drifted = {row["shipment"]: (len(row["shown"]), len(row["now"])) for row in problem["drift"]}
    assert drifted == {"W-1-2": (1, 0), "W-2-1": (0, 1)}
    assert states() == ["BACKORDER", "BACKORDER"]

    status, run = api.post(f"release-runs/{dry}/apply/", {"accept_drift": True})
    assert (status, run["state"], run["counts"]["released"]) == (200, "COMPLETED", 0)
    assert_invariants()


def test_a_shipment_is_released_ahead_of_the_queue_with_a_reason(api: Api, waits: None) -> None:
    assert api.post("shipments/W-2-1/release-ahead/")[0] == 400

    status, released = api.post("shipments/W-2-1/release-ahead/", {"reason": "Wedding"})

    assert (status, released["state"]) == (200, "READY")
    event = Shipment.objects.get(number="W-2-1").events.get(kind="RELEASED_AHEAD")
    assert event.reason == "Wedding"
    status, problem = api.post("shipments/W-1-2/release-ahead/", {"reason": "Too"})
    assert (status, codes(problem)) == (409, ("not-enough-units", []))
    assert problem["shortages"][0]["missing"] == "1"
    assert_invariants()


def test_why_a_shipment_waits_is_explained_with_what_would_unblock_it(
    api: Api, waits: None
) -> None:
    status, why = api.get("shipments/W-2-1/explanation/")

    assert (status, why["outcome"], why["children"]) == (200, "WAITING", [])
    [shortage] = why["shortages"]
    assert (shortage["sku"], shortage["missing"]) == ("A", "1")
    assert "TAKEN_BY_EARLIER" in shortage["reasons"]
    assert why["remedies"]
    status, problem = api.get("shipments/W-1-1/explanation/")
    assert (status, codes(problem)) == (409, ("not-waiting", []))


def test_a_run_that_is_not_there_is_404(api: Api) -> None:
    assert api.get("release-runs/7/")[0] == 404
    assert api.get("release-runs/7/decisions/")[0] == 404

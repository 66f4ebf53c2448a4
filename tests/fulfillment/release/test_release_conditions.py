"""What a release run considers is the same wherever it is asked."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse
from psycopg import Connection

from core.acts import Act
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.models.release_conditions import is_considered, kept_out, reasons_of, runs_consider
from fulfillment.operations.moves.holds import NotReleasableError, check_releasable
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.operations.upkeep.figures import OVERTAKEN
from fulfillment.release.explanation import explain
from fulfillment.release.rows.queue import (
    Pace,
    batches_of_queue,
    queue_position_of,
    queue_positions_of,
    rivals_of,
    wanted_before,
)
from fulfillment.release.rows.reading import read_batch
from fulfillment.release.runs.dispatch import RELEASE_LOCK
from fulfillment.release.runs.one_shipment import release_ahead
from fulfillment.release.shipment_actions import BY_CODE
from fulfillment.review.filters import shipments_matching
from inventory.models import Product
from orders.models import Order
from tests.api import api_of_superuser
from tests.fulfillment.release.waiting_orders import NOW, TODAY, UTC_ZONE, World, release
from tests.fulfillment.review import bulk_moves
from tests.present import present

pytestmark = pytest.mark.django_db

HELD = {"is_held": True, "hold_reason": "STAFF"}
SOURCED = ("READY", "FUTURE")
STATES = ["READY", "BACKORDER", "FUTURE", "CUSTOMER_CARE"]
# What keeps it out, on the shipment; the status of its order; what is said.
CASES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({}, "PROCESSING", []),
    ({}, "PARTIALLY_SHIPPED", []),
    ({}, "PENDING_PAYMENT", ["PAYMENT"]),
    ({}, "PAYMENT_REVIEW", ["PAYMENT"]),
    ({"awaits_payment": True}, "PROCESSING", ["PAYMENT"]),
    ({"is_held": True, "hold_reason": "PAYMENT"}, "PROCESSING", ["PAYMENT"]),
    (HELD, "PROCESSING", ["HELD"]),
    (HELD, "PAYMENT_REVIEW", ["HELD", "PAYMENT"]),
]


@pytest.fixture
def waiting(world: World, kettle: Product) -> Shipment:
    world.item(world.a, kettle, 9)
    return world.backorder({kettle: 3}, number="1001", days=9)


def stand(shipment: Shipment, state: Any, columns: Any, status: Any) -> Shipment:
    own = {"state": state, "source": shipment.stock.sources.first() if state in SOURCED else None}
    own |= {"care_reason": "Asked"} if state == "CUSTOMER_CARE" else {}
    Shipment.objects.filter(pk=shipment.pk).update(**own, **columns)
    Order.objects.filter(pk=shipment.order_id).update(status=status)
    return Shipment.objects.select_related("order").get(pk=shipment.pk)


@pytest.mark.parametrize(
    ("state", "columns", "status", "reasons"),
    [
        (state, *case)
        for state in STATES
        for case in CASES
        # Customer care is not held.
        if state != "CUSTOMER_CARE" or "is_held" not in case[0]
    ],
)
def test_every_list_of_shipments_considers_the_same(
    waiting: Shipment,
    kettle: Product,
    world: World,
    state: Any,
    columns: Any,
    status: Any,
    reasons: Any,
) -> None:
    behind = world.backorder({kettle: 1}, number="1002", days=1)
    shipment = stand(waiting, state, columns, status)
    is_queued = state in ("BACKORDER", "FUTURE")
    expected = is_queued and not reasons

    # As a condition on rows, as SQL of every statement of the queue, and of one row.
    assert Shipment.objects.filter(is_considered(), pk=shipment.pk).exists() == expected
    assert runs_consider(shipment) == expected
    assert bool(queue_positions_of([shipment.pk])) == expected
    (position,) = queue_positions_of([behind.pk])
    rivals = rivals_of([position], can_be_kept_for=True)
    assert (shipment.pk in {rival[2] for rival in rivals}) == expected
    assert (wanted_before(position, [kettle.pk]) == {kettle.pk: 30_000}) == expected
    batch = read_batch([shipment.pk], now=NOW, zone=UTC_ZONE, is_locked=False)
    assert bool(batch.shipments) == expected
    with transaction.atomic():
        queue = batches_of_queue({kettle.pk: 90_000}, Pace(most=9), leaves_out_settled=False)
        assert (shipment.pk in next(queue)) == expected
    assert "AND NOT shipment.awaits_payment" in OVERTAKEN

    # Why not, where it is not: row, list, filter and explanation.
    assert list(reasons_of(shipment)) == reasons
    assert kept_out([shipment.pk]) == ({shipment.pk: reasons[0]} if reasons else {})
    for reason in ("HELD", "PAYMENT"):
        found = shipments_matching(
            f"reason={reason}", shipments=Shipment.objects.all(), today=TODAY, zone=UTC_ZONE
        )
        assert (shipment in found) == (reasons[:1] == [reason])
    explained = explain([shipment.pk], now=NOW, zone=UTC_ZONE).get(shipment.pk)
    assert (explained is not None) == is_queued == (queue_position_of(shipment.pk) is not None)
    if is_queued:
        said = [s["reasons"] for s in present(explained).detail["shortages"]]
        assert said == ([reasons] if reasons else [])

    # What may be asked: page and API offer and refuse it alike, with the reason.
    assert BY_CODE["release"].fits(shipment) == expected
    assert BY_CODE["release-ahead"].fits(shipment) == expected
    if is_queued and reasons:
        with pytest.raises(NotReleasableError) as refused, transaction.atomic():
            check_releasable(shipment.pk)
        assert list(refused.value.reasons) == reasons
        with pytest.raises(NotReleasableError):
            release_ahead(shipment.pk, Act(NOW, reason="Please"), zone=UTC_ZONE)
    elif not is_queued:
        with pytest.raises(WrongStateError), transaction.atomic():
            check_releasable(shipment.pk)

    # What a run does.
    run = release(is_dry_run=True)
    assert ReleaseDecision.objects.filter(run=run, shipment=shipment).exists() == expected


@pytest.mark.parametrize(
    ("columns", "status", "detail"),
    [
        ({}, "PAYMENT_REVIEW", "The payment of its order is under review."),
        ({}, "PENDING_PAYMENT", "The payment of its order is not confirmed yet."),
        (
            {"awaits_payment": True},
            "PROCESSING",
            "Its order needs a new authorization",
        ),
        (HELD, "PROCESSING", "The shipment is on hold. Lift the hold, then release it."),
    ],
)
def test_a_release_that_runs_leave_out_is_refused_with_the_reason(
    waiting: Shipment, client: Client, columns: dict[Any, Any], status: str, detail: str
) -> None:
    shipment = stand(waiting, "BACKORDER", columns, status)
    api = api_of_superuser()
    person = get_user_model().objects.create_superuser("boss")
    client.force_login(person)
    page = client.get(reverse("admin:fulfillment_shipment_change", args=[shipment.pk]))

    answered, problem = api.post("shipments/1001-1/release/")
    address = reverse("admin:fulfillment_shipment_act", args=[shipment.pk, "release"])
    asked = {"version": page.context["version"], "release-reason": "A hospital"}
    refused = client.post(address, asked)

    assert (answered, problem["type"]) == (409, "urn:problem:not-releasable")
    assert problem["detail"].startswith(detail)
    assert refused.status_code == 200
    assert detail in refused.content.decode()
    waiting.refresh_from_db()
    assert waiting.state == "BACKORDER"


def test_nothing_released_is_said_with_the_reason_and_not_offered_again(
    world: World, kettle: Product, client: Client
) -> None:
    world.item(world.a, kettle, 2)
    waiting = world.backorder({kettle: 3}, number="1001")
    api = api_of_superuser()
    client.force_login(get_user_model().objects.create_superuser("boss"))
    address = reverse("admin:fulfillment_shipment_act", args=[waiting.pk, "release"])

    answered, problem = api.post("shipments/1001-1/release/")
    page = client.get(reverse("admin:fulfillment_shipment_change", args=[waiting.pk]))
    asked = {"version": page.context["version"], "release-reason": "A hospital"}
    refused = client.post(address, asked)

    assert (answered, problem["type"]) == (409, "urn:problem:nothing-released")
    assert problem["detail"] == (
        "Nothing was released, because units are missing: 1 × KTP (Not enough stock)"
    )
    assert problem["shortages"] == [
        {"sku": "KTP", "missing": "1", "reasons": ["NOT_ENOUGH_STOCK"], "facts": {}}
    ]
    words = refused.content.decode()
    assert "Nothing was released, because units are missing. 1 × KTP missing" in words
    assert "Back to Backorder review" in words
    for shown in (page, refused):
        offered = [form["action"].code for form in shown.context["actions"]]
        assert "release" not in offered
        assert "release-ahead" in offered


def test_a_promise_that_stays_is_said_to_wait_for_its_supply(
    world: World, kettle: Product, client: Client
) -> None:
    world.item(world.a, kettle, 2)
    promise = stand(world.backorder({kettle: 3}, number="1001"), "FUTURE", {}, "PROCESSING")
    client.force_login(get_user_model().objects.create_superuser("boss"))
    page = client.get(reverse("admin:fulfillment_shipment_change", args=[promise.pk]))
    asked = {"version": page.context["version"], "release-reason": "A hospital"}

    answered, problem = api_of_superuser().post("shipments/1001-1/release/")
    refused = client.post(
        reverse("admin:fulfillment_shipment_act", args=[promise.pk, "release"]), asked
    )

    why = (
        "Nothing was released. The shipment waits for its incoming supply: "
        "no source has all its units on hand."
    )
    assert (answered, problem["type"]) == (409, "urn:problem:nothing-released")
    assert (problem["detail"], problem["shortages"]) == (why, [])
    assert why in refused.content.decode()


def test_a_release_takes_a_few_seconds_or_is_left_to_a_worker(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.item(world.a, kettle, 9)
    world.backorder({kettle: 1}, number="1001", days=9)
    world.backorder({kettle: 1}, number="1002", days=8)
    api = api_of_superuser()
    monkeypatch.setattr("fulfillment.release.runs.one_shipment.MOST_RIVALS", 1)

    answered, run = api.post("shipments/1002-1/release/")

    assert (answered, run["state"]) == (202, "QUEUED")
    assert Shipment.objects.get(number="1002-1").state == "BACKORDER"


def test_another_run_is_waited_for_a_few_seconds_only(
    world: World,
    kettle: Product,
    monkeypatch: pytest.MonkeyPatch,
    other_connection: Connection[Any],
) -> None:
    world.item(world.a, kettle, 9)
    world.backorder({kettle: 1}, number="1001", days=9)
    api = api_of_superuser()
    monkeypatch.setattr("fulfillment.release.runs.engine.PATIENCE_SECONDS", 0.05)
    other_connection.execute("SELECT pg_advisory_lock(%s)", [RELEASE_LOCK])

    answered, run = api.post("shipments/1001-1/release/")

    assert (answered, run["state"]) == (202, "QUEUED")


def test_a_run_over_shipments_that_are_all_left_out_is_refused_with_each_reason(
    world: World, kettle: Product
) -> None:
    held = world.backorder({kettle: 1}, number="1001", days=9)
    unpaid = world.backorder({kettle: 1}, number="1002", days=8)
    world.backorder({kettle: 1}, number="1003", days=7)
    stand(held, "BACKORDER", HELD, "PROCESSING")
    stand(unpaid, "BACKORDER", {}, "PAYMENT_REVIEW")
    api = api_of_superuser()

    answered, problem = api.post("release-runs/", {"shipments": ["1001-1", "1002-1"]})

    assert (answered, problem["type"]) == (409, "urn:problem:not-releasable")
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [
        ("/shipments/0", "HELD"),
        ("/shipments/1", "PAYMENT"),
    ]
    assert problem["errors"][1]["detail"] == "The payment of its order is under review."
    assert not ReleaseRun.objects.exists()
    some = {"shipments": ["1001-1", "1003-1"]}
    assert api.post("release-runs/", some)[0] == 202


def test_a_large_dry_run_is_applied_by_a_worker(
    world: World, kettle: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.item(world.a, kettle, 9)
    world.backorder({kettle: 1}, number="1001")
    shown = release(is_dry_run=True)
    monkeypatch.setattr("fulfillment.api.runs.MOST_APPLIED", 0)

    answered, run = api_of_superuser().post(f"release-runs/{shown.pk}/apply/")

    assert (answered, run["state"]) == (202, "QUEUED")
    assert Shipment.objects.get(number="1001-1").state == "BACKORDER"


def test_the_page_of_a_run_says_that_nothing_was_released(
    world: World, kettle: Product, client: Client
) -> None:
    world.item(world.a, kettle, 1)
    world.backorder({kettle: 2}, number="1001")
    client.force_login(get_user_model().objects.create_superuser("boss"))
    run = release()

    page = client.get(reverse("admin:fulfillment_releaserun_change", args=[run.pk]))

    assert "Nothing was released. The decisions below say why." in page.content.decode()


def test_the_review_does_not_offer_a_release_of_what_cannot_be_released(
    world: World, kettle: Product, client: Client
) -> None:
    world.item(world.a, kettle, 1)
    waiting = world.backorder({kettle: 2}, number="1001")
    client.force_login(get_user_model().objects.create_superuser("boss"))

    page = bulk_moves.shown(client, "RELEASE", shipment=[waiting.pk]).text
    world.item(world.b, kettle, 2)
    now = bulk_moves.shown(client, "RELEASE", shipment=[waiting.pk]).text

    assert "Nothing can be released now" in page
    assert "Release now: 1 shipment" not in page
    assert "Release now: 1 shipment" in now

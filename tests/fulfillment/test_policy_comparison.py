"""Dry runs with each policy, side by side, and one of them applied as it was shown."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.queries.run_outcomes import run_outcomes
from fulfillment.release.runs import engine
from inventory.models import InventoryConfiguration, SourceItem
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import SalesChannelFactory, SourceItemFactory, StockFactory
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants
from tests.option_values import own_value

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def queue() -> list[Shipment]:
    """Five units; the oldest wants eight, then come three and one: who waits keeps them or not."""
    item = SourceItemFactory(quantity=Decimal(5))
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    return [
        BackorderFactory(
            order=OrderFactory(channel=channel, placed_at=datetime(2026, 4, day, tzinfo=UTC)),
            lines={item.product: quantity},
        )
        for day, quantity in ((1, 8), (2, 3), (3, 1))
    ]


def compare(client: Client, *policies: str) -> list[ReleaseRun]:
    client.post(reverse("admin:fulfillment_release_comparison_start"), {"policy": policies})
    runs = list(ReleaseRun.objects.filter(is_dry_run=True).order_by("pk"))
    for run in runs:
        engine.perform_run(run_id=run.pk, now=NOW, zone=UTC_ZONE)
    return runs


def columns(client: Client, runs: list[ReleaseRun]) -> dict[str, dict[str, str]]:
    page = client.get(
        reverse("admin:fulfillment_release_comparison"), {"run": [run.pk for run in runs]}
    )
    return {column["policy"]: dict(column["facts"]) for column in page.context["columns"]}


def apply(client: Client, run: ReleaseRun, **posted: Any) -> ReleaseRun:
    """Ask for a dry run to be applied; return the run that is asked for."""
    response = client.post(
        reverse("admin:fulfillment_releaserun_apply", args=[run.pk]), posted, follow=True
    )
    assert f"Dry run #{run.pk} is applied as soon as a worker is free" in response.text
    asked: ReleaseRun = response.context["run"]
    return asked


def run_page(client: Client, run: ReleaseRun) -> Any:
    return client.get(reverse("admin:fulfillment_releaserun_change", args=[run.pk]))


def test_each_policy_says_what_it_would_release_and_leave(
    admin_client: Client, queue: list[Shipment]
) -> None:
    runs = compare(admin_client, "SKIP_OVER", "STRICT", "AGEING")

    found = columns(admin_client, runs)

    kept = {name: (facts["Released"], facts["Value released"]) for name, facts in found.items()}
    assert kept == {
        "Skip over": ("2", "40.00 USD"),
        "Strict": ("0", "0"),
        "Ageing": ("0", "0"),
    }
    assert not Shipment.objects.filter(state="READY").exists()
    assert own_value(InventoryConfiguration.load(), "release_policy") is None


def marked(client: Client, runs: list[ReleaseRun]) -> Any:
    return client.get(
        reverse("admin:fulfillment_release_comparison"), {"run": [run.pk for run in runs]}
    )


def test_the_policy_that_releases_most_is_marked(
    admin_client: Client, queue: list[Shipment]
) -> None:
    page = marked(admin_client, compare(admin_client, "SKIP_OVER", "STRICT", "AGEING"))

    best = {column["policy"]: column["is_best"] for column in page.context["columns"]}
    assert best == {"Skip over": True, "Strict": False, "Ageing": False}
    assert page.text.count("Releases most") == 1
    assert "under any policy" not in page.text
    assert "1 needs more units than are there" in page.text


def test_of_equal_policies_none_is_marked(admin_client: Client, queue: list[Shipment]) -> None:
    SourceItem.objects.update(quantity=Decimal(12))

    page = marked(admin_client, compare(admin_client, "SKIP_OVER", "STRICT"))

    assert "Releases most" not in page.text
    assert "All policies would release the same number of shipments" in page.text


def test_it_says_that_no_policy_could_release_anything(
    admin_client: Client, queue: list[Shipment]
) -> None:
    SourceItem.objects.update(quantity=Decimal("0.5"))

    page = marked(admin_client, compare(admin_client, "SKIP_OVER", "STRICT"))

    assert "Nothing could be released under any policy" in page.text
    assert "Releases most" not in page.text
    assert page.text.count('class="reason-groups"') == 1


def test_the_oldest_left_is_that_of_each_policy_among_what_it_could_release(
    admin_client: Client, queue: list[Shipment]
) -> None:
    item = SourceItem.objects.get()
    for shipment, priority, day in zip(queue, (3, 2, 1), (14, 2, 15), strict=True):
        since = datetime(2026, 4, day, tzinfo=UTC)
        Shipment.objects.filter(pk=shipment.pk).update(priority=priority, backordered_since=since)
    for status, values in (
        ("PROCESSING", {"is_held": True, "hold_reason": "STAFF"}),
        ("PROCESSING", {"awaits_payment": True}),
        ("PROCESSING", {"state": "FUTURE", "source": item.source, "expected_on": "2026-05-01"}),
        ("PENDING_PAYMENT", {}),
    ):
        order = OrderFactory(channel=queue[0].order.channel, status=status)
        BackorderFactory(order=order, lines={item.product: 9}, **values)

    found = columns(admin_client, compare(admin_client, "SKIP_OVER", "STRICT", "AGEING"))

    assert {name: facts["Oldest left"] for name, facts in found.items()} == {
        "Skip over": "1 day, since 14 Apr 2026",
        "Strict": "13 days, since 2 Apr 2026",
        "Ageing": "1 day, since 14 Apr 2026",
    }


def test_value_of_what_leaves_in_part_is_the_share_of_its_units(
    admin_client: Client, queue: list[Shipment]
) -> None:
    InventoryConfiguration.objects.update_or_create(defaults={"release_mode": "BY_QUANTITY"})

    (run,) = compare(admin_client, "SKIP_OVER")

    outcome = run_outcomes([run.pk])[run.pk]
    assert outcome.amounts == {"USD": Decimal("50.00")}
    assert outcome.oldest_left == queue[0].backordered_since


def test_a_dry_run_is_applied_as_shown_by_its_own_policy(
    admin_client: Client, queue: list[Shipment]
) -> None:
    InventoryConfiguration.objects.update_or_create(defaults={"release_policy": "STRICT"})
    (run,) = compare(admin_client, "SKIP_OVER")

    asked = apply(admin_client, run)

    assert (asked.state, asked.scope) == ("QUEUED", {"as_shown": run.pk, "policy": "SKIP_OVER"})
    assert not Shipment.objects.filter(state="READY").exists()
    assert apply(admin_client, run) == asked
    applied = engine.perform_run(run_id=asked.pk, now=NOW, zone=UTC_ZONE)
    assert (applied.state, applied.released_count, applied.sentence) == ("COMPLETED", 2, "")
    states = Shipment.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["BACKORDER", "READY", "READY"]
    assert_invariants()


def test_where_the_world_has_moved_nothing_is_applied_until_that_is_accepted(
    admin_client: Client, queue: list[Shipment]
) -> None:
    (run,) = compare(admin_client, "SKIP_OVER")
    SourceItem.objects.update(quantity=Decimal(3))

    refused = engine.perform_run(run_id=apply(admin_client, run).pk, now=NOW, zone=UTC_ZONE)

    page = run_page(admin_client, refused)
    assert [(row["shipment"], row["now"]) for row in page.context["drift"]] == [
        (queue[2].number, ["It stays backordered."])
    ]
    assert "Stock or orders have changed since the dry run. Nothing was applied." in page.text
    assert "1 shipment would now have a different outcome" in page.text
    assert "Apply the other decisions" in page.text
    assert not Shipment.objects.filter(state="READY").exists()

    accepted = apply(admin_client, run, accepts_drift="1")
    done = engine.perform_run(run_id=accepted.pk, now=NOW, zone=UTC_ZONE)

    page = run_page(admin_client, done)
    assert Shipment.objects.get(state="READY") == queue[1]
    assert [row["shipment"] for row in page.context["drift"]] == [queue[2].number]
    assert "Unchanged decisions were applied. The others were skipped." in page.text
    assert "Apply the other decisions" not in page.text
    assert_invariants()


def test_what_has_not_ended_shows_no_figures_and_asks_again(
    admin_client: Client, queue: list[Shipment]
) -> None:
    admin_client.post(reverse("admin:fulfillment_release_comparison_start"))
    runs = list(ReleaseRun.objects.order_by("pk"))

    page = admin_client.get(
        reverse("admin:fulfillment_release_comparison"), {"run": [run.pk for run in runs]}
    )

    assert [run.scope["policy"] for run in runs] == ["SKIP_OVER", "STRICT", "AGEING"]
    assert page.context["is_unfinished"]
    assert {value for column in page.context["columns"] for _name, value in column["facts"]} == {
        "–"
    }
    assert 'hx-trigger="every 2s"' in page.text


@pytest.mark.parametrize("given", ["x", "-1", "9" * 30, ""])
def test_what_is_no_run_is_left_out(admin_client: Client, given: str) -> None:
    page = admin_client.get(reverse("admin:fulfillment_release_comparison"), {"run": given})

    assert "There is nothing to compare" in page.text


def test_a_real_run_cannot_be_applied(admin_client: Client, queue: list[Shipment]) -> None:
    run = engine.run_release(act=Act(NOW), zone=UTC_ZONE, trigger="STAFF")

    response = admin_client.post(
        reverse("admin:fulfillment_releaserun_apply", args=[run.pk]), follow=True
    )

    assert "Only a dry run that has completed can be applied." in response.text


@pytest.mark.parametrize(("posted", "is_dry_run"), [({}, False), ({"dry_run": "1"}, True)])
def test_a_run_is_started_by_hand(
    admin_client: Client, admin_user: User, posted: dict[str, str], is_dry_run: bool
) -> None:
    response = admin_client.post(
        reverse("admin:fulfillment_release_board_run"), posted, follow=True
    )

    run = ReleaseRun.objects.get()
    assert (run.state, run.trigger, run.is_dry_run) == ("QUEUED", "STAFF", is_dry_run)
    assert run.started_by == admin_user
    assert f"Run #{run.pk} starts as soon as a worker is free." in response.text

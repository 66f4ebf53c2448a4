"""What is done is what was shown: anything else is shown first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from time_machine import TimeMachineFixture

from core.models import Job
from fulfillment.models import ReleaseRun, Shipment
from inventory.models import StockSource
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.factories.orders import OrderFactory
from tests.fulfillment.review.bulk_moves import confirm, messages, shown

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
UNHELD = {"all": "1", "filter": "held=false"}
PRIORITY = ("SET_PRIORITY", {"priority": "5"})
NO_LONGER = "(no longer matches)"
CHANGED = "changed after this page was opened: "
AGAIN = ". Nothing was done. Review {} again."
UNSEEN = "The preview is no longer up to date. Nothing was done. Review it again."


@pytest.fixture(autouse=True)
def noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def shipments() -> list[Shipment]:
    return [backorder(f"S{number}") for number in range(3)]


def backorder(number: str, **columns: Any) -> Shipment:
    return BackorderFactory(
        number=number, order=OrderFactory(), lines={ProductFactory(): 1}, **columns
    )


def units_for(shipment: Shipment) -> None:
    """Put the units of a shipment on hand, so that a release is offered."""
    source = SourceFactory()
    StockSource.objects.create(stock=shipment.stock, source=source, priority=1)
    for line in shipment.lines.all():
        SourceItemFactory(source=source, product=line.product, quantity=line.quantity)


def priorities() -> Any:
    return dict(Shipment.objects.order_by("number").values_list("number", "priority"))


def hold(*numbers: str) -> None:
    Shipment.objects.filter(number__in=numbers).update(is_held=True, hold_reason="STAFF")


def test_what_came_after_the_preview_is_left_alone(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    page = shown(admin_client, *PRIORITY, **UNHELD)
    backorder("LATER")

    confirm(admin_client, page)

    assert priorities() == {"LATER": 0, "S0": 5, "S1": 5, "S2": 5}


def test_a_day_that_began_after_the_preview_adds_nothing(
    admin_client: Client,
    admin_user: User,
    shipments: list[Shipment],
    time_machine: TimeMachineFixture,
) -> None:
    Shipment.objects.update(backordered_since=NOON - timedelta(days=7))
    Shipment.objects.filter(number="S0").update(backordered_since=NOON - timedelta(days=8))
    time_machine.move_to(NOON + timedelta(hours=9), tick=False)
    admin_client.force_login(admin_user)
    page = shown(admin_client, *PRIORITY, all="1", filter="age_days_min=8")
    time_machine.shift(timedelta(hours=6))
    # The session has ended.
    admin_client.force_login(admin_user)

    confirm(admin_client, page)

    assert priorities() == {"S0": 5, "S1": 0, "S2": 0}


def test_if_others_match_it_is_shown_again_and_then_done(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    page = shown(admin_client, *PRIORITY, **UNHELD)
    # As many as before, and not the same.
    hold("S0", "S1")
    page = confirm(admin_client, page)

    assert messages(page) == [
        f"2 rows were {CHANGED}S0 {NO_LONGER}, S1 {NO_LONGER}{AGAIN.format('them')}"
    ]
    assert [row["names"] for row in page.context["rows"]] == [("S2",)]
    assert set(priorities().values()) == {0}

    confirm(admin_client, page)
    assert priorities() == {"S0": 0, "S1": 0, "S2": 5}


def test_as_many_others_are_not_the_same(admin_client: Client, shipments: list[Shipment]) -> None:
    hold("S2")
    page = shown(admin_client, *PRIORITY, **UNHELD)
    Shipment.objects.filter(number="S2").update(is_held=False, hold_reason="")
    hold("S0")

    page = confirm(admin_client, page)

    assert messages(page) == [
        f"2 rows were {CHANGED}S0 {NO_LONGER}, S2 (not shown before){AGAIN.format('them')}"
    ]
    assert set(priorities().values()) == {0}


def test_another_value_than_the_one_shown_is_shown_first(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    snapshot = shown(admin_client, *PRIORITY, **UNHELD).context["snapshot"]
    other = shown(admin_client, "SET_PRIORITY", {"priority": "6"}, **UNHELD)

    page = confirm(admin_client, other, snapshot=snapshot)

    assert messages(page) == [UNSEEN]
    assert set(priorities().values()) == {0}
    confirm(admin_client, page)
    assert set(priorities().values()) == {6}


def test_nothing_is_done_unseen_altered_old_or_seen_by_another(
    admin_client: Client,
    client: Client,
    shipments: list[Shipment],
    time_machine: TimeMachineFixture,
) -> None:
    page = shown(admin_client, *PRIORITY, **UNHELD)
    snapshot = page.context["snapshot"]
    other = User.objects.create_superuser("other")
    client.force_login(other)

    for asker, name in ((admin_client, ""), (admin_client, f"{snapshot}x"), (client, snapshot)):
        assert messages(confirm(asker, page, snapshot=name)) == [UNSEEN]
    hold_page = shown(admin_client, "HOLD", **UNHELD)
    assert messages(confirm(admin_client, hold_page, snapshot=snapshot)) == [UNSEEN]
    # Each answer shows it again: what was shown lately counts.
    time_machine.shift(timedelta(hours=13))
    admin_client.force_login(User.objects.get(username="admin"))
    assert messages(confirm(admin_client, page)) == [UNSEEN]
    assert set(priorities().values()) == {0}
    assert not Job.objects.exists()


def test_a_release_asks_why_and_is_over_what_was_shown(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    for shipment in shipments:
        units_for(shipment)
    page = shown(admin_client, "RELEASE", **UNHELD)

    without = confirm(admin_client, page, reason="")
    assert without.context["confirmation"].errors == {"reason": ["This field is required."]}
    unseen = confirm(admin_client, page, snapshot="")
    assert messages(unseen) == [UNSEEN]
    hold("S0")
    moved = confirm(admin_client, page, reason="Arrived")
    assert messages(moved) == [f"1 row was {CHANGED}S0 {NO_LONGER}{AGAIN.format('it')}"]
    assert "Arrived</textarea>" in moved.text
    assert not ReleaseRun.objects.exists()

    confirm(admin_client, moved, reason="Arrived")
    assert ReleaseRun.objects.get().reason == "Arrived"

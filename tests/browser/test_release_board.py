"""The release board and the page of a run in a real browser, live and without scripts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from core import workers
from fulfillment.models import ReleaseDecision, ReleaseRun
from fulfillment.queries.schedule import read_schedule
from tests.browser.clicks import Clicks
from tests.browser.conftest import in_each_look, shoot, violations
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.fulfillment.scheduling.schedules import set_interval
from tests.present import present

BOARD = "/admin/fulfillment/releaserun/board/"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHORT = {
    "children": [],
    "shortages": [{"sku": "A", "missing": "3", "reasons": ["NO_STOCK"], "facts": {}}],
    "expected_on": None,
}


@pytest.fixture
def runs(transactional_db: None) -> dict[str, ReleaseRun]:
    now = timezone.now()
    set_interval(every=15, period="minutes")
    workers.note_worker("celery@one")
    workers.note_beat()
    ran = {"trigger": "SCHEDULE", "created_at": now, "started_at": now}
    done = ReleaseRun.objects.create(
        state="COMPLETED",
        finished_at=now + timedelta(seconds=3),
        waiting_count=1,
        settings_in_force={"release_policy": "SKIP_OVER", "release_enabled": True},
        **ran,
    )
    ReleaseDecision.objects.create(
        run=done,
        shipment=BackorderFactory(lines={ProductFactory(): 3}),
        position=1,
        outcome="WAITING",
        detail=SHORT,
    )
    failed = ReleaseRun.objects.create(
        state="FAILED", message="The worker stopped.", finished_at=now, **ran
    )
    ReleaseRun.objects.create(state="COMPLETED", is_dry_run=True, finished_at=now, **ran)
    going = ReleaseRun.objects.create(
        state="RUNNING", heartbeat_at=now, total_count=100, done_count=10, **ran
    )
    return {"done": done, "failed": failed, "going": going}


@pytest.fixture
def operations(transactional_db: None) -> User:
    """Somebody who may see runs and change schedules, and no more."""
    user = User.objects.create(username="olga", is_staff=True)
    names = ["view_releaserun", "view_scheduledwork", "change_scheduledwork"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


@in_each_look
def test_board_and_run_are_whole_and_readable(
    open_page: Callable[..., Page], runs: dict[str, ReleaseRun], width: str, scheme: str
) -> None:
    page = open_page(BOARD, width=width, scheme=scheme)
    shoot(page, f"release-board-{width}-{scheme}")
    assert page.evaluate(WIDER) == 0
    assert violations(page) == []

    for name in ("done", "going"):
        page.goto(f"/admin/fulfillment/releaserun/{runs[name].pk}/change/")
        shoot(page, f"release-run-{name}-{width}-{scheme}")
        assert page.evaluate(WIDER) == 0
        assert violations(page) == []


def test_a_run_is_watched_and_canceled(
    open_page: Callable[..., Page], runs: dict[str, ReleaseRun]
) -> None:
    page = open_page(BOARD)
    going = ReleaseRun.objects.filter(pk=runs["going"].pk)
    card = page.get_by_role("region", name=f"Release run #{runs['going'].pk}")
    expect(card).to_contain_text("10 of 100 considered")

    going.update(done_count=F("done_count") + 45)
    expect(card).to_contain_text("55 of 100 considered")
    expect(card.get_by_role("progressbar")).to_have_attribute("value", "55")

    card.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("stops before its next batch").first).to_be_visible()
    assert going.get().is_cancel_requested

    going.update(state="CANCELED", message="Canceled while it ran.", finished_at=timezone.now())
    expect(page.get_by_role("row", name="Canceled while it ran.")).to_be_visible()
    expect(card).to_have_count(0)


def test_the_page_of_a_run_is_loaded_again_when_it_ends(
    open_page: Callable[..., Page], runs: dict[str, ReleaseRun]
) -> None:
    page = open_page(f"/admin/fulfillment/releaserun/{runs['going'].pk}/change/")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "10")

    ReleaseRun.objects.filter(pk=runs["going"].pk).update(
        state="COMPLETED", finished_at=timezone.now()
    )

    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_text("Completed", exact=True)).to_be_visible()


def test_a_run_every_ten_minutes_takes_at_most_four_clicks(
    open_page: Callable[..., Page], runs: dict[str, ReleaseRun], operations: User
) -> None:
    page, clicks = open_page("/admin/", user=operations), Clicks()

    clicks.go(page.get_by_role("link", name="Release board", exact=True))
    clicks.go(page.get_by_role("link", name="Change the schedule"))
    page.get_by_label("Every", exact=True).fill("10")
    clicks.go(page.get_by_role("button", name="Save", exact=True))

    assert clicks.count <= 4
    page.goto(BOARD)
    expect(page.locator(".board-rhythm")).to_contain_text("Every 10 minutes")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_operations_change_the_schedule(
    open_page: Callable[..., Page], runs: dict[str, ReleaseRun], operations: User, has_scripts: bool
) -> None:
    page = open_page(BOARD, user=operations, has_scripts=has_scripts)

    page.get_by_text("Change the schedule").click()
    page.get_by_label("by a crontab").check()
    page.get_by_label("Crontab", exact=True).fill("30 6 * * 1-5")
    page.get_by_role("button", name="Show the next five runs").click()
    expect(page.locator(".board-times li")).to_have_count(5)
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.locator(".board-rhythm")).to_contain_text("At 06:30, Monday through Friday")
    page.goto(BOARD)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".board-rhythm")).to_contain_text("paused")
    assert not present(read_schedule(now=timezone.now())).is_enabled

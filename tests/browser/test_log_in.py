"""Log-ins in a real browser: locked by wrong passwords, unlocked, ended from another."""

import re
from typing import Literal

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    Windows,
    follow,
    in_each_look,
    shoot,
    violations,
)

PASSWORD = "correct horse battery"  # noqa: S105 - a test's.
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def enter(page: Page, password: str) -> None:
    page.get_by_label("Username or e-mail").fill("anna@example.com")
    page.get_by_label("Password").fill(password)
    follow(page.get_by_role("button", name="Log in"))


@in_each_look
def test_wrong_passwords_lock_and_a_superuser_unlocks(
    page: Page, windows: Windows, width: str, scheme: Literal["light", "dark"]
) -> None:
    anna = User.objects.create_superuser("anna", "anna@example.com", PASSWORD)
    stranger = windows.take(
        viewport=PHONE if width == "phone" else DESKTOP,
        color_scheme=scheme,
        reduced_motion="reduce",
    ).new_page()
    stranger.goto("/admin/login/")
    for _number in range(6):
        enter(stranger, "wrong")
    enter(stranger, PASSWORD)

    refused = stranger.get_by_text(
        re.compile(r"Too many wrong attempts. Try again in \d seconds?.")
    )
    expect(refused).to_be_visible()
    assert violations(stranger) == []
    assert stranger.evaluate(WIDER) == 0
    shoot(stranger, f"log-in-refused-{width}-{scheme}")

    anna.failed_attempts.update(count=10)
    enter(stranger, PASSWORD)
    expect(stranger.get_by_text("Log-in is locked for 30 minutes.")).to_be_visible()
    shoot(stranger, f"log-in-locked-{width}-{scheme}")

    page.goto(f"/admin/auth/user/{anna.pk}/change/")
    expect(page.get_by_text(re.compile("Locked until .*Unlock it in the list"))).to_be_visible()
    shoot(page, f"user-locked-{width}-{scheme}")
    page.goto("/admin/auth/user/?q=anna")
    page.locator("input.action-select").check()
    page.locator('select[name="action"]').select_option("unlock_log_in")
    follow(page.locator('button[name="index"]'))
    expect(page.get_by_text("Unlocked the log-in of 1 user.")).to_be_visible()

    enter(stranger, PASSWORD)
    expect(stranger).to_have_url(re.compile("/admin/$"))


@in_each_look
def test_a_session_is_ended_from_another(
    windows: Windows, page: Page, width: str, scheme: Literal["light", "dark"]
) -> None:
    User.objects.create_superuser("anna", "anna@example.com", PASSWORD)
    viewport = PHONE if width == "phone" else DESKTOP
    here, there = (
        windows.take(viewport=viewport, color_scheme=scheme, reduced_motion="reduce").new_page()
        for _number in range(2)
    )
    for each in (here, there):
        each.goto("/admin/login/")
        enter(each, PASSWORD)

    here.goto("/admin/sessions/")
    expect(here.get_by_text("This session")).to_have_count(1)
    assert violations(here) == []
    assert here.evaluate(WIDER) == 0
    shoot(here, f"sessions-{width}-{scheme}")
    follow(here.get_by_role("button", name="End the session of"))

    expect(here.get_by_text("Ended 1 session.")).to_be_visible()
    there.goto("/admin/")
    expect(there).to_have_url(re.compile("/admin/login/"))
    here.goto("/admin/password_change/")
    expect(here).to_have_url(re.compile("/admin/password_change/$"))

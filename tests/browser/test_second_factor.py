"""The second factor in a real browser: an app's code and a passkey, set up and used."""

from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django import Settings

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


@pytest.fixture
def newcomer(
    windows: Windows,
    settings: Settings,
    transactional_db: None,
    width: str,
    scheme: Literal["light", "dark"],
) -> Page:
    """A person who needs a second factor, has none, and has just entered name and password."""
    settings.SECOND_FACTOR_FOR = ["everybody"]
    User.objects.create_superuser("anna", "anna@example.com", PASSWORD)
    context = windows.take(
        viewport=PHONE if width == "phone" else DESKTOP,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    first_step(page)
    return page


def first_step(page: Page) -> None:
    page.goto("/admin/login/")
    page.get_by_label("Username or e-mail").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Log in"))


def log_out(page: Page) -> None:
    page.context.clear_cookies()


def code_of(secret: str) -> str:
    counter = int(datetime.now(tz=UTC).timestamp()) // 30
    return str(format_hotp_value(hotp_value(secret, counter)))


def is_sound(page: Page, name: str) -> bool:
    shoot(page, f"second-factor-{name}")
    assert violations(page) == []
    return bool(page.evaluate(WIDER) == 0)


@in_each_look
def test_an_app_is_set_up_and_asked_for(newcomer: Page, width: str, scheme: str) -> None:
    page, look = newcomer, f"{width}-{scheme}"
    expect(page.get_by_text("Your role needs a second factor.")).to_be_visible()
    assert is_sound(page, f"needed-{look}")
    follow(page.get_by_role("link", name="Set up an authenticator app"))
    assert is_sound(page, f"app-{look}")
    secret = page.locator(".factors-key").inner_text()
    page.get_by_label("Code").fill(code_of(secret))
    follow(page.get_by_role("button", name="Set up"))
    codes = page.locator(".factors-codes code").all_inner_texts()
    assert len(codes) == 10
    assert is_sound(page, f"codes-{look}")
    follow(page.get_by_role("link", name="Done"))
    expect(page.get_by_text("10 codes are left.")).to_be_visible()
    assert is_sound(page, f"index-{look}")

    log_out(page)
    first_step(page)
    page.get_by_label("Code").fill("000000")
    follow(page.get_by_role("button", name="Log in"))
    expect(page.get_by_text("The code is wrong.")).to_be_visible()
    assert is_sound(page, f"wrong-{look}")
    page.get_by_label("Code").fill(codes[0])
    follow(page.get_by_role("button", name="Log in"))
    expect(page).to_have_url("/admin/")


@in_each_look
def test_a_passkey_is_set_up_and_used(newcomer: Page, width: str, scheme: str) -> None:
    page, look = newcomer, f"{width}-{scheme}"
    session: Any = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    follow(page.get_by_role("link", name="Add a passkey"))
    page.get_by_label("Name").fill("My laptop")
    assert is_sound(page, f"passkey-{look}")
    follow(page.get_by_role("button", name="Add a passkey"))
    follow(page.get_by_role("link", name="Done"))
    expect(page.get_by_text("My laptop")).to_be_visible()
    assert is_sound(page, f"passkeys-{look}")

    log_out(page)
    first_step(page)
    assert is_sound(page, f"use-{look}")
    follow(page.get_by_role("button", name="Use a passkey"))
    expect(page).to_have_url("/admin/")

    page.goto("/admin/second-factor/")
    follow(page.get_by_role("link", name="Remove My laptop"))
    follow(page.get_by_role("button", name="Remove"))
    expect(page.get_by_text("You need a second factor.")).to_be_visible()

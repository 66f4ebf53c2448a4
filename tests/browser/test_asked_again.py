"""A browser changes a user long after the log-in: it shows who it is, and loses nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.last_visit import BEGUN
from tests.browser.conftest import follow, superuser
from tests.browser.test_every_page import problems

PASSWORD = "correct horse battery"  # noqa: S105 - a test's.


def let_time_pass(page: Page) -> None:
    """Set the time of the log-in back by six minutes."""
    [key] = [
        one["value"]
        for one in page.context.cookies()
        if one["name"] == settings.SESSION_COOKIE_NAME
    ]
    session: Any = SessionStore(key)
    session[BEGUN] = (timezone.now() - timedelta(minutes=6)).isoformat()
    session.save()


@pytest.mark.parametrize(
    ("locale", "code", "go_on"),
    [
        ("en-US", "Use authenticator app or code", "Go on"),
        ("sv-SE", "autentiserings", "Fortsätt"),
        ("fr-FR", "authentif", "Continuer"),
    ],
)
def test_an_e_mail_address_is_changed_after_the_password(
    open_page: Callable[..., Page], locale: str, code: str, go_on: str
) -> None:
    boss = superuser()
    boss.set_password(PASSWORD)
    boss.save()
    TOTP.activate(boss, "JBSWY3DPEHPK3PXP")
    anna = User.objects.create_user("anna", "anna@example.com")
    page = open_page(f"/admin/auth/user/{anna.pk}/change/", locale=locale, user=boss)
    let_time_pass(page)
    page.fill("[name=email]", "new@example.com")
    follow(page.locator("[name=_save]"))
    wrong = problems(page, name=f"asked-again-{locale}")
    expect(page.get_by_role("link", name=code)).to_be_visible()

    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name=go_on).click()

    expect(page.locator("#user_form [name=email]")).to_have_value("new@example.com")
    anna.refresh_from_db()
    assert anna.email == "anna@example.com"
    wrong += problems(page, name=f"kept-user-{locale}")
    follow(page.locator("[name=_save]"))
    anna.refresh_from_db()
    assert anna.email == "new@example.com"
    assert wrong == []


def test_sessions_are_ended_after_the_password(open_page: Callable[..., Page]) -> None:
    boss = superuser()
    boss.set_password(PASSWORD)
    boss.save()
    open_page("/admin/", user=boss)
    page = open_page("/admin/sessions/", user=boss)
    let_time_pass(page)
    follow(page.get_by_role("button", name="End all other sessions"))
    page.fill("[name=password]", PASSWORD)
    follow(page.get_by_role("button", name="Go on"))
    expect(page.get_by_text("What you sent is kept and not done yet.")).to_be_visible()
    wrong = problems(page, name="kept-sessions")

    follow(page.get_by_role("button", name="Send it again"))

    expect(page.get_by_text("Ended 1 session.")).to_be_visible()
    assert wrong == []

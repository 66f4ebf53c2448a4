"""A forgotten password in a real browser: asked for, sent by a real mail server, chosen anew."""

import re
from typing import Any, Literal

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from core.tasks import look_after_log_ins
from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    Windows,
    follow,
    in_each_look,
    shoot,
    violations,
)
from tests.inbox import text_of

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LATTER = "another horse battery"


@in_each_look
def test_a_forgotten_password_is_chosen_anew(
    windows: Windows,
    live_server: LiveServer,
    transactional_db: None,
    settings: Settings,
    inbox: list[Any],
    width: str,
    scheme: Literal["light", "dark"],
) -> None:
    settings.OFFERS_PASSWORD_RESET, settings.SITE_URL = True, live_server.url
    User.objects.create_superuser("anna", "anna@example.com", "correct horse battery")
    context = windows.take(
        viewport=PHONE if width == "phone" else DESKTOP,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()

    def is_sound(name: str) -> bool:
        shoot(page, f"forgotten-password-{name}-{width}-{scheme}")
        assert violations(page) == []
        return bool(page.evaluate(WIDER) == 0)

    page.goto("/admin/login/")
    assert is_sound("log-in")
    follow(page.get_by_role("link", name="Forgot your password?"))
    assert is_sound("asked")
    page.get_by_label("E-mail address").fill("anna@example.com")
    follow(page.get_by_role("button", name="Send the link"))
    expect(page.get_by_text("an e-mail with a link is on its way")).to_be_visible()
    assert is_sound("sent")
    look_after_log_ins()

    choose_anew(page, inbox, is_sound)
    expect(page.get_by_text("has a new password. Log in with it.")).to_be_visible()
    assert is_sound("done")
    page.get_by_label("Username or e-mail").fill("anna")
    page.get_by_label("Password").fill(LATTER)
    follow(page.get_by_role("button", name="Log in"))
    expect(page).to_have_url(re.compile("/admin/$"))
    page.context.clear_cookies()
    page.goto(link_in(inbox))
    expect(page.get_by_text("This link does not work any more")).to_be_visible()
    assert is_sound("used")


def link_in(inbox: list[Any]) -> str:
    [message] = inbox
    found = re.search(r"http\S+/new-password/\S+", text_of(message))
    assert found
    return found[0]


def choose_anew(page: Page, inbox: list[Any], is_sound: Any) -> None:
    page.goto(link_in(inbox))
    page.locator("[name=new_password1]").fill("short")
    page.locator("[name=new_password2]").fill("short")
    follow(page.get_by_role("button", name="Choose this password"))
    expect(page.get_by_text("This password is too short.")).to_be_visible()
    assert is_sound("weak")
    page.locator("[name=new_password1]").fill(LATTER)
    page.locator("[name=new_password2]").fill(LATTER)
    follow(page.get_by_role("button", name="Choose this password"))

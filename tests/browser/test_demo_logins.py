"""The log-in page of a demo in a real browser: read by everybody, and one click to be in."""

import re
from collections.abc import Callable
from typing import Literal

from playwright.sync_api import Page, expect
from pytest_django import Settings

from demo.users import make_users
from tests.browser.conftest import follow, in_each_look, violations

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@in_each_look
def test_one_click_logs_in(
    open_page: Callable[..., Page],
    settings: Settings,
    width: str,
    scheme: Literal["light", "dark"],
) -> None:
    settings.DEMO_LOGINS = True
    make_users(password=settings.DEMO_PASSWORD)
    page = open_page("/admin/", width=width, scheme=scheme)
    page.context.clear_cookies()
    page.goto("/admin/login/?next=/admin/password_change/")

    assert violations(page) == []
    assert page.evaluate(WIDER) == 0
    follow(page.get_by_role("button", name="Log in as viewer"))

    expect(page).to_have_url(re.compile("/admin/password_change/$"))

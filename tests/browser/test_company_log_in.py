"""The company's own log-in in a real browser, with a real provider."""

import re
from typing import Literal

from django.contrib.auth.models import User
from playwright.sync_api import expect

from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    Windows,
    follow,
    in_each_look,
    shoot,
    violations,
)
from tests.open_id_server import Company, company, running_company

__all__ = ["company", "running_company"]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@in_each_look
def test_a_person_logs_in_at_the_company(
    windows: Windows,
    company: Company,
    transactional_db: None,
    width: str,
    scheme: Literal["light", "dark"],
) -> None:
    context = windows.take(
        viewport=PHONE if width == "phone" else DESKTOP,
        color_scheme=scheme,
        reduced_motion="reduce",
        ignore_https_errors=True,
    )
    page = context.new_page()
    company.say(claims={"email": "anna@example.com", "email_verified": True})
    page.goto("/admin/login/")
    shoot(page, f"company-log-in-{width}-{scheme}")
    assert violations(page) == []
    follow(page.get_by_role("link", name="Log in with Example Co"))
    expect(page.get_by_text("There is no account with your e-mail address here.")).to_be_visible()
    shoot(page, f"company-log-in-refused-{width}-{scheme}")
    assert violations(page) == []
    assert page.evaluate(WIDER) == 0

    User.objects.create_superuser("anna", "anna@example.com")
    follow(page.get_by_role("link", name="Back to the log-in"))
    follow(page.get_by_role("link", name="Log in with Example Co"))
    expect(page).to_have_url(re.compile("/admin/$"))

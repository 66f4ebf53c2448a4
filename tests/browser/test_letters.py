"""E-mails as HTML, as a mail program draws them on a phone."""

import pytest
from playwright.sync_api import Browser, Page

from core.letters import letter_html
from orders.notices.render import render_emails
from tests.browser.conftest import PATIENCE, PHONE, shoot, violations
from tests.every_email import every_email


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_every_email_fits_a_phone(browser: Browser, db: None, language: str, scheme: str) -> None:
    context = browser.new_context(viewport=PHONE)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    wrong: dict[str, list[str]] = {}
    for number, email in enumerate(every_email()):
        email.language = language
        subject, text = render_emails([email])
        page.set_content(letter_html(subject, text, language=language))
        name = f"letter-{number}-{email.kind.lower()}-{language}-{scheme}"
        if found := [*_outside(page), *violations(page)]:
            wrong[name] = found
        shoot(page, name)
    context.close()
    assert wrong == {}


def _outside(page: Page) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [] if width <= PHONE["width"] else [f"{width} pixels wide"]

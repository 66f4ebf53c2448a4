"""The pages that say why a request was not carried out, as a person sees them."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from inventory.admin.sources import SourceAdmin
from tests.browser.conftest import shoot
from tests.browser.test_every_page import problems

SOURCES = "/admin/inventory/source/"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def fail(*arguments: Any) -> None:
    raise RuntimeError("Nobody foresaw this.")


def test_each_page_is_readable_within_the_menu(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SourceAdmin, "get_fieldsets", fail)
    titles = {
        "/admin/nowhere/": "This page does not exist.",
        f"{SOURCES}?q=%00": "This request cannot be read.",
        f"{SOURCES}add/": "Something went wrong.",
    }
    for number, (address, title) in enumerate(titles.items()):
        page.goto(address)
        assert page.inner_text("#header-inner h1").strip() == title
        assert problems(page) == [], address
        shoot(page, f"error-{number}")


def test_an_expired_form_says_what_to_do(page: Page) -> None:
    page.goto(f"{SOURCES}add/")
    page.context.clear_cookies(name="csrftoken")
    page.fill("[name=code]", "north")
    page.fill("[name=name]", "North")
    page.locator("[name=_save]").first.click()

    title = page.locator("#header-inner h1", has_text="This form has expired. Nothing was saved.")
    title.wait_for(timeout=60_000)
    assert problems(page) == []

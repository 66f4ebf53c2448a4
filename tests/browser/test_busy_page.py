"""What a person sees of a time limit: whole and readable, and one click sends the same again."""

from typing import Any

import pytest
from django.db import OperationalError
from playwright.sync_api import Page
from psycopg.errors import LockNotAvailable

from inventory.admin.sources import SourceAdmin
from tests.browser.conftest import follow, shoot
from tests.browser.test_every_page import problems
from tests.factories.inventory import SourceFactory


def test_what_somebody_else_is_changing_is_sent_again_with_one_click(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SourceFactory(code="north", name="North")
    is_locked = [True]
    save = SourceAdmin.save_model

    def locked(admin: Any, request: Any, *arguments: Any) -> None:
        if is_locked.pop():
            is_locked.append(False)
            raise OperationalError from LockNotAvailable()
        is_locked.append(False)
        save(admin, request, *arguments)

    monkeypatch.setattr(SourceAdmin, "save_model", locked)
    page.goto(f"/admin/inventory/source/{source.pk}/change/")
    page.fill("[name=name]", "North & “South”")
    follow(page.locator("[name=_save]").first)
    assert page.inner_text("#header-inner h1").strip() == "Somebody else is changing this."
    assert problems(page) == []
    shoot(page, "busy")

    follow(page.get_by_role("button", name="Try again"))

    source.refresh_from_db()
    assert source.name == "North & “South”"


def test_without_the_database_a_page_stands_alone_and_is_readable(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.error_pages.admin.site.each_context", lambda request: away())
    monkeypatch.setattr(SourceAdmin, "get_queryset", lambda *_arguments: away())
    page.goto("/admin/inventory/source/")

    assert page.inner_text("#error-title") == "The database does not answer."
    assert problems(page) == []
    shoot(page, "busy-alone")


def away() -> None:
    raise OperationalError("the connection is closed")

"""Every page of ours: whole and readable at 1280 and 390 pixels, in light and in dark.

The pages are those that the table of roles names, and the lists and forms of every model.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from fulfillment.operations.figures import refresh_figures
from inventory.models import Stock
from tests.browser.conftest import superuser, violations
from tests.test_admin_smoke import PROJECT_MODELS
from tests.test_roles import make_every_row
from tests.test_roles_walk import NOBODY, TABLE, asked, our_addresses

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
CUT_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What the theme does to a page when the scheme changes, without loading it anew.
DARKEN = "document.documentElement.classList.add('dark')"


@pytest.fixture
def addresses(transactional_db) -> list[str]:
    """Return every address that answers with a page, one row of everything being there."""
    logging.disable(logging.CRITICAL)
    # A browser's test leaves an empty database behind, without what migrations made.
    Stock.objects.get_or_create(code="default", defaults={"name": "Default"})
    make_every_row()
    refresh_figures(now=datetime.now(UTC), zone=ZoneInfo("UTC"))
    client = Client()
    client.force_login(superuser())
    pages = [address for address in dict.fromkeys(candidates()) if is_page(client, address)]
    logging.disable(logging.NOTSET)
    return pages


def candidates() -> Iterator[str]:
    yield reverse("admin:index")
    for name, pattern in our_addresses().items():
        if TABLE[name].get != NOBODY:
            yield from asked(name, TABLE[name], pattern, superuser())
    for model in PROJECT_MODELS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if admin.site._registry[model].has_add_permission(request_of(superuser())):
            yield reverse(f"{name}_add")
        yield reverse(f"{name}_change", args=[model.objects.order_by("-pk").first().pk])
    yield reverse("admin:inventory_inventoryconfiguration_change", args=[1])


def request_of(user):
    request = Client().get("/").wsgi_request
    request.user = user
    return request


def is_page(client: Client, address: str) -> bool:
    """Whether the address answers with a page of its own: no file, and no part of a page."""
    answer = client.get(address)
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and is_html and "<html" in answer.text


def problems(page: Page) -> list[str]:
    cut_off = page.evaluate(CUT_OFF)
    return [*violations(page), *([f"{cut_off} pixels are cut off"] if cut_off else [])]


def test_every_page_is_whole_and_readable(open_page, addresses):
    page = open_page("/admin/")
    wrong: dict[str, list[str]] = {}

    # Structure depends on the width and colors on the scheme: two of the four ways see them all.
    for address in addresses:
        page.set_viewport_size(DESKTOP)
        page.goto(address)
        wrong[address] = problems(page)
        page.set_viewport_size(PHONE)
        page.evaluate(DARKEN)
        wrong[address] += problems(page)

    assert len(addresses) > 60
    assert {address: found for address, found in wrong.items() if found} == {}

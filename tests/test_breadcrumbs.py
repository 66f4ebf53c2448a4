"""Breadcrumbs: every page says its group, its list and its object."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import InventoryConfiguration
from tests.factories.inventory import ProductFactory
from tests.test_admin_smoke import PROJECT_MODELS, make_rows
from tests.test_roles_walk import person, quiet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures(quiet.__name__)]

# A page that the menu has, an object, or the page itself, which is a heading or not.
STEP = re.compile(
    r'<li>(?:<a href="([^"]*)"[^>]*>)?([^<]*)(?:</a>)?</li>|<\w+ class="crumbs-page"[^>]*>([^<]*)</'
)


def crumbs(client: Client, url: str) -> list[tuple[str, str]]:
    """Return the crumbs of a page with where they lead, the page itself last."""
    page = client.get(url, follow=True).text
    [way] = re.findall(r'<nav class="crumbs".*?</nav>', page, re.DOTALL)
    found = re.findall(STEP, way)
    return [(unescape(name or title), link) for link, name, title in found]


def test_every_page_of_the_menu_stands_below_its_group(admin_client: Client) -> None:
    sections = admin_client.get(reverse("admin:index")).context["sidebar_navigation"]
    entries = [(section, item) for section in sections for item in section["items"]]
    ways = {
        str(item["title"]): [name for name, _link in crumbs(admin_client, item["link"])]
        for _section, item in entries
    }

    expected = {
        str(item["title"]): [str(section["title"]), str(item["title"])] for section, item in entries
    }
    expected["Configuration"].append("Inventory configuration")
    assert len(ways) > 20
    assert ways == expected


def test_every_page_of_a_row_stands_below_its_list(admin_client: Client) -> None:
    make_rows(0)
    models = [model for model in PROJECT_MODELS if model is not InventoryConfiguration]
    wrong = {}

    for model in models:
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row: Any = model._default_manager.order_by("pk").last()
        listed = reverse(f"{stem}_changelist")
        *before, page = crumbs(admin_client, reverse(f"{stem}_change", args=[row.pk]))
        links = [link for _name, link in before]
        if links[-1:] != [listed] or page[0].startswith(("Change ", "View ")) or not page[0]:
            wrong[model.__name__] = [*before, page]

    assert len(models) > 15
    assert wrong == {}


def test_a_page_about_a_row_leads_back_to_it(admin_client: Client) -> None:
    product = ProductFactory(sku="TEA")
    change = reverse("admin:inventory_product_change", args=[product.pk])

    assert crumbs(admin_client, reverse("admin:inventory_product_history", args=[product.pk])) == [
        ("Catalog", ""),
        ("Products", reverse("admin:inventory_product_changelist")),
        ("TEA", change),
        ("History: TEA", ""),
    ]
    assert crumbs(admin_client, reverse("admin:inventory_product_add")) == [
        ("Catalog", ""),
        ("Products", reverse("admin:inventory_product_changelist")),
        ("Add product", ""),
    ]


def test_a_list_that_the_menu_does_not_offer_is_no_crumb(client: Client) -> None:
    client.force_login(person("staff without a role"))

    assert crumbs(client, reverse("admin:index")) == [("Dashboard", "")]
    assert crumbs(client, reverse("admin:password_change")) == [("Password change", "")]

"""A list without rows says what belongs there; one that a filter emptied says that."""

from html import unescape

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from config.templatetags.empty_lists import BELONGS
from inventory.models import InventoryConfiguration
from orders.models import NoticeText

pytestmark = pytest.mark.django_db
# One row, which is always there, and one page of its own.
NO_LIST = {InventoryConfiguration, NoticeText}


def test_each_empty_list_says_what_belongs_there(admin_client: Client) -> None:
    models = [model for model in admin.site._registry if model not in NO_LIST]
    assert {model._meta.label_lower for model in models} == set(BELONGS)
    found = {}
    for model in models:
        if model._default_manager.exists():
            continue
        label = model._meta.label_lower
        page = admin_client.get(reverse(f"admin:{label.replace('.', '_')}_changelist"))
        found[label] = str(BELONGS[label]) in unescape(page.text)

    assert len(found) >= 15
    assert {label for label, is_said in found.items() if not is_said} == set()


def test_a_list_that_a_search_emptied_says_so(admin_client: Client) -> None:
    address = reverse("admin:inventory_product_changelist")

    shown = admin_client.get(address, {"q": "nothing-like-it"}).text

    assert "No products match" in shown
    assert "Remove a filter, or search for something else." in shown
    assert str(BELONGS["inventory.product"]) not in shown

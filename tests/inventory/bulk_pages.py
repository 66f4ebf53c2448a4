"""The pages of bulk actions as tests open and confirm them."""

from typing import Any

from django.test import Client
from django.urls import reverse

ITEMS = reverse("admin:inventory_sourceitem_changelist")


def page(name: str, **parameters: object) -> str:
    query = "&".join(f"{key}={value}" for key, value in parameters.items())
    return f"{reverse(f'admin:{name}')}?{query}"


def status_page(**parameters: object) -> str:
    return page("inventory_sourceitem_bulk_status", asked=1, status="OUT_OF_STOCK", **parameters)


def confirmed(client: Client, url: str) -> Any:
    """Look at the page, and press its button."""
    return client.post(url, {"snapshot": client.get(url).context["snapshot"]})


def words(response: Any) -> str:
    return str(response.content.decode())

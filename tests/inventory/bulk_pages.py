"""The pages of bulk actions as tests open and confirm them."""

from django.urls import reverse

ITEMS = reverse("admin:inventory_sourceitem_changelist")


def page(name: str, **parameters) -> str:
    query = "&".join(f"{key}={value}" for key, value in parameters.items())
    return f"{reverse(f'admin:{name}')}?{query}"


def status_page(**parameters) -> str:
    return page("inventory_sourceitem_bulk_status", asked=1, status="OUT_OF_STOCK", **parameters)


def confirmed(client, url: str):
    """Look at the page, and press its button."""
    return client.post(url, {"snapshot": client.get(url).context["snapshot"]})


def words(response) -> str:
    return str(response.content.decode())

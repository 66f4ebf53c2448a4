"""The sidebar of every role: what one may open, all of it, and nothing else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.test_roles_walk import PEOPLE, person, quiet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures(quiet.__name__)]

FULFILLMENT = ["Dashboard", "Backorder review", "Shipments", "Release board", "Release runs"]
ORDERS = ["Orders", "Payments", "Payment operations", "Customer e-mails"]
STOCK = ["Products", "Source items", "Low stock", "Future supply", "Sources", "Stocks"]
BOOKS = ["Reservations", "Inconsistencies", "Imports", "Changes", "Bulk changes", "Background jobs"]
CHANNELS, DIGESTS, SETTINGS = ["Sales channels"], ["Low stock e-mails"], ["Configuration"]
INVENTORY = [*STOCK, *CHANNELS, *BOOKS, *DIGESTS, *SETTINGS]
# Files are for those who may bring them in.
LOOKED_AT = [title for title in INVENTORY if title != "Imports"]
MENUS = {
    "superuser": [
        *FULFILLMENT, "Scheduled work", *ORDERS, *INVENTORY, "Users", "Groups", "API keys",
    ],
    "staff without a role": [],
    "Merchant": [*FULFILLMENT[:3], "Orders", *INVENTORY],
    "Fulfillment": [*FULFILLMENT, *ORDERS, *STOCK, *CHANNELS, *BOOKS[2:]],
    "Operations": [*FULFILLMENT, "Scheduled work", *LOOKED_AT],
    "Viewer": [*FULFILLMENT, *ORDERS, *LOOKED_AT],
}  # fmt: skip


def menu(client: Client) -> dict[str, str]:
    """Return the entries that a page of the admin shows, with where they lead."""
    sections = client.get(reverse("admin:password_change")).context["sidebar_navigation"]
    assert all(section["items"] for section in sections)
    return {str(item["title"]): item["link"] for section in sections for item in section["items"]}


def test_there_is_a_menu_for_everybody() -> None:
    assert sorted(MENUS) == sorted(PEOPLE)


@pytest.mark.parametrize("role", PEOPLE)
def test_the_menu_shows_what_one_may_open_and_every_link_of_it_opens(
    client: Client, role: Any
) -> None:
    everywhere = Client()
    everywhere.force_login(person("superuser"))
    user = person(role) if role != "superuser" else None
    if user is None:
        client = everywhere
    else:
        client.force_login(user)

    shown = menu(client)

    assert list(shown) == MENUS[role]
    for title, link in menu(everywhere).items():
        status = client.get(link, follow=True).status_code
        # Staff who may open nothing see the dashboard's empty page at its address.
        if link != reverse("admin:index"):
            assert status == (200 if title in shown else 403), title
        elif title in shown:
            assert status == 200

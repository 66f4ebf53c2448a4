"""The sidebar of every role: what one may open, all of it, and nothing else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.navigation import SECTIONS
from tests.test_roles_walk import PEOPLE, person, quiet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures(quiet.__name__)]

WORK = [
    "My work",
    "Dashboard",
    "Orders",
    "Returns",
    "Backorder review",
    "Shipments",
    "Pick lists",
    "Delay requests",
    "Release board",
    "Release runs",
]
CATALOG = ["Products", "Source items", "Low stock"]
STOCKS = ["Rules", "Rule runs", "Carriers", "Sources", "Stocks", "Sales channels"]
LETTERS = ["Parcels", "Payments", "Payment operations", "Customer e-mails"]
DIGESTS = ["Rule e-mails", "Low stock e-mails", "Demand e-mails"]
BOOKS = [*DIGESTS, "Reservations", "Inconsistencies"]
REQUESTS = [*DIGESTS, "Back-in-stock requests", "Reservations", "Inconsistencies"]
DONE = ["Bulk changes", "Background jobs"]
MENUS = {
    "superuser": [
        *WORK, *CATALOG, "Demand", "Future supply", "Imports", "Changes", *LETTERS, *REQUESTS,
        *DONE, "Configuration", "Scheduled work", *STOCKS, "E-mail texts", "Users", "Groups",
        "API keys", "Security events", "Personal data",
        "Account e-mails",
    ],
    "staff without a role": [],
    "Merchant": [
        *WORK[:3], *WORK[4:8], *CATALOG, "Demand", "Future supply", "Imports", "Changes", "Parcels",
        *REQUESTS, *DONE, "Configuration", *STOCKS, "E-mail texts",
    ],
    "Fulfillment": [
        *WORK, *CATALOG, "Demand", "Future supply", "Imports", "Changes", *LETTERS, BOOKS[0], *DONE,
        *STOCKS,
    ],
    # Files are for those who may bring them in.
    "Operations": [
        *WORK[:2], *WORK[4:], *CATALOG, "Demand", "Future supply", "Changes", "Parcels", *BOOKS,
        *DONE, "Configuration", "Scheduled work", *STOCKS,
    ],
    "Viewer": [
        *WORK[1:], *CATALOG, "Demand", "Future supply", "Changes", *LETTERS, *BOOKS, *DONE,
        "Configuration", *STOCKS,
    ],
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
        # At its own address everybody sees something: who has no work to do, the dashboard.
        if link != reverse("admin:index"):
            assert status == (200 if title in shown else 403), title
        elif title in shown:
            assert status == 200


def test_the_menu_has_six_groups_and_folds_those_that_are_not_open(client: Client) -> None:
    client.force_login(person("superuser"))
    groups = [str(title) for title, *_ in SECTIONS]
    at_work, at_settings = (
        client.get(reverse(name)).text
        for name in ("admin:inventory_product_changelist", "admin:inventory_source_changelist")
    )

    assert groups == ["Work", "Catalog", "Supply", "Records", "Settings", "People"]
    assert at_work.count('<details class="menu-group">') == 2
    assert at_settings.count('<details class="menu-group">') == 1
    assert at_settings.count('<details class="menu-group" open>') == 5

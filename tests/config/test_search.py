"""The search of all pages: what people ask in their own words, and what each role may see."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.navigation import sidebar
from config.search.pages import ACTIONS, MENU_WORDS
from fulfillment.models import ReleaseRun
from inventory.models import FutureSupply, ImportFile
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceFactory
from tests.factories.orders import OrderFactory
from tests.test_roles_walk import person

pytestmark = pytest.mark.django_db

SEARCH = "/admin/search/"
QUESTIONS = {
    # Orders, by number, customer and e-mail address.
    "10248": "Order 10248",
    "#10248": "Order 10248",
    "order 10248": "Order 10248",
    "order #10249": "Order 10249",
    "web-77": "Order WEB-77",
    "paul": "Order 10249",
    "Henriot": "Order 10249",
    "paul henriot": "Order 10249",
    "henriot, paul": "Order 10249",
    "vinet@example.com": "Order 10249",
    "vinet@": "Order 10249",
    "customer tomás": "Order WEB-77",
    "orders tomás gómez": "Order WEB-77",
    "tomas gomez": "Order WEB-77",
    # Shipments and runs.
    "10248-1": "Shipment 10248-1",
    "shipment 10248-1": "Shipment 10248-1",
    "delivery 10248": "Shipment 10248-1",
    "web-77-1": "Shipment WEB-77-1",
    "run {run}": "Release run Release run {run}",
    "release run #{run}": "Release run Release run {run}",
    # Products, by SKU, barcode and name.
    "NW-021": "Product NW-021 · Sir Rodney's Scones",
    "nw-021": "Product NW-021 · Sir Rodney's Scones",
    "sku nw-001": "Product NW-001 · Chai",
    "4006381333931": "Product NW-001 · Chai",
    "barcode 4006381333931": "Product NW-001 · Chai",
    "chai": "Product NW-001 · Chai",
    "sir rodney’s": "Product NW-021 · Sir Rodney's Scones",
    "rodneys scones": "Product NW-021 · Sir Rodney's Scones",
    "scones": "Product NW-021 · Sir Rodney's Scones",
    "scones rodney": "Product NW-021 · Sir Rodney's Scones",
    "Sconnes": "Product NW-021 · Sir Rodney's Scones",
    # Supply, by its reference; sources and files, by name.
    "PO-7": "Future supply PO-7",
    "po 7": "Future supply PO-7",
    "purchase order PO-7": "Future supply PO-7",
    "seattle": "Source Seattle",
    "wheels.csv": "Import wheels.csv",
    # Pages, by name and by what people call them.
    "orders": "Page Orders",
    "shipments": "Page Shipments",
    "review": "Page Backorder review",
    "late orders": "Page Backorder review",
    "what is waiting": "Page Backorder review",
    "why does my order wait": "Page Backorder review",
    "backorders": "Page Backorder review",
    "low stock": "Page Low stock",
    "what is running out": "Page Low stock",
    "warehouses": "Page Sources",
    "purchase orders": "Page Future supply",
    "receive a delivery": "Page Future supply",
    "incoming": "Page Future supply",
    "dry run": "Page Release board",
    "release now": "Page Release board",
    "last run": "Page Release runs",
    "every 10 minutes": "Page Scheduled work",
    "cron": "Page Scheduled work",
    "settings": "Page Configuration",
    "out-of-stock threshold": "Page Configuration",
    "turn off backorders": "Page Configuration",
    "how do I allow backorders": "Page Configuration",
    "failed e-mails": "Page Customer e-mails",
    "payment to decide": "Page Payment operations",
    "refunds": "Page Payment operations",
    "how many are on hand": "Page Source items",
    "stock count": "Page Source items",
    "ledger": "Page Reservations",
    "who changed a threshold": "Page Changes",
    "roles": "Page Groups",
    "add a colleague": "Page Users",
    "dashboard": "Page Dashboard",
    # Actions.
    "new order": "Action Phone order",
    "phone order": "Action Phone order",
    "add supply": "Action Record supply",
    "create product": "Action Add product",
    "upload products": "Action Import products",
    "import orders": "Action Import orders",
    "change my password": "Action Change password",
}


@pytest.fixture
def run() -> ReleaseRun:
    """One world with a row of every kind; return its release run."""
    paul = {"customer_name": "Paul Henriot", "customer_email": "vinet@example.com"}
    first = OrderFactory(number="10248", **paul)
    OrderFactory(number="10249", **paul)
    tomas = {"customer_name": "Tomás Gómez", "customer_email": "tomas.gomez@example.com"}
    web = OrderFactory(number="WEB-77", **tomas)
    BackorderFactory(number="10248-1", order=first)
    BackorderFactory(number="WEB-77-1", order=web)
    chai = ProductFactory(sku="NW-001", name="Chai", barcode="4006381333931")
    ProductFactory(sku="NW-021", name="Sir Rodney's Scones")
    seattle = SourceFactory(code="sea", name="Seattle")
    FutureSupply.objects.create(
        product=chai, source=seattle, quantity=40, expected_on=date(2026, 12, 1), reference="PO-7"
    )
    ImportFile.objects.create(format="PRODUCTS", name="wheels.csv", uploaded_at=first.placed_at)
    return ReleaseRun.objects.create(
        kind="release", trigger=ReleaseRun.Trigger.STAFF, created_at=first.placed_at
    )


def found(client: Client, question: str) -> list[str]:
    """Return each line of the answer, as its kind and title."""
    results = client.get(SEARCH, {"q": question, "list": ""}).context["results"]
    return [f"{result.kind} {result.title}" for result in results]


def test_questions_in_peoples_words_find_their_page_or_row_first(
    admin_client: Client, run: ReleaseRun
) -> None:
    asked = {
        question.format(run=run.pk): first.format(run=run.pk)
        for question, first in QUESTIONS.items()
    }
    answers = {question: found(admin_client, question) for question in asked}

    assert len(asked) >= 60
    wrong = {
        question: lines[:4] for question, lines in answers.items() if lines[:1] != [asked[question]]
    }
    assert wrong == {}


def test_every_page_of_the_menu_has_words_and_all_words_are_of_a_page(rf: RequestFactory) -> None:
    request = rf.get(SEARCH)
    request.user = User(is_superuser=True, is_active=True)
    links = {str(item["link"]) for section in sidebar(request) for item in section["items"]}

    assert {reverse(name) for name in MENU_WORDS} == links


@pytest.mark.parametrize("role", ["Merchant", "Fulfillment", "Operations", "Viewer"])
def test_all_that_a_role_finds_opens_for_it(client: Client, run: ReleaseRun, role: str) -> None:
    client.force_login(person(role))
    titles = [str(action.title) for action in ACTIONS]

    links: dict[str, Any] = {}
    for question in [*QUESTIONS, *titles, ""]:
        asked = {"q": question.format(run=run.pk), "list": ""}
        for result in client.get(SEARCH, asked).context["results"]:
            links[result.link] = result.title
    statuses = {link: client.get(link, follow=True).status_code for link in links}

    assert len(links) > 10
    assert {link for link, status in statuses.items() if status != 200} == set()


def test_a_role_finds_nothing_that_it_may_not_see(client: Client, run: ReleaseRun) -> None:
    client.force_login(person("Operations"))

    assert found(client, "10249") == []
    assert found(client, "paul henriot") == []
    assert found(client, "phone order") == []
    assert found(client, "wheels.csv") == []
    assert found(client, "users") == []
    assert found(client, "chai") == ["Product NW-001 · Chai"]


def test_an_empty_question_shows_the_newest_first(admin_client: Client, run: ReleaseRun) -> None:
    lines = found(admin_client, "  ")

    assert lines[:3] == ["Order WEB-77", "Order 10249", "Order 10248"]
    assert lines[3:5] == ["Shipment WEB-77-1", "Shipment 10248-1"]
    assert lines[5:] == ["Future supply PO-7", f"Release run Release run {run.pk}"]


@pytest.mark.parametrize("question", ["zzzzqq", "%", "_", "<b>x</b>", "' OR 1=1", "🦆", "a" * 400])
def test_what_is_not_there_is_said(admin_client: Client, run: ReleaseRun, question: str) -> None:
    page = admin_client.get(SEARCH, {"q": question})

    assert page.status_code == 200
    assert "Nothing found for" in page.text
    assert "<b>x" not in page.text


def test_the_list_alone_has_no_frame(admin_client: Client, run: ReleaseRun) -> None:
    part = admin_client.get(SEARCH, {"q": "chai", "list": ""})

    assert part.text.count("<li>") == 1
    assert "<html" not in part.text
    assert "autofocus" not in part.text


def test_nobody_without_a_log_in_searches(client: Client) -> None:
    assert client.get(SEARCH).status_code == 302
    assert Client().post(SEARCH).status_code in (302, 405)


def test_as_many_queries_for_many_rows_as_for_one(admin_client: Client, run: ReleaseRun) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(SEARCH, {"q": "paul henriot", "list": ""})
        counts.append(len(queries))
        OrderFactory.create_batch(2, customer_name="Paul Henriot")

    assert counts[0] == counts[1]

"""Countries that were kept as texts are mapped to codes; what is none stays, and is listed."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from inventory.models import Source
from orders.models import Order
from tests.api import api_of_superuser
from tests.factories.inventory import SourceFactory
from tests.factories.orders import OrderFactory
from tests.inventory.product_page import change_url
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db
UNKNOWN = "not known; give it by hand"


@pytest.fixture(autouse=True)
def rows() -> None:
    """Sources and orders from before."""
    for number, country in enumerate(["Sverige", "Sweden", "Sweden", "UK", "Atlantis", "DE", ""]):
        OrderFactory(number=f"A-{number}", country=country)
    SourceFactory(code="old", country="uk")
    SourceFactory(code="nowhere", country="Atlantis")


def command(*arguments: str) -> list[str]:
    said = StringIO()
    call_command("map_countries", *arguments, stdout=said)
    return said.getvalue().splitlines()


def countries() -> tuple[list[Any], Any]:
    orders = list(Order.objects.order_by("number").values_list("country", flat=True))
    return orders, dict(Source.objects.exclude(code="default").values_list("code", "country"))


MAPPED = (
    ["SE", "SE", "SE", "GB", "Atlantis", "DE", ""],
    {"old": "GB", "nowhere": "Atlantis"},
)
SAID = {
    f"sources: “Atlantis” (1) → {UNKNOWN}",
    "sources: “uk” (1) → GB",
    f"orders: “Atlantis” (1) → {UNKNOWN}",
    "orders: “Sverige” (1) → SE",
    "orders: “Sweden” (2) → SE",
    "orders: “UK” (1) → GB",
}


def test_the_command_maps_and_lists_what_it_cannot_map() -> None:
    before = countries()

    *listed, count = command("--preview")
    assert (set(listed), count) == (SAID, "5 rows would change.")
    assert countries() == before

    *listed, count = command()
    assert (set(listed), count) == (SAID, "5 rows are changed.")
    assert countries() == MAPPED

    *listed, count = command()
    assert (len(listed), count) == (2, "0 rows are changed.")


def test_a_country_from_before_that_is_none_stays_and_is_marked(admin_client: Client) -> None:
    source = Source.objects.get(code="nowhere")
    order = Order.objects.get(country="Atlantis")
    page = admin_client.get(change_url(source)).content.decode()
    typed = opened_form(page) | {"name": "Renamed", "postcode": "1"}

    saved = admin_client.post(change_url(source), typed)

    assert "Atlantis (not a known country)" in page
    assert saved.status_code == 302
    source.refresh_from_db()
    assert (source.name, source.country) == ("Renamed", "Atlantis")
    seen = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert "Atlantis (not a known country)" in seen.content.decode()
    page = admin_client.get(change_url(source)).content.decode()
    other = opened_form(page) | {"country": "Lemuria"}
    assert admin_client.post(change_url(source), other).status_code == 200


def test_the_api_marks_what_is_no_code() -> None:
    api = api_of_superuser()

    orders = [order["address"] for order in api.get("orders/")[1]["results"]]
    sources = api.get("sources/")[1]["results"]
    one = api.get("orders/A-4/")[1]["address"], api.get("sources/old/")[1]

    marks = {row["country"]: row["is_known_country"] for row in [*orders, *sources]}
    assert {country for country, is_known in marks.items() if is_known is False} == {
        "Sverige",
        "Sweden",
        "UK",
        "uk",
        "Atlantis",
    }
    assert (marks["DE"], marks[""]) == (True, None)
    assert [row["is_known_country"] for row in one] == [False, False]

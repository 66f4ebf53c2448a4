"""No list to choose from holds every row: with many sources, stocks and channels one types.

Forms and filters come from the registry and from the addresses, so that new ones are among them.
"""

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.admin.bulk.selection import RowSelection
from inventory.admin.bulk.actions import AssignForm, StatusForm
from inventory.admin.bulk.transfer_forms import TransferForm
from inventory.models import SalesChannel, Source, Stock, StockSource
from orders.admin.phone_forms import PhoneOrderForm
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceFactory
from tests.fulfillment.review.bulk_moves import shown
from tests.test_roles import make_every_row
from tests.test_roles_walk import NOBODY, TABLE, asked, our_addresses

pytestmark = pytest.mark.django_db

MANY, MOST = 60, 50
# What a list of rows has, not a form: a box to select each row of the page.
OF_LISTS = {"_selected_action", "shipment"}


class Choices(HTMLParser):
    """Counts what the controls of a page hold of the many rows, by control."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.control = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"select", "datalist"}:
            self.control = given.get("name") or given.get("id") or tag
        elif tag == "input" and given.get("type") in {"checkbox", "radio"}:
            self.control = ""
            if given.get("name") not in OF_LISTS:
                self.counts[given.get("name") or ""] += 1
        elif tag != "option":
            self.control = ""

    def handle_data(self, data: str) -> None:
        if self.control and "many-" in data:
            self.counts[self.control] += 1


def make_many() -> Any:
    """Make many rows of each kind that has a code, and return a shipment that has them all."""
    shipment = BackorderFactory()
    sources = Source.objects.bulk_create(
        Source(
            code=f"many-{number:02}",
            name=f"Many {number}",
            is_pickup_location=True,
            street="1 Main Street",
            city="Seattle",
            region="WA",
            postcode="98101",
            country="US",
            phone="1",
        )
        for number in range(MANY)
    )
    stocks = Stock.objects.bulk_create(
        Stock(code=f"many-{number:02}", name=f"Many {number}") for number in range(MANY)
    )
    SalesChannel.objects.bulk_create(
        SalesChannel(code=stock.code, name=stock.name, stock=stock) for stock in stocks
    )
    StockSource.objects.bulk_create(
        StockSource(stock=shipment.stock, source=source, priority=priority)
        for priority, source in enumerate(sources, start=10)
    )
    return shipment


def opened(client: Client, user: Any, shipment: Any) -> Iterator[tuple[str, str]]:
    """Yield every page with a form or a filter, by its address."""
    everything = RowSelection((), "", takes_all=True).query(takes_all=True)
    addresses = [
        f"{address}?{everything}"
        for name, pattern in our_addresses().items()
        if TABLE[name].get != NOBODY
        for address in asked(name, TABLE[name], pattern, user)
    ]
    for model in admin.site._registry:
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        last = model._default_manager.order_by("-pk").first()
        addresses += [reverse(f"{stem}_changelist"), reverse(f"{stem}_add")]
        addresses += [reverse(f"{stem}_change", args=[row.pk]) for row in [last] if row]
    addresses.append(reverse("admin:fulfillment_shipment_change", args=[shipment.pk]))
    for address in dict.fromkeys(addresses):
        # A list leads to its address without empty parameters.
        answer = client.get(address, follow=True)
        if answer.status_code == 200 and "text/html" in answer.get("Content-Type", ""):
            yield address, answer.text


def test_no_control_of_any_page_holds_every_row(admin_client: Client, admin_user: User) -> None:
    make_every_row()
    shipment = make_many()

    pages = dict(opened(admin_client, admin_user, shipment))
    long = {
        f"{address} {name}": count
        for address, page in pages.items()
        for name, count in Choices(page).counts.items()
        if count > MOST
    }

    assert long == {}
    # Those that would have one are among what was walked.
    typed = [address for address, page in pages.items() if "data-lookup" in page]
    assert {address.split("?")[0].split("/admin/")[1] for address in typed} >= {
        "inventory/product/bulk/assign/",
        "inventory/sourceitem/bulk/transfer/",
        "inventory/reservation/ledger/",
        "orders/order/add/",
        "fulfillment/shipment/review/",
        "fulfillment/shipment/review/bulk/reassign/",
        f"fulfillment/shipment/{shipment.pk}/change/",
    }


def test_many_sources_are_typed_by_their_codes() -> None:
    make_many()
    first, second = Source.objects.filter(code__in=["many-01", "many-02"]).order_by("code")

    assign = AssignForm({"sources": " many-01,many-02, ", "status": "IN_STOCK"})
    everywhere = StatusForm({"sources": "", "status": "IN_STOCK"})
    transfer = TransferForm({"from_source": "many-01", "to_source": "many-02"})
    unknown = TransferForm({"from_source": "many-01", "to_source": "none"})
    several = AssignForm({"sources": "many-01, none", "status": "IN_STOCK"})

    assert assign.is_valid()
    assert assign.values()["source_ids"] == [first.pk, second.pk]
    assert everywhere.is_valid()
    assert transfer.is_valid()
    assert transfer.values()["to_source_id"] == second.pk
    assert unknown.errors == {"to_source": ["“none” is not among the choices."]}
    assert several.errors == {"sources": ["“none” is not among the choices."]}
    assert 'value="many-01, none"' in str(several["sources"])
    assert "Type the codes, separated by commas." in several.fields["sources"].help_text


def test_few_sources_are_chosen_from_a_list() -> None:
    source = SourceFactory(code="seattle", name="Seattle")

    form = TransferForm()

    assert f'<option value="{source.pk}">seattle – Seattle</option>' in str(form["to_source"])
    assert "data-lookup" not in str(form["to_source"])


def test_a_pickup_source_is_typed_where_there_are_many() -> None:
    make_many()

    form = PhoneOrderForm({"pickup_source": "many-07", "channel": "many-03"})
    form.full_clean()

    assert form.cleaned_data["pickup_source"].code == "many-07"
    assert form.cleaned_data["channel"].code == "many-03"


def test_a_shipment_is_reassigned_to_a_source_that_is_typed(admin_client: Client) -> None:
    shipment = make_many()

    previewed = shown(admin_client, "REASSIGN", {"source": "many-05"}, shipment=[shipment.pk])
    refused = shown(admin_client, "REASSIGN", {"source": "none"}, shipment=[shipment.pk])

    assert previewed.context["form"].cleaned_data["source"].code == "many-05"
    assert "planned" in previewed.context
    assert "“none” is not among the choices." in refused.text


def test_the_codes_that_match_are_offered(admin_client: Client) -> None:
    make_many()
    ProductFactory()
    page = admin_client.get(reverse("admin:orders_order_add"))
    address = page.context["form"].fields["pickup_source"].widget.render("pickup_source", None)
    lookup = address.split('data-lookup="')[1].split('"')[0].replace("&amp;", "&")

    found = admin_client.get(f"{lookup}&term=many-1").json()["results"]

    assert [row["text"] for row in found] == [f"many-1{digit}" for digit in range(10)]

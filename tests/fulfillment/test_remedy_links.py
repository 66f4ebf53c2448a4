"""Each change that would release a shipment leads to the page that makes it."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fulfillment.admin.remedies import PAGES, shown_remedies
from fulfillment.models import Shipment
from fulfillment.release.planning.remedy import RemedyKind
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db
FACTS = {"sku": "KTP", "source": "berlin", "quantity": "2", "until": "2126-08-01"}


@pytest.fixture
def waiting() -> Shipment:
    item = SourceItemFactory(product=ProductFactory(sku="KTP"), source__code="berlin", quantity=0)
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    return BackorderFactory(order=OrderFactory(channel=channel), lines={item.product: 2})


def links(user: User, waiting: Shipment, kind: str, **facts: Any) -> list[tuple[str, str]]:
    (shown,) = shown_remedies([{"kind": kind, **FACTS, **facts}], waiting, user)
    return [(str(link.label), link.url) for link in shown.links]


def test_every_remedy_leads_to_a_page_that_opens(
    admin_client: Client, admin_user: User, waiting: Shipment
) -> None:
    assert set(PAGES) == set(RemedyKind)
    for kind in RemedyKind:
        found = links(admin_user, waiting, kind)
        assert found, kind
        for _label, url in found:
            assert admin_client.get(url, follow=True).status_code == 200, url


def test_supply_is_recorded_as_the_remedy_says(admin_client: Client, waiting: Shipment) -> None:
    page = admin_client.get(f"/admin/fulfillment/shipment/{waiting.pk}/change/")

    (remedy,) = page.context["panel"]["remedies"]
    record = remedy.links[0].url
    form = admin_client.get(record).context["adminform"].form

    line = waiting.lines.get()
    assert record.replace("&", "&amp;") in page.text
    assert (form["product"].value(), form["quantity"].value()) == (str(line.product_id), Decimal(2))


def test_who_may_not_make_a_change_has_no_link_to_it(waiting: Shipment) -> None:
    by_role = {}
    for role in ("Merchant", "Fulfillment", "Viewer"):
        user = User.objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        by_role[role] = [label for label, _url in links(user, waiting, "RECEIVE")]

    assert by_role == {
        "Merchant": ["Record supply", "Receive a delivery", "Count"],
        "Fulfillment": ["Receive a delivery"],
        "Viewer": [],
    }


def test_a_row_that_is_not_there_has_no_link(admin_user: User, waiting: Shipment) -> None:
    assert links(admin_user, waiting, "SET_IN_STOCK", sku="NONE") == []


def test_a_remedy_on_this_page_opens_its_form(admin_client: Client, waiting: Shipment) -> None:
    Shipment.objects.filter(pk=waiting.pk).update(is_held=True, hold_reason="STAFF")
    page = admin_client.get(f"/admin/fulfillment/shipment/{waiting.pk}/change/")
    lift = page.context["panel"]["remedies"][0].links[0].url

    opened = admin_client.get(lift)

    assert lift.endswith("?do=lift-hold#do-lift-hold")
    assert not page.context["primary"]["is_open"]
    assert (opened.context["primary"]["code"], opened.context["primary"]["is_open"]) == (
        "lift-hold",
        True,
    )


def test_links_cost_the_same_for_any_number_of_remedies(
    admin_user: User, waiting: Shipment
) -> None:
    def cost(count: int) -> int:
        remedies = [{"kind": "RECEIVE", **FACTS}] * count
        with CaptureQueriesContext(connection) as queries:
            shown_remedies(remedies, waiting, admin_user)
        return len(queries)

    assert cost(1) == cost(20) == 3

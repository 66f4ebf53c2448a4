"""The review in order: by each column both ways, and the same order each time."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment
from fulfillment.review import listing
from fulfillment.review.list_columns import COLUMN_LABELS
from inventory.models import SalesChannel
from orders.models import Payment
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.fulfillment.review.review_pages import REVIEW, numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

# Each with what it turns to; what is unknown is last either way, in the order of the numbers.
SORTED = {
    "number": ("ABC", "CBA"),
    "order": ("BCA", "ACB"),
    "customer": ("CAB", "BAC"),
    "state": ("BCA", "ACB"),
    "priority": ("BAC", "CAB"),
    "age": ("CAB", "BAC"),
    "expected": ("BAC", "ABC"),
    "missed": ("ACB", "BCA"),
    "value": ("ACB", "BCA"),
    "expires": ("CBA", "BCA"),
    "channel": ("BCA", "ACB"),
    "stock": ("CAB", "BAC"),
    "method": ("BAC", "CAB"),
    "source": ("BAC", "ABC"),
    "assignee": ("ACB", "CAB"),
}


@pytest.fixture
def queue(channel: SalesChannel) -> None:
    """Three shipments that every column tells apart, so far as it can."""
    berlin = channel.stock.sources.get()
    oslo = SourceFactory(code="oslo")
    channels = {
        "A": SalesChannelFactory(code="web", stock=StockFactory(code="mid", sources=[oslo])),
        "B": SalesChannelFactory(code="app", stock=StockFactory(code="top", sources=[berlin])),
        "C": SalesChannelFactory(code="fair", stock=StockFactory(code="low", sources=[oslo])),
    }
    rows = {
        "A": (2, "30", "Bea", 1, 1, "2026-05-02", None, {}),
        "B": (1, "10", "Cid", 0, 3, "2026-05-01", 9, {"pickup_source": berlin}),
        "C": (3, "20", "Ada", 2, 2, None, 8, {}),
    }
    for number, (day, order, customer, priority, units, expected, expires, pickup) in rows.items():
        since = datetime(2026, 3, day, tzinfo=UTC)
        method = {"fulfillment_method": "PICKUP", **pickup} if pickup else {}
        placed = OrderFactory(
            channel=channels[number],
            placed_at=since,
            number=order,
            customer_name=customer,
            **method,
        )
        columns = {"priority": priority, "expected_on": expected}
        BackorderFactory(number=number, order=placed, lines={ProductFactory(): units}, **columns)
        if expires:
            Payment.objects.create(
                order=placed,
                gateway="manual",
                action="AUTHORIZE",
                state="AUTHORIZED",
                currency="USD",
                amount=Decimal(9),
                expires_at=datetime(2026, 4, expires, tzinfo=UTC),
                created_at=since,
            )
    Shipment.objects.filter(number="A").update(state="FUTURE", source=oslo)
    for number, count in (("B", 2), ("C", 1)):
        Shipment.objects.filter(number=number).update(missed_promise_count=count)
    for number, name in (("A", "anna"), ("C", "zoe")):
        person = User.objects.create(username=name)
        Shipment.objects.filter(number=number).update(assignee=person)


@pytest.mark.parametrize("name", [*listing.SORTS, "age"])
def test_sorts_by_each_column_both_ways(admin_client: Client, queue: None, name: Any) -> None:
    for sort, order in zip((name, f"-{name}"), SORTED[name], strict=True):
        assert "".join(numbers(admin_client.get(REVIEW, {"sort": sort}))) == order


def test_every_column_sorts_but_those_that_are_read_for_the_page_alone(
    admin_client: Client, queue: None
) -> None:
    own = {"columns": [*COLUMN_LABELS], "current": ""}
    admin_client.post(reverse("admin:fulfillment_shipment_review_columns"), own)

    headings = admin_client.get(REVIEW).context["headings"]

    unsorted = {heading["name"] for heading in headings if not heading["address"]}
    asked = {"agreed", "request", "request_number", "answer_by"}
    assert unsorted == {"promised", "informed", *asked, "missing", "why", "next_supply"}


def test_a_sort_that_there_is_not_is_the_queue(admin_client: Client, queue: None) -> None:
    assert numbers(admin_client.get(REVIEW, {"sort": "nonsense"})) == ["C", "A", "B"]


@pytest.mark.parametrize("name", [*listing.SORTS, "age"])
def test_what_a_column_does_not_tell_apart_is_in_one_order_all_the_same(
    channel: SalesChannel, name: Any
) -> None:
    since = datetime(2026, 3, 1, 9, tzinfo=UTC)
    order = OrderFactory(channel=channel, placed_at=since)
    made = [
        BackorderFactory(number=number, order=order, lines={ProductFactory(): 1})
        for number in "ABC"
    ]
    keys = [shipment.pk for shipment in made]
    shipments = Shipment.objects.in_queue()

    up = list(listing.in_order(shipments, name).values_list("pk", flat=True))
    down = list(listing.in_order(shipments, f"-{name}").values_list("pk", flat=True))

    assert sorted((up, down)) == [keys, keys[::-1]]

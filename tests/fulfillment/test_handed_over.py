"""What a customer collects is handed over, in every word (domain.md §21)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from core.acts import Act
from fulfillment.models import Shipment, ShipmentEvent
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.review.effects import shipped
from orders.ports import current
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db

ACT = Act(datetime(2026, 3, 31, 12, tzinfo=UTC))


@pytest.fixture
def shipments() -> tuple[Shipment, Shipment]:
    """A ready shipment of 2 for pickup at berlin, and one for home."""
    berlin = SourceFactory(code="berlin", name="Berlin")
    channel = SalesChannelFactory(stock=StockFactory(sources=[berlin]))
    wheel = ProductFactory(sku="WHEEL")
    SourceItemFactory(source=berlin, product=wheel, quantity=Decimal(9))
    order = OrderFactory(channel=channel, fulfillment_method="PICKUP", pickup_source=berlin)
    pickup = BackorderFactory(number="PICKUP", order=order, lines={wheel: 2})
    home = BackorderFactory(number="HOME", order=OrderFactory(channel=channel), lines={wheel: 2})
    for shipment in (pickup, home):
        reassign(shipment.pk, ACT, source_code="berlin")
        shipment.refresh_from_db()
    return pickup, home


def page_of(shipment: Shipment) -> str:
    return reverse("admin:fulfillment_shipment_change", args=[shipment.pk])


def test_a_pickup_is_handed_over_on_its_page(
    admin_client: Client, shipments: tuple[Shipment, Shipment]
) -> None:
    pickup, home = shipments
    Shipment.objects.filter(pk=pickup.pk).update(set_aside_at=ACT.at)

    page = admin_client.get(page_of(pickup))
    at_home = admin_client.get(page_of(home))
    address = reverse("admin:fulfillment_shipment_act", args=[pickup.pk, "fulfill"])
    sent = {"version": page.context["version"]}
    done = admin_client.post(address, sent, follow=True)

    assert "Hand over</button>" in page.text
    assert "Hand over these units" in page.text
    assert "WHEEL: hand over now, of 2" in page.text
    assert "Ship</button>" not in page.text
    assert "Ship</button>" in at_home.text
    assert "Ship a part or add tracking" in at_home.text
    assert "Hand over" not in at_home.text
    assert [strip_tags(str(message)) for message in done.context["messages"]] == [
        "Handed over 2 units at Berlin: PICKUP."
    ]
    assert "Fulfilled" not in strip_tags(done.text)


def test_its_state_and_its_timeline_say_so(shipments: tuple[Shipment, Shipment]) -> None:
    for shipment in shipments:
        fulfill(shipment.pk, ACT)

    pickup, home = Shipment.objects.order_by("pk")
    events = ShipmentEvent.objects.filter(kind="FULFILLED").order_by("pk")
    assert (pickup.get_state_display(), home.get_state_display()) == ("Handed over", "Fulfilled")
    assert [event.get_kind_display() for event in events] == ["Handed over", "Fulfilled"]
    [shown] = current().shipments_of(pickup.order_id)
    assert shown.state_in_words == "Handed over"


def test_the_page_of_the_order_says_so(
    admin_client: Client, shipments: tuple[Shipment, Shipment]
) -> None:
    pickup, home = shipments
    pages = [reverse("admin:orders_order_change", args=[one.order_id]) for one in (pickup, home)]

    before = [admin_client.get(page).text for page in pages]
    for shipment in shipments:
        fulfill(shipment.pk, ACT)
    after = [strip_tags(admin_client.get(page).text) for page in pages]

    assert ["Hand over" in text for text in before] == [True, False]
    assert "2 handed over at berlin" in after[0]
    assert "2 of 2 units handed over" in after[0]
    assert "2 shipped from berlin" in after[1]
    assert "2 of 2 units shipped" in after[1]


def test_the_list_and_the_bulk_preview_say_so(
    admin_client: Client, shipments: tuple[Shipment, Shipment]
) -> None:
    pickup, home = shipments

    assert shipped(pickup, None).sentence == "Handed over at berlin."
    assert shipped(home, None).sentence == "Ships from berlin."
    fulfill(pickup.pk, ACT)
    listed = admin_client.get(reverse("admin:fulfillment_shipment_changelist") + "?tab=done")

    assert "Handed over" in listed.text

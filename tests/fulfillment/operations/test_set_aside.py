"""A store sets units aside for the customer who collects them, and the customer is informed."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.html import strip_tags

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.set_aside import set_aside
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.source_items import ItemChange, set_items
from orders.models import OrderEmail
from orders.notices.send import send_queued
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.beside import beside
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.fulfillment.review.bulk_moves import effects, make_together, said
from tests.inbox import text_of
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]


def shop() -> None:
    """4 kettles in Lund, where customers may collect; more may be sold."""
    source = SourceFactory(
        code="lund",
        name="Lund",
        is_pickup_location=True,
        street="Kungsgatan 1",
        postcode="222 22",
        city="Lund",
        country="SE",
        phone="046 12",
        opening_hours="10–18",
    )
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    kettle = ProductFactory(sku="KTP", name="Kettle")
    SourceItemFactory(source=source, product=kettle, quantity=Decimal(4))
    options = {"backorders": "ALLOW_QTY_BELOW_0"}
    InventoryConfiguration.objects.update_or_create(pk=1, defaults=options)


def placed(quantity: int = 4, number: str = "1001", **values: Any) -> Shipment:
    """Return the first shipment of an order to be collected in Lund."""
    where = values or {"fulfillment_method": "PICKUP", "pickup_source": "lund"}
    request = OrderRequest(
        channel="web",
        customer=Customer("Ada", "ada@example.com"),
        lines=(LineRequest("KTP", Decimal(quantity), Decimal("2.50")),),
        number=number,
        payment=PaymentRequest("sandbox"),
        **where,
    )
    order_id = place_order(request, Act(NOW)).order_id
    return Shipment.objects.filter(order=order_id).order_by("pk")[0]


def told() -> list[str]:
    emails = OrderEmail.objects.exclude(kind="CONFIRMATION").order_by("pk")
    return list(emails.values_list("kind", flat=True))


def test_the_customer_is_informed_where_and_until_when(inbox: list[Any]) -> None:
    shop()
    ready = placed()
    send_queued(now=NOW)
    inbox.clear()

    set_aside(ready.pk, Act(NOW))

    ready.refresh_from_db()
    assert (ready.state, ready.set_aside_at) == ("READY", NOW)
    assert ready.events.order_by("pk").values_list("kind", flat=True)[1] == "SET_ASIDE"
    send_queued(now=LATER)
    [email] = inbox
    assert email["Subject"] == "Your order 1001 is ready to collect"
    assert text_of(email) == (
        "Hello Ada,\n\nThese units of your order 1001 are ready for you to collect:\n\n"
        "- 4 × Kettle (KTP)\n\nLund\nKungsgatan 1\n222 22 Lund\nPhone: 046 12\nOpen: 10–18\n\n"
        "We keep them for you until 15 Mar 2026.\n"
    )
    # What is collected is not said to be on its way.
    fulfill(ready.pk, Act(LATER))
    assert told() == ["READY_TO_COLLECT"]
    assert_invariants()


def test_units_without_a_last_day_are_kept_without_a_word_of_one(inbox: list[Any]) -> None:
    shop()
    ready = placed(quantity=4)
    set_aside(ready.pk, Act(NOW))
    email = OrderEmail.objects.get(kind="READY_TO_COLLECT")
    email.context["until"] = None
    email.save()

    send_queued(now=LATER)

    assert text_of(inbox[-1]).endswith("222 22 Lund\nPhone: 046 12\nOpen: 10–18\n")


def test_what_cannot_be_collected_now_is_not_set_aside() -> None:
    shop()
    ready = placed(quantity=6)
    waits = Shipment.objects.get(state="BACKORDER")
    hold(ready.pk, Act(NOW, reason="Call first"))

    for shipment in (ready, waits):
        with pytest.raises(WrongStateError):
            set_aside(shipment.pk, Act(NOW))

    assert told() == []
    assert not Shipment.objects.exclude(set_aside_at=None).exists()


def test_what_is_sent_is_not_set_aside() -> None:
    shop()
    sent = placed(address=HOME)

    with pytest.raises(WrongStateError):
        set_aside(sent.pk, Act(NOW))
    with pytest.raises(IntegrityError, match="set_aside"), transaction.atomic():
        Shipment.objects.update(set_aside_at=NOW)


def test_units_that_are_not_there_after_all_are_set_aside_again_later() -> None:
    shop()
    ready = placed()
    set_aside(ready.pk, Act(NOW))
    item = SourceItem.objects.get()

    lost = ItemChange(item.product_id, item.source_id, {"quantity": Decimal(1)})
    set_items([lost], Act(LATER))

    ready.refresh_from_db()
    assert (ready.state, ready.set_aside_at) == ("BACKORDER", None)
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_set_it_aside_once() -> None:
    shop()
    ready = placed()

    def refused() -> None:
        with pytest.raises(WrongStateError):
            set_aside(ready.pk, Act(LATER))

    with ExitStack() as stack, transaction.atomic():
        set_aside(ready.pk, Act(NOW))
        stack.enter_context(beside(refused))

    assert told() == ["READY_TO_COLLECT"]


def test_it_is_one_click_on_the_page_before_it_is_handed_over(admin_client: Client) -> None:
    shop()
    ready = placed()
    address = f"/admin/fulfillment/shipment/{ready.pk}/change/"
    page = admin_client.get(address)
    assert page.context["primary"]["code"] == "set-aside"

    answer = admin_client.post(
        f"/admin/fulfillment/shipment/{ready.pk}/act/set-aside/",
        {"version": page.context["version"]},
        follow=True,
    )

    [message] = answer.context["messages"]
    assert strip_tags(str(message)) == f"Set {ready.number} aside. The customer gets an e-mail."
    assert answer.context["primary"]["code"] == "fulfill"
    assert told() == ["READY_TO_COLLECT"]


def test_many_are_set_aside_at_once_each_customer_informed_once() -> None:
    shop()
    ready = placed(2, number="1001")
    another = placed(2, number="1002")
    waits = placed(1, number="1003")
    held = placed(1, number="1004")
    Shipment.objects.filter(pk=held.pk).update(
        state="READY", is_held=True, hold_reason="STAFF", source=ready.source
    )
    shipments = [ready, another, waits, held]
    change = ShipmentBulkChange(BulkAction.SET_ASIDE)
    sentences = [
        (True, "Set aside. The customer gets an e-mail that it can be collected."),
        (True, "Set aside. The customer gets an e-mail that it can be collected."),
        (False, "Only ready shipments for pickup are set aside."),
        (False, "Held: lift the hold first."),
    ]
    assert effects(shipments, change) == sentences
    assert told() == []

    made = make_together([one.pk for one in shipments], change)
    again = make_together([one.pk for one in shipments], change)

    assert [(row.is_change, said(row)) for row in made] == sentences
    assert [said(row) for row in again[:2]] == ["Set aside already."] * 2
    assert told() == ["READY_TO_COLLECT", "READY_TO_COLLECT"]
    emails = OrderEmail.objects.filter(kind="READY_TO_COLLECT").order_by("pk")
    assert [(email.order.number, email.context["stores"][0]["name"]) for email in emails] == [
        ("1001", "Lund"),
        ("1002", "Lund"),
    ]
    assert Shipment.objects.filter(set_aside_at__isnull=False).count() == 2

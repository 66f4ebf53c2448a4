"""What customers read of an order that ships complete: one date for all of it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.acts import Act
from fulfillment.models import ShipmentLine
from fulfillment.operations.delays.silence import act_on_delays
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import FutureSupply, Source
from inventory.operations.future_supply import NewSupply, cancel_supply, change_supply
from orders.models import Order, OrderEmail
from orders.notices.send import send_queued
from orders.order_links import order_token
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceItemFactory
from tests.fulfillment.operations.test_ship_complete import (
    NOW,
    change,
    configure,
    one,
    open_shop,
    place,
    release,
)
from tests.inbox import text_of

pytestmark = pytest.mark.django_db
TOGETHER = "We send the goods of this order together, once all of them are here."
COLLECTED = "You can collect the goods of this order together, once all of them are here."
WHERE = "You can collect it here, once we have written that it is ready:"
REST = "We send the rest of this order together, once all of it is here."
FIRST, LAST, LATER = date(2026, 3, 12), date(2026, 3, 20), date(2026, 4, 25)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def shop(sends_at_once: None) -> None:
    """Pots are to come on 20 March, pans on 12 March."""
    open_shop()
    configure(
        backorders="ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
        future_inventory=True,
        release_enabled=False,
    )
    source, pan = Source.objects.get(code="a"), ProductFactory(sku="PAN")
    SourceItemFactory(source=source, product=pan, quantity=Decimal(0))
    FutureSupplyFactory(product=pan, source=source, quantity=9, expected_on=FIRST)


def promised(*lines: tuple[str, int], **values: Any) -> Order:
    """Return an order whose supply is found before it is confirmed."""
    order = place(*lines, **values)
    release()
    send_queued(now=NOW)
    return order


def move(sku: str, day: date) -> None:
    supply = FutureSupply.objects.get(product__sku=sku)
    change_supply(supply.pk, NewSupply(supply.quantity, day), Act(NOW), today=NOW.date())


def told() -> list[tuple[str, str | None]]:
    """Return the SKU and the date of each e-mail about a new date."""
    emails = OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").order_by("pk")
    return [(row.context["lines"][0]["sku"], row.context["expected_on"]) for row in emails]


def page_of(order: Order, client: Client) -> str:
    token = order_token(order.pk, email=order.customer_email, now=timezone.now())
    return client.get(f"/order/{token}/").text


def test_the_confirmation_says_that_all_leaves_together_and_when(inbox: list[Any]) -> None:
    promised(("KTP", 1), ("POT", 2), ("PAN", 1))

    body = text_of(inbox[0])
    assert body.count("We expect to send this by 20 Mar 2026.") == 2
    assert "12 Mar 2026" not in body
    assert TOGETHER in body
    assert WHERE not in body


def test_an_order_that_leaves_in_parts_has_the_date_of_each(inbox: list[Any]) -> None:
    promised(("KTP", 1), ("POT", 2), ("PAN", 1), whole=False)

    body = text_of(inbox[0])
    assert "We expect to send this by 20 Mar 2026." in body
    assert "We expect to send this by 12 Mar 2026." in body
    assert TOGETHER not in body


def test_one_part_without_a_date_leaves_all_of_it_without(inbox: list[Any]) -> None:
    FutureSupply.objects.filter(product__sku="POT").update(expected_on=None)

    promised(("POT", 2), ("PAN", 1))

    body = text_of(inbox[0])
    assert body.count("We do not know yet when we can send this.") == 2
    assert TOGETHER in body


def test_all_of_it_is_told_where_one_part_loses_its_supply(inbox: list[Any]) -> None:
    configure(default_backorder_days=60)
    promised(("POT", 2), ("PAN", 1))
    supply = FutureSupply.objects.get(product__sku="POT")

    cancel_supply(supply.pk, Act(NOW + DAY))
    act_on_delays(now=NOW + 3 * DAY)

    assert set(told()) == {("PAN", None), ("POT", None)}
    lines = ShipmentLine.objects.filter(quantity__gt=0)
    assert set(lines.values_list("promised_on", flat=True)) == {None}


def test_nothing_is_said_where_nothing_waits_or_it_no_longer_leaves_together(
    inbox: list[Any],
) -> None:
    promised(("KTP", 1))
    order = place(("KTP", 1), ("POT", 2))
    change(order, ship_complete=False)
    send_queued(now=NOW)

    assert len(inbox) == 2
    assert not any(TOGETHER in text_of(email) for email in inbox)


def test_what_is_collected_is_collected_together(inbox: list[Any], client: Client) -> None:
    order = promised(("KTP", 1), ("POT", 2), fulfillment_method="PICKUP", pickup_source="a")

    body = text_of(inbox[0])
    assert COLLECTED in body
    assert f"{WHERE}\n" in body
    assert "Delivery address:" not in body
    assert COLLECTED in page_of(order, client)


def test_the_page_says_so_until_the_order_no_longer_waits(client: Client) -> None:
    order = promised(("KTP", 1), ("POT", 2))
    assert TOGETHER in page_of(order, client)

    change(order, ship_complete=False)
    assert TOGETHER not in page_of(order, client)

    fulfill(one(order, "READY").pk, Act(NOW))
    change(order, ship_complete=True)
    assert REST in page_of(order, client)
    assert TOGETHER not in page_of(order, client)


def test_a_date_that_moves_before_the_last_is_no_news() -> None:
    promised(("POT", 2), ("PAN", 1))

    move("PAN", date(2026, 3, 15))
    act_on_delays(now=NOW + 2 * DAY)

    assert told() == []


def test_the_last_date_that_moves_is_told_of_all_units_once_it_stood_for_a_day() -> None:
    configure(future_date_limit="P2M")
    promised(("POT", 2), ("PAN", 1))

    move("POT", LATER)
    act_on_delays(now=NOW + DAY / 2)
    assert told() == []

    act_on_delays(now=NOW + DAY)
    assert sorted(told()) == [("PAN", str(LATER)), ("POT", str(LATER))]

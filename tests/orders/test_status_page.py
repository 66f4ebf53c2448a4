"""The page of an order for its customer: what it shows, what it hides, and canceling there."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from fulfillment.models import Carrier, Parcel, Shipment
from inventory.models import BackInStockRequest, InventoryConfiguration, Product, SourceItem
from orders.models import Cancellation, Order, OrderEmail
from orders.order_links import order_token
from tests.factories.fulfillment import BackorderFactory, promise
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db

STREET = "12 Secret Street"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def order() -> Order:
    """Three kettles that wait, promised for 15 March 2031."""
    order = OrderFactory(
        number="1001",
        customer_name="Ada Example",
        customer_email="ada@example.com",
        recipient="Ada Example",
        street=STREET,
        city="Paris",
        postcode="75001",
        country="FR",
        total=Decimal("30.00"),
    )
    shipment = BackorderFactory(
        number="1001-1", order=order, lines={ProductFactory(sku="KTL", name="Kettle"): 3}
    )
    promise(shipment, date(2031, 3, 15))
    return order


def address(order: Order) -> str:
    token = order_token(order.pk, email=order.customer_email, now=timezone.now())
    return f"/order/{token}/"


def let_customers_cancel(*, is_allowed: bool = True) -> None:
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"customers_may_cancel": is_allowed}
    )


def field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found
    return found[1]


def test_the_page_shows_the_order_and_hides_who_ordered(client: Client, order: Order) -> None:
    answer = client.get(address(order))

    assert answer.status_code == 200
    for text in (
        "Your order 1001",
        "Waiting for stock",
        "3 × Kettle",
        "Expected by 15 Mar 2031",
        "Paris, France",
        "30.00 USD",
    ):
        assert text in answer.text
    for text in ("ada@example.com", "Ada", STREET, "75001", "<script", "Cancel these units"):
        assert text not in answer.text
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


@pytest.mark.parametrize(
    ("promised_on", "said"),
    [(None, "No date yet"), (date(2026, 3, 2), "Was expected by 2 Mar 2026. No new date yet")],
)
def test_no_date_is_named_that_does_not_hold(
    client: Client, order: Order, promised_on: date | None, said: str
) -> None:
    promise(Shipment.objects.get(), promised_on)

    assert said in client.get(address(order)).text


def test_states_are_in_plain_words(client: Client, order: Order) -> None:
    found = []
    carrier = Carrier.objects.get(code="ups")
    for shipment in Shipment.objects.all():
        Parcel.objects.create(shipment=shipment, carrier=carrier, tracking_number="1Z/9")
    for columns in (
        {"state": "READY"},
        {"state": "READY", "is_held": True, "hold_reason": "STAFF"},
        {"state": "READY", "pickup_source": SourceFactory(), "set_aside_at": order.placed_at},
        {
            "state": "FULFILLED",
            "pickup_source": None,
            "set_aside_at": None,
            "fulfilled_at": order.placed_at,
        },
    ):
        Shipment.objects.update(
            **{"is_held": False, "hold_reason": "", "source": SourceFactory(), **columns}
        )
        html = client.get(address(order)).text
        found.append(re.findall(r"<h3[^>]*>([^<]+)</h3>", html))
        assert "Expected" not in html
    assert found == [
        ["In preparation"],
        ["Not being sent at the moment"],
        ["Can be collected"],
        ["Shipped"],
    ]
    assert 'href="https://www.ups.com/track?tracknum=1Z%2F9"' in html
    assert "Follow parcel 1Z/9" in html


def test_a_store_has_its_address_as_its_country_writes_it(client: Client, order: Order) -> None:
    store = SourceFactory(
        name="Redmond store", street="1 Main Street", city="Redmond", region="WA",
        postcode="98052", country="US",
    )  # fmt: skip
    Order.objects.update(fulfillment_method="PICKUP", pickup_source=store)

    assert "Redmond store, 1 Main Street, Redmond WA 98052" in client.get(address(order)).text


def test_a_language_may_be_chosen_and_is_the_customers_before(client: Client, order: Order) -> None:
    Order.objects.update(customer_language="sv")
    page = address(order)

    assert '<html lang="sv"' in client.get(page).text
    french = client.get(page, {"language": "fr"})
    assert '<html lang="fr"' in french.text
    assert french["Content-Language"] == "fr"
    assert '<html lang="sv"' in client.get(page, {"language": "x" * 600}).text


def test_changed_expired_and_unknown_links_have_one_answer(
    client: Client, order: Order, settings: Settings
) -> None:
    good = address(order)
    old = order_token(order.pk, email=order.customer_email, now=datetime(2020, 1, 1, tzinfo=UTC))
    unknown = order_token(order.pk + 1, email=order.customer_email, now=timezone.now())
    answers = [
        client.get(page)
        for page in (f"{good[:-2]}/", f"/order/{old}/", f"/order/{unknown}/", "/order/link/")
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.text for answer in answers}) == 1
    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}
    assert "1001" not in answers[0].text
    let_customers_cancel()
    assert client.post(f"/order/{old}/", {"shipment": "1001-1"}).status_code == 404


def test_each_link_and_each_address_may_ask_so_often_in_a_minute(
    client: Client, order: Order, settings: Settings
) -> None:
    settings.ORDER_PAGE_RATE = 2
    page = address(order)
    statuses = [
        client.get(page, REMOTE_ADDR=f"203.0.113.{number}").status_code for number in (1, 2, 3)
    ]
    assert statuses == [200, 200, 429]

    guesses = [client.get(f"/order/{number}/", REMOTE_ADDR="203.0.113.9") for number in (1, 2, 3)]
    assert [answer.status_code for answer in guesses] == [404, 404, 429]
    assert guesses[2]["Retry-After"] == "60"
    assert guesses[2]["Cache-Control"] == "no-store"

    # One customer of a provider has many addresses of IPv6.
    neighbors = [
        client.get(f"/order/{number}/", REMOTE_ADDR=f"2001:db8:1:2::{number}").status_code
        for number in (4, 5, 6)
    ]
    assert neighbors == [404, 404, 429]


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(
    client: Client, order: Order, settings: Settings
) -> None:
    settings.ORDER_PAGE_RATE = 1
    settings.BEHIND_PROXY = True
    seen = ["198.51.100.1, 203.0.113.1", "198.51.100.1, 203.0.113.2", "8.8.8.8, 203.0.113.1"]
    statuses = [
        client.get(f"/order/{number}/", headers={"x-forwarded-for": forwarded}).status_code
        for number, forwarded in enumerate(seen)
    ]
    assert statuses == [404, 404, 429]


def test_the_page_costs_the_same_however_much_was_ordered(
    client: Client, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page = address(order)
    with django_assert_num_queries(16):
        client.get(page)
    BackorderFactory(order=order, lines={ProductFactory(): 1, ProductFactory(): 2})
    with django_assert_num_queries(16):
        client.get(page)


def test_get_and_head_change_nothing(client: Client, order: Order) -> None:
    let_customers_cancel()
    before = Shipment.objects.values().get()
    query = {"shipment": "1001-1", "version": str(before["version"])}

    assert client.get(address(order), query).status_code == 200
    assert client.head(address(order), query).status_code == 200
    assert client.put(address(order)).status_code == 405

    assert Shipment.objects.values().get() == before
    assert not Cancellation.objects.exists()


def test_a_customer_cancels_what_waits_after_a_preview(client: Client, order: Order) -> None:
    let_customers_cancel()
    page = address(order)

    preview = client.post(page, {"shipment": "1001-1"})
    assert preview.status_code == 200
    assert "Cancel these units?" in preview.text
    assert "3 × Kettle" in preview.text
    assert not Cancellation.objects.exists()

    confirmed = {"shipment": "1001-1", "version": field(preview.text, "version")}
    first = client.post(page, confirmed)
    second = client.post(page, confirmed)

    assert [first.status_code, second.status_code] == [200, 200]
    assert "The units were canceled." in first.text
    assert "This order was canceled." in first.text
    assert "The units were canceled." in second.text
    canceled = Cancellation.objects.get()
    assert canceled.reason == "Canceled by the customer on the page of the order."
    assert canceled.lines.get().quantity == 3
    assert Shipment.objects.get().state == "CANCELED"
    assert [email.kind for email in OrderEmail.objects.all()] == ["CANCELED"]
    assert_invariants()


def test_what_has_changed_since_the_preview_is_not_canceled(client: Client, order: Order) -> None:
    let_customers_cancel()
    page = address(order)
    version = field(client.post(page, {"shipment": "1001-1"}).text, "version")
    Shipment.objects.update(priority=5)

    answer = client.post(page, {"shipment": "1001-1", "version": version})

    assert answer.status_code == 409
    assert "The order has changed. Nothing was done. Review it and try again." in answer.text
    assert not Cancellation.objects.exists()


@pytest.mark.parametrize(
    "posted",
    [{}, {"shipment": "other"}, {"shipment": "other", "version": "1"}, {"shipment": "a\0b",
     "version": "1"}, {"shipment": "1001-1", "version": "9"}],
)  # fmt: skip
def test_what_is_not_on_the_order_is_not_canceled(
    client: Client, order: Order, posted: dict[str, str]
) -> None:
    let_customers_cancel()
    BackorderFactory(number="other", lines={ProductFactory(): 1})

    assert client.post(address(order), posted).status_code == 409
    assert not Cancellation.objects.exists()


def test_what_is_ready_is_not_canceled_here(client: Client, order: Order) -> None:
    let_customers_cancel()
    Shipment.objects.update(state="READY", source=SourceFactory())
    version = Shipment.objects.get().version
    page = address(order)

    assert "Cancel these units" not in client.get(page).text
    assert client.post(page, {"shipment": "1001-1"}).status_code == 409
    posted = {"shipment": "1001-1", "version": str(version)}
    assert client.post(page, posted).status_code == 409
    assert not Cancellation.objects.exists()


def test_nothing_is_canceled_where_the_site_does_not_allow_it(client: Client, order: Order) -> None:
    version = Shipment.objects.get().version

    answer = client.post(address(order), {"shipment": "1001-1", "version": str(version)})

    assert answer.status_code == 409
    assert "Units cannot be canceled here. Nothing was canceled." in answer.text
    assert not Cancellation.objects.exists()


def test_a_customer_asks_to_hear_when_a_product_can_be_bought_again(
    client: Client, order: Order
) -> None:
    kettle = order.lines.get().product
    source = SourceFactory()
    order.channel.stock.links.create(source=source, priority=1)
    page = address(order)
    asks = {"back_in_stock": "1"}
    # No source of the stock has it.
    assert client.post(page, asks).status_code == 409
    item = SourceItemFactory(product=kettle, source=source, quantity=Decimal(5))
    assert "E-mail me" not in client.get(page).text
    assert client.post(page, asks).status_code == 409

    SourceItem.objects.filter(pk=item.pk).update(quantity=0)
    assert "E-mail me when it can be bought again" in client.get(page).text
    assert not BackInStockRequest.objects.exists()
    answers = [client.post(f"{page}?language=fr", asks) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    request = BackInStockRequest.objects.get()
    asked = (request.product, request.channel, request.recipient, request.language)
    assert asked == (kettle, order.channel, "ada@example.com", "fr")
    assert request.confirmed_at is None
    assert "ada@example.com" not in answers[0].text
    Product.objects.update(is_enabled=False)
    assert client.post(page, {"back_in_stock": "9"}).status_code == 409
    assert client.post(page, asks).status_code == 409


def test_staff_see_the_page_without_anything_to_answer(
    admin_client: Client, admin_user: User, order: Order
) -> None:
    let_customers_cancel()
    page = f"/admin/orders/order/{order.pk}/status/"

    assert f'href="{page}"' in admin_client.get(f"/admin/orders/order/{order.pk}/change/").text
    html = admin_client.get(page).text
    assert "3 × Kettle" in html
    assert "<form" not in html
    assert "/order/" not in html.replace("/static/", "")
    assert admin_client.post(page, {"shipment": "1001-1"}).status_code == 405

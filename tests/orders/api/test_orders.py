"""Orders over the API: placing, reading, listing."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from fulfillment.models import Allocation, Shipment
from inventory.models import InventoryConfiguration, Reservation
from orders.models import Order, Payment
from tests.api import Api, api_of_superuser, api_with, codes
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME_BODY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    """East has 4 A and 9 B; A may be backordered."""
    east = SourceFactory(code="east")
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[east]))
    backorders = {"backorders": "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"}
    for sku, quantity, own in (("A", 4, backorders), ("B", 9, {})):
        product = ProductFactory(sku=sku, **own)
        SourceItemFactory(source=east, product=product, quantity=Decimal(quantity))
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"max_cart_qty": 100})


@pytest.fixture
def api() -> Api:
    return api_of_superuser()


def order(**members: Any) -> dict[str, Any]:
    return {
        "channel": "web",
        "customer": {"name": "Ada Example", "email": "ada@example.com"},
        "address": HOME_BODY,
        "lines": [{"sku": "A", "quantity": "6", "unit_price": "2.50", "tax": "1.00"}],
        "payment": {"gateway": "manual"},
    } | members


def line(sku: str, quantity: str, **members: str) -> dict[str, str]:
    return {"sku": sku, "quantity": quantity} | members


def written() -> list[int]:
    models = (Order, Shipment, Reservation, Allocation, Payment)
    return [model.objects.count() for model in models]


def test_an_order_is_placed_and_answered_whole(api: Api, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False)
    status, body = api.post("orders/", order(number="W-1", placed_at="2026-03-02T12:00:00Z"))

    assert status == 201
    assert body.pop("version").isdecimal()
    payment = body.pop("payment")
    assert payment["state"] == "CAPTURED"
    assert (payment["amount"], payment["captured_amount"]) == ("16.00", "16.00")
    assert body == {
        "number": "W-1",
        "status": "PROCESSING",
        "channel": "web",
        "stock": "shop",
        "placed_at": "2026-03-02T12:00:00Z",
        "customer": {"name": "Ada Example", "email": "ada@example.com", "language": "en"},
        "fulfillment_method": "SHIP_TO_HOME",
        "pickup_source": None,
        "address": {
            **HOME_BODY,
            "region": "",
            "is_known_country": True,
            "latitude": None,
            "longitude": None,
        },
        "ship_complete": False,
        "priority": 0,
        "currency": "USD",
        "total": "16.00",
        "lines": [
            {
                "line": 1,
                "sku": "A",
                "name": "Product A",
                "quantity": "6.0000",
                "backordered_quantity": "2.0000",
                "open_quantity": "6.0000",
                "canceled_quantity": "0.0000",
                "invoiced_quantity": "6.0000",
                "shipped_quantity": "0.0000",
                "refunded_quantity": "0.0000",
                "unit_price": "2.50",
                "discount": "0.00",
                "tax": "1.00",
                "total": "16.00",
                "expected_on": "2026-03-16",
                "promised_on": None,
                "change": None,
                "is_in_force": True,
                "replaces": None,
            }
        ],
        "shipments": [
            {
                "number": "W-1-1",
                "parent": None,
                "state": "READY",
                "is_held": False,
                "hold_reason": "",
                "source": "east",
                "expected_on": None,
                "shipped_to": None,
                "parcels": [],
                "lines": [{"line": 1, "quantity": "4.0000"}],
            },
            {
                "number": "W-1-2",
                "parent": None,
                "state": "BACKORDER",
                "is_held": False,
                "hold_reason": "",
                "source": None,
                "expected_on": "2026-03-16",
                "shipped_to": None,
                "parcels": [],
                "lines": [{"line": 1, "quantity": "2.0000"}],
            },
        ],
    }
    assert_invariants()


def test_an_order_that_names_no_language_has_that_of_the_site(api: Api, settings: Any) -> None:
    settings.LANGUAGE_CODE = "sv"

    status, body = api.post("orders/", order(customer={"name": "Ada", "email": "ada@example.com"}))

    assert (status, body["customer"]["language"]) == (201, "sv")


def test_everything_of_a_request_is_kept(api: Api) -> None:
    address = {
        "recipient": "Ada",
        "street": "1 Main St",
        "city": "Town",
        "region": "R",
        "postcode": "12345",
        "country": "US",
        "latitude": "59.329323",
        "longitude": "18.068581",
    }
    customer = {"name": "Ada", "email": "ada@example.com", "language": "sv"}

    status, body = api.post(
        "orders/", order(address=address, customer=customer, priority=7, currency="SEK")
    )

    assert status == 201
    assert body["address"] == address | {"is_known_country": True}
    assert (body["customer"], body["priority"], body["currency"]) == (customer, 7, "SEK")
    assert api.get(f"orders/{body['number']}/")[1] == body


def test_a_refused_order_says_every_reason_of_every_line_and_writes_nothing(api: Api) -> None:
    lines = [line("A", "0.5"), line("B", "10"), line("C", "1"), line("B", "1")]

    status, body = api.post("orders/", order(lines=lines))

    assert status == 422
    kind, faults = codes(body)
    assert kind == "order-refused"
    assert sorted(faults) == [
        ("/lines/0/quantity", "BELOW_MINIMUM"),
        ("/lines/1/quantity", "NOT_ENOUGH_ITEMS"),
        ("/lines/2/sku", "UNKNOWN_SKU"),
        ("/lines/3/quantity", "NOT_ENOUGH_ITEMS"),
    ]
    assert written() == [0, 0, 0, 0, 0]


def test_a_declined_payment_is_402_and_gives_everything_back(api: Api) -> None:
    declined = order(payment={"gateway": "sandbox", "token": "decline"}, number="W-2")

    first = api.post("orders/", declined, Idempotency_Key="one")
    again = api.post("orders/", declined, Idempotency_Key="one")

    assert first[0] == 402
    assert first[1]["type"] == "urn:problem:payment-declined"
    assert first[1]["order"] == "W-2"
    assert again == first
    assert api.headers["Idempotent-Replayed"] == "true"
    assert api.headers["Content-Type"] == "application/problem+json"
    assert Order.objects.get().status == "CANCELED"
    assert_invariants()


def test_the_same_key_places_one_order(api: Api) -> None:
    first = api.post("orders/", order(), Idempotency_Key="one")
    again = api.post("orders/", order(), Idempotency_Key="one")
    status, body = api.post("orders/", order(priority=1), Idempotency_Key="one")

    assert first[0] == 201
    assert again == first
    assert (status, codes(body)) == (409, ("idempotency-conflict", []))
    assert Order.objects.count() == 1


def test_a_key_belongs_to_its_user(api: Api) -> None:
    other = api_with("orders.add_order")

    assert api.post("orders/", order(), Idempotency_Key="one")[0] == 201
    assert other.post("orders/", order(), Idempotency_Key="one")[0] == 201

    assert Order.objects.count() == 2


def test_a_taken_number_is_refused(api: Api) -> None:
    api.post("orders/", order(number="W-1"))

    status, body = api.post("orders/", order(number="W-1"))

    assert (status, codes(body)) == (422, ("order-refused", [("/number", "NUMBER_TAKEN")]))


def test_orders_are_found_by_each_filter(api: Api) -> None:
    numbers = {}
    orders: dict[str, dict[str, Any]] = {
        "backordered": {"lines": [line("A", "6")]},
        "dear": {"lines": [line("B", "1", unit_price="900.00")]},
        "old": {"lines": [line("B", "1")], "placed_at": "2020-01-01T00:00:00Z"},
    }
    for name, members in orders.items():
        numbers[api.post("orders/", order(**members))[1]["number"]] = name
    Order.objects.filter(total=900).update(status="COMPLETE", customer_email="Bea@example.com")

    def found(query: str) -> list[Any]:
        status, page = api.get(f"orders/?{query}")
        assert status == 200, page
        return [numbers[body["number"]] for body in page["results"]]

    assert found("") == ["old", "dear", "backordered"]
    assert found("status=COMPLETE") == ["dear"]
    assert found("status=COMPLETE&status=PROCESSING") == ["old", "dear", "backordered"]
    assert found("channel=web&stock=shop&source=east") == ["old", "dear", "backordered"]
    assert found("channel=other") == found("stock=other") == found("source=other") == []
    assert found("email=bea@example.com") == ["dear"]
    assert found("sku=A") == found("backordered=true") == found("waiting=true") == ["backordered"]
    assert found("backordered=false") == found("waiting=false") == ["old", "dear"]
    assert found("age_days_min=1") == ["old"]
    assert found("age_days_max=1") == ["dear", "backordered"]
    assert found("value_min=900") == ["dear"]
    assert found("value_max=899.99") == ["old", "backordered"]
    [number] = [number for number, name in numbers.items() if name == "dear"]
    assert found(f"number={number}") == ["dear"]
    for query in ("status=GONE", "status=", "sku=", "waiting=1", "age_days_min=-1", "value_min=x"):
        assert api.get(f"orders/?{query}")[0] == 400, query


def test_a_list_costs_the_same_however_many_orders(
    api: Api, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        api.post("orders/", order(lines=[line("B", "1")]))

    with django_assert_max_num_queries(10):
        _status, page = api.get("orders/")

    assert len(page["results"]) == 3


def test_an_order_that_is_not_there_is_404(api: Api) -> None:
    assert api.get("orders/none/")[0] == 404
    assert api.post("orders/none/cancel/", {"all": True})[0] == 404


def test_a_list_is_walked_by_cursor_while_orders_are_placed(api: Api) -> None:
    for number in range(1, 6):
        api.post("orders/", order(number=f"W-{number}", lines=[line("B", "1")]))

    first = api.get("orders/?page_size=2")[1]
    api.post("orders/", order(number="W-6", lines=[line("B", "1")]))
    second = api.get(address_of(first["next"]))[1]
    last = api.get(address_of(second["next"]))[1]
    again = api.get(address_of(second["previous"]))[1]

    pages = [[found["number"] for found in page["results"]] for page in (first, second, last)]
    assert pages == [["W-5", "W-4"], ["W-3", "W-2"], ["W-1"]]
    assert (first["previous"], last["next"]) == (None, None)
    assert again["results"] == first["results"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("page_size=0", 400), ("page_size=201", 400), ("page_size=x", 400), ("cursor=x", 400)],
)
def test_pages_that_there_are_not_are_refused(api: Api, query: str, status: int) -> None:
    assert api.get(f"orders/?{query}")[0] == status


def address_of(link: Any) -> Any:
    return link.partition("/api/v1/")[2]

"""Cancel, capture and refund over the API."""

from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import InventoryConfiguration, SourceItem
from orders.models import Cancellation, Order, Payment, PaymentOperation, Refund
from tests.api import NOW, Api, api_of_superuser, codes
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


@pytest.fixture
def api() -> Api:
    east = SourceFactory(code="east")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[east]))
    for sku in ("A", "B"):
        SourceItemFactory(source=east, product=ProductFactory(sku=sku), quantity=Decimal(4))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0", "payment_action": "AUTHORIZE"}
    )
    return api_of_superuser()


def place(api: Api, number: str = "W-1") -> None:
    lines = [
        {"sku": "A", "quantity": "6", "unit_price": "2.00"},
        {"sku": "B", "quantity": "1", "unit_price": "5.00"},
    ]
    body = {
        "number": number,
        "channel": "web",
        "customer": {"name": "Ada Example", "email": "ada@example.com"},
        "address": HOME_BODY,
        "lines": lines,
        "payment": {"gateway": "sandbox"},
    }
    assert api.post("orders/", body)[0] == 201


def lines_of(body: Any, column: str) -> list[Any]:
    return [line[column] for line in body["lines"]]


def test_units_of_a_line_are_canceled_those_that_wait_first(api: Api) -> None:
    place(api)

    status, body = api.post(
        "orders/W-1/cancel/", {"lines": [{"line": 1, "quantity": "3"}], "reason": "Asked to"}
    )

    assert status == 200
    assert lines_of(body, "canceled_quantity") == ["3.0000", "0.0000"]
    states = {shipment["number"]: shipment["state"] for shipment in body["shipments"]}
    assert states == {"W-1-1": "READY", "W-1-2": "CANCELED"}
    assert Cancellation.objects.get().reason == "Asked to"
    assert_invariants()


def test_what_is_on_a_shipment_is_canceled(api: Api) -> None:
    place(api)

    status, body = api.post("orders/W-1/cancel/", {"shipment": "W-1-1"})

    assert status == 200
    assert lines_of(body, "canceled_quantity") == ["4.0000", "1.0000"]
    assert lines_of(body, "open_quantity") == ["2.0000", "0.0000"]
    assert_invariants()


def test_all_that_is_open_is_canceled_once(api: Api) -> None:
    place(api)

    first = api.post("orders/W-1/cancel/", {"all": True}, Idempotency_Key="one")
    again = api.post("orders/W-1/cancel/", {"all": True}, Idempotency_Key="one")
    status, body = api.post("orders/W-1/cancel/", {"all": True})

    assert (first[0], first[1]["status"]) == (200, "CANCELED")
    assert again == first
    assert (status, codes(body)) == (409, ("nothing-to-cancel", []))
    assert_invariants()


@pytest.mark.parametrize(
    ("sent", "status", "problem"),
    [
        ({"lines": [{"line": 3, "quantity": "1"}]}, 422, [("/lines/0/line", "UNKNOWN_LINE")]),
        (
            {"lines": [{"line": 1, "quantity": "1"}, {"line": 1, "quantity": "1"}]},
            422,
            [("/lines/1/line", "NAMED_TWICE")],
        ),
        (
            {"lines": [{"line": 2, "quantity": "1"}, {"line": 1, "quantity": "7"}]},
            422,
            [("/lines/1/quantity", "NOT_THAT_MANY")],
        ),
        ({"lines": [{"line": 1, "quantity": "0"}]}, 400, [("/lines/0/quantity", "NOT_POSITIVE")]),
        (
            {"lines": [{"line": 1, "quantity": "5"}], "shipment": "W-1-1"},
            422,
            [("/lines/0/quantity", "NOT_ON_SHIPMENT")],
        ),
        ({"shipment": "W-9-1"}, 422, []),
        ({"lines": []}, 400, [("/lines", "EMPTY")]),
        ({"line": 1}, 400, [("/line", "UNKNOWN")]),
        ({}, 422, [("/all", "REQUIRED")]),
        ({"reason": "No"}, 422, [("/all", "REQUIRED")]),
        ({"all": False}, 422, [("/all", "REQUIRED")]),
        ({"all": True, "shipment": "W-1-1"}, 422, [("/all", "CONTRADICTION")]),
    ],
)
def test_a_cancel_that_cannot_be_changes_nothing(
    api: Api, sent: dict[Any, Any], status: int, problem: list[tuple[str, str]]
) -> None:
    place(api)

    answered, body = api.post("orders/W-1/cancel/", sent)

    assert (answered, codes(body)[1]) == (status, problem)
    assert not Cancellation.objects.exists()
    assert_invariants()


def test_units_are_captured_in_parts_once_a_key(api: Api) -> None:
    place(api)
    part = {"lines": [{"line": 1, "quantity": "4"}]}

    first = api.post("orders/W-1/capture/", part, Idempotency_Key="one")
    again = api.post("orders/W-1/capture/", part, Idempotency_Key="one")

    assert first[0] == 200
    assert first[1]["payment"]["captured_amount"] == "8.00"
    assert lines_of(first[1], "invoiced_quantity") == ["4.0000", "0.0000"]
    assert again == first
    assert PaymentOperation.objects.filter(kind="CAPTURE").count() == 1

    assert api.post("orders/W-1/capture/")[1]["payment"]["captured_amount"] == "17.00"
    status, body = api.post("orders/W-1/capture/")
    assert (status, codes(body)) == (409, ("nothing-to-capture", []))


def test_a_refund_returns_shipped_units_to_stock(api: Api) -> None:
    place(api)
    fulfill(Shipment.objects.get(number="W-1-1").pk, Act(NOW))

    status, body = api.post(
        "orders/W-1/refund/",
        {
            "lines": [{"line": 1, "quantity": "2", "shipped_quantity": "2"}],
            "return_to_stock": True,
            "reason": "Broken",
        },
    )

    assert status == 200
    assert lines_of(body, "refunded_quantity") == ["2.0000", "0.0000"]
    assert body["payment"]["refunded_amount"] == "4.00"
    assert SourceItem.objects.get(product__sku="A").quantity == 2
    assert Refund.objects.get().reason == "Broken"
    assert_invariants()


def test_units_that_were_not_captured_are_not_refunded(api: Api) -> None:
    place(api)

    status, body = api.post(
        "orders/W-1/refund/", {"lines": [{"line": 1, "quantity": "1"}], "return_to_stock": False}
    )

    assert (status, codes(body)) == (
        422,
        ("not-that-many", [("/lines/0/quantity", "NOT_THAT_MANY")]),
    )
    assert not Refund.objects.exists()
    assert api.post("orders/W-1/refund/", {"lines": [{"line": 1, "quantity": "1"}]})[0] == 400


def test_an_order_in_payment_review_is_not_changed(api: Api) -> None:
    place(api)
    Order.objects.update(status="PAYMENT_REVIEW")

    for action, sent in (("cancel", {"all": True}), ("capture", {})):
        status, body = api.post(f"orders/W-1/{action}/", sent)
        assert (status, codes(body)) == (409, ("unpaid", []))


def test_refusals_of_refunds_name_the_units_that_they_are_about(api: Api) -> None:
    # given: of 6 units 3 are shipped and paid for, and 1 is paid for and not shipped
    place(api)
    shipment = Shipment.objects.get(number="W-1-1")
    line = Order.objects.get().lines.get(number=1)
    fulfill(shipment.pk, Act(NOW), quantities={line.pk: Decimal(3)})
    api.post("orders/W-1/capture/", {"lines": [{"line": 1, "quantity": "1"}]})

    def refused(quantity: str, **more: str) -> Any:
        body = {"lines": [{"line": 1, "quantity": quantity, **more}], "return_to_stock": False}
        status, problem = api.post("orders/W-1/refund/", body)
        assert status == 422
        return problem["detail"]

    # when, then
    assert refused("5") == "At most 4 units of the line are left for this."
    assert refused("2", shipped_quantity="0") == (
        "At most 1 units of the line are paid for and not shipped."
    )
    assert refused("4", shipped_quantity="4") == (
        "At most 3 shipped units of the line are left for a refund."
    )
    assert refused("2", shipped_quantity="3") == (
        "At most 2 units can be shipped ones: no more are refunded."
    )
    assert not Refund.objects.exists()


def test_a_payment_of_which_all_was_paid_back_is_refunded_and_part_of_it_is_not(api: Api) -> None:
    place(api)
    api.post("orders/W-1/capture/")

    part = {"lines": [{"line": 1, "quantity": "5"}], "return_to_stock": True}
    assert api.post("orders/W-1/refund/", part)[1]["payment"]["state"] == "CAPTURED"
    rest = [{"line": 1, "quantity": "1"}, {"line": 2, "quantity": "1"}]
    _status, body = api.post("orders/W-1/refund/", {"lines": rest, "return_to_stock": True})

    assert (body["payment"]["state"], body["payment"]["refunded_amount"]) == ("REFUNDED", "17.00")


def test_the_payment_that_stands_is_shown_and_a_later_attempt_beside_it(api: Api) -> None:
    place(api)
    stands = Payment.objects.get()
    Payment.objects.create(
        order=stands.order, replaces=stands, gateway=stands.gateway, action=stands.action,
        state="DECLINED", currency="USD", amount=Decimal("17.00"), created_at=NOW,
    )  # fmt: skip

    payment = api.get("orders/W-1/")[1]["payment"]

    assert (payment["state"], payment["last_attempt"]["state"]) == ("AUTHORIZED", "DECLINED")
    assert payment["last_attempt"]["amount"] == "17.00"


def test_canceled_shipments_are_not_expected(api: Api) -> None:
    place(api)
    assert api.get("shipments/W-1-2/")[1]["expected_on"] is not None

    api.post("orders/W-1/cancel/", {"shipment": "W-1-2"})

    shipment = api.get("shipments/W-1-2/")[1]
    assert (shipment["state"], shipment["expected_on"]) == ("CANCELED", None)

"""``returns/``: units taken back over the API, previewed, refunded later, exchanged."""

from decimal import Decimal
from typing import Any

import pytest

from fulfillment.models import Shipment
from orders.models import Order, Return
from tests.api import Api, api_of_superuser, api_with
from tests.factories.inventory import SourceFactory
from tests.orders.test_returns import on_hand, open_with, paid_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return open_with()


@pytest.fixture
def api() -> Api:
    return api_of_superuser()


def body(money: str = "NONE", **values: Any) -> dict[str, Any]:
    line = {"line": 1, "quantity": "1", "condition": "AS_NEW"}
    lines = values.pop("lines", [line | values.pop("line", {})])
    return {"order": "W-1", "lines": lines, "money": money, **values}


def test_units_are_taken_back_and_read_again(order: Order, api: Api) -> None:
    SourceFactory(code="tacoma")
    shipment = Shipment.objects.get().number
    line = {"return_to_stock": True, "source": "tacoma", "shipment": shipment}
    asked = body("REFUND", reason="Too small", line=line | {"condition": "DAMAGED"})

    status, made = api.post("returns/", asked)

    assert (status, made["state"], made["amount"]) == (201, "REFUNDED", "3.33")
    assert made["lines"] == [
        {
            "line": 1,
            "sku": "MUG",
            "shipment": shipment,
            "quantity": "1.0000",
            "amount": "3.33",
            "condition": "DAMAGED",
            "return_to_stock": True,
            "source": "tacoma",
        }
    ]
    assert (made["order"], made["reason"], made["exchange"]) == ("W-1", "Too small", [])
    assert (on_hand(), on_hand(source="tacoma"), paid_back()) == (7, 1, [Decimal("3.33")])
    assert api.get(f"returns/{made['id']}/") == (200, made)
    assert api.get("returns/?order=W-1&state=REFUNDED")[1]["results"] == [made]
    assert api.get("returns/?state=OPEN")[1]["results"] == []


def test_the_same_key_takes_back_once(order: Order, api: Api) -> None:
    first = api.post("returns/", body("REFUND"), Idempotency_Key="r-1")
    again = api.post("returns/", body("REFUND"), Idempotency_Key="r-1")
    other, _problem = api.post("returns/", body("NONE"), Idempotency_Key="r-1")

    assert (first, other) == (again, 409)
    assert (Return.objects.count(), on_hand()) == (1, 8)


def test_a_preview_writes_nothing(order: Order, api: Api) -> None:
    status, effect = api.post("returns/?dry_run=1", body("REFUND"))

    assert (status, effect["money"]["after"]["refunded"]) == (200, "3.33")
    assert (Return.objects.count(), on_hand()) == (0, 7)


def test_a_refund_that_is_due_is_paid_once(order: Order, api: Api) -> None:
    _status, made = api.post("returns/", body("LATER"))
    assert (made["state"], paid_back()) == ("OPEN", [])

    for _time in range(2):
        status, refunded = api.post(f"returns/{made['id']}/refund/")
        assert (status, refunded["state"]) == (200, "REFUNDED")

    assert paid_back() == [Decimal("3.33")]
    _status, never = api.post("returns/", body("NONE"))
    status, problem = api.post(f"returns/{never['id']}/refund/")
    assert (status, problem["type"]) == (409, "urn:problem:settled")


def test_units_are_exchanged(order: Order, api: Api) -> None:
    exchange = [{"line": 1, "sku": "LAMP", "quantity": "2"}]

    status, made = api.post("returns/", body("EXCHANGE", exchange=exchange))

    assert (status, made["state"], made["exchange"]) == (201, "EXCHANGED", [2])
    lines = api.get("orders/W-1/")[1]["lines"]
    assert [line["sku"] for line in lines] == ["MUG", "LAMP"]
    exchange[0]["quantity"] = "9"
    status, problem = api.post("returns/", body("EXCHANGE", exchange=exchange))
    assert status == 422
    assert [fault["pointer"] for fault in problem["errors"]] == ["/exchange/0/quantity"]


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"quantity": "4"}, "/lines/0/quantity"),
        ({"quantity": "0"}, "/lines/0/quantity"),
        ({"line": 2}, "/lines/0/line"),
        ({"source": "nowhere"}, "/lines/0/source"),
        ({"condition": "LOST"}, "/lines/0/condition"),
        ({"shipment": "W-9"}, "/lines/0/quantity"),
    ],
)
def test_what_is_wrong_is_said_at_its_pointer(
    order: Order, api: Api, line: Any, pointer: str
) -> None:
    status, problem = api.post("returns/", body(line=line))

    assert status in (400, 422)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert Return.objects.count() == 0


def test_an_unknown_order_and_a_version_from_before_are_refused(order: Order, api: Api) -> None:
    assert api.post("returns/", body() | {"order": "W-2"})[0] == 422
    assert api.post("returns/", body(), If_Match=f'"{order.version + 1}"')[0] == 412
    exchange = [{"line": 1, "sku": "LAMP", "quantity": "1"}]
    assert api.post("returns/", body("REFUND", exchange=exchange))[0] == 409
    assert Return.objects.count() == 0


@pytest.mark.parametrize(
    ("money", "other", "refunded"),
    [("REFUND", "change_order", 403), ("EXCHANGE", "refund_order", 200)],
)
def test_money_moves_for_who_may_refund_alone(
    order: Order, money: str, other: str, refunded: int
) -> None:
    api = api_with("orders.add_return", "orders.view_return", f"orders.{other}")

    assert api.post("returns/", body(money))[0] == 403
    status, made = api.post("returns/", body("LATER"))
    assert (status, paid_back()) == (201, [])
    assert api.post(f"returns/{made['id']}/refund/")[0] == refunded

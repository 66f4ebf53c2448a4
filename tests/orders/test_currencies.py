"""Amounts in currencies of 0, 2 and 3 decimals, from the order to its last refund."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection

from core.acts import Act
from core.currencies import MOST_DECIMALS, smallest_unit
from core.models.columns import MoneyColumn
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.release.runs import engine
from inventory.models import InventoryConfiguration, SourceItem
from orders.changes.cancel import cancel
from orders.changes.refund import RefundRequest, refund
from orders.models import Order, OrderLine, Payment
from orders.placing.errors import OrderRefusedError, in_words
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.api import api_of_superuser
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def request_for(currency: str, *lines: LineRequest) -> OrderRequest:
    customer = Customer("Ada Example", "ada@example.com")
    paid = PaymentRequest("sandbox")
    return OrderRequest("web", customer, lines, address=HOME, currency=currency, payment=paid)


@pytest.fixture
def item() -> SourceItem:
    """One unit of "A" at the one source, which takes backorders by part."""
    source = SourceFactory(code="east")
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[source]))
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(
        backorders="ALLOW_QTY_BELOW_0", release_mode="BY_QUANTITY"
    )
    product = ProductFactory(sku="A", price=Decimal("12.50"))
    return SourceItemFactory(source=source, product=product, quantity=Decimal(1))


@pytest.mark.parametrize(
    ("currency", "total", "parts"),
    [
        ("JPY", "1000", ["142", "143", "143", "143", "429"]),
        ("SEK", "10.00", ["1.42", "1.43", "1.43", "1.43", "4.29"]),
        ("KWD", "1.000", ["0.142", "0.143", "0.143", "0.143", "0.429"]),
    ],
)
def test_an_order_is_split_in_whole_smallest_units(
    item: SourceItem, currency: str, total: str, parts: list[str]
) -> None:
    """Seven units: one is there, two more come one by one, one is shipped, one is refunded."""
    unit = smallest_unit(currency)
    # 7 x 150 - 100 + 50 = 1000 smallest units.
    line = LineRequest("A", Decimal(7), 150 * unit, discount=100 * unit, tax=50 * unit)
    order_id = place_order(request_for(currency, line), Act(NOW)).order_id
    for _ in range(2):
        item.refresh_from_db()
        item.quantity += 1
        item.save()
        engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
        assert_invariants()
    order_line = OrderLine.objects.get()
    ready = Shipment.objects.filter(state="READY").order_by("pk")
    cancel(order_id, Act(NOW), quantities={order_line.pk: Decimal(1)})
    fulfill(ready[0].pk, Act(NOW), quantities={order_line.pk: Decimal(1)})
    assert_invariants()

    left = ShipmentLine.objects.filter(quantity__gt=0).order_by("amount")
    canceled = ShipmentLine.objects.get(refunded_quantity=1)
    found = sorted([*left.values_list("amount", flat=True), canceled.refunded_amount])

    assert order_line.total == Decimal(total)
    assert found == [Decimal(part) for part in parts]
    refund(
        order_id,
        Act(NOW),
        lines={order_line.pk: RefundRequest(Decimal(6))},
        is_returned_to_stock=True,
    )
    payment = Payment.objects.get()
    assert (payment.captured_amount, payment.refunded_amount) == (Decimal(total), Decimal(total))
    assert_invariants()


@pytest.mark.parametrize(
    ("currency", "price", "shown"),
    [("JPY", "1250", "1250"), ("SEK", "12.5", "12.50"), ("KWD", "1.25", "1.250")],
)
def test_the_api_writes_amounts_with_the_decimals_of_their_currency(
    item: SourceItem, currency: str, price: str, shown: str
) -> None:
    line = LineRequest("A", Decimal(1), Decimal(price))
    number = place_order(request_for(currency, line), Act(NOW)).number

    _status, order = api_of_superuser().get(f"orders/{number}/")
    _status, shipment = api_of_superuser().get(f"shipments/{number}-1/")

    (shown_line,) = order["lines"]
    assert (order["total"], order["payment"]["amount"]) == (shown, shown)
    assert (shown_line["unit_price"], shown_line["total"]) == (shown, shown)
    assert (shipment["value"], shipment["currency"]) == (shown, currency)


@pytest.mark.parametrize(
    ("currency", "line", "path", "sentence"),
    [
        (
            "JPY",
            LineRequest("A", Decimal(1), Decimal("10.50")),
            "unit_price",
            "10.5 is not an amount in JPY, which has no decimals.",
        ),
        (
            "SEK",
            LineRequest("A", Decimal(1), Decimal(10), tax=Decimal("1.005")),
            "tax",
            "1.005 is not an amount in SEK, which has 2 decimals.",
        ),
        # The price of the product, which is 12.50.
        (
            "JPY",
            LineRequest("A", Decimal(1)),
            "unit_price",
            "12.5 is not an amount in JPY, which has no decimals.",
        ),
    ],
)
def test_an_amount_that_its_currency_does_not_have_is_refused(
    item: SourceItem, currency: str, line: LineRequest, path: str, sentence: str
) -> None:
    with pytest.raises(OrderRefusedError) as refused:
        place_order(request_for(currency, line), Act(NOW))

    (problem,) = refused.value.problems
    assert (problem.code, problem.path, problem.line) == ("INVALID_AMOUNT", path, 1)
    assert in_words(problem) == sentence
    assert not Order.objects.exists()


def test_every_column_of_money_has_room_for_the_currency_with_most_decimals() -> None:
    columns = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, MoneyColumn)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE numeric_scale = %s AND table_schema = 'public'",
            [MOST_DECIMALS],
        )
        wide = set(cursor.fetchall())

    assert len(columns) > 20
    assert columns - wide == set()

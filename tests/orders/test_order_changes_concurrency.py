"""Two clicks at once do a thing once, thanks to the lock on the order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.shipments.locking import WrongStateError
from orders.changes.cancel import cancel
from orders.changes.order_change import change_order
from orders.changes.refund import RefundRequest, refund
from orders.changes.request import ChangePayment, ChangeRequest, NewContact
from orders.models import Cancellation, Order, OrderChange, OrderLine, Payment, Refund
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from orders.refusals import NothingToCancelError, PendingChangeError, StaleOrderError
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLICKS = 4


def place() -> OrderLine:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    SourceItemFactory(source=source, product=ProductFactory(sku="A"), quantity=Decimal(10))
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest("A", Decimal(4), Decimal("2.50")),),
    )
    return OrderLine.objects.get(order_id=place_order(request, Act(NOW)).order_id)


def click_together(call: Callable[..., Any], *refusals: type[Exception]) -> list[Any]:
    """Make the same call from several threads at once; return what each came to."""
    start = Barrier(CLICKS)

    def click(_number: Any) -> Any:
        try:
            start.wait(timeout=120)
            call()
        except refusals as refused:
            return type(refused).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(CLICKS) as pool:
        return sorted(pool.map(click, range(CLICKS)))


def test_a_shipment_is_fulfilled_once() -> None:
    line = place()
    shipment = Shipment.objects.get()

    outcomes = click_together(lambda: fulfill(shipment.pk, Act(NOW)), WrongStateError)

    assert outcomes == ["WrongStateError"] * 3 + ["done"]
    line.refresh_from_db()
    assert line.shipped_quantity == 4
    assert_invariants()


def test_an_order_is_canceled_once() -> None:
    line = place()

    outcomes = click_together(lambda: cancel(line.order_id, Act(NOW)), NothingToCancelError)

    assert outcomes == ["NothingToCancelError"] * 3 + ["done"]
    assert Cancellation.objects.count() == 1
    assert_invariants()


def test_a_refund_with_one_key_is_made_once() -> None:
    line = place()

    outcomes = click_together(
        lambda: refund(
            line.order_id,
            Act(NOW, key="click"),
            lines={line.pk: RefundRequest(Decimal(1))},
            is_returned_to_stock=True,
        )
    )

    assert outcomes == ["done"] * 4
    assert Refund.objects.count() == 1
    line.refresh_from_db()
    assert line.refunded_quantity == 1
    assert_invariants()


def test_of_several_changes_that_ask_for_money_one_is_pending() -> None:
    line = place()
    asked = ChangeRequest(add=(LineRequest("A", Decimal(1)),), payment=ChangePayment("timeout"))
    Payment.objects.update(gateway="sandbox")

    outcomes = click_together(
        lambda: change_order(line.order_id, Act(NOW, reason="Called"), request=asked),
        PendingChangeError,
    )

    assert outcomes == ["PendingChangeError"] * 3 + ["done"]
    assert OrderChange.objects.get().state == "PENDING"
    assert_invariants()


def test_of_several_people_who_change_what_they_saw_one_does() -> None:
    line = place()
    shown = Order.objects.get().version
    names = iter(["Grace", "Joan", "Mary", "Katherine"])

    outcomes = click_together(
        lambda: change_order(
            line.order_id,
            Act(NOW, reason="Called"),
            request=ChangeRequest(NewContact(name=next(names))),
            expected_version=shown,
        ),
        StaleOrderError,
    )

    assert outcomes == ["StaleOrderError"] * 3 + ["done"]
    assert OrderChange.objects.count() == 1

"""Answers that cancel several late units: each kind of row is locked at once, in key order."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from psycopg import Connection

from core.acts import Act
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import DelayDecision, DelayRequest, Shipment, WaitingBalance
from fulfillment.operations.delays.answers import answer
from fulfillment.operations.moves.split import split_off
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.models import Source, SourceItem, StockBalance
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.beside import beside
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.fulfillment.delays.consent import AGREED, NOW, SOON, expect, open_shop, run_job, send
from tests.fulfillment.review.bulk_moves import make_together
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.rows import is_free

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 3, 10)


def late_order(*skus: str) -> int:
    """Place an order of one unit each, each late and asked about by itself; return its id."""
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=tuple(LineRequest(sku, Decimal(1), Decimal("2.50")) for sku in skus),
        payment=PaymentRequest("sandbox", ""),
    )
    order_id = place_order(request, Act(NOW)).order_id
    shipment = Shipment.objects.get(order=order_id)
    shipment.lines.update(promised_on=AGREED, promise_told_at=NOW, agreed_on=AGREED)
    last = shipment.lines.get(order_line__sku=skus[-1])
    with transaction.atomic():
        other = split_off(shipment, {last.pk: Decimal(1)}, Act(NOW))
    expect(shipment, SOON)
    expect(other, SOON)
    return order_id


@pytest.fixture
def crossing() -> list[int]:
    """Two orders of the same two products, asked about in opposite order."""
    open_shop()
    source = Source.objects.get(code="a")
    SourceItemFactory(source=source, product=ProductFactory(sku="POT"), quantity=Decimal(0))
    orders = [late_order("POT", "KTP"), late_order("KTP", "POT")]
    run_job(date(2026, 3, 4))
    send()
    return orders


def cancel_all(order_id: int) -> None:
    requests = DelayRequest.objects.filter(order=order_id).order_by("pk")
    answer(
        order_id,
        {request.pk: request.new_on for request in requests},
        DelayAnswer.CANCEL,
        Act(NOW, reason="By phone"),
        by=DelayDecision.By.STAFF,
        today=TODAY,
    )


def cancel_in_bulk(order_id: int) -> None:
    keys = Shipment.objects.filter(order=order_id).order_by("pk").values_list("pk", flat=True)
    cancel = ShipmentBulkChange(BulkAction.CANCEL, reason="Discontinued")
    make_together(list(keys), cancel, Act(NOW))


@pytest.mark.parametrize("end", [cancel_all, cancel_in_bulk])
def test_cancels_that_cross_end_both(
    crossing: list[int], other: Connection[Any], end: Callable[[int], None]
) -> None:
    first, second = crossing
    # Whoever has the items of a product keeps others from its counters.
    SourceItem.objects.all().delete()
    assert [
        list(
            DelayRequest.objects.filter(order=order_id)
            .order_by("pk")
            .values_list("lines__order_line__sku", flat=True)
        )
        for order_id in crossing
    ] == [["POT", "KTP"], ["KTP", "POT"]]
    pot = WaitingBalance.objects.get(product__sku="POT")
    assert is_free(other, pot)

    # The first is kept in its middle, and the second comes as far as it can.
    with beside(lambda: end(first)), beside(lambda: end(second), waiting=2):
        other.rollback()

    if end is cancel_all:
        assert set(DelayRequest.objects.values_list("state", flat=True)) == {"CANCELED"}
    assert set(Shipment.objects.values_list("state", flat=True)) == {"CANCELED"}
    assert_invariants()


@pytest.mark.parametrize("counter", [WaitingBalance, StockBalance])
def test_an_answer_waits_at_the_lowest_counter_and_has_no_higher_one(
    crossing: list[int],
    other: Connection[Any],
    counter: type[WaitingBalance] | type[StockBalance],
) -> None:
    # Its units of the higher product are canceled first.
    lowest, next_one = counter.objects.order_by("product")
    assert (lowest.product.sku, next_one.product.sku) == ("KTP", "POT")
    assert is_free(other, lowest)

    with beside(lambda: cancel_all(crossing[0])):
        assert is_free(other, next_one)
        other.rollback()

    assert_invariants()

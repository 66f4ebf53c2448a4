"""Many shipments are shipped at once: each for itself, and each as it would be alone."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from core.acts import Act
from fulfillment.models import Allocation, Shipment, ShipmentEvent
from fulfillment.operations.moves.fulfill import fulfill, fulfill_each
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.split import split_off
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.models import InventoryConfiguration, Reservation, SourceItem, StockBalance
from orders.models import CaptureLine, Order, OrderEmail, OrderLine, Payment, PaymentOperation
from orders.payments.outcome_inquiry import ask_due
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.fulfillment.review.bulk_moves import effects, make_together, said
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SHIP = ShipmentBulkChange(BulkAction.FULFILL)
pytestmark = pytest.mark.django_db


def shop() -> None:
    """100 kettles and 100 lids in Lund; money is authorized, and captured when units leave."""
    source = SourceFactory(
        code="lund",
        is_pickup_location=True,
        street="Kungsgatan 1",
        postcode="222 22",
        city="Lund",
        phone="046 12",
    )
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[source]))
    for sku in ("KTP", "LID"):
        item = SourceItemFactory(source=source, product=ProductFactory(sku=sku, name=sku))
        SourceItem.objects.filter(pk=item.pk).update(quantity=100)
    options = {"backorders": "ALLOW_QTY_BELOW_0", "payment_action": "AUTHORIZE"}
    InventoryConfiguration.objects.update_or_create(pk=1, defaults=options)


def placed(number: str, kettles: int = 3, lids: int = 0, **values: Any) -> Shipment:
    lines = [LineRequest("KTP", Decimal(kettles), Decimal("3.33"), discount=Decimal("0.01"))]
    if lids:
        lines.append(LineRequest("LID", Decimal(lids), Decimal("0.99")))
    request = OrderRequest(
        channel="web",
        customer=Customer("Ada", "ada@example.com"),
        lines=tuple(lines),
        number=number,
        payment=PaymentRequest("sandbox"),
        **(values or {"address": HOME}),
    )
    return Shipment.objects.get(order=place_order(request, Act(NOW)).order_id)


def shipments_of_a_day() -> list[Shipment]:
    """Six READY shipments: one of two lines, one to be collected, two of one order in parts."""
    shop()
    ready = [placed("1001"), placed("1002", 2, 5), placed("1003", 1, 1)]
    ready.append(placed("1004", 4, fulfillment_method="PICKUP", pickup_source="lund"))
    whole = placed("1005", 7, 2)
    kettles = whole.lines.order_by("pk")[0]
    part = split_off(whole, {kettles.pk: Decimal(3)}, Act(NOW))
    return [*ready, Shipment.objects.get(pk=whole.pk), part]


def rows(model: type[Model], *names: str) -> list[Any]:
    return list(model._default_manager.order_by(*names).values_list(*names))


def everything() -> dict[str, Any]:
    """What shipping writes, without the numbers that the database gave."""
    named: dict[Any, tuple[str, ...]] = {
        Shipment: ("number", "state", "is_held", "amount", "fulfilled_at"),
        ShipmentEvent: ("shipment__number", "kind", "reason", "actor", "created_at"),
        Allocation: ("order_line__sku", "quantity"),
        SourceItem: ("product__sku", "quantity", "allocated", "status"),
        StockBalance: ("product__sku", "stock__code", "reserved", "allocated"),
        Reservation: ("order_number", "product__sku", "event", "quantity", "created_at"),
        Order: ("number", "status"),
        OrderLine: ("order__number", "number", "shipped_quantity", "invoiced_quantity"),
        Payment: ("order__number", "state", "captured_amount", "amount"),
        PaymentOperation: ("payment__order__number", "kind", "state", "amount"),
        CaptureLine: ("order_line__order__number", "order_line__number", "quantity", "amount"),
        OrderEmail: ("order__number", "kind", "state", "recipient"),
    }
    return {model.__name__: rows(model, *names) for model, names in named.items()}


def one_by_one(shipments: list[Shipment]) -> None:
    for shipment in shipments:
        fulfill(shipment.pk, Act(NOW))


def in_bulk(shipments: list[Shipment]) -> None:
    refused = fulfill_each({one.number: [] for one in shipments}, Act(NOW))
    assert refused == {}
    assert ask_due(now=NOW) == len(shipments)
    assert ask_due(now=NOW) == 0


def test_shipments_leave_together_exactly_as_one_by_one() -> None:
    found = []
    for ship in (one_by_one, in_bulk):
        with transaction.atomic():
            ship(shipments_of_a_day())
            assert_invariants()
            found.append(everything())
            transaction.set_rollback(True)

    alone, together = found
    assert together == alone
    assert [row[1] for row in together["Shipment"]] == ["FULFILLED"] * 6
    # 7 kettles for 23.30 leave in two parcels: 4 for 13.31, then 3 for 9.99; 2 lids for 1.98.
    kettles = [row for row in together["CaptureLine"] if row[:2] == ("1005", 1)]
    assert sum(row[3] for row in kettles) == Decimal("23.30")
    assert len(kettles) == 2
    captured = [row for row in together["PaymentOperation"] if row[1] == "CAPTURE"]
    assert {row[2] for row in captured} == {"SUCCEEDED"}
    assert sum(row[3] for row in captured) == sum(row[2] for row in together["Payment"])
    kinds = [row for row in together["OrderEmail"] if row[1] == "DISPATCHED"]
    assert [row[0] for row in kinds] == ["1001", "1002", "1003", "1005", "1005"]


def test_each_is_shipped_for_itself_and_the_others_are_named() -> None:
    shop()
    good, held, gone, unpaid, lost = [placed(f"100{number}") for number in range(1, 6)]
    hold(held.pk, Act(NOW, reason="Call first"))
    fulfill(gone.pk, Act(NOW))
    Order.objects.filter(pk=unpaid.order_id).update(status="PAYMENT_REVIEW")
    Payment.objects.filter(order=lost.order_id).update(state="VOIDED")
    shipments = [good, held, gone, unpaid, lost]
    sentences = [
        (True, "Ships from lund."),
        (False, "Held: lift the hold first."),
        (False, "It has ended: Fulfilled."),
        (False, "The payment of its order is not decided yet."),
        (False, "The payment of its order is no longer authorized."),
    ]
    assert effects(shipments, SHIP) == sentences
    assert Shipment.objects.filter(state="FULFILLED").count() == 1

    made = make_together([one.pk for one in shipments], SHIP)

    assert [(row.is_change, said(row)) for row in made] == sentences
    states = dict(Shipment.objects.values_list("number", "state"))
    assert [states[one.number] for one in shipments] == [
        "FULFILLED", "READY", "FULFILLED", "READY", "READY",
    ]  # fmt: skip
    assert_invariants()


def test_shipping_many_costs_as_many_statements_as_shipping_few() -> None:
    shop()
    few = [placed(f"10{number}") for number in range(10, 12)]
    many = [placed(f"10{number}", 1, 2) for number in range(20, 32)]
    with CaptureQueriesContext(connection) as for_few:
        fulfill_each({one.number: [] for one in few}, Act(NOW))
    with CaptureQueriesContext(connection) as for_many:
        fulfill_each({one.number: [] for one in many}, Act(NOW))

    assert len(for_many) == len(for_few)

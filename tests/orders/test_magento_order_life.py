"""Magento's own behaviour: what an order's life leaves at sources and to sell.

The figures are those of the tests named (magento/inventory 2.4, October 2024). Where ours differ
on purpose, the case expects ours and says why.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import InventoryConfiguration, Reservation, SourceItem, Stock
from inventory.operations.compensation import compensate
from inventory.queries.salability_facts import availability_in_stock
from inventory.salability import salable_quantity
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.changes.refund import RefundRequest, refund
from orders.models import OrderLine
from orders.placing.errors import OrderRefusedError
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.present import present

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def stocked(*, product_type: Any = "SIMPLE", **quantities: Any) -> None:
    """A shop whose sources, by code, hold SKU-1; what is captured is captured by hand."""
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"payment_action": "AUTHORIZE"})
    product = ProductFactory(sku="SKU-1", product_type=product_type, qty_uses_decimals=True)
    sources = [SourceFactory(code=code) for code in quantities]
    for source in sources:
        SourceItemFactory(source=source, product=product, quantity=Decimal(quantities[source.code]))
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=sources))


def placed(quantity: int | str, key: str | None = None) -> OrderLine:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest("SKU-1", Decimal(quantity)),),
        payment=PaymentRequest("manual"),
    )
    return OrderLine.objects.get(order=place_order(request, Act(NOW, key=key)).order_id)


def invoice(line: OrderLine, quantity: int) -> None:
    capture(line.order_id, Act(NOW, key="1"), quantities={line.pk: Decimal(quantity)})


def ship(line: OrderLine, quantity: int) -> None:
    ready = Shipment.objects.filter(order=line.order_id, state="READY").order_by("pk")
    fulfill(ready[0].pk, Act(NOW), quantities={line.pk: Decimal(quantity)})


def give_back(line: OrderLine, quantity: int, *, to_stock: bool) -> None:
    lines = {line.pk: RefundRequest(Decimal(quantity))}
    refund(line.order_id, Act(NOW), lines=lines, is_returned_to_stock=to_stock)


def standing() -> tuple[Any, Decimal]:
    """What the sources hold, by code, and what can be sold."""
    assert_invariants()
    held = dict(SourceItem.objects.values_list("source__code", "quantity"))
    facts = (
        present(availability_in_stock("shop", ["SKU-1"], today=NOW.date())).products["SKU-1"].facts
    )
    return held, salable_quantity(facts)


def test_a_canceled_order_leaves_everything() -> None:
    """AdminOrderWithSimpleProductOnDefaultStockCanceledFromAdminTest"""
    stocked(main=1000)

    cancel(placed(5).order_id, Act(NOW))

    assert standing() == ({"main": 1000}, Decimal(1000))


def test_a_canceled_virtual_order_leaves_everything() -> None:
    """AdminOrderWithVirtualProductOnTestStockCanceledFromTest"""
    stocked(custom=100, product_type="VIRTUAL")

    cancel(placed(1).order_id, Act(NOW))

    assert standing() == ({"custom": 100}, Decimal(100))


def test_invoiced_units_that_did_not_ship_stay_reserved_when_the_rest_is_canceled() -> None:
    """AdminCancelOrderWithSimpleProductCustomStockAfterPartialInvoiceTest

    Canceling the whole order would refund the invoiced units here, so the rest is named.
    """
    stocked(custom=100)
    line = placed(5)
    invoice(line, 3)

    cancel(line.order_id, Act(NOW), quantities={line.pk: Decimal(2)})

    assert standing() == ({"custom": 100}, Decimal(97))


def test_virtual_units_leave_when_invoiced_and_come_back_when_returned() -> None:
    """AdminCreateCreditMemoPartialRefundFullInvoiceVirtualProductDefaultStockTest"""
    stocked(main=100, product_type="VIRTUAL")
    line = placed(10)
    invoice(line, 10)
    assert standing() == ({"main": 90}, Decimal(90))

    give_back(line, 5, to_stock=True)

    assert standing() == ({"main": 95}, Decimal(95))


def test_units_that_did_not_ship_are_refunded_first() -> None:
    """AdminCreditMemoCreatedWithPartialRefund…AfterFullInvoiceAndPartialShipmentTest"""
    stocked(custom=100)
    line = placed(5)
    invoice(line, 5)
    ship(line, 3)

    give_back(line, 1, to_stock=True)

    assert standing() == ({"custom": 97}, Decimal(96))


@pytest.mark.parametrize(("to_stock", "left"), [(True, 100), (False, 99)])
def test_shipped_units_come_back_only_if_they_are_returned(to_stock: bool, left: int) -> None:
    """AdminCreateCreditMemoPartialReturnToStockAfterFullInvoiceFullShipmentSimpleProducts…Test"""
    stocked(custom=100)
    line = placed(1)
    invoice(line, 1)
    ship(line, 1)

    give_back(line, 1, to_stock=to_stock)

    assert standing() == ({"custom": left}, Decimal(left))


def test_shipping_a_part_takes_just_that_part_off_its_source() -> None:
    """SourceDeductionForBundleProductsOnDefaultStockTest"""
    stocked(main=10)

    ship(placed(6), 2)

    assert standing() == ({"main": 8}, Decimal(4))


def test_virtual_units_are_taken_source_by_source() -> None:
    """SourceDeductionForVirtualProductsOnMultiStockTest"""
    stocked(**{"eu-1": 2, "eu-2": 12}, product_type="VIRTUAL")

    invoice(placed(5), 3)

    assert standing() == ({"eu-1": 0, "eu-2": 11}, Decimal(9))


def test_an_order_reserves_before_anything_is_deducted() -> None:
    """ReservationPlacingDuringRegisterProductsSaleTest

    The reservation knows its order here, because both are written in one transaction.
    """
    stocked(**{"eu-1": Decimal("5.5"), "eu-2": 3})

    line = placed("3.5")

    assert standing() == ({"eu-1": Decimal("5.5"), "eu-2": 3}, Decimal(5))
    reservation = Reservation.objects.get()
    assert (reservation.event, reservation.quantity, reservation.order_line_id) == (
        "PLACED",
        Decimal("-3.5"),
        line.pk,
    )


def test_a_compensation_sells_more_and_touches_no_source() -> None:
    """ReservationPlacingDuringBackItemQtyTest, ReservationPlacingDuringRevertProductsSaleTest"""
    stocked(**{"eu-1": Decimal("5.5"), "eu-2": 3})
    stock, item = Stock.objects.get(code="shop"), SourceItem.objects.earliest("pk")

    compensate(
        Act(NOW, reason="Found"),
        stock_id=stock.pk,
        product_id=item.product_id,
        quantity=Decimal("3.5"),
    )

    assert standing() == ({"eu-1": Decimal("5.5"), "eu-2": 3}, Decimal(12))


def test_a_refund_compensates_once() -> None:
    """CreditMemoUpdateReservationsTest"""
    stocked(main=Decimal("5.5"))
    line = placed(4)
    invoice(line, 4)
    lines = {line.pk: RefundRequest(Decimal(4))}

    for _twice in range(2):
        refund(line.order_id, Act(NOW, key="memo"), lines=lines, is_returned_to_stock=True)

    entries = Reservation.objects.order_by("pk").values_list("quantity", flat=True)
    assert list(entries) == [Decimal(-4), Decimal(4)]


def test_virtual_units_come_back_although_their_source_item_is_gone() -> None:
    """GetInvoicedItemsPerSourceByPriorityTest

    Magento returns them to the default source. Here each goes back where it was taken.
    """
    stocked(custom=1, product_type="VIRTUAL")
    line = placed(1)
    invoice(line, 1)
    SourceItem.objects.all().delete()

    give_back(line, 1, to_stock=True)

    assert standing() == ({"custom": 1}, Decimal(1))


def test_the_last_unit_leaves_nothing_to_sell() -> None:
    """UpdateIndexSalabilityStatusTest; nothing is indexed here, so nothing is out of date."""
    stocked(main=1)

    placed(1)

    assert standing() == ({"main": 1}, Decimal(0))


def test_a_refused_order_leaves_no_trace() -> None:
    """PlaceOrderOnDefaultStockTest::testPlaceOrderWithException"""
    stocked(main=5)
    placed(4)

    with pytest.raises(OrderRefusedError, match="NOT_ENOUGH_ITEMS"):
        placed(2)

    assert standing() == ({"main": 5}, Decimal(1))
    assert Reservation.objects.count() == 1


def test_the_same_request_twice_is_one_order() -> None:
    """PlaceOrderOnDefaultStockTest: Magento refuses the same cart; here it answers as before."""
    stocked(main=5)

    lines = {placed(2, key="cart-1").pk for _twice in range(2)}

    assert len(lines) == 1
    assert standing() == ({"main": 5}, Decimal(3))


@pytest.mark.parametrize(
    ("policy", "ordered", "backordered"),
    [
        ("ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER", "1", "0"),
        ("ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER", "6.5", "1"),
        ("ALLOW_QTY_BELOW_0", "6.5", "1"),
        ("NO_BACKORDERS", "5.5", "0"),
    ],
)
def test_what_is_backordered_is_what_is_missing(
    policy: str, ordered: str, backordered: str
) -> None:
    """CheckQuoteItemQtyPluginTest, IsProductSalableForRequestedQtyCondition\\BackOrderNotify…"""
    stocked(main=Decimal("5.5"))
    InventoryConfiguration.objects.update(backorders=policy)

    assert placed(ordered).backordered_quantity == Decimal(backordered)


def test_shipping_never_puts_an_item_back_in_stock() -> None:
    """SourceDeductionForConfigurableProductsOnDefaultStockTest"""
    stocked(main=10)
    line = placed(3)
    SourceItem.objects.update(status="OUT_OF_STOCK")

    ship(line, 3)

    item = SourceItem.objects.get()
    assert (item.quantity, item.status) == (Decimal(7), "OUT_OF_STOCK")


@pytest.mark.parametrize(("setting", "status"), [(True, "IN_STOCK"), (False, "OUT_OF_STOCK")])
def test_a_return_puts_an_item_back_in_stock_where_the_site_says_so(
    setting: bool, status: str
) -> None:
    """SourceDeductionServiceTest: “can back in stock”, and not"""
    stocked(main=4)
    InventoryConfiguration.objects.update(set_in_stock_on_return=setting)
    line = placed(4)
    ship(line, 4)
    assert SourceItem.objects.get().status == "OUT_OF_STOCK"

    give_back(line, 4, to_stock=True)

    item = SourceItem.objects.get()
    assert (item.quantity, item.status) == (Decimal(4), status)

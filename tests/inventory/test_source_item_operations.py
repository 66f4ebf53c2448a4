from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from core.acts import Act
from fulfillment.models import ArrivalNotice, Shipment
from fulfillment.release.runs import engine
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.operations import units
from inventory.operations.item_rows import WrittenItems
from inventory.operations.source_items import (
    ItemChange,
    SourceItemError,
    adjust_items,
    set_items,
)
from inventory.operations.transfers import TransferredUnits, transfer
from inventory.ports import HeldByVirtualLinesError
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def change(item: SourceItem, **values: Decimal) -> WrittenItems:
    return set_items([ItemChange(item.product_id, item.source_id, values)], Act(NOW))


def ready_shipments(item: SourceItem, *, quantities: list[int]) -> list[Shipment]:
    """Shipments that hold units of ``item``, the first longest in the queue."""
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    shipments = [
        BackorderFactory(
            number=f"S{day}",
            order=OrderFactory(channel=channel, placed_at=datetime(2026, 4, day, tzinfo=UTC)),
            lines={item.product: quantity},
        )
        for day, quantity in enumerate(quantities, start=1)
    ]
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    return shipments


def test_count_is_set_and_a_missing_row_is_made() -> None:
    product, source = ProductFactory(qty_uses_decimals=True), SourceFactory()

    result = set_items([ItemChange(product.pk, source.pk, {"quantity": Decimal("2.5")})], Act(NOW))

    assert (result.created_count, result.changed_count) == (1, 1)
    assert SourceItem.objects.get().quantity == Decimal("2.5")


def test_negative_count_is_refused_and_nothing_is_written() -> None:
    first, second = SourceItemFactory(quantity=3), SourceItemFactory(quantity=3)

    with pytest.raises(IntegrityError), transaction.atomic():
        set_items(
            [
                ItemChange(first.product_id, first.source_id, {"quantity": Decimal(9)}),
                ItemChange(second.product_id, second.source_id, {"quantity": Decimal(-1)}),
            ],
            Act(NOW),
        )

    assert list(SourceItem.objects.values_list("quantity", flat=True)) == [3, 3]


def test_count_below_what_is_allocated_sends_the_last_in_the_queue_back_whole() -> None:
    # given
    item = SourceItemFactory(quantity=10)
    first, second, third = ready_shipments(item, quantities=[4, 3, 3])

    # when
    result = change(item, quantity=Decimal(6))

    # then
    assert result.fallen_back == ("S2", "S3")
    states = []
    for shipment in (first, second, third):
        shipment.refresh_from_db()
        states.append((shipment.state, shipment.source_id))
    assert states == [("READY", item.source_id), ("BACKORDER", None), ("BACKORDER", None)]
    item.refresh_from_db()
    assert (item.quantity, item.allocated) == (Decimal(6), Decimal(4))
    assert third.backordered_since == datetime(2026, 4, 3, tzinfo=UTC)
    assert_invariants()


def test_a_count_below_virtual_lines_names_the_orders_of_these_alone() -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"payment_action": "AUTHORIZE"})
    item = SourceItemFactory(product__sku="V", product__product_type="VIRTUAL", quantity=5)
    channel = SalesChannelFactory(code="web", stock=StockFactory(sources=[item.source]))
    place_order(
        OrderRequest(
            address=HOME,
            channel=channel.code,
            customer=Customer("Ada", "ada@example.com"),
            lines=(LineRequest("V", Decimal(3), Decimal(1)),),
            number="1001",
        ),
        Act(NOW),
    )
    # It is sent in boxes from now on.
    Product.objects.update(product_type="SIMPLE")
    [ready] = ready_shipments(item, quantities=[2])

    with pytest.raises(HeldByVirtualLinesError) as refused:
        change(item, quantity=Decimal(2))

    assert refused.value.orders == ["1001"]
    ready.refresh_from_db()
    assert ready.state == "READY"


def test_arrival_notes_the_product_only_where_somebody_waits() -> None:
    item = SourceItemFactory(quantity=0)
    unawaited = SourceItemFactory(quantity=0)
    ready_shipments(item, quantities=[4])

    change(item, quantity=Decimal(1))
    change(unawaited, quantity=Decimal(1))

    assert list(ArrivalNotice.objects.values_list("product_id", flat=True)) == [item.product_id]


def test_status_that_the_system_wrote_is_undone_by_an_increase() -> None:
    item = SourceItemFactory(quantity=1)
    units.deduct({item.pk: Decimal(1)}, allocated={})
    item.refresh_from_db()
    assert (item.status, item.is_status_automatic) == ("OUT_OF_STOCK", True)

    change(item, quantity=Decimal(2))

    item.refresh_from_db()
    assert (item.status, item.is_status_automatic) == ("IN_STOCK", False)


def test_status_that_a_person_set_stays() -> None:
    item = SourceItemFactory(quantity=1, status="OUT_OF_STOCK")

    change(item, quantity=Decimal(2))

    item.refresh_from_db()
    assert item.status == "OUT_OF_STOCK"


def test_item_that_reaches_zero_stays_in_stock_where_backorders_are_allowed() -> None:
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(backorders="ALLOW_QTY_BELOW_0")
    item = SourceItemFactory(quantity=1)

    units.deduct({item.pk: Decimal(1)}, allocated={})

    item.refresh_from_db()
    assert (item.quantity, item.status) == (Decimal(0), "IN_STOCK")


def test_adjustment_never_goes_below_zero() -> None:
    item = SourceItemFactory(quantity=3)
    key = (item.product_id, item.source_id)

    with pytest.raises(SourceItemError):
        adjust_items({key: Decimal(-4)}, Act(NOW))
    adjust_items({key: Decimal(-3)}, Act(NOW))

    item.refresh_from_db()
    assert item.quantity == 0


def test_transfer_moves_only_what_is_not_allocated() -> None:
    # given
    item = SourceItemFactory(quantity=10)
    ready_shipments(item, quantities=[4])
    other = SourceItemFactory(product=item.product, quantity=0)
    moved = (item.product_id, item.source_id, other.source_id)

    # when
    with pytest.raises(SourceItemError):
        transfer([TransferredUnits(*moved, Decimal(7))])
    transfer([TransferredUnits(*moved, Decimal(6))])

    # then
    item.refresh_from_db()
    other.refresh_from_db()
    assert (item.quantity, item.allocated, other.quantity) == (Decimal(4), Decimal(4), Decimal(6))

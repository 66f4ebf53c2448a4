from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.acts import Act
from fulfillment.models import Allocation, Shipment
from inventory.models import (
    InventoryConfiguration,
    Product,
    Reservation,
    SourceItem,
    Stock,
    StockBalance,
)
from orders.models import Cancellation, Order, OrderLine, Payment
from orders.placing.errors import IdempotencyConflictError, OrderRefusedError
from orders.placing.place import PlacedOrder, place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.option_values import give_own_values
from tests.orders.addresses import HOME
from tests.present import present

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOTIFY = "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"


def request_for(*lines: tuple[Any, ...], **changes: Any) -> Any:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=tuple(LineRequest(sku, Decimal(quantity)) for sku, quantity in lines),
    )
    return replace(request, **changes)


@pytest.fixture
def shop(db: None) -> Stock:
    """A channel on a stock with an eastern and a western source; "A" has 6 and 4 units there."""
    east, west = SourceFactory(code="east"), SourceFactory(code="west")
    stock = StockFactory(code="shop", sources=[east, west])
    SalesChannelFactory(code="web", stock=stock)
    product = ProductFactory(sku="A", price=Decimal("10.01"))
    SourceItemFactory(source=east, product=product, quantity=Decimal(6))
    SourceItemFactory(source=west, product=product, quantity=Decimal(4))
    return stock


def allow_backorders(threshold: Any = 0) -> None:
    configuration = InventoryConfiguration.load()
    give_own_values(configuration, backorders=NOTIFY, out_of_stock_threshold=Decimal(threshold))
    configuration.save()


def refused_with(request: Any, **arguments: Any) -> list[tuple[Any, Any]]:
    with pytest.raises(OrderRefusedError) as refused:
        place_order(request, Act(NOW), **arguments)
    assert Order.objects.count() == 0
    assert Reservation.objects.count() == 0
    assert_invariants()
    return [(problem.code, problem.line) for problem in refused.value.problems]


def shipments_of(placed: PlacedOrder) -> list[tuple[Any, Any, Any, Any]]:
    return [
        (shipment.number, shipment.state, shipment.source and shipment.source.code, shipment.amount)
        for shipment in Shipment.objects.filter(order_id=placed.order_id).order_by("pk")
    ]


def test_an_order_that_one_source_covers_is_one_ready_shipment(shop: Stock) -> None:
    placed = place_order(request_for(("A", 5), number="W-1"), Act(NOW))

    assert (placed.number, placed.status) == ("W-1", "PROCESSING")
    assert shipments_of(placed) == [("W-1-1", "READY", "east", Decimal("50.05"))]
    assert SourceItem.objects.get(source__code="east").allocated == Decimal(5)
    balance = StockBalance.objects.get()
    assert (balance.reserved, balance.allocated) == (Decimal(-5), Decimal(5))
    payment = Payment.objects.get()
    assert (payment.state, payment.captured_amount) == ("CAPTURED", Decimal("50.05"))
    assert OrderLine.objects.get().invoiced_quantity == Decimal(5)
    assert_invariants()


def test_what_no_source_has_waits_on_one_backorder_with_the_remaining_cent(shop: Stock) -> None:
    allow_backorders()

    placed = place_order(request_for(("A", 13), number="W-2"), Act(NOW))

    assert shipments_of(placed) == [
        ("W-2-1", "READY", "east", Decimal("60.06")),
        ("W-2-2", "READY", "west", Decimal("40.04")),
        ("W-2-3", "BACKORDER", None, Decimal("30.03")),
    ]
    assert OrderLine.objects.get().backordered_quantity == Decimal(3)
    waiting = Shipment.objects.get(state="BACKORDER")
    assert waiting.backordered_since == NOW
    assert present(waiting.expected_on).isoformat() == "2026-03-16"
    assert_invariants()


def test_each_order_is_backordered_by_what_it_finds_missing(shop: Stock) -> None:
    allow_backorders()

    for quantity in (6, 6, 20):
        place_order(request_for(("A", quantity)), Act(NOW))

    lines = OrderLine.objects.order_by("pk")
    assert [line.backordered_quantity for line in lines] == [Decimal(0), Decimal(2), Decimal(20)]
    assert_invariants()


def test_a_new_order_takes_no_units_that_an_earlier_backorder_is_owed(shop: Stock) -> None:
    allow_backorders()
    place_order(request_for(("A", 13)), Act(NOW))
    SourceItem.objects.filter(source__code="west").update(quantity=Decimal(6))

    placed = place_order(request_for(("A", 1)), Act(NOW))

    assert [row[1] for row in shipments_of(placed)] == ["BACKORDER"]
    assert_invariants()


def test_a_product_that_takes_no_backorders_is_refused_when_units_are_missing(shop: Stock) -> None:
    assert refused_with(request_for(("A", 11))) == [("NOT_ENOUGH_ITEMS", 1)]


def test_a_source_limit_refuses_a_product_that_takes_no_backorders(shop: Stock) -> None:
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"max_sources_per_line": 1})

    assert refused_with(request_for(("A", 7))) == [("NOT_ENOUGH_ITEMS", 1)]


def test_lines_of_one_product_count_together(shop: Stock) -> None:
    assert refused_with(request_for(("A", 6), ("A", 5))) == [
        ("NOT_ENOUGH_ITEMS", 1),
        ("NOT_ENOUGH_ITEMS", 2),
    ]


@pytest.mark.parametrize("sku", ["a", "A ", "nothing", "x" * 65, "A\x00", "A\x07", "\ud800"])
def test_a_sku_that_no_product_has_is_refused(shop: Stock, sku: str) -> None:
    assert refused_with(request_for((sku, 1))) == [("UNKNOWN_SKU", 1)]


def test_every_line_says_why_it_is_refused(shop: Stock) -> None:
    ProductFactory(sku="B")

    assert refused_with(request_for(("A", "1.5"), ("B", 1), ("C", 1))) == [
        ("DECIMALS_NOT_ALLOWED", 1),
        ("NOT_ASSIGNED_TO_STOCK", 2),
        ("UNKNOWN_SKU", 3),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": "nowhere"}, "UNKNOWN_CHANNEL"),
        ({"channel": "web\x00"}, "UNKNOWN_CHANNEL"),
        ({"fulfillment_method": "PICKUP", "pickup_source": "east"}, "NOT_A_PICKUP_SOURCE"),
        ({"payment": PaymentRequest("barter")}, "UNKNOWN_GATEWAY"),
    ],
)
def test_an_order_that_cannot_be_served_is_refused(
    shop: Stock, changes: dict[Any, Any], code: str
) -> None:
    assert refused_with(request_for(("A", 1), **changes)) == [(code, None)]


def test_a_number_that_is_taken_is_refused(shop: Stock) -> None:
    place_order(request_for(("A", 1), number="W-1"), Act(NOW))

    with pytest.raises(OrderRefusedError, match="NUMBER_TAKEN"):
        place_order(request_for(("A", 1), number="W-1"), Act(NOW))

    assert Order.objects.count() == 1
    assert_invariants()


def test_the_same_key_and_request_is_the_same_order(shop: Stock) -> None:
    first = place_order(request_for(("A", 10)), Act(NOW, key="k"))
    second = place_order(request_for(("A", 10)), Act(NOW, key="k"))

    assert (second.number, second.is_replay, first.is_replay) == (first.number, True, False)
    assert Order.objects.count() == 1


def test_the_same_key_with_another_request_is_a_conflict(shop: Stock) -> None:
    place_order(request_for(("A", 1)), Act(NOW, key="k"))

    with pytest.raises(IdempotencyConflictError):
        place_order(request_for(("A", 2)), Act(NOW, key="k"))

    assert Order.objects.count() == 1


def test_a_pickup_order_is_served_by_its_store_alone(shop: Stock) -> None:
    allow_backorders()
    store = SourceFactory(
        code="store",
        is_pickup_location=True,
        ships_to_home=False,
        street="1 Way",
        city="X",
        phone="1",
    )
    shop.links.create(source=store, priority=3)
    item = SourceItem.objects.get(source__code="east")
    SourceItemFactory(source=store, product=item.product, quantity=Decimal(2))

    pickup = {"fulfillment_method": "PICKUP", "pickup_source": "store"}
    placed = place_order(request_for(("A", 3), **pickup), Act(NOW))

    assert [row[1:3] for row in shipments_of(placed)] == [("READY", "store"), ("BACKORDER", None)]
    assert OrderLine.objects.get().backordered_quantity == Decimal(1)
    assert_invariants()


def test_units_that_are_missing_can_be_canceled_at_placement(shop: Stock) -> None:
    allow_backorders()
    InventoryConfiguration.objects.update(partial_match_action="CANCEL")

    placed = place_order(request_for(("A", 13)), Act(NOW))

    line = OrderLine.objects.get()
    assert (line.canceled_quantity, line.backordered_quantity) == (Decimal(3), Decimal(0))
    assert Payment.objects.get().amount == Decimal("100.10")
    assert Cancellation.objects.get().lines.get().amount == Decimal("30.03")
    assert placed.status == "PROCESSING"
    assert_invariants()


def test_an_order_of_which_nothing_is_assigned_can_be_canceled_whole(shop: Stock) -> None:
    allow_backorders()
    InventoryConfiguration.objects.update(no_match_action="CANCEL")
    SourceItem.objects.update(quantity=Decimal(0))

    placed = place_order(request_for(("A", 1)), Act(NOW))

    assert placed.status == "CANCELED"
    assert Payment.objects.count() == 0
    entries = Reservation.objects.order_by("pk").values_list("event", "quantity")
    assert list(entries) == [("PLACED", Decimal(-1)), ("CANCELED", Decimal(1))]
    assert_invariants()


def test_the_whole_order_can_wait_for_customer_care(shop: Stock) -> None:
    allow_backorders()
    InventoryConfiguration.objects.update(
        partial_match_action="CUSTOMER_CARE", partial_match_scope="ALL"
    )

    placed = place_order(request_for(("A", 13)), Act(NOW))

    assert [row[1] for row in shipments_of(placed)] == ["CUSTOMER_CARE"]
    assert Allocation.objects.count() == 0
    assert_invariants()


def test_a_line_with_decimals_leaves_from_several_sources(shop: Stock) -> None:
    Product.objects.update(qty_uses_decimals=True, allow_multiple_boxes=False)

    placed = place_order(request_for(("A", "6.5"), number="W-7"), Act(NOW))

    assert shipments_of(placed) == [
        ("W-7-1", "READY", "east", Decimal("60.06")),
        ("W-7-2", "READY", "west", Decimal("5.01")),
    ]
    assert_invariants()


def test_stock_that_is_not_managed_moves_nothing(shop: Stock) -> None:
    item = SourceItem.objects.get(source__code="east")
    give_own_values(item.product, manage_stock=False)
    item.product.save()

    placed = place_order(request_for(("A", 100)), Act(NOW))

    assert [row[1:3] for row in shipments_of(placed)] == [("READY", "east")]
    assert Reservation.objects.count() == Allocation.objects.count() == 0
    assert_invariants()


def test_a_virtual_line_is_delivered_when_it_is_captured(shop: Stock) -> None:
    source = SourceItem.objects.get(source__code="east").source
    licence = ProductFactory(sku="V", product_type="VIRTUAL")
    SourceItemFactory(source=source, product=licence, quantity=Decimal(1000))

    placed = place_order(request_for(("V", 3)), Act(NOW))

    assert placed.status == "COMPLETE"
    item = SourceItem.objects.get(product=licence)
    assert (item.quantity, item.allocated) == (Decimal(997), Decimal(0))
    assert Shipment.objects.count() == 0
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_the_queries_of_an_order_do_not_grow_with_its_lines(transactional_db: None) -> None:
    allow_backorders()
    sources = [SourceFactory(), SourceFactory()]
    SalesChannelFactory(code="web", stock=StockFactory(sources=sources))
    for number in range(50):
        product = ProductFactory(sku=f"S{number}")
        for source in sources:
            SourceItemFactory(source=source, product=product, quantity=Decimal(3))

    with CaptureQueriesContext(connection) as queries:
        place_order(request_for(*((f"S{number}", 7) for number in range(50))), Act(NOW))

    statements = [query["sql"] for query in queries.captured_queries]
    asked = [sql for sql in statements if sql not in ("BEGIN", "COMMIT")]
    assert len(asked) <= 12
    assert_invariants()

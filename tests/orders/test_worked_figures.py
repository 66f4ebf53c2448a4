"""Orders that are invoiced, shipped, canceled and refunded in parts: the figures that come out."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import InventoryConfiguration, SourceItem
from inventory.queries.salability_facts import availability_in_stock
from inventory.salability import salable_quantity
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.changes.refund import RefundRequest, refund
from orders.models import OrderLine
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


def steps_on(line_id: int) -> dict[str, Callable[..., Any]]:
    """Return what each step does to the one line of the order."""
    order_id = OrderLine.objects.get(pk=line_id).order_id

    def ship(units: Any) -> None:
        ready = Shipment.objects.get(order=order_id, state="READY")
        fulfill(ready.pk, Act(NOW), quantities={line_id: Decimal(units)})

    return {
        "cancel": lambda units: cancel(order_id, Act(NOW), quantities={line_id: Decimal(units)}),
        "cancel the rest": lambda units: cancel(
            order_id, Act(NOW), quantities={line_id: Decimal(units)}
        ),
        "invoice": lambda units: capture(
            order_id, Act(NOW, key=f"invoice {units}"), quantities={line_id: Decimal(units)}
        ),
        "ship": ship,
        "refund with return": lambda units: refund(
            order_id,
            Act(NOW),
            lines={line_id: RefundRequest(Decimal(units))},
            is_returned_to_stock=True,
        ),
    }


def sell(*, product_type: str, on_hand: int, ordered: int) -> int:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    SourceItemFactory(
        source=source,
        product=ProductFactory(sku="A", product_type=product_type),
        quantity=Decimal(on_hand),
    )
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"payment_action": "AUTHORIZE"})
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest("A", Decimal(ordered), Decimal("10.01")),),
        payment=PaymentRequest("manual"),
    )
    return OrderLine.objects.get(order_id=place_order(request, Act(NOW)).order_id).pk


def at_source_and_salable() -> tuple[Decimal, Decimal]:
    item = SourceItem.objects.get()
    facts = (
        present(availability_in_stock(item.source.stocks.get().code, ["A"], today=NOW.date()))
        .products["A"]
        .facts
    )
    return item.quantity, salable_quantity(facts)


@pytest.mark.parametrize(
    ("ordered", "steps", "expected"),
    [
        (5, [("cancel", 5)], (100, 100)),
        (5, [("ship", 3), ("cancel the rest", 2)], (97, 97)),
        (5, [("invoice", 3), ("cancel the rest", 2)], (100, 97)),
        (5, [("invoice", 4), ("ship", 2), ("refund with return", 3)], (99, 98)),
        (10, [("invoice", 7), ("ship", 3), ("refund with return", 5)], (98, 95)),
    ],
)
def test_worked_figures_from_100_on_hand(
    ordered: int, steps: list[tuple[str, int]], expected: tuple[int, int]
) -> None:
    act = steps_on(sell(product_type="SIMPLE", on_hand=100, ordered=ordered))

    for step, units in steps:
        act[step](units)
        assert_invariants()

    assert at_source_and_salable() == tuple(map(Decimal, expected))


def test_worked_figures_of_a_virtual_product() -> None:
    act = steps_on(sell(product_type="VIRTUAL", on_hand=1000, ordered=3))

    act["invoice"](1)
    assert_invariants()
    invoiced = at_source_and_salable()
    act["refund with return"](1)
    assert_invariants()

    assert invoiced == (Decimal(999), Decimal(997))
    assert at_source_and_salable() == (Decimal(1000), Decimal(998))

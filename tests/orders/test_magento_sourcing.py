"""Magento's own behaviour: from which sources products that use decimals are taken.

``magento_sourcing.csv`` has a row for each fact, in our terms, with the test of magento/inventory
(2.4, October 2024) that it comes from, and the same facts at equal priorities. Allow Multiple
Boxes is No, as there: it limits no sources.
"""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.acts import Act
from core.quantities import format_quantity
from fulfillment.models import ShipmentLine
from inventory.models import InventoryConfiguration, StockSource
from orders.placing.errors import OrderRefusedError
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
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
REQUEST = OrderRequest(
    channel="web", customer=Customer("Ada", "ada@example.com"), lines=(), address=HOME
)


def table() -> list[Any]:
    with Path(__file__).with_name("magento_sourcing.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def place(row: Any) -> str:
    """Return what was taken where, or why the order was refused."""
    InventoryConfiguration.load()
    kind, _, limit = row["limits"].partition(" ")
    product = ProductFactory(
        qty_uses_decimals=True,
        allow_multiple_boxes=False,
        backorders=row["backorders"] or None,
        out_of_stock_threshold=Decimal(row["threshold"]),
        **({f"{kind}_cart_qty": Decimal(limit)} if kind else {}),
    )
    stock = StockFactory()
    SalesChannelFactory(code="web", stock=stock)
    for held in row["held"].split("; "):
        code, quantity, *status, priority = held.split()
        source = SourceFactory(code=code)
        StockSource.objects.create(stock=stock, source=source, priority=int(priority[1:]))
        SourceItemFactory(
            product=product,
            source=source,
            quantity=Decimal(quantity),
            status=status[0] if status else "IN_STOCK",
        )
    try:
        lines = (LineRequest(product.sku, Decimal(row["quantity"])),)
        place_order(replace(REQUEST, lines=lines), Act(NOW))
    except OrderRefusedError as error:
        return "refused " + " ".join(problem.code for problem in error.problems)
    parts = ShipmentLine.objects.order_by("shipment_id").values_list(
        "shipment__source__code", "quantity"
    )
    return "; ".join(f"{code or 'waits'} {format_quantity(units)}" for code, units in parts)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row", table(), ids=lambda row: f"{row['magento_test']} {row['held']} {row['quantity']}"
)
def test_sources_serve_decimals_as_in_magento(row: Any) -> None:
    assert place(row) == row["answer"]
    assert_invariants()

"""Fractions of shipments are released from source items that use decimals, and whole units too."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.release.runs import engine
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

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def released(in_fractions: str, in_whole: str) -> dict[str, str]:
    """Release 2.5 units; EAST uses decimals as its product does, WEST does not."""
    product = ProductFactory(qty_uses_decimals=True)
    east, west = SourceFactory(code="east"), SourceFactory(code="west")
    SourceItemFactory(product=product, source=east, quantity=Decimal(in_fractions))
    SourceItemFactory(
        product=product, source=west, quantity=Decimal(in_whole), qty_uses_decimals=False
    )
    channel = SalesChannelFactory(stock=StockFactory(sources=[east, west]))
    BackorderFactory(order=OrderFactory(channel=channel), lines={product: Decimal("2.5")})

    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")

    assert_invariants()
    lines = ShipmentLine.objects.filter(shipment__state=Shipment.State.READY)
    return {
        code: f"{units:f}"
        for code, units in lines.values_list("shipment__source__code", "quantity")
    }


@pytest.mark.parametrize(
    ("in_fractions", "in_whole", "found"),
    [
        ("0.5", "9", {"east": "0.5000", "west": "2.0000"}),
        ("2.3", "1", {"east": "1.5000", "west": "1.0000"}),
        ("0.4", "9", {}),
        ("9", "9", {"east": "2.5000"}),
    ],
)
def test_a_fraction_is_released_where_decimals_are_used(
    in_fractions: str, in_whole: str, found: dict[str, str]
) -> None:
    assert released(in_fractions, in_whole) == found

"""What several tests of the inventory start from."""

from decimal import Decimal

import pytest

from inventory import ports
from inventory.models import Source
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.quiet_engine import QuietEngine


@pytest.fixture
def available(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The product ids that the release engine was told of."""
    engine = QuietEngine()
    monkeypatch.setattr(ports, "_registered", [engine])
    return engine.arrivals


@pytest.fixture
def shelves() -> dict[str, Source]:
    """Two sources with contacts; what is low is low for different reasons."""
    east = SourceFactory(code="east", name="East", email="east@example.com")
    west = SourceFactory(code="west", name="West", email="west@example.com")
    StockFactory(code="shop", name="Shop", sources=[east, west])
    own = ProductFactory(sku="OWN", name="Own threshold", notify_quantity_below=Decimal(10))
    empty = ProductFactory(sku="EMPTY", name="Sold out")
    fine = ProductFactory(sku="FINE", name="Plenty")
    SourceItemFactory(source=east, product=own, quantity=Decimal("9.5"))
    SourceItemFactory(source=west, product=own, quantity=Decimal(10))
    SourceItemFactory(source=west, product=empty, quantity=Decimal(0), status="OUT_OF_STOCK")
    SourceItemFactory(source=east, product=fine, quantity=Decimal(50))
    return {"east": east, "west": west}

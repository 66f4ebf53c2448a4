"""A shop to ship from: east has 4 A, west none; A may be backordered."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from inventory.models import InventoryConfiguration
from tests.api import Api, api_of_superuser
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.orders.addresses import HOME_BODY


@pytest.fixture
def api(db: None) -> Api:
    address = {"street": "1 Main St", "city": "Town", "phone": "1"}
    east = SourceFactory(code="east")
    west = SourceFactory(code="west", is_pickup_location=True, **address)
    SalesChannelFactory(code="web", stock=StockFactory(code="shop", sources=[east, west]))
    product = ProductFactory(sku="A")
    SourceItemFactory(source=east, product=product, quantity=Decimal(4))
    SourceItemFactory(source=west, product=product, quantity=Decimal(0))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0"}
    )
    return api_of_superuser()


@pytest.fixture
def place(api: Api) -> Callable[..., Any]:
    """Place an order of so many A over the API; return its shipments by number."""

    def placed(number: Any, units: str = "6", **members: Any) -> dict[Any, Any]:
        body = {
            "number": number,
            "channel": "web",
            "customer": {"name": "Ada Example", "email": "ada@example.com"},
            "address": HOME_BODY,
            "lines": [{"sku": "A", "quantity": units, "unit_price": "2.50"}],
            "placed_at": "2026-03-02T12:00:00Z",
        }
        status, order = api.post("orders/", body | members)
        assert status == 201, order
        return {shipment["number"]: shipment for shipment in order["shipments"]}

    return placed

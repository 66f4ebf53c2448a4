"""What the stack sells, and who else holds its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from fulfillment.models import Shipment
from inventory.models import InventoryConfiguration, SourceItem
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory


class Shop:
    """What the stack sells: a product at a source, of which some orders wait."""

    def __init__(self) -> None:
        self.source = SourceFactory(code="depot")
        self.channel = SalesChannelFactory(
            code="depot-web", stock=StockFactory(code="depot-stock", sources=[self.source])
        )
        self.asked = 0
        InventoryConfiguration.objects.update_or_create(pk=1, defaults={"bulk_batch_size": 1})

    def item(self, **values: Any) -> SourceItem:
        self.asked += 1
        product = ProductFactory(
            sku=f"DEPOT-{self.asked}", backorders="ALLOW_QTY_BELOW_0", out_of_stock_threshold=0
        )
        return SourceItemFactory(product=product, source=self.source, **values)

    def waiting(self, item: SourceItem) -> Shipment:
        order = OrderFactory(channel=self.channel, number=f"depot-{item.product.sku}")
        return BackorderFactory(
            number=f"depot-{item.product.sku}-1", order=order, lines={item.product: 1}
        )


def adjustment(item: SourceItem, by: str = "1") -> list[dict[str, Any]]:
    return [{"sku": item.product.sku, "source": "depot", "by": by, "reason": "Counted"}]


@contextmanager
def locked(item: SourceItem) -> Iterator[psycopg.Connection]:
    """Have somebody else hold a row within this."""
    with psycopg.connect(**connection.get_connection_params()) as somebody:
        somebody.execute("SELECT 1 FROM inventory_sourceitem WHERE id = %s FOR UPDATE", [item.pk])
        yield somebody


def reread(row: Any) -> Any:
    row.refresh_from_db()
    return row

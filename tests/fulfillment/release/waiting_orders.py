"""Orders that wait on the real database, and runs over them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fulfillment.models import ReleaseRun
from fulfillment.release.runs import engine
from inventory.models import InventoryConfiguration
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
TODAY = date(2026, 4, 28)
UTC_ZONE = ZoneInfo("UTC")


class World:
    """Two sources, one stock, and orders that wait in it."""

    def __init__(self):
        self.a = SourceFactory(code="a")
        self.b = SourceFactory(code="b")
        self.channel = SalesChannelFactory(stock=StockFactory(sources=[self.a, self.b]))

    def item(self, source, product, quantity, **values):
        return SourceItemFactory(source=source, product=product, quantity=quantity, **values)

    def backorder(self, lines, *, number, days=1, **values):
        order = OrderFactory(
            channel=self.channel, number=number, placed_at=NOW - timedelta(days=days), **values
        )
        return BackorderFactory(order=order, number=f"{number}-1", lines=lines)


def release(**values):
    return engine.run_release(now=NOW, zone=UTC_ZONE, trigger=ReleaseRun.Trigger.STAFF, **values)


def configure(**values):
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(**values)

"""Orders that wait on the real database, and runs over them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.runs import engine, record
from fulfillment.release.runs.dry_runs import Drift, compare
from fulfillment.release.runs.run_settings import release_settings
from inventory.models import InventoryConfiguration, Product, Source, SourceItem
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

    def __init__(self) -> None:
        self.a = SourceFactory(code="a")
        self.b = SourceFactory(code="b")
        self.channel = SalesChannelFactory(stock=StockFactory(sources=[self.a, self.b]))

    def item(self, source: Source, product: Product, quantity: Any, **values: Any) -> SourceItem:
        return SourceItemFactory(source=source, product=product, quantity=quantity, **values)

    def backorder(
        self, lines: dict[Any, Any], *, number: str, days: int = 1, **values: Any
    ) -> Shipment:
        order = OrderFactory(
            channel=self.channel, number=number, placed_at=NOW - timedelta(days=days), **values
        )
        return BackorderFactory(order=order, number=f"{number}-1", lines=lines)


def release(*, by_id: int | None = None, **values: Any) -> ReleaseRun:
    return engine.run_release(
        act=Act(NOW, by_id), zone=UTC_ZONE, trigger=ReleaseRun.Trigger.STAFF, **values
    )


def configure(**values: Any) -> None:
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(**values)


def drift_of(run: ReleaseRun) -> list[Drift]:
    """Return the shipments of a dry run that would now have a different outcome."""
    return compare(
        run, release_settings(record.values_for(run), today=TODAY), now=NOW, zone=UTC_ZONE
    )

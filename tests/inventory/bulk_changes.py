"""Bulk changes as tests plan and make them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fulfillment.release.runs import engine
from inventory.models import BulkChange, SourceItem
from core.operations.bulk import preview
from core.operations.bulk.apply import (BulkRequest, confirm)
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)


def shown(action, keys, **values):
    """The rows of the first page, as (SKU, source, shifts or the refusal)."""
    planned = preview.preview(action, keys, values, page=1, page_size=100)
    return [
        (row.sku, row.source_code, row.refusal.message % row.refusal.values)
        if row.refusal
        else (row.sku, row.source_code, [(s.name, s.before, s.after) for s in row.shifts])
        for row in planned.rows
    ]


def made(action, keys, *, by_id=None, **values) -> BulkChange:
    fingerprint = preview.tally_of(action, keys, values).fingerprint
    confirmed = BulkRequest(action, tuple(keys), values, f"Test of {action}", fingerprint)
    return confirm(confirmed, by_id=by_id, now=NOW)


def counts(change: BulkChange) -> tuple[int, int, int]:
    return change.changed_count, change.unchanged_count, change.refused_count


def item_with_ready_shipments(*quantities: int, quantity: int = 10) -> SourceItem:
    item = SourceItemFactory(
        product=ProductFactory(sku="HELD"), source=SourceFactory(code="paris"), quantity=quantity
    )
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    for number, units in enumerate(quantities, start=1):
        BackorderFactory(
            number=f"S{number:02}", order=OrderFactory(channel=channel), lines={item.product: units}
        )
    engine.run_release(now=NOW, zone=ZoneInfo("UTC"), trigger="STAFF")
    item.refresh_from_db()
    return item

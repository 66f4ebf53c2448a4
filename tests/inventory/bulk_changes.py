"""Bulk changes as tests plan and make them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.acts import Act
from core.models import BulkChange
from core.operations.bulk import preview
from core.operations.bulk.apply import BulkRequest, confirm
from fulfillment.release.runs import engine
from inventory.models import SourceItem
from inventory.operations.bulk.registry import ROW_ACTIONS
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


def shown(action: str, keys: list[int], **values: Any) -> list[tuple[Any, ...]]:
    """The rows of the first page, as (SKU, source, shifts or the refusal)."""
    planned = preview.preview(action, keys, values, Act(NOW), page=1, page_size=100)
    return [
        (*row.names, row.refusal.message % row.refusal.values)
        if row.refusal
        else (*row.names, [(s.name, s.before, s.after) for s in row.shifts])
        for row in planned.rows
    ]


def made(
    action: str, keys: Sequence[int], *, by_id: int | None = None, **values: Any
) -> BulkChange:
    return confirm(previewed(action, keys, values, by_id=by_id), Act(NOW, by_id))


def previewed(
    action: str, keys: Sequence[int], values: Any, *, by_id: int | None = None, summary: str = ""
) -> BulkRequest:
    """What a person confirms who was shown the preview."""
    act = Act(NOW, by_id)
    planned = preview.preview(action, keys, values, act, page=1, page_size=100)
    summary = summary or f"Test of {action}"
    return BulkRequest(action, tuple(keys), values, summary, planned.snapshot)


def in_chunks(monkeypatch: pytest.MonkeyPatch, action: str, size: int) -> None:
    """Make so many rows of an action in one transaction."""
    monkeypatch.setitem(preview.ACTIONS, action, replace(ROW_ACTIONS[action], chunk=size))


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
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    item.refresh_from_db()
    return item

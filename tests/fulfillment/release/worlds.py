"""Small worlds for the planner: shipments, sources and supply in a few words."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.quantities import UNIT
from fulfillment.release.planning.planner import Planner
from fulfillment.release.planning.values import (
    Decision,
    FutureFacts,
    ProductFacts,
    QueuedShipment,
    ReleaseSettings,
    SourceFacts,
    SourceItemFacts,
    Supply,
)
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.needs import Need

TODAY = date(2026, 4, 28)
MONDAY = datetime(2026, 4, 20, 9, tzinfo=UTC)
A, B, C = 1, 2, 3
STOCK = 1
KTP, KTP2, KTP3 = 11, 12, 13


def settings(**changes: Any) -> ReleaseSettings:
    values: dict[str, Any] = {
        "mode": "FULL",
        "policy": "SKIP_OVER",
        "ageing_days": 14,
        "horizon": TODAY + timedelta(days=30),
        "promises_from_future": True,
        "algorithm": "PRIORITY",
        "default_backorder_days": 14,
    }
    values |= changes
    limits = SplitLimits(
        values.pop("max_sources_per_release", None), values.pop("max_sources_per_line", None)
    )
    return ReleaseSettings(**values, limits=limits)


def shipment(shipment_id: int, needs: dict[Any, int], **changes: Any) -> QueuedShipment:
    """``needs`` maps products to whole units; one line each, numbered after the shipment."""
    values = {
        "id": shipment_id,
        "number": f"S{shipment_id}",
        "is_future": False,
        "priority": 0,
        "backordered_since": MONDAY + timedelta(hours=shipment_id),
        "age_days": 8,
        "stock_id": STOCK,
        "needs": tuple(
            Need(shipment_id * 100 + sequence, sequence, product, units * UNIT)
            for sequence, (product, units) in enumerate(needs.items(), start=1)
        ),
    }
    return QueuedShipment(**{**values, **changes})


def supply(
    current: Any = (),
    future: Any = (),
    *,
    sources: dict[Any, Any] | None = None,
    products: dict[Any, ProductFacts] | None = None,
    links: tuple[Any, ...] = (A, B, C),
) -> Supply:
    """``current``: (source, product, units[, safety, in stock]); ``future``: (id, source,
    product, units, date)."""
    items = tuple(
        SourceItemFacts(number, row[1], row[0], row[2] * UNIT, *_rest(row))
        for number, row in enumerate(current, start=1)
    )
    coming = tuple(
        FutureFacts(record, product, source, day, units * UNIT)
        for record, source, product, units, day in future
    )
    return Supply(
        sources=sources
        or {
            A: SourceFacts(A, "a", is_enabled=True, ships_to_home=True),
            B: SourceFacts(B, "b", is_enabled=True, ships_to_home=True),
            C: SourceFacts(C, "c", is_enabled=True, ships_to_home=True),
        },
        links={STOCK: links},
        items=items,
        future=coming,
        products=products
        or {
            KTP: ProductFacts(KTP, "KTP"),
            KTP2: ProductFacts(KTP2, "KTP2"),
            KTP3: ProductFacts(KTP3, "KTP3"),
        },
    )


def _rest(row: Any) -> tuple[Any, Any]:
    safety = row[3] * UNIT if len(row) > 3 else 0
    return safety, row[4] if len(row) > 4 else True


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """The decisions on some shipments, in queue order."""

    decisions: tuple[Decision, ...] = ()

    @property
    def released(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.children)

    @property
    def waiting(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if not decision.is_complete)


def plan_release(shipments: Any, supply: Any, settings: Any, today: Any) -> ReleasePlan:
    """Return the plan of these shipments, whatever the order that they and their needs come in."""
    planner = Planner(supply, settings, today)
    in_sequence = (
        replace(one, needs=tuple(sorted(one.needs, key=lambda need: need.sequence)))
        for one in shipments
    )
    return ReleasePlan(
        tuple(planner.decide(one) for one in sorted(in_sequence, key=QueuedShipment.queue_key))
    )

"""The values of release planning; PURE.

Units are whole ten-thousandths (:data:`core.quantities.UNIT`): exact like decimals, and ten times
faster to add, which counts at a million shipments. Values of which each shipment has several are
named tuples, created in a third of the time of a frozen dataclass.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from fulfillment.sourcing.choices import NO_LIMITS, SplitLimits
from fulfillment.sourcing.needs import LinePart, Need
from fulfillment.sourcing.remaining_supply import FutureRecord, RemainingSupply
from inventory.options import ReleaseMode, ReleasePolicy, SourceSelection


class WaitReason(StrEnum):
    """Why a product of a shipment is short."""

    NO_STOCK = "NO_STOCK"
    NOT_ENOUGH_STOCK = "NOT_ENOUGH_STOCK"
    TAKEN_BY_EARLIER = "TAKEN_BY_EARLIER"
    WAITING_BEHIND = "WAITING_BEHIND"
    ITEM_OUT_OF_STOCK = "ITEM_OUT_OF_STOCK"
    SAFETY_STOCK = "SAFETY_STOCK"
    SOURCE_NOT_ELIGIBLE = "SOURCE_NOT_ELIGIBLE"
    PICKUP_SOURCE_ONLY = "PICKUP_SOURCE_ONLY"
    SPLIT_LIMIT = "SPLIT_LIMIT"
    FUTURE_DISABLED_SITE = "FUTURE_DISABLED_SITE"
    FUTURE_DISABLED_PRODUCT = "FUTURE_DISABLED_PRODUCT"
    FUTURE_NO_DATE = "FUTURE_NO_DATE"
    FUTURE_BEYOND_LIMIT = "FUTURE_BEYOND_LIMIT"
    FUTURE_OVERDUE = "FUTURE_OVERDUE"
    HELD = "HELD"
    PAYMENT = "PAYMENT"
    WAITING_FOR_REST = "WAITING_FOR_REST"
    BEFORE_RELEASE_DATE = "BEFORE_RELEASE_DATE"
    ROUTING_ERROR = "ROUTING_ERROR"


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """The rules in force for one run. ``None`` limits nothing; ``horizon`` is inclusive."""

    mode: ReleaseMode
    policy: ReleasePolicy
    ageing_days: int
    horizon: date
    promises_from_future: bool
    algorithm: SourceSelection
    default_backorder_days: int
    limits: SplitLimits = NO_LIMITS

    @property
    def is_all_or_nothing(self) -> bool:
        """Whether a shipment that cannot leave whole gets no units, and none are kept for it."""
        return self.mode == ReleaseMode.FULL and self.policy == ReleasePolicy.SKIP_OVER

    def mode_of(self, shipment: "QueuedShipment") -> ReleaseMode:
        """Return how much of ``shipment`` leaves at a time: its own mode before that of the run.

        Rule: Changing an order, ship what is there (§20).
        """
        return shipment.own_mode or self.mode


@dataclass(frozen=True, slots=True)
class QueuedShipment:
    """A BACKORDER or FUTURE shipment in the queue.

    ``received`` are units a FUTURE shipment already holds, by product, at its ``source_id``.
    ``barred`` are (source, product) pairs: the product is not taken from the source.
    ``own_mode`` is given to a shipment of which staff ship what is there: it takes units that are
    on hand now, and no promise of dated supply.
    """

    id: int
    number: str
    is_future: bool
    priority: int
    backordered_since: datetime
    age_days: int
    stock_id: int
    needs: tuple[Need, ...]
    pickup_source_id: int | None = None
    source_id: int | None = None
    barred: frozenset[tuple[int, int]] = frozenset()
    destination: tuple[float, float] | None = None
    received: Mapping[int, int] = field(default_factory=dict)
    own_mode: ReleaseMode | None = None

    def queue_key(self) -> tuple[int, datetime, int]:
        """Priority (high first), backordered since (old first), id."""
        return -self.priority, self.backordered_since, self.id


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source that some stock links to."""

    source_id: int
    code: str
    is_enabled: bool
    ships_to_home: bool
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class SourceItemFacts:
    """One product at one source. ``unallocated`` units are on hand and not allocated."""

    item_id: int
    product_id: int
    source_id: int
    unallocated: int
    safety_stock: int
    is_in_stock: bool

    @property
    def available(self) -> int:
        """Units that may be allocated, whatever the item's status (§4)."""
        return max(self.unallocated - self.safety_stock, 0)


@dataclass(frozen=True, slots=True)
class FutureFacts:
    """One open record of future supply; ``units`` are outstanding and not promised.

    ``sent_from`` is the code of the source that the units of a transfer left.
    """

    id: int
    product_id: int
    source_id: int
    expected_on: date | None
    units: int
    reference: str = ""
    sent_from: str = ""


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product; ``own_future`` is its override of Promise from future inventory.

    ``uses_decimals`` is in force at sources without an override. No unit leaves before
    ``release_on`` (§23).
    """

    id: int
    sku: str
    own_future: bool | None = None
    uses_decimals: bool = False
    release_on: date | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """The units that a run may allocate, and where they are.

    ``links`` are the source ids of each stock, by priority; ``pickup_waiting`` the (source,
    product) pairs for which pickup shipments wait; ``with_decimals`` those that use decimals.
    ``openings`` are the days on which sources open again, by source and a day on which nothing
    leaves; today is one for sources that are open but ``past_cut_off``.
    """

    sources: Mapping[int, SourceFacts]
    links: Mapping[int, tuple[int, ...]]
    items: tuple[SourceItemFacts, ...]
    future: tuple[FutureFacts, ...]
    products: Mapping[int, ProductFacts]
    pickup_waiting: frozenset[tuple[int, int]] = frozenset()
    with_decimals: frozenset[tuple[int, int]] = frozenset()
    openings: Mapping[tuple[int, date], date] = field(default_factory=dict)
    past_cut_off: frozenset[int] = frozenset()

    def working_day(self, source_id: int, day: date) -> date:
        """Return when units that are at a source on ``day`` can leave: that day, or a later one.

        Rule: Shipment states, two dates: working days (§14a).
        """
        # Most shops have no closed days, and every shortage of a large queue asks.
        return self.openings.get((source_id, day), day) if self.openings else day

    def before_release(self, today: date) -> dict[int, date]:
        """Return the products, by id, that no run of ``today`` releases, with their release date.

        Rule: Pre-orders, §23.
        """
        return {
            product.id: product.release_on
            for product in self.products.values()
            if product.release_on is not None and today < product.release_on
        }

    def remaining(self, settings: ReleaseSettings, today: date) -> RemainingSupply:
        """Return the units that a run on ``today`` may allocate or promise, all still left."""
        current: defaultdict[int, dict[int, int]] = defaultdict(dict)
        closed = self.before_release(today)
        for item in self.items:
            is_open = item.is_in_stock and self.sources[item.source_id].is_enabled
            if item.product_id in closed:
                continue
            if is_open and (available := item.available):
                current[item.product_id][item.source_id] = available
        future: defaultdict[int, list[FutureRecord]] = defaultdict(list)
        for record in sorted(
            self.future,
            key=lambda facts: (facts.expected_on is None, facts.expected_on, facts.id),
        ):
            if (
                record.units > 0
                and record.product_id not in closed
                and record.expected_on is not None
                and today <= record.expected_on <= settings.horizon
                and self.sources[record.source_id].is_enabled
                and self._is_promised(settings, record.product_id)
            ):
                future[record.product_id].append(
                    FutureRecord(
                        record.id,
                        record.source_id,
                        self.working_day(record.source_id, record.expected_on),
                        record.units,
                        supplied_on=record.expected_on,
                    )
                )
        return RemainingSupply(current, future, self.with_decimals)

    def _is_promised(self, settings: ReleaseSettings, product_id: int) -> bool:
        """Whether the site promises from future inventory and the product does not forbid it."""
        return settings.promises_from_future and self.products[product_id].own_future is not False


class Child(NamedTuple):
    """Units that leave together: READY from a source now, or (``expected_on``) FUTURE from it.

    ``unmanaged_lines`` are lines that need no units and leave with them.
    """

    source_id: int
    expected_on: date | None
    parts: tuple[LinePart, ...]
    unmanaged_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortage:
    """The missing units of one product, and why; ``facts`` are JSON values."""

    product_id: int
    missing: int
    reasons: tuple[WaitReason, ...]
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one shipment.

    Without children it waits. ``is_complete``: nothing stays on it; with one READY child it then
    becomes READY itself instead of having a child. ``error`` is why it could not be decided or
    written; the run continues without it.
    """

    shipment: QueuedShipment
    children: tuple[Child, ...] = ()
    is_complete: bool = False
    shortages: tuple[Shortage, ...] = ()
    expected_on: date | None = None
    error: str = ""

    @property
    def leaving(self) -> str:
        """The units that leave, by source and line, as a text that is equal for equal units."""
        parts = sorted(
            (child.source_id, part.line_id, part.future_id or 0, part.units)
            for child in self.children
            for part in child.parts
        )
        return " ".join(":".join(map(str, part)) for part in parts)

    @property
    def becomes_ready_itself(self) -> bool:
        return self.is_complete and len(self.children) == 1 and self.children[0].expected_on is None

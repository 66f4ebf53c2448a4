"""The values that the release engine thinks in; PURE.

Units are whole numbers of ten-thousandths: exact like the decimals they stand for, and an order
of magnitude faster to add, which counts at a million shipments. :func:`units_of` and
:func:`quantity_of` convert. What there is a handful of for each shipment is a named tuple, which
is made in a third of the time of a frozen dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

UNIT = 10_000


def units_of(quantity: Decimal) -> int:
    """Return a quantity as whole ten-thousandths."""
    return int(quantity.scaleb(4))


def quantity_of(units: int) -> Decimal:
    """Return ten-thousandths as the quantity they stand for."""
    return Decimal(units).scaleb(-4)


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
    ROUTING_ERROR = "ROUTING_ERROR"


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """The rules in force for one run. ``None`` limits nothing; ``horizon`` is inclusive."""

    mode: str
    policy: str
    ageing_days: int
    horizon: date
    promises_from_future: bool
    algorithm: str
    default_backorder_days: int
    max_sources_per_release: int | None = None
    max_sources_per_line: int | None = None


class Need(NamedTuple):
    """The units of one shipment line, or of several of one product.

    A line whose stock is not managed takes none (``takes_units`` is false) and travels with the
    others. ``whole`` is how many units may come from where only whole units are given, if that is
    fewer than fit into ``units``.
    """

    line_id: int
    sequence: int
    product_id: int
    units: int
    takes_units: bool = True
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class QueuedShipment:
    """A BACKORDER or FUTURE shipment in the queue.

    ``received`` are units a FUTURE shipment already holds, by product, at its ``source_id``.
    ``barred`` are (source, product) pairs: nothing of the product is taken at the source.
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

    def queue_key(self) -> tuple[int, datetime, int]:
        """Priority (high first), backordered since (old first), id."""
        return -self.priority, self.backordered_since, self.id


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source that some stock links to."""

    id: int
    code: str
    is_enabled: bool
    ships_to_home: bool
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class SourceItemFacts:
    """One product at one source. ``free`` is on hand and not allocated; ``safety`` is kept back."""

    item_id: int
    product_id: int
    source_id: int
    free: int
    safety: int
    is_in_stock: bool


@dataclass(frozen=True, slots=True)
class FutureFacts:
    """One open record of future supply; ``units`` are outstanding and promised to nobody."""

    id: int
    product_id: int
    source_id: int
    expected_on: date | None
    units: int


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product; ``own_future`` is its own Promise from future inventory, ``None`` = inherit.

    ``uses_decimals`` is what holds at a source that has no value of its own.
    """

    id: int
    sku: str
    own_future: bool | None = None
    uses_decimals: bool = False


@dataclass(frozen=True, slots=True)
class Supply:
    """All that a run may give away.

    ``links`` are the source ids of each stock, by priority; ``pickup_waiting`` the (source,
    product) pairs for which pickup shipments wait; ``with_decimals`` those that give fractions of
    a unit too.
    """

    sources: Mapping[int, SourceFacts]
    links: Mapping[int, tuple[int, ...]]
    items: tuple[SourceItemFacts, ...]
    future: tuple[FutureFacts, ...]
    products: Mapping[int, ProductFacts]
    pickup_waiting: frozenset[tuple[int, int]] = frozenset()
    with_decimals: frozenset[tuple[int, int]] = frozenset()


class Take(NamedTuple):
    """Units of one line from a source item, or (``future_id``) from a record of future supply."""

    line_id: int
    product_id: int
    units: int
    source_id: int
    future_id: int | None = None
    expected_on: date | None = None


class Child(NamedTuple):
    """What leaves together: READY from a source now, or (``expected_on``) FUTURE from it.

    ``free_lines`` are lines that take no units and travel along.
    """

    source_id: int
    expected_on: date | None
    takes: tuple[Take, ...]
    free_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortage:
    """One product that a shipment lacks, and why; ``facts`` by reason are JSON values."""

    product_id: int
    missing: int
    reasons: tuple[WaitReason, ...]
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one shipment.

    No children: it waits. ``is_complete`` says that nothing stays on it; with one READY child
    it then becomes READY itself instead of having a child. ``error``: it could not be decided or
    written, and why; the others go on without it.
    """

    shipment: QueuedShipment
    children: tuple[Child, ...] = ()
    is_complete: bool = False
    shortages: tuple[Shortage, ...] = ()
    expected_on: date | None = None
    error: str = ""

    @property
    def becomes_ready_itself(self) -> bool:
        return self.is_complete and len(self.children) == 1 and self.children[0].expected_on is None


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """The decisions of a run, in queue order."""

    decisions: tuple[Decision, ...] = ()

    @property
    def released(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.children)

    @property
    def waiting(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if not decision.is_complete)

"""One page of the review: age bands, counts by age, order, rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    Count,
    F,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat

from core.name_order import NameKey
from fulfillment.models import Shipment, Shipments, WaitingFigures
from orders.models import FulfillmentMethod, Payment

PAGE_SIZE = 50
# A filter finds a shipment sooner, and each page costs all pages before it.
LAST_PAGE = 2_000
QUEUE_ORDER = "queue"
# Of a longer queue a page cannot look at the decision on each shipment, only to count them.
LONG_QUEUE = 20_000

LIVE_AUTHORIZATION = Payment.objects.filter(
    order=OuterRef("order"), state=Payment.State.AUTHORIZED
).order_by("expires_at", "pk")

# What a list can be sorted by, and the columns that stand for it; "-" before a name turns it.
# Of the waiting ones each is read once, whose few tens of bytes are sorted: stocks, channels,
# sources and people are small tables.
SORTS: dict[str, F | Concat | Coalesce | Case] = {
    "number": F("number"),
    # As an expression: along the index of numbers the whole history would be passed over.
    "order": Concat("order__number", Value("")),
    "customer": F("order__customer_name"),
    "state": F("state"),
    "priority": F("priority"),
    "expected": F("expected_on"),
    "missed": F("missed_promise_count"),
    "value": F("amount"),
    "expires": F("authorization_expires_at"),
    "channel": F("order__channel__code"),
    "stock": F("stock__code"),
    # The method is the order's; only what is picked up has a pickup source.
    "method": Case(
        When(pickup_source=None, then=Value(FulfillmentMethod.SHIP_TO_HOME.value)),
        default=Value(FulfillmentMethod.PICKUP.value),
    ),
    "source": Coalesce("source__code", "pickup_source__code"),
    "assignee": F("assignee__username"),
}
# Of these, the columns of names: they are sorted in the order of the reader's language.
NAMED = {"customer": "order__customer_name", "assignee": "assignee__username"}
UNKNOWN_LAST = {"expected", "expires", "source", "assignee"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many shipments match, whatever their age, and in each band of age."""

    total: int
    bands: Mapping[str, int]

    def of(self, band: str) -> int:
        """Return how many there are in a band; of all ages for what is none."""
        return self.bands.get(band, self.total)


@dataclass(frozen=True, slots=True)
class ShipmentPage:
    """Shipments in the order asked for. ``number`` counts from 1."""

    shipments: list[Shipment]
    number: int
    has_next: bool

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.shipments) - 1


def in_order(shipments: Shipments, sort: str) -> Shipments:
    """Order by a name of ``SORTS`` or "age", turned by "-"; else by the queue. Always total."""
    name, is_turned = sort.removeprefix("-"), sort.startswith("-")
    if name == "age":
        # The oldest has waited since the earliest.
        since = "backordered_since" if is_turned else "-backordered_since"
        return shipments.order_by(since, "pk" if is_turned else "-pk")
    if name not in SORTS:
        return shipments.queue_order()
    if name == "expires":
        shipments = shipments.alias(
            authorization_expires_at=Subquery(LIVE_AUTHORIZATION.values("expires_at")[:1])
        )
    column = NameKey(NAMED[name]) if name in NAMED else SORTS[name]
    # Only where there are unknown values: an index is not read backwards with them last.
    nulls_last = True if name in UNKNOWN_LAST else None
    order: OrderBy = column.desc(nulls_last=nulls_last) if is_turned else column.asc()
    return shipments.order_by(order, "-pk" if is_turned else "pk")


def page_of(shipments: Shipments, *, sort: str, number: int) -> ShipmentPage:
    """Return page ``number`` in order, its orders, channels and sources read along.

    The page's keys are found first, from an index where there is one; only its own rows are read.
    """
    number = min(max(number, 1), LAST_PAGE)
    start = (number - 1) * PAGE_SIZE
    keys = list(in_order(shipments, sort).values_list("pk", flat=True)[start:][: PAGE_SIZE + 1])
    shown = keys[:PAGE_SIZE]
    rows = Shipment.objects.with_names().in_bulk(shown)
    return ShipmentPage(
        [rows[key] for key in shown if key in rows],
        number,
        has_next=len(keys) > PAGE_SIZE and number < LAST_PAGE,
    )


def is_queue_long() -> bool:
    """Whether more waits than a page can look at one by one."""
    keys = Shipment.objects.in_queue().order_by().values("pk")
    return keys[: LONG_QUEUE + 1].count() > LONG_QUEUE


def counts_by_age(shipments: QuerySet[Shipment], *, today: date, zone: ZoneInfo) -> Counts:
    """Return how many shipments are in each band of age, in one statement."""
    bands = {
        band.value: Count("pk", filter=waited(*ages, today=today, zone=zone))
        for band, ages in WaitingFigures.AGES.items()
    }
    counted = shipments.order_by().aggregate(total=Count("pk"), **bands)
    return Counts(counted.pop("total"), counted)


def waited(least: int | None, most: int | None, *, today: date, zone: ZoneInfo) -> Q:
    """Match the shipments that have waited from ``least`` to ``most`` days; None is no bound."""
    matched = Q()
    if least is not None:
        until = datetime.combine(today - timedelta(days=least), time.max, zone)
        matched &= Q(backordered_since__lte=until)
    if most is not None:
        since = datetime.combine(today - timedelta(days=most), time.min, zone)
        matched &= Q(backordered_since__gte=since)
    return matched

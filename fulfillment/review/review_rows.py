"""What the review says of each shipment of a page, read for the whole page at once."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Min, Sum

from fulfillment.models import Allocation, Shipment, ShipmentLine
from fulfillment.models.release_conditions import kept_out
from fulfillment.review.promises import (
    Agreement,
    CustomerPromise,
    agreements_of,
    promises_of,
)
from fulfillment.review.shipment_conditions import (
    BEFORE_RELEASE_DATE,
    EXPLAINING,
    NEEDS_UNITS,
    NO_STOCK,
    is_covered,
)
from inventory.models import FutureSupply
from orders.models import Payment

EXPIRES_SOON_DAYS = 3
# Later than the last band of age begins.
VERY_LATE_DAYS = 30


@dataclass(frozen=True, slots=True)
class ExpectedSupply:
    """Units that are to come. ``expected_on`` is ``None`` while no date is known."""

    source: str
    quantity: Decimal
    expected_on: date | None
    is_overdue: bool
    is_promised: bool = False


@dataclass(frozen=True, slots=True)
class MissingUnits:
    """Units of one product that a shipment waits for; why, and what is to come of it."""

    sku: str
    quantity: Decimal
    reasons: tuple[str, ...]
    supply: ExpectedSupply | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One shipment as the review shows it. ``age_days`` is ``None`` if it never waited.

    ``days_late`` counts from the expected date; 0 while that has not passed. Without a
    ``promise`` the customer was given nothing; without an ``agreement`` it has no units.
    """

    shipment: Shipment
    age_days: int | None
    days_late: int
    missing: tuple[MissingUnits, ...]
    expires_at: datetime | None
    expires_soon: bool
    kept_out: str = ""
    promise: CustomerPromise | None = None
    agreement: Agreement | None = None

    @property
    def first_supply(self) -> ExpectedSupply | None:
        """Return what comes of the first product that anything comes of."""
        return next((part.supply for part in self.missing if part.supply is not None), None)

    @property
    def is_very_late(self) -> bool:
        return self.days_late > VERY_LATE_DAYS

    @property
    def reasons(self) -> list[str]:
        """Return what keeps it out of every run; else each reason why it waits for units, once."""
        if self.kept_out:
            return [self.kept_out]
        if self.shipment.state != Shipment.State.BACKORDER:
            return []
        return list(dict.fromkeys(reason for part in self.missing for reason in part.reasons))


def rows_of(
    shipments: Sequence[Shipment], *, now: datetime, zone: ZoneInfo, with_promises: bool = True
) -> list[ReviewRow]:
    """Return the rows of ``shipments``, in their order, in a constant number of statements.

    Promises and agreements are read only ``with_promises``.

    Why a shipment waits is what the last run found that planned it since it came to wait. A
    product that it found covered, and others short, is not missing; one of a shipment that none
    planned has NO_STOCK, or waits for the release date of its product.
    """
    today = now.astimezone(zone).date()
    ids = [shipment.pk for shipment in shipments]
    promised = _promised(ids, today)
    lines = _lines(ids)
    reasons = _reasons(ids)
    coming = _coming(
        shipments, {line.product_id for found in lines.values() for line in found}, today
    )
    kept = kept_out(ids)
    promises = promises_of(shipments) if with_promises else {}
    agreements = agreements_of(shipments, zone=zone) if with_promises else {}
    expiry = _expiry({shipment.order_id for shipment in shipments})
    rows = []
    for shipment in shipments:
        shortages = reasons.get(shipment.pk)
        parts = promised.get(shipment.pk, ())
        if shipment.state != Shipment.State.FUTURE:
            parts = tuple(
                _missing(shipment, line, shortages, coming, today)
                for line in lines.get(shipment.pk, ())
                if not is_covered(line.sku, shortages or {})
            )
        since = shipment.backordered_since
        expires_at = expiry.get(shipment.order_id)
        is_waiting = shipment.state in Shipment.WAITING_STATES
        rows.append(
            ReviewRow(
                shipment=shipment,
                age_days=None if since is None else (today - since.astimezone(zone).date()).days,
                days_late=_days_since(shipment.expected_on, today) if is_waiting else 0,
                missing=tuple(parts) if is_waiting else (),
                expires_at=expires_at,
                expires_soon=expires_at is not None and (expires_at - now).days < EXPIRES_SOON_DAYS,
                kept_out=kept.get(shipment.pk, ""),
                promise=promises.get(shipment.pk),
                agreement=agreements.get(shipment.pk),
            )
        )
    return rows


def _days_since(on: date | None, today: date) -> int:
    return 0 if on is None else max((today - on).days, 0)


class _NeededLine(NamedTuple):
    product_id: int
    sku: str
    name: str
    release_on: date | None
    quantity: Decimal


def _lines(ids: Collection[int]) -> dict[int, list[_NeededLine]]:
    """Return what each shipment needs, by product, in the order of its lines."""
    needed: defaultdict[int, list[_NeededLine]] = defaultdict(list)
    lines = ShipmentLine.objects.filter(NEEDS_UNITS, shipment__in=ids).values_list(
        "shipment_id", "product_id", "product__sku", "product__name", "product__release_on"
    )
    in_order = lines.annotate(units=Sum("quantity"), first=Min("order_line__number"))
    for shipment_id, *columns, _first in in_order.order_by("shipment_id", "first"):
        needed[shipment_id].append(_NeededLine(*columns))
    return needed


def _promised(ids: Collection[int], today: date) -> dict[int, tuple[MissingUnits, ...]]:
    """Return what FUTURE shipments still wait for, of the supply they are promised from."""
    found: defaultdict[int, list[MissingUnits]] = defaultdict(list)
    allocations = Allocation.objects.filter(
        shipment_line__shipment__in=ids, future_supply__isnull=False
    ).select_related("future_supply__source", "future_supply__product", "shipment_line")
    for allocation in allocations.order_by("pk"):
        supply, line = allocation.future_supply, allocation.shipment_line
        if supply is None or line is None:
            continue
        promise = ExpectedSupply(
            source=supply.source.code,
            quantity=allocation.quantity,
            expected_on=supply.expected_on,
            is_overdue=supply.expected_on is not None and supply.expected_on < today,
            is_promised=True,
        )
        found[line.shipment_id].append(
            MissingUnits(supply.product.sku, allocation.quantity, (), promise, supply.product.name)
        )
    return {shipment_id: tuple(parts) for shipment_id, parts in found.items()}


def _reasons(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the shortages by shipment and SKU, of the last decision that says why it waits."""
    decisions = (
        EXPLAINING.filter(shipment__in=ids)
        .order_by("shipment_id", "-pk")
        .distinct("shipment_id")
        .values_list("shipment_id", "detail")
    )
    return {
        shipment_id: {shortage["sku"]: shortage for shortage in detail.get("shortages", ())}
        for shipment_id, detail in decisions
    }


def _missing(
    shipment: Shipment,
    line: _NeededLine,
    shortages: dict[str, Any] | None,
    coming: dict[tuple[int, int, int], ExpectedSupply],
    today: date,
) -> MissingUnits:
    shortage = None if shortages is None else shortages.get(line.sku)
    quantity = min(line.quantity, Decimal(shortage["missing"])) if shortage else line.quantity
    supply = _next(shipment, line.product_id, coming)
    reasons = _why(line, shortages, today)
    return MissingUnits(line.sku, quantity, reasons, supply, line.name)


def _why(line: _NeededLine, shortages: dict[str, Any] | None, today: date) -> tuple[str, ...]:
    """Return why a line waits: for its release date, or as the last run found.

    It waits for stock where no run planned it, or none since its release date came.
    """
    if line.release_on is not None and today < line.release_on:
        return (BEFORE_RELEASE_DATE,)
    if shortages is None:
        return (NO_STOCK,)
    found = shortages[line.sku]["reasons"] if line.sku in shortages else ()
    return tuple(NO_STOCK if reason == BEFORE_RELEASE_DATE else reason for reason in found)


def count_reasons(states: Mapping[int, str], *, today: date) -> Counter[str]:
    """Return how many shipments, by id with their states, show each reason; in three statements.

    A shipment that waits for several reasons is counted for each.
    """
    kept, lines, reasons = kept_out(states), _lines(states), _reasons(states)
    counts: Counter[str] = Counter()
    for shipment_id, state in states.items():
        if shipment_id in kept:
            counts[kept[shipment_id]] += 1
        elif state == Shipment.State.BACKORDER:
            shortages = reasons.get(shipment_id)
            needed = lines.get(shipment_id, ())
            missing = [line for line in needed if not is_covered(line.sku, shortages or {})]
            counts.update({reason for line in missing for reason in _why(line, shortages, today)})
    return counts


def _next(
    shipment: Shipment, product_id: int, coming: dict[tuple[int, int, int], ExpectedSupply]
) -> ExpectedSupply | None:
    """Return what comes first for a shipment: dated supply, else overdue, else without a date."""
    supplies = [
        supply
        for (product, stock, source), supply in coming.items()
        if product == product_id
        and stock == shipment.stock_id
        and shipment.pickup_source_id in (None, source)
    ]
    return min(supplies, key=_how_soon, default=None)


def _how_soon(supply: ExpectedSupply) -> tuple[bool, bool, date]:
    return supply.expected_on is None, supply.is_overdue, supply.expected_on or date.max


def _coming(
    shipments: Sequence[Shipment], products: Collection[int], today: date
) -> dict[tuple[int, int, int], ExpectedSupply]:
    """Return the open supply that comes first, by product, stock and source."""
    records = (
        FutureSupply.objects.open()
        .filter(
            product__in=products,
            quantity__gt=F("received_quantity"),
            source__links__stock__in={shipment.stock_id for shipment in shipments},
        )
        .order_by("pk")
    )
    found: dict[tuple[int, int, int], ExpectedSupply] = {}
    for product, stock, source, code, quantity, received, expected_on in records.values_list(
        "product_id",
        "source__links__stock_id",
        "source_id",
        "source__code",
        "quantity",
        "received_quantity",
        "expected_on",
    ):
        supply = ExpectedSupply(
            source=code,
            quantity=quantity - received,
            expected_on=expected_on,
            is_overdue=expected_on is not None and expected_on < today,
        )
        key = (product, stock, source)
        if key not in found or _how_soon(supply) < _how_soon(found[key]):
            found[key] = supply
    return found


def _expiry(order_ids: Collection[int]) -> dict[int, datetime]:
    """Return when the first authorization of each order expires."""
    payments = Payment.objects.filter(
        order__in=order_ids, state=Payment.State.AUTHORIZED, expires_at__isnull=False
    )
    latest_first = payments.order_by("-expires_at", "-pk").values_list("order_id", "expires_at")
    return {order_id: expires_at for order_id, expires_at in latest_first if expires_at}

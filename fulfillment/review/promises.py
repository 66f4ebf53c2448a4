"""What customers were given, asked or agreed to, of the units on shipments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from fulfillment.models import DelayRequest, Shipment, ShipmentLine
from inventory.models import InventoryConfiguration

HAS_UNITS = Q(quantity__gt=0)
IS_ASKED = Q(delay_request__state=DelayRequest.State.OPEN)


class PromiseKind(TextChoices):
    """What the customer was last given of a shipment."""

    DATE = "DATE", _("A date")
    NO_DATE = "NO_DATE", _("No date yet")
    NOTHING = "NOTHING", _("Nothing")


@dataclass(frozen=True, slots=True)
class CustomerPromise:
    """The last date that the customer was given of units on a shipment, if any, and when."""

    promised_on: date | None
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the customer of a shipment agreed to: the earliest agreed date of its units.

    ``request`` is the last delay request about them, one that is open before the others.
    """

    agreed_on: date
    request: DelayRequest | None


def with_line(*matched: Q, **values: Any) -> Exists:
    """Match shipments that have units on a line with these values."""
    lines = ShipmentLine.objects.filter(HAS_UNITS, *matched, **values)
    return Exists(lines.filter(shipment=OuterRef("pk")))


IS_INFORMED = {"promise_told_at__isnull": False}
WITHOUT_DATE = with_line(**IS_INFORMED, promised_on=None)
PROMISES: dict[PromiseKind, Any] = {
    PromiseKind.DATE: with_line(promised_on__isnull=False) & ~WITHOUT_DATE,
    PromiseKind.NO_DATE: WITHOUT_DATE,
    PromiseKind.NOTHING: ~with_line(**IS_INFORMED),
}


def agreed_since(day: date, zone: ZoneInfo) -> Exists:
    """Match shipments with units whose agreed date is ``day`` or later."""
    placed_at = datetime.combine(_placed_for(day), time.min, zone)
    usual = Q(agreed_on=None, shipment__order__placed_at__gte=placed_at)
    return with_line(Q(agreed_on__gte=day) | usual)


def agreed_until(day: date, zone: ZoneInfo) -> Exists:
    """Match shipments with units whose agreed date is ``day`` or earlier."""
    placed_at = datetime.combine(_placed_for(day), time.max, zone)
    usual = Q(agreed_on=None, shipment__order__placed_at__lte=placed_at)
    return with_line(Q(agreed_on__lte=day) | usual)


def promises_of(shipments: Sequence[Shipment]) -> dict[int, CustomerPromise]:
    """Return what customers were last given, by shipment id; no date yet of a line counts first.

    Shipments of which nothing was said are left out.
    """
    lines = ShipmentLine.objects.filter(
        HAS_UNITS, shipment__in=[shipment.pk for shipment in shipments], **IS_INFORMED
    )
    told = lines.values("shipment").annotate(
        day=Max("promised_on"),
        undated=Count("pk", filter=Q(promised_on=None)),
        at=Max("promise_told_at"),
    )
    return {
        shipment_id: CustomerPromise(None if undated else day, at)
        for shipment_id, day, undated, at in told.order_by().values_list(
            "shipment", "day", "undated", "at"
        )
    }


def agreements_of(shipments: Sequence[Shipment], *, zone: ZoneInfo) -> dict[int, Agreement]:
    """Return what customers agreed to, by shipment id; shipments without units are left out.

    Where no date was stated, units are due ``promise_days`` after their order was placed.
    """
    orders = {shipment.pk: shipment.order for shipment in shipments}
    lines = ShipmentLine.objects.filter(HAS_UNITS, shipment__in=orders)
    found = lines.values("shipment").annotate(
        stated=Min("agreed_on"),
        unstated=Count("pk", filter=Q(agreed_on=None)),
        asked=Max("delay_request", filter=IS_ASKED),
        last=Max("delay_request"),
    )
    rows = list(found.order_by().values_list("shipment", "stated", "unstated", "asked", "last"))
    usual = _promise_days()
    requests: Mapping[int, DelayRequest] = DelayRequest.objects.in_bulk(
        [asked or last for *_rest, asked, last in rows if last is not None]
    )
    agreements = {}
    for shipment_id, stated, unstated, asked, last in rows:
        placed_on = orders[shipment_id].placed_at.astimezone(zone).date()
        days = [stated] if stated is not None else []
        days += [placed_on + usual] if unstated else []
        agreements[shipment_id] = Agreement(min(days), requests.get(asked or last))
    return agreements


def _placed_for(day: date) -> date:
    """Return the day on which an order was placed whose usual agreed date is ``day``."""
    return date.fromordinal(max(day.toordinal() - _promise_days().days, 1))


def _promise_days() -> timedelta:
    return timedelta(days=InventoryConfiguration.load().in_force("promise_days"))

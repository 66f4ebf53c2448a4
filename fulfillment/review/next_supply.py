"""Filters by what is to come first of what a shipment misses, as its row shows it."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from fulfillment.models import Allocation, Shipment, ShipmentLine, Shipments, WaitingBalance
from fulfillment.review.shortages import is_missing
from inventory.models import FutureSupply


class NextSupply(models.TextChoices):
    """What comes first of what a shipment misses; the soonest kind is first."""

    DATED = "DATED", _("With a date to come")
    OVERDUE = "OVERDUE", _("Overdue")
    NO_DATE = "NO_DATE", _("Without a date")
    NONE = "NONE", _("Nothing is coming")


SOONEST_FIRST = [NextSupply.DATED, NextSupply.OVERDUE, NextSupply.NO_DATE]
COMING = "product__future_supply"
COMING_ON = f"{COMING}__expected_on"
PROMISED_ON = "future_supply__expected_on"
# Of what more units wait for than these, a page is soon full.
COMMON = 1_000


def with_next_supply(shipments: Shipments, kind: NextSupply, *, today: date) -> Shipments:
    """Keep the shipments of which the soonest that is to come is of this kind.

    Of what is promised, that is the supply it is promised from. Of what is missing otherwise,
    open supply at the sources of its stock; for pickup, at its pickup source.
    """
    to_come = _to_come().filter(is_missing(), shipment=OuterRef("pk"))
    promised = _promised().filter(shipment_line__shipment=OuterRef("pk"))
    if kind == NextSupply.NONE:
        return shipments.filter(~Exists(to_come), ~Exists(promised))
    soonest = Coalesce(
        _soonest(to_come, "shipment", COMING_ON, today),
        _soonest(promised, "shipment_line__shipment", PROMISED_ON, today),
    )
    # The database asks one shipment after the other until a page is full. Of a rare kind it would
    # ask nearly all: which have any is found first then, in one go through the supply.
    is_soonest = Q(soonest_supply=SOONEST_FIRST.index(kind))
    if not _is_common(kind, today):
        is_soonest = Q(pk__in=_with_any(kind, today)) & is_soonest
    return shipments.alias(soonest_supply=soonest).filter(
        Case(When(is_soonest, then=Value(True)), default=Value(False))
    )


def _is_common(kind: NextSupply, today: date) -> bool:
    """Whether much waits for products of which supply of a kind is to come."""
    supply = FutureSupply.objects.filter(
        _is_of(kind, "expected_on", today), state=FutureSupply.State.OPEN
    )
    waiting = WaitingBalance.objects.filter(product__in=supply.values("product"))
    return (waiting.aggregate(units=Sum("quantity"))["units"] or 0) > COMMON


def _to_come(*conditions: Q) -> QuerySet[ShipmentLine]:
    """Return the lines of which units are to come, once for each such supply.

    Conditions of that supply are given here: a filter added later would be of any other.
    """
    return ShipmentLine.objects.filter(
        *conditions,
        Q(shipment__pickup_source=None) | Q(shipment__pickup_source=F(f"{COMING}__source")),
        **{
            "shipment__state__in": [Shipment.State.BACKORDER, Shipment.State.CUSTOMER_CARE],
            f"{COMING}__state": FutureSupply.State.OPEN,
            f"{COMING}__quantity__gt": F(f"{COMING}__received_quantity"),
            f"{COMING}__source__links__stock": F("shipment__stock"),
        },
    ).order_by()


def _promised() -> QuerySet[Allocation]:
    return Allocation.objects.filter(
        shipment_line__shipment__state=Shipment.State.FUTURE, future_supply__isnull=False
    ).order_by()


def _with_any(kind: NextSupply, today: date) -> QuerySet[Any, Any]:
    """Return the keys of the shipments for which any supply of a kind is to come."""
    coming = _to_come(_is_of(kind, COMING_ON, today)).values("shipment")
    promised = _promised().filter(_is_of(kind, PROMISED_ON, today))
    return coming.union(promised.values("shipment_line__shipment"))


def _soonest(found: QuerySet[Any], shipment: str, expected_on: str, today: date) -> Subquery:
    """Return the place in ``SOONEST_FIRST`` of the soonest of what is found for a shipment."""
    places = [
        When(_is_of(kind, expected_on, today), then=Value(place))
        for place, kind in enumerate(SOONEST_FIRST)
    ]
    soonest = found.values(shipment).annotate(soonest=Min(Case(*places)))
    return Subquery(soonest.values("soonest"), output_field=IntegerField())


def _is_of(kind: NextSupply, expected_on: str, today: date) -> Q:
    match kind:
        case NextSupply.DATED:
            return Q(**{f"{expected_on}__gte": today})
        case NextSupply.OVERDUE:
            return Q(**{f"{expected_on}__lt": today})
        case _:
            return Q(**{f"{expected_on}__isnull": True})

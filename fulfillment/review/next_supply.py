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
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from fulfillment.models import Allocation, Shipment, ShipmentLine
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


def with_next_supply(
    shipments: QuerySet[Shipment], kind: NextSupply, *, today: date
) -> QuerySet[Shipment]:
    """Keep the shipments of which the soonest that is to come is of this kind.

    Of what is promised, that is the supply it is promised from. Of what is missing otherwise,
    open supply at the sources of its stock; for pickup, at its pickup source.
    """
    if kind == NextSupply.NONE:
        mine = Q(shipment=OuterRef("pk")), Q(shipment_line__shipment=OuterRef("pk"))
        return shipments.filter(
            ~Exists(_to_come().filter(mine[0])), ~Exists(_promised().filter(mine[1]))
        )
    # Two lists of keys, each found in one go through the supply, not for each shipment anew.
    missing = _of_kind(_to_come(), kind, "shipment", f"{COMING}__expected_on", today)
    promised = _of_kind(
        _promised(), kind, "shipment_line__shipment", "future_supply__expected_on", today
    )
    return shipments.filter(pk__in=missing.union(promised))


def _to_come() -> QuerySet[ShipmentLine]:
    """Return the lines that miss units of which some are to come, once for each such supply."""
    return ShipmentLine.objects.filter(
        Q(shipment__pickup_source=None) | Q(shipment__pickup_source=F(f"{COMING}__source")),
        is_missing(),
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


def _of_kind(
    found: QuerySet[Any], kind: NextSupply, shipment: str, expected_on: str, today: date
) -> QuerySet[Any, Any]:
    """Return the keys of the shipments of which the soonest is of a kind."""
    soon = Case(
        When(**{f"{expected_on}__gte": today}, then=Value(SOONEST_FIRST.index(NextSupply.DATED))),
        When(**{f"{expected_on}__lt": today}, then=Value(SOONEST_FIRST.index(NextSupply.OVERDUE))),
        default=Value(SOONEST_FIRST.index(NextSupply.NO_DATE)),
        output_field=IntegerField(),
    )
    soonest = found.values(shipment).annotate(soonest=Min(soon))
    return soonest.filter(soonest=SOONEST_FIRST.index(kind)).values(shipment)

"""What a shipment misses, by the last run that planned it: stated once, for list and filter."""

from collections.abc import Mapping
from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from fulfillment.models import ReleaseDecision, Shipment, ShipmentLine, Shipments

# Neither what a dry run would do, nor why a shipment waited before it last came to wait.
EXPLAINING = ReleaseDecision.objects.filter(explains_wait=True).order_by("-pk")
NEEDS_UNITS = Q(quantity__gt=0, order_line__is_reserving=True)

Shortages = Mapping[str, Mapping[str, Any]]


def is_covered(sku: str, shortages: Shortages) -> bool:
    """Whether the last run found units for a product, and others of the shipment short.

    Where a run found nothing short, and the shipment waits all the same, nothing is known.
    """
    return bool(shortages) and sku not in shortages


def is_missing() -> Q:
    """Match the lines of which units are missing: they need some, and are not covered."""
    # Named so that the database looks at no decision before it knows that the shipment waits.
    state = ExpressionWrapper(OuterRef("shipment__state"), output_field=CharField())
    decision = EXPLAINING.filter(shipment=OuterRef("shipment")).annotate(waiting_state=state)
    decision = decision.filter(waiting_state__in=Shipment.WAITING_STATES)
    covered = Q(detail__shortages__0__isnull=False) & ~Q(
        detail__contains=_shortage(OuterRef("product__sku"))
    )
    last = decision.annotate(is_covering=covered).values("is_covering")[:1]
    is_covering = Coalesce(Subquery(last, output_field=BooleanField()), Value(False))
    return NEEDS_UNITS & ~Q(is_covering)


def with_shortage(shipments: Shipments, reason: str) -> Shipments:
    """Keep the shipments of which the last run found something they need short for ``reason``.

    Runs keep no decision of a shipment that touches no supply at all: it waits for stock.
    """
    lines = ShipmentLine.objects.filter(NEEDS_UNITS)
    found = lines.annotate(short=_shortage(F("product__sku"), reason))
    of_last = found.filter(shipment=OuterRef("shipment"), short__contained_by=OuterRef("detail"))
    names = Q(detail__contains={"shortages": [{"reasons": [reason]}]}) & Q(Exists(of_last))
    decision = EXPLAINING.filter(shipment=OuterRef("pk")).annotate(is_short=names)
    asked = _asked_of_each(decision.values("is_short"), else_=reason == "NO_STOCK")
    if reason != "NO_STOCK":
        return shipments.filter(asked)
    needing = lines.filter(shipment=OuterRef("pk")).annotate(needs=Value(True))
    return shipments.filter(asked, _asked_of_each(needing.values("needs"), else_=False))


def _asked_of_each(found: QuerySet[Any, Any], *, else_: bool) -> Coalesce:
    """Return what the first of ``found`` says of a shipment, or ``else_`` if there is none.

    The database asks this of shipment after shipment, in the order of the list, until a page is
    full. EXISTS it may answer for the whole history at once, and other conditions it takes for so
    rare that it looks for all that match first.
    """
    return Coalesce(Subquery(found[:1], output_field=BooleanField()), Value(else_))


def _shortage(sku: Combinable, reason: str | None = None) -> Func:
    """Return what a decision contains that found a product short, as JSON."""
    named: list[Any] = [Value("sku"), sku]
    if reason is not None:
        named += [Value("reasons"), _json("jsonb_build_array", Value(reason))]
    shortages = _json("jsonb_build_array", _json("jsonb_build_object", *named))
    return _json("jsonb_build_object", Value("shortages"), shortages)


def _json(function: str, *arguments: Any) -> Func:
    return Func(*arguments, function=function, output_field=JSONField())

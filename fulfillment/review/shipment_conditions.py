"""Conditions of lists that reach beyond the shipment's own row."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    JSONField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.folding import folded
from fulfillment.models import (
    Allocation,
    ReleaseDecision,
    Shipment,
    ShipmentLine,
    Shipments,
    WaitingBalance,
)
from fulfillment.models.release_conditions import KEPT_OUT, is_kept_out_for, is_let_in
from inventory.models import FutureSupply, Product
from orders.customer_words import CUSTOMER_WORDS, words_of
from orders.models import Order


def found_by(text: str, *, only_customers: bool = False) -> Q:
    """Match shipments by the beginning of a number or SKU, or of words of the customer.

    Each way is a statement that an index answers; together they are one list of keys. Joined by
    OR instead, they would be looked through for every shipment.
    """
    found = [] if not (words := words_of(text)) else [_of_orders(_customers(words))]
    if not only_customers:
        for beginning in sorted({text.strip(), text.strip().upper()}):
            found += [
                Shipment.objects.filter(number__startswith=beginning).order_by().values("pk"),
                _of_orders(Order.objects.filter(number__startswith=beginning)),
            ]
        if sku := folded(text.strip()):
            products = Product.objects.filter(sku__folded__startswith=sku).order_by()
            lines = ShipmentLine.objects.filter(product__in=products.values("pk"), quantity__gt=0)
            found.append(lines.order_by().values("shipment"))
    if not found:
        return Q(pk__in=[])
    return Q(pk__in=found[0].union(*found[1:]) if len(found) > 1 else found[0])


def _customers(words: list[str]) -> QuerySet[Order]:
    query = SearchQuery(
        " & ".join(f"{word}:*" for word in words), config="simple", search_type="raw"
    )
    return Order.objects.annotate(customer_words=CUSTOMER_WORDS).filter(customer_words=query)


def _of_orders(orders: QuerySet[Order]) -> QuerySet[Any, Any]:
    shipments = Shipment.objects.filter(order__in=orders.order_by().values("pk"))
    return shipments.order_by().values("pk")


def with_reason(shipments: Shipments, reason: str, *, today: date) -> Shipments:
    """Keep the shipments that wait for ``reason``, which their row shows.

    What keeps a shipment out of every run comes first; what the last run that planned it found
    short is the reason of those that it keeps in, and that wait for units.

    Rule: Why it waits.
    """
    if reason in KEPT_OUT:
        return shipments.filter(is_kept_out_for(reason))
    waiting = shipments.filter(is_let_in(), state=Shipment.State.BACKORDER)
    return with_shortage(waiting, reason, today=today)


NO_STOCK, BEFORE_RELEASE_DATE = "NO_STOCK", "BEFORE_RELEASE_DATE"
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


def with_shortage(shipments: Shipments, reason: str, *, today: date) -> Shipments:
    """Keep the shipments of which the last run found something they need short for ``reason``.

    Runs keep no decision of a shipment that touches no supply at all: it waits for stock. What is
    not released before a later day waits for that day, whatever a run found (§23); once the day
    has come, and no run has planned the shipment since, it waits for stock, too.
    """
    needed = ShipmentLine.objects.filter(NEEDS_UNITS)
    later = Q(product__release_on__gt=today)
    if reason == BEFORE_RELEASE_DATE:
        return shipments.filter(Exists(needed.filter(later, shipment=OuterRef("pk"))))
    lines = needed.exclude(later)
    names = Q()
    for code in (NO_STOCK, BEFORE_RELEASE_DATE) if reason == NO_STOCK else (reason,):
        short = lines.annotate(short=_shortage(F("product__sku"), code))
        of_last = short.filter(
            shipment=OuterRef("shipment"), short__contained_by=OuterRef("detail")
        )
        names |= Q(detail__contains={"shortages": [{"reasons": [code]}]}) & Q(Exists(of_last))
    decision = EXPLAINING.filter(shipment=OuterRef("pk")).annotate(is_short=names)
    asked: list[QuerySet[Any, Any]] = [decision.values("is_short")]
    if reason == NO_STOCK:
        needing = lines.filter(shipment=OuterRef("pk")).annotate(needs=Value(True))
        asked.append(needing.order_by().values("needs"))
    return shipments.filter(_asked_of_each(asked))


def _asked_of_each(asked: Sequence[QuerySet[Any, Any]]) -> Coalesce:
    """Return what the first row of the first of ``asked`` that has one says of a shipment, or no.

    The database asks this of shipment after shipment, in the order of the list, until a page is
    full. EXISTS it may answer for the whole history at once, and other conditions, or two of
    these, it takes for so rare that it looks for all that match first.
    """
    found = [Subquery(rows[:1], output_field=BooleanField()) for rows in asked]
    return Coalesce(*found, Value(False))


def _shortage(sku: Combinable, reason: str | None = None) -> Func:
    """Return what a decision contains that found a product short, as JSON."""
    named: list[Any] = [Value("sku"), sku]
    if reason is not None:
        named += [Value("reasons"), _json("jsonb_build_array", Value(reason))]
    shortages = _json("jsonb_build_array", _json("jsonb_build_object", *named))
    return _json("jsonb_build_object", Value("shortages"), shortages)


def _json(function: str, *arguments: Any) -> Func:
    return Func(*arguments, function=function, output_field=JSONField())


class NextSupply(models.TextChoices):
    """What comes first of what a shipment misses; the soonest kind is first."""

    DATED = "DATED", _("With a future date")
    OVERDUE = "OVERDUE", _("Overdue")
    NO_DATE = "NO_DATE", _("Without a date")
    NONE = "NONE", _("No supply expected")


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
    """Return the position in ``SOONEST_FIRST`` of the soonest of what is found for a shipment."""
    positions = [
        When(_is_of(kind, expected_on, today), then=Value(position))
        for position, kind in enumerate(SOONEST_FIRST)
    ]
    soonest = found.values(shipment).annotate(soonest=Min(Case(*positions)))
    return Subquery(soonest.values("soonest"), output_field=IntegerField())


def _is_of(kind: NextSupply, expected_on: str, today: date) -> Q:
    match kind:
        case NextSupply.DATED:
            return Q(**{f"{expected_on}__gte": today})
        case NextSupply.OVERDUE:
            return Q(**{f"{expected_on}__lt": today})
        case _:
            return Q(**{f"{expected_on}__isnull": True})

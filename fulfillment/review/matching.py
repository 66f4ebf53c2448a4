"""Conditions of the review that reach beyond the shipment's own row."""

from datetime import date

from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Exists, F, JSONField, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from fulfillment.models import ReleaseDecision, Shipment, ShipmentLine
from inventory.models import FutureSupply, Product, StockSource
from orders.customer_words import CUSTOMER_WORDS, words_of
from orders.models import Order

LAST_DECISION = ReleaseDecision.objects.filter(shipment=OuterRef("pk")).order_by("-pk")


class NextSupply(models.TextChoices):
    """What is coming of a product that a shipment waits for."""

    DATED = "DATED", _("With a date to come")
    OVERDUE = "OVERDUE", _("Overdue")
    NO_DATE = "NO_DATE", _("Without a date")
    NONE = "NONE", _("Nothing is coming")


def found_by(text: str, *, only_customers: bool = False) -> Q:
    """Match shipments by the beginning of a number or SKU, or of words of the customer."""
    orders = Q(pk__in=[])
    if words := words_of(text):
        query = SearchQuery(
            " & ".join(f"{word}:*" for word in words), config="simple", search_type="raw"
        )
        customers = Order.objects.annotate(customer_words=CUSTOMER_WORDS)
        orders = Q(pk__in=customers.filter(customer_words=query).values("pk"))
    found = Shipment.objects.filter(order__in=Order.objects.filter(orders).values("pk"))
    ids = found.order_by().values("pk")
    if only_customers:
        return Q(pk__in=ids)
    beginnings = {text.strip(), text.strip().upper()}
    numbered = _any_begins("number", beginnings) | Q(
        order__in=Order.objects.filter(_any_begins("number", beginnings)).values("pk")
    )
    products = Product.objects.filter(_any_begins("sku", beginnings)).values("pk")
    lines = ShipmentLine.objects.filter(product__in=products, quantity__gt=0)
    return (
        Q(pk__in=ids)
        | Q(pk__in=Shipment.objects.filter(numbered).order_by().values("pk"))
        | Q(pk__in=lines.order_by().values("shipment"))
    )


def with_reason(shipments: QuerySet[Shipment], reason: str) -> QuerySet[Shipment]:
    """Keep the shipments that wait for ``reason``, by the last run that planned them.

    Holds and payment are read from the shipment and its order. Runs keep no decision of a
    shipment that touches no supply at all: what it waits for is NO_STOCK.

    Rule: Why it waits.
    """
    unpaid = Q(hold_reason=Shipment.HoldReason.PAYMENT) | Q(order__status__in=Order.UNPAID)
    if reason == "HELD":
        return shipments.filter(is_held=True)
    if reason == "PAYMENT":
        return shipments.filter(unpaid)
    decided = shipments.alias(
        last_decision=Subquery(LAST_DECISION.values("detail")[:1], output_field=JSONField())
    )
    short = Q(last_decision__contains={"shortages": [{"reasons": [reason]}]})
    if reason == "NO_STOCK":
        waits = Q(state__in=Shipment.QUEUED_STATES, is_held=False) & ~unpaid
        short |= waits & Q(last_decision__isnull=True)
    return decided.filter(short)


def with_next_supply(
    shipments: QuerySet[Shipment], kind: NextSupply, *, today: date
) -> QuerySet[Shipment]:
    """Keep the shipments of which some product has such supply open at a source of their stock."""
    linked = StockSource.objects.filter(stock=OuterRef(OuterRef("shipment__stock")))
    coming = FutureSupply.objects.open().filter(
        product=OuterRef("product"),
        quantity__gt=F("received_quantity"),
        source__in=linked.values("source"),
    )
    match kind:
        case NextSupply.DATED:
            coming = coming.filter(expected_on__gte=today)
        case NextSupply.OVERDUE:
            coming = coming.filter(expected_on__lt=today)
        case NextSupply.NO_DATE:
            coming = coming.filter(expected_on=None)
    lines = ShipmentLine.objects.filter(shipment=OuterRef("pk"), quantity__gt=0)
    supplied = Exists(lines.filter(Exists(coming)))
    return shipments.filter(~supplied if kind == NextSupply.NONE else supplied)


def _any_begins(name: str, beginnings: set[str]) -> Q:
    found = Q(pk__in=[])
    for beginning in sorted(beginnings):
        found |= Q(**{f"{name}__startswith": beginning})
    return found

"""Conditions of the review that reach beyond the shipment's own row."""

from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Exists, F, JSONField, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from fulfillment.models import ReleaseDecision, Shipment, ShipmentLine
from inventory.models import FutureSupply, Product
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
    """Match shipments by the beginning of a number or SKU, or of words of the customer.

    Each way is a statement that an index answers; together they are one list of keys. Joined by
    OR instead, they would be looked through for every shipment.
    """
    found = [] if not (words := words_of(text)) else [_of_orders(_customers(words))]
    if not only_customers:
        for beginning in sorted({text.strip(), text.strip().upper()}):
            lines = ShipmentLine.objects.filter(
                product__in=Product.objects.filter(sku__startswith=beginning).values("pk"),
                quantity__gt=0,
            )
            found += [
                Shipment.objects.filter(number__startswith=beginning).order_by().values("pk"),
                _of_orders(Order.objects.filter(number__startswith=beginning)),
                lines.order_by().values("shipment"),
            ]
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


def with_reason(shipments: QuerySet[Shipment], reason: str) -> QuerySet[Shipment]:
    """Keep the shipments that wait for ``reason``, by the last run that planned them.

    Holds and payment are read from the shipment and its order. Runs keep no decision of a
    shipment that touches no supply at all: what it waits for is NO_STOCK.

    Rule: Why it waits.
    """
    unpaid = Q(awaits_payment=True) | Q(order__status__in=Order.UNPAID)
    unpaid |= Q(hold_reason=Shipment.HoldReason.PAYMENT)
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
    dated: dict[str, Any] = {}
    match kind:
        case NextSupply.DATED:
            dated = {"product__future_supply__expected_on__gte": today}
        case NextSupply.OVERDUE:
            dated = {"product__future_supply__expected_on__lt": today}
        case NextSupply.NO_DATE:
            dated = {"product__future_supply__expected_on": None}
    # One join, so that the database may go through the supply once instead of for each shipment.
    supplied = Exists(
        ShipmentLine.objects.filter(
            shipment=OuterRef("pk"),
            quantity__gt=0,
            product__future_supply__state=FutureSupply.State.OPEN,
            product__future_supply__quantity__gt=F("product__future_supply__received_quantity"),
            product__future_supply__source__links__stock=OuterRef("stock"),
            **dated,
        )
    )
    return shipments.filter(~supplied if kind == NextSupply.NONE else supplied)

"""Conditions of the review that reach beyond the shipment's own row."""

from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from fulfillment.models import Shipment, ShipmentLine, Shipments
from fulfillment.models.release_conditions import KEPT_OUT, is_kept_out_for, is_let_in
from fulfillment.review.shortages import with_shortage
from inventory.models import Product
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


def with_reason(shipments: Shipments, reason: str) -> Shipments:
    """Keep the shipments that wait for ``reason``, which their row shows.

    What keeps a shipment out of every run comes first; what the last run that planned it found
    short is the reason of those that it keeps in, and that wait for units.

    Rule: Why it waits.
    """
    if reason in KEPT_OUT:
        return shipments.filter(is_kept_out_for(reason))
    waiting = shipments.filter(is_let_in(), state=Shipment.State.BACKORDER)
    return with_shortage(waiting, reason)

"""Customers as their earlier orders know them."""

from django.db.models import QuerySet

from core.queries.search import first_found
from orders.models import Order
from orders.queries.search import order_ways

# So many orders are looked at for a text, and so many customers are offered.
ORDERS_READ = 50
OFFERED = 8


def customers_found(text: str) -> list[Order]:
    """Return the newest order found of each customer whose name or e-mail address ``text`` finds.

    A customer is an e-mail address, in whatever case.
    """
    sought = text.strip()
    if not sought:
        return _of_each(list(_newest_first()[:ORDERS_READ]))
    found = [order for _match, order in first_found(order_ways(sought), limit=ORDERS_READ)]
    return _of_each(found)


def newest_order_of(text: str) -> Order | None:
    """Return the newest order of the one customer that ``text`` means; None for none or several.

    An e-mail address means its customer, whoever else is found by it.
    """
    sought = text.strip()
    if not sought:
        return None
    if "@" in sought:
        return _newest_first().filter(customer_email__iexact=sought).first()
    found = customers_found(sought)
    return found[0] if len(found) == 1 else None


def _newest_first() -> QuerySet[Order]:
    return Order.objects.order_by("-pk")


def _of_each(orders: list[Order]) -> list[Order]:
    newest: dict[str, Order] = {}
    for order in sorted(orders, key=lambda order: -order.pk):
        newest.setdefault(order.customer_email.lower(), order)
    return list(newest.values())[:OFFERED]

"""Customers ask on the page of their order to hear when a product can be bought again."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings

from inventory.operations.back_in_stock import NewBackInStockRequest, ask, products_out_of_stock
from orders.models import Order, OrderLine
from orders.refusals import StaleError


def lines_to_ask_about(order: Order, lines: Iterable[OrderLine], *, today: date) -> list[OrderLine]:
    """Return a line for each product that cannot be bought now where the order was placed.

    None of an order without an e-mail address.
    """
    if not order.customer_email:
        return []
    by_product = {line.product_id: line for line in reversed(list(lines))}
    skus = [line.sku for line in by_product.values()]
    out = products_out_of_stock(order.channel_id, skus, today=today)
    found = [line for product_id, line in by_product.items() if product_id in out]
    return sorted(found, key=lambda line: line.number)


def ask_about(
    order: Order, number: str, *, language: str, site: str, now: datetime, today: date
) -> None:
    """Queue the e-mail by which the customer confirms a request; opens the transaction.

    ``number`` is that of the line. ``site`` is where this page is, for a site without its address.
    Whether an e-mail is queued is not said: see :func:`ask`.

    :raises StaleError: if the order has no such line whose product cannot be bought now.

    Rule: Back in stock (§18c).
    """
    lines = lines_to_ask_about(order, order.lines.in_force().order_by("number"), today=today)
    line = next((line for line in lines if str(line.number) == number), None)
    if line is None:
        raise StaleError(number)
    new = NewBackInStockRequest(
        product_id=line.product_id,
        channel_id=order.channel_id,
        email=order.customer_email,
        language=language,
        site=settings.SITE_URL or site,
    )
    ask(new, now=now)

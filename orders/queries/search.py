"""Orders by number, e-mail address, name or SKU."""

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from core.folding import folded, with_plain_apostrophes
from core.queries.search import Match, Way
from orders.customer_words import CUSTOMER_WORDS, words_of
from orders.models import Order, OrderLine

# A text that more orders share finds the newest of them only.
MOST_FOUND = 20_000
# Among so many of the newest a common word is looked for first, and so many are shown.
NEWEST = 500
SHOWN = 20


def orders_matching(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Keep the orders whose number, e-mail address, or one of whose SKUs begins with ``text``,
    in whatever case, or whose customer's name has words that begin with all of its words.

    Each way is a search of its own, by an index, for the newest orders, and what they find is
    united: a condition with "or" over two tables would read every order.
    """
    beginning = text.strip()
    return orders.filter(pk__in=_keys_found_by(beginning)) if beginning else orders


def order_ways(text: str) -> Iterator[Way]:
    """Yield how ``text`` finds orders: by number, and by e-mail address or words of the customer,
    the newest first.

    Words that many customers have are found among the newest orders. Others are few: all that an
    index finds are read, since in the order of the list the database would look at every order.
    """
    orders = Order.objects.order_by("-pk")
    yield Way(Match.EXACT, orders.filter(number__iexact=text))
    yield Way(Match.BEGINNING, orders.filter(number__istartswith=text))
    if "@" in text:
        address = with_plain_apostrophes(text)
        yield Way(Match.BEGINNING, orders.filter(customer_email__istartswith=address))
    elif words := words_of(text):
        newest = list(orders.values_list("pk", flat=True)[:NEWEST])
        yield Way(Match.WORDS, _of_customers(orders.filter(pk__in=newest), words))
        found = _of_customers(Order.objects.order_by(), words).values_list("pk", flat=True)
        keys = sorted(found[:MOST_FOUND], reverse=True)[:SHOWN]
        yield Way(Match.WORDS, orders.filter(pk__in=keys))


def rows_of_orders_matching(
    rows: QuerySet[Any], text: str, *, order: str, reference: str = ""
) -> QuerySet[Any]:
    """Keep the rows whose order, to which the path ``order`` leads, ``text`` finds, and those
    whose column ``reference``, if one is named, holds exactly ``text``."""
    sought = text.strip()
    if not sought:
        return rows
    every = rows.model._default_manager.order_by()
    found = every.filter(**{f"{order}__in": _keys_found_by(sought)}).values("pk")
    if reference:
        found = found.union(every.filter(**{reference: sought}).values("pk"))
    return rows.filter(pk__in=found)


def _keys_found_by(beginning: str) -> QuerySet[Order, Any]:
    numbers = Order.objects.filter(number__istartswith=beginning)
    address = with_plain_apostrophes(beginning)
    addresses = Order.objects.filter(customer_email__istartswith=address)
    sku = folded(beginning)
    lines = (
        OrderLine.objects.filter(sku__folded__startswith=sku) if sku else OrderLine.objects.none()
    )
    found = [
        addresses.order_by("-pk").values("pk")[:MOST_FOUND],
        lines.order_by("-order_id").values("order")[:MOST_FOUND],
    ]
    if words := words_of(beginning):
        named = _of_customers(Order.objects.all(), words)
        found.append(named.order_by("-pk").values("pk")[:MOST_FOUND])
    return numbers.order_by("-pk").values("pk")[:MOST_FOUND].union(*found)


def _of_customers(orders: QuerySet[Order], words: list[str]) -> QuerySet[Order]:
    """Keep the orders whose customer has words that begin with each of ``words``."""
    query = SearchQuery(
        " & ".join(f"{word}:*" for word in words), config="simple", search_type="raw"
    )
    return orders.alias(customer_words=CUSTOMER_WORDS).filter(customer_words=query)

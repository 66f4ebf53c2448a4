"""Orders by what staff know of them: a number, an address, a name, a SKU."""

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from orders.customer_words import CUSTOMER_WORDS, words_of
from orders.models import Order, OrderLine


def found_by(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Keep the orders whose number, e-mail address, or one of whose SKUs begins with ``text``,
    in whatever case, or whose customer's name has words that begin with all of its words.

    Each way is a search of its own, by an index, and what they find is united: a condition with
    "or" over two tables would read every order.
    """
    beginning = text.strip()
    if not beginning:
        return orders
    found = [
        Order.objects.filter(customer_email__istartswith=beginning).values("pk"),
        OrderLine.objects.filter(sku__istartswith=beginning).values("order"),
    ]
    if words := words_of(beginning):
        query = SearchQuery(
            " & ".join(f"{word}:*" for word in words), config="simple", search_type="raw"
        )
        customers = Order.objects.annotate(customer_words=CUSTOMER_WORDS)
        found.append(customers.filter(customer_words=query).values("pk"))
    numbers = Order.objects.filter(number__istartswith=beginning).values("pk")
    ways = [way.order_by() for way in found]
    return orders.filter(pk__in=numbers.order_by().union(*ways))

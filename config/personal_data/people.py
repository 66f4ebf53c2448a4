"""The people whose data are held: found, with everything about them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Count, Max, Q, QuerySet, Value
from django.db.models.functions import Upper

from config.personal_data.fields import ADDRESSES, OF_ORDERS, searched_fields
from core.operations.texts_of_a_person import count_texts, find_texts, pattern_of
from fulfillment.models import DelayRequest, Parcel, Shipment
from fulfillment.operations.moves.undo_fulfillment import undoable
from inventory.models import BackInStockRequest
from orders.models import Order, OrderChange, OrderEmail, Payment, PaymentOperation, Return

MOST_PEOPLE = 50
# What each step of looking a person up reads.
NAMES = ("customer_name", "recipient", "street")


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person by their e-mail address, in small letters; ``name`` is that of the newest order."""

    email: str
    name: str
    order_count: int


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person, or several, with their orders; ``pattern`` finds them in texts."""

    emails: tuple[str, ...]
    orders: list[Order]
    pattern: str


def find_people(sought: str) -> list[FoundPerson]:
    """Return whose e-mail address, name, order number or note has what is ``sought``; at most 50.

    Orders, back-in-stock requests and the recipients of e-mails are looked through.
    """
    is_in_order = Q(number__iexact=sought) | Q(customer_email__iexact=sought)
    for column in ("customer_name", "recipient", "notes__text"):
        is_in_order |= Q(**{f"{column}__icontains": sought})
    by_email = Order.objects.order_by().annotate(spelled=Upper("customer_email")).values("spelled")
    newest = by_email.filter(is_in_order).annotate(newest=Max("pk")).order_by("-newest")
    keys = [row["newest"] for row in newest[:MOST_PEOPLE]]
    orders = Order.objects.filter(pk__in=keys).order_by("-pk")
    names = {order.customer_email.lower(): order.customer_name for order in orders}
    requests = BackInStockRequest.objects.of_address(sought)[:1]
    for email in requests.values_list("recipient", flat=True):
        names.setdefault(email.lower(), "")
    for email in OrderEmail.objects.filter(recipient__iexact=sought)[:1].values_list(
        "recipient", flat=True
    ):
        names.setdefault(email.lower(), "")
    counted = by_email.filter(spelled__in=[Upper(Value(email)) for email in names])
    counts = {row["spelled"].lower(): row["count"] for row in counted.annotate(count=Count("pk"))}
    found = [FoundPerson(email, name, counts.get(email, 0)) for email, name in names.items()]
    return found[:MOST_PEOPLE]


def orders_of(*emails: str) -> QuerySet[Order]:
    """Return the orders of e-mail addresses."""
    return Order.objects.filter(_has_address("customer_email", emails)).order_by("pk")


def _has_address(column: str, emails: Iterable[str]) -> Q:
    found = Q(pk__in=())
    for email in emails:
        found |= Q(**{f"{column}__iexact": email})
    return found


def known_person(*emails: str, further: Iterable[str] = ()) -> KnownPerson:
    """Return the person of an e-mail address; ``further`` words name them, too, as a phone number
    or another spelling does. Of several addresses: all these people at once."""
    orders = list(orders_of(*emails))
    return KnownPerson(emails, orders, pattern_of(words_of(emails, orders, further)))


def count_held(
    person: KnownPerson, in_texts: Callable[[str, str, str], int] = count_texts
) -> dict[str, int]:
    """Return in how many rows of each model something is held about a person. Reads all texts.

    ``in_texts`` returns in how many rows of a table a column names them; it may erase that, too.
    """
    counts = {label: rows.count() for label, rows in rows_of(*person.emails).items()}
    for field in searched_fields() if person.pattern else ():
        label = field.model._meta.label
        found = in_texts(field.model._meta.db_table, str(field.column), person.pattern)
        counts[label] = max(counts.get(label, 0), found)
    return {label: count for label, count in counts.items() if count}


def words_of(emails: Iterable[str], orders: Iterable[Order], further: Iterable[str]) -> set[str]:
    """Return the words that name a person: of all orders, their earlier values and parcels.

    A name or street of one word, as Customer or Broadway, stands in texts about others, too; it is
    looked for only as one of the ``further`` words.
    """
    words: set[str] = set()
    keys = []
    for order in orders:
        keys.append(order.pk)
        words |= {order.customer_email, *(getattr(order, name) for name in NAMES)}
    for sent_to in Shipment.objects.filter(order__in=keys).values_list("shipped_to", flat=True):
        words |= {str((sent_to or {}).get(name, "")) for name in NAMES}
    for steps in OrderChange.objects.filter(order__in=keys).values_list("steps", flat=True):
        personal = [step for step in steps if step.get("column") in (*NAMES, "customer_email")]
        words |= {str(step.get(side) or "") for step in personal for side in ("before", "after")}
    words = {word for word in words if "@" in word or len(word.split()) > 1} | {*emails, *further}
    words |= set(
        OrderEmail.objects.filter(order__in=keys).values_list("recipient", flat=True).distinct()
    )
    numbers = Parcel.objects.filter(shipment__order__in=keys)
    return {word for word in words | set(numbers.values_list("tracking_number", flat=True)) if word}


def rows_of(*emails: str) -> dict[str, QuerySet[Any]]:
    """Return the rows that are about a person as a whole, by model."""
    keys = orders_of(*emails).values("pk")
    rows = {
        label: apps.get_model(label)._default_manager.filter(**{f"{path}__in": keys})
        for label, (path, _values) in OF_ORDERS.items()
    }
    for label, column in ADDRESSES.items():
        found = apps.get_model(label)._default_manager.filter(_has_address(column, emails))
        # An e-mail that was sent to a former address of an order is about whose address it is.
        rows[label] = rows[label] | found if label in rows else found
    return rows


def texts_about(pattern: str) -> list[tuple[str, str, list[Any]]]:
    """Return the model, the field and the texts that name a person."""
    found = [
        (
            field.model._meta.label,
            field.name,
            find_texts(field.model._meta.db_table, str(field.column), pattern),
        )
        for field in (searched_fields() if pattern else ())
    ]
    return [entry for entry in found if entry[2]]


def open_orders(orders: Iterable[Order], *, now: datetime) -> list[tuple[Order, str]]:
    """Return the orders that may not be erased yet, each with the code of why.

    Rule: erasing is refused for orders with anything open (domain.md §24).
    """
    found = list(orders)
    reasons = {order.pk: "units" for order in found if order.status not in Order.ENDED}
    for reason, keys in _open_things([order.pk for order in found], now=now):
        for key in keys:
            reasons.setdefault(key, reason)
    return [(order, reasons[order.pk]) for order in found if order.pk in reasons]


def _open_things(orders: list[int], *, now: datetime) -> Iterator[tuple[str, Iterable[int]]]:
    """Yield the keys of the orders with something open, by the code of what it is."""
    states = PaymentOperation.State
    undecided = Q(state__in=(states.PENDING, states.UNKNOWN, states.DUE))
    undecided |= Q(review_since__isnull=False, reviewed_at=None)
    operations = PaymentOperation.objects.filter(undecided, payment__order__in=orders)
    yield "payment", operations.values_list("payment__order", flat=True)
    money = Payment.State.PENDING, Payment.State.AUTHORIZED, Payment.State.UNKNOWN
    of_orders = {"order__in": orders}
    for reason, rows in (
        ("payment", Payment.objects.filter(**of_orders, state__in=money)),
        ("change", OrderChange.objects.filter(**of_orders, state=OrderChange.State.PENDING)),
        ("return", Return.objects.filter(**of_orders, state=Return.State.OPEN)),
        ("request", DelayRequest.objects.filter(**of_orders, state=DelayRequest.State.OPEN)),
    ):
        yield reason, rows.values_list("order", flat=True)
    shipped = Shipment.objects.filter(order__in=orders, state=Shipment.State.FULFILLED)
    yield "undo", [shipment.order_id for shipment in undoable(shipped, now=now)]

"""The people whose data are held: found, with everything about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from config.personal_data.fields import ADDRESSES, OF_ORDERS, searched_fields
from core.operations.texts_of_a_person import count_texts, find_texts, pattern_of
from fulfillment.models import DelayRequest, Parcel, Shipment
from fulfillment.operations.moves.undo_fulfillment import can_be_undone
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
class Holdings:
    """What is held about a person: ``pattern`` finds them in texts, ``counts`` rows by table."""

    orders: list[Order]
    pattern: str
    counts: dict[str, int]


def find_people(sought: str) -> list[FoundPerson]:
    """Return whose e-mail address, name, order number or note has what is ``sought``; at most 50.

    Orders and back-in-stock requests are looked through.
    """
    is_in_order = Q(number__iexact=sought) | Q(customer_email__iexact=sought)
    for column in ("customer_name", "recipient", "notes__text"):
        is_in_order |= Q(**{f"{column}__icontains": sought})
    found: dict[str, list[str]] = {}
    orders = (
        Order.objects.filter(is_in_order)
        .order_by("-pk")
        .values_list("pk", "customer_email", "customer_name")
    )
    for _pk, email, name in dict.fromkeys(orders):
        found.setdefault(email.lower(), []).append(name)
    requests = BackInStockRequest.objects.filter(recipient__iexact=sought)
    for email in requests.order_by("pk").values_list("recipient", flat=True):
        found.setdefault(email.lower(), [])
    return [
        FoundPerson(email, names[0] if names else "", orders_of(email).count())
        for email, names in list(found.items())[:MOST_PEOPLE]
    ]


def orders_of(email: str) -> QuerySet[Order]:
    """Return the orders of an e-mail address."""
    return Order.objects.filter(customer_email__iexact=email).order_by("pk")


def held_about(email: str, further: Iterable[str] = ()) -> Holdings:
    """Return what is held about the person of an e-mail address; ``further`` words name them, too,
    as a phone number or another spelling does."""
    orders = list(orders_of(email))
    pattern = pattern_of(words_of(email, orders, further))
    counts = {label: rows.count() for label, rows in rows_of(email).items()}
    for field in searched_fields() if pattern else ():
        label = field.model._meta.label
        found = count_texts(field.model._meta.db_table, str(field.column), pattern)
        counts[label] = max(counts.get(label, 0), found)
    return Holdings(orders, pattern, {label: count for label, count in counts.items() if count})


def words_of(email: str, orders: Iterable[Order], further: Iterable[str]) -> set[str]:
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
    words = {word for word in words if "@" in word or len(word.split()) > 1} | {email, *further}
    words |= set(
        OrderEmail.objects.filter(order__in=keys).values_list("recipient", flat=True).distinct()
    )
    numbers = Parcel.objects.filter(shipment__order__in=keys)
    return {word for word in words | set(numbers.values_list("tracking_number", flat=True)) if word}


def rows_of(email: str) -> dict[str, QuerySet[Any]]:
    """Return the rows that are about a person as a whole, by model."""
    keys = orders_of(email).values("pk")
    rows = {
        label: apps.get_model(label)._default_manager.filter(**{f"{path}__in": keys})
        for label, (path, _values) in OF_ORDERS.items()
    }
    for label, column in ADDRESSES.items():
        if label not in rows:
            found = apps.get_model(label)._default_manager.filter(**{f"{column}__iexact": email})
            rows[label] = found
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
    found = ((order, _why_open(order, now=now)) for order in orders)
    return [(order, reason) for order, reason in found if reason]


def _why_open(order: Order, *, now: datetime) -> str:
    if order.status not in Order.ENDED:
        return "units"
    states = PaymentOperation.State
    undecided = Q(state__in=(states.PENDING, states.UNKNOWN, states.DUE))
    undecided |= Q(review_since__isnull=False, reviewed_at=None)
    money = Payment.State.PENDING, Payment.State.AUTHORIZED, Payment.State.UNKNOWN
    if (
        PaymentOperation.objects.filter(undecided, payment__order=order).exists()
        or Payment.objects.filter(order=order, state__in=money).exists()
    ):
        return "payment"
    if OrderChange.objects.filter(order=order, state=OrderChange.State.PENDING).exists():
        return "change"
    if Return.objects.filter(order=order).filter(state=Return.State.OPEN).exists():
        return "return"
    shipments = Shipment.objects.filter(order=order)
    if DelayRequest.objects.filter(order=order, state=DelayRequest.State.OPEN).exists():
        return "request"
    if any(can_be_undone(shipment, now=now) for shipment in shipments):
        return "undo"
    return ""

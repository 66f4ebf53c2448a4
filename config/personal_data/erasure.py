"""The erasing of what is held about a person."""

from collections.abc import Collection, Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from config.personal_data.fields import OF_ORDERS
from config.personal_data.people import (
    KnownPerson,
    count_held,
    known_person,
    open_orders,
    orders_of,
    rows_of,
)
from core.callers import Caller
from core.models import SecurityEvent
from core.operations.security_events import record
from core.operations.texts_of_a_person import erase_texts
from orders.models import Order, OrderEmail

# What stands for the address of an erased order; nothing is ever delivered there.
ERASED_ADDRESS = "erased-{}@erased.invalid"


class StillOpenError(Exception):
    """Orders of the person have something open; ``orders`` names them, each with why."""

    def __init__(self, orders: list[tuple[Order, str]]) -> None:
        super().__init__(", ".join(order.number for order, _reason in orders))
        self.orders = orders


def erase_person(caller: Caller, email: str, further: Iterable[str] = ()) -> dict[str, int]:
    """Erase a person; return from how many rows of each model. Opens the transaction.

    Orders keep amounts, products and dates. ``further`` are other words by which the person is
    named, as a phone number.

    :raises StillOpenError: if an order has something open. Nothing is erased then.

    Rule: a person's data can be erased (domain.md §24).
    """
    with transaction.atomic():
        orders = list(orders_of(email).select_for_update())
        if refused := open_orders(orders, now=caller.at):
            raise StillOpenError(refused)
        counts = _erase(caller, known_person(email, further=further))
    _delete_written_mail(email)
    return counts


def erase_if_ended(caller: Caller, emails: Collection[str]) -> int:
    """Erase these people at once, but for those who have something open; return how many.

    Texts are read once for all of them. Opens the transaction.
    """
    with transaction.atomic():
        orders = list(orders_of(*emails).select_for_update())
        still = {order.customer_email.lower() for order, _why in open_orders(orders, now=caller.at)}
        gone = [email for email in emails if email.lower() not in still]
        if gone:
            _erase(caller, known_person(*gone))
    for email in gone:
        _delete_written_mail(email)
    return len(gone)


def _erase(caller: Caller, person: KnownPerson) -> dict[str, int]:
    counts = count_held(person, erase_texts)
    for label, rows in rows_of(*person.emails).items():
        if label in OF_ORDERS:
            rows.update(**OF_ORDERS[label][1])
        else:
            rows.delete()
    _give_no_address(person)
    numbers = ", ".join(order.number for order in person.orders)
    erased = {"count": sum(counts.values())}
    record(caller, SecurityEvent.Kind.ERASED, name=numbers, detail=erased)
    return counts


def _give_no_address(person: KnownPerson) -> None:
    """Give the orders of a person, and every e-mail to them, an address that is nobody's.

    The links of the pages of the orders were signed for the former one, and end with it.
    """
    keys = [order.pk for order in person.orders]
    emails = rows_of(*person.emails)["orders.OrderEmail"]
    unsent = emails.filter(state=OrderEmail.State.QUEUED)
    unsent.update(state=OrderEmail.State.LEFT_OUT, left_out_reason=OrderEmail.LeftOut.OVER)
    emails.update(recipient=_erased_address("order_id"))
    Order.objects.filter(pk__in=keys).update(customer_email=_erased_address("pk"))


def _erased_address(key: str) -> Concat:
    """Return the address of an erased order, by the name of the column with its key."""
    before, after = ERASED_ADDRESS.split("{}")
    return Concat(Value(before), Cast(key, CharField()), Value(after))


def _delete_written_mail(email: str) -> None:
    """Delete the e-mails to a person that were written to files, as without a mail server."""
    folder = Path(settings.EMAIL_FILE_PATH)
    for file in sorted(folder.glob("*.log")) if folder.is_dir() else ():
        if email.lower().encode() in file.read_bytes().lower():
            file.unlink(missing_ok=True)

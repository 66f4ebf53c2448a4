"""Queues e-mails to customers, one per event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.quantities import ZERO
from orders.models import Cancellation, Order, OrderEmail, OrderLine


@dataclass(frozen=True, slots=True)
class Notice:
    """One event of an order for its customer.

    ``context`` holds what the text needs as JSON values: ``lines`` (each as :func:`line_facts`
    has it, with ``backordered_quantity`` and ``expected_on`` where they apply), and
    ``expected_on`` / ``former_expected_on`` for a date that changed.
    """

    order: Order
    event_key: str
    context: Mapping[str, Any]


def line_facts(line: OrderLine, quantity: Decimal) -> dict[str, Any]:
    """Return what a text says of units of a line, as JSON values."""
    return {"sku": line.sku, "name": line.name, "quantity": str(quantity)}


def queue_emails(notices: Iterable[Notice], *, kind: OrderEmail.Kind, now: datetime) -> None:
    """Queue an e-mail for each notice, in one statement of the caller's transaction.

    A second for the same event is ignored.

    Rule: Telling customers.
    """
    OrderEmail.objects.bulk_create(
        (
            OrderEmail(
                order=notice.order,
                kind=kind,
                event_key=notice.event_key,
                language=notice.order.customer_language,
                recipient=notice.order.customer_email,
                context=dict(notice.context),
                created_at=now,
                next_attempt_at=now,
            )
            for notice in notices
        ),
        ignore_conflicts=True,
    )


def tell_canceled(
    cancellation: Cancellation, *, refunded: Mapping[int, Decimal] | None = None, now: datetime
) -> None:
    """Queue the e-mail about a cancellation, in the caller's transaction.

    ``refunded`` are units that ended with it, by order line id, but are kept on a refund, for
    they were paid for.

    Rule: Telling customers, canceled.
    """
    order = cancellation.order
    canceled = dict(cancellation.lines.values_list("order_line", "quantity"))
    units = {
        pk: canceled.get(pk, ZERO) + (refunded or {}).get(pk, ZERO)
        for pk in {*canceled, *(refunded or {})}
    }
    lines = order.lines.filter(pk__in=units).order_by("number")
    context = {"lines": [line_facts(line, units[line.pk]) for line in lines]}
    notice = Notice(order, f"cancel-{cancellation.pk}", context)
    queue_emails([notice], kind=OrderEmail.Kind.CANCELED, now=now)

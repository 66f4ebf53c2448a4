"""Writes down what customers are to be told, once per event."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.models import Cancellation, Order, OrderEmail

NOTHING = Decimal(0)


def queue_email(
    order: Order,
    *,
    kind: OrderEmail.Kind,
    event_key: str,
    context: Mapping[str, Any],
    now: datetime,
) -> None:
    """Queue one e-mail inside the caller's transaction; a second for the event is ignored.

    ``context`` holds what the text needs as JSON values: ``lines`` (each with ``sku``, ``name``,
    ``quantity``, and where it applies ``backordered_quantity`` and ``expected_on``), and
    ``expected_on`` / ``former_expected_on`` for a date that changed.

    Rule: Telling customers.
    """
    OrderEmail.objects.bulk_create(
        [
            OrderEmail(
                order=order,
                kind=kind,
                event_key=event_key,
                language=order.customer_language,
                recipient=order.customer_email,
                context=dict(context),
                created_at=now,
                next_attempt_at=now,
            )
        ],
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
        pk: canceled.get(pk, NOTHING) + (refunded or {}).get(pk, NOTHING)
        for pk in {*canceled, *(refunded or {})}
    }
    lines = order.lines.filter(pk__in=units).order_by("number")
    queue_email(
        order,
        kind=OrderEmail.Kind.CANCELED,
        event_key=f"cancel-{cancellation.pk}",
        context={
            "lines": [
                {"sku": line.sku, "name": line.name, "quantity": str(units[line.pk])}
                for line in lines
            ]
        },
        now=now,
    )

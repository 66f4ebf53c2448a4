"""Writes down what customers are to be told, once per event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orders.models import Order, OrderEmail


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

"""What an order confirmation says: what was ordered, what of it waits, and until when."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from orders import downstream
from orders.models import OrderEmail, OrderLine


def add_confirmation_facts(emails: Sequence[OrderEmail]) -> None:
    """Give confirmations that are about to be written their facts, in three queries.

    They are queued by the statement that records the payment, which knows of no shipment.

    Rule: Telling customers, order confirmation.
    """
    bare = [
        email
        for email in emails
        if email.kind == OrderEmail.Kind.CONFIRMATION and not email.context
    ]
    if not bare:
        return
    order_ids = {email.order_id for email in bare}
    dates = downstream.current().expected_dates(order_ids)
    facts: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=order_ids).order_by("order", "number"):
        expected_on = dates.get(line.pk)
        facts[line.order_id].append(
            {
                "sku": line.sku,
                "name": line.name,
                "quantity": str(line.quantity),
                "backordered_quantity": str(line.backordered_quantity),
                "expected_on": expected_on.isoformat() if expected_on else None,
            }
        )
    for email in bare:
        email.context = {"lines": facts[email.order_id]}

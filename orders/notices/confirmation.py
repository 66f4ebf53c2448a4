"""What an order confirmation says: what was ordered, what of it waits, and until when."""

from orders import ports
from orders.models import OrderEmail


def add_confirmation_facts(email: OrderEmail) -> None:
    """Give a confirmation that is about to be written its facts; others have theirs.

    It is queued by the statement that records the payment, which knows of no shipment.

    Rule: Telling customers, order confirmation.
    """
    if email.kind != OrderEmail.Kind.CONFIRMATION or email.context:
        return
    dates = ports.current().expected_dates([email.order_id])
    lines = []
    for line in email.order.lines.order_by("number"):
        expected_on = dates.get(line.pk)
        lines.append(
            {
                "sku": line.sku,
                "name": line.name,
                "quantity": str(line.quantity),
                "backordered_quantity": str(line.backordered_quantity),
                "expected_on": expected_on.isoformat() if expected_on else None,
            }
        )
    email.context = {"lines": lines}

"""E-mails that were never queued, by which a text is looked at."""

from datetime import date, timedelta

from django.conf import settings

from orders.models import Order, OrderEmail
from orders.notices.email_queue import Together, line_facts

# Lines of an order that an example has at most.
MOST_LINES = 50
DAYS = timedelta(days=14)


def example_email(kind: str, language: str, *, order: Order | None, today: date) -> OrderEmail:
    """Return an e-mail of this kind about an order, not kept; without an order, about none.

    It has the facts of the last e-mail of the kind about the order, else facts made up.
    """
    email = OrderEmail(order=order or _nobodys_order(), kind=kind, language=language)
    if order is not None:
        sent = order.emails.filter(kind=kind).exclude(context={}).order_by("-pk").first()
        if sent is not None:
            email.context = sent.context
            return email
    lines = _lines(order, today)
    email.context = {
        **_made_up(email.order, today),
        "lines": lines,
        "delays": [_delay(lines, today)],
    }
    if kind == OrderEmail.Kind.CONFIRMATION and not email.order.is_pickup:
        email.context["stores"] = []
    return email


def _nobodys_order() -> Order:
    return Order(
        number="1001",
        customer_name="Ada",
        recipient="Ada",
        street="Kungsgatan",
        postcode="223 50",
        city="Lund",
        country="SE",
        currency=settings.SITE_CURRENCY,
        total=15,
    )


def _made_up(order: Order, today: date) -> dict[str, object]:
    day, total = (today + DAYS).isoformat(), str(order.total)
    return {
        "total": total,
        "expected_on": day,
        "former_expected_on": today.isoformat(),
        "parcels": [
            {
                "carrier": "PostNord",
                "number": "00370712345678901234",
                "link": "https://tracking.postnord.com/en/tracking?id=00370712345678901234",
            }
        ],
        "stores": [
            {
                "name": "Lund",
                "city": "Lund",
                "phone": "046 12 34 56",
                "opening_hours": "10–18",
            }
        ],
        "cause": "NOT_AVAILABLE",
        "refund_amount": total,
        "amount": total,
        "until": day,
        **({"together": Together.of(order).value} if order.ship_complete else {}),
    }


def _delay(lines: list[dict[str, object]], today: date) -> dict[str, object]:
    """Return a question about units that come later, within the time that silence agrees to."""
    rows = [{name: line[name] for name in ("sku", "name", "quantity")} for line in lines]
    return {
        "lines": rows,
        "agreed_on": today.isoformat(),
        "new_on": (today + DAYS).isoformat(),
        "silence": "AGREES",
        "answer_by": today.isoformat(),
        "is_canceled_by_silence": True,
    }


def _lines(order: Order | None, today: date) -> list[dict[str, object]]:
    if order is None:
        line = {
            "sku": "KTP",
            "name": "Kettle",
            "quantity": "6",
            "backordered_quantity": "2",
        }
        return [{**line, "expected_on": (today + DAYS).isoformat()}]
    return [
        {
            **line_facts(line, line.quantity),
            "backordered_quantity": str(line.backordered_quantity),
            "canceled_quantity": str(line.canceled_quantity),
            "expected_on": (today + DAYS).isoformat(),
        }
        for line in order.lines.in_force().order_by("number")[:MOST_LINES]
    ]

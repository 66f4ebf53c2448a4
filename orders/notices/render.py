"""Renders the text of an e-mail, in the customer's language where the site has it."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from core import formats
from core.text import gettext_noop
from orders.models import OrderEmail
from orders.order_links import kept_address

SUBJECTS = {
    OrderEmail.Kind.CONFIRMATION: gettext_noop("Your order %(number)s"),
    OrderEmail.Kind.EXPECTED_DATE_CHANGED: gettext_noop("A new date for your order %(number)s"),
    OrderEmail.Kind.DELAYED: gettext_noop("A delay of your order %(number)s"),
    OrderEmail.Kind.BEING_PREPARED: gettext_noop("Your order %(number)s is being prepared"),
    OrderEmail.Kind.DISPATCHED: gettext_noop("Your order %(number)s is on its way to you"),
    OrderEmail.Kind.READY_TO_COLLECT: gettext_noop("Your order %(number)s is ready to collect"),
    OrderEmail.Kind.CANCELED: gettext_noop("Canceled units of your order %(number)s"),
    OrderEmail.Kind.REFUNDED: gettext_noop("Refund for your order %(number)s"),
    OrderEmail.Kind.PAYMENT_NEEDED: gettext_noop("Payment needed for your order %(number)s"),
}


def render_email(email: OrderEmail) -> tuple[str, str]:
    """Return subject and body of ``email``, which comes with its order."""
    facts = email.context
    with translation.override(email.written_in):
        context = {
            "order": email.order,
            "lines": [_line(line) for line in facts.get("lines", [])],
            "total": Decimal(facts.get("total", email.order.total)),
            "expected_on": _date(facts.get("expected_on")),
            "former_expected_on": _date(facts.get("former_expected_on")),
            "store": facts.get("store", {}),
            "delays": [_delay(delay) for delay in facts.get("delays", [])],
            "tracking": facts.get("tracking", ""),
            "cause": facts.get("cause", ""),
            "refund_amount": _amount(facts.get("refund_amount")),
            "is_uncharged": facts.get("is_uncharged", False),
            "amount": _amount(facts.get("amount")),
            "until": _date(facts.get("until")),
        }
        template = f"orders/emails/{email.kind.lower()}.txt"
        subject = _(SUBJECTS[OrderEmail.Kind(email.kind)]) % {"number": email.order.number}
        parts = [render_to_string(template, context).strip(), _link_words()]
        return subject, "\n\n".join(filter(None, parts)) + "\n"


def _link_words() -> str:
    """Return what leads to the page of the order: without a working link, as the text is kept."""
    address = kept_address()
    return f"{_('See the state of your order at any time:')} {address}" if address else ""


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "sku": line["sku"],
        "name": line["name"],
        "quantity": formats.quantity(Decimal(line["quantity"])),
        "backordered_quantity": formats.quantity(Decimal(line.get("backordered_quantity", "0"))),
        "is_backordered": Decimal(line.get("backordered_quantity", "0")) > 0,
        "is_canceled": Decimal(line.get("canceled_quantity", "0")) > 0,
        "canceled_quantity": formats.quantity(Decimal(line.get("canceled_quantity", "0"))),
        "expected_on": _date(line.get("expected_on")),
    }


def _delay(delay: dict[str, Any]) -> dict[str, Any]:
    """Return one question about late units, as the template has it."""
    return {
        "lines": [_line(line) for line in delay["lines"]],
        "agreed_on": _date(delay["agreed_on"]),
        "new_on": _date(delay["new_on"]),
        "answer_by": _date(delay["answer_by"]),
        "silence": delay["silence"],
        "is_canceled_by_silence": delay["is_canceled_by_silence"],
    }


def _amount(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

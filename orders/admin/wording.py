"""How orders are shown: colors of states, quantities."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from orders.notices.email_queue import STAFF_CAUSES, CancelCause
from orders.notices.placeholders import CAUSES

# By the state of an order, a shipment, a payment, an operation or an e-mail; others have none.
COLORS = {
    "PENDING_PAYMENT": "warning",
    "PAYMENT_REVIEW": "danger",
    "PROCESSING": "info",
    "PARTIALLY_SHIPPED": "info",
    "COMPLETE": "success",
    "READY": "success",
    "HELD": "warning",
    "BACKORDER": "warning",
    "FUTURE": "info",
    "CUSTOMER_CARE": "danger",
    "AUTHORIZED": "info",
    "CAPTURED": "success",
    "SUCCEEDED": "success",
    "DECLINED": "danger",
    "UNKNOWN": "warning",
    "DUE": "warning",
    "EXPIRED": "danger",
    "OPEN": "warning",
    "REFUNDED": "success",
    "EXCHANGED": "success",
    "QUEUED": "info",
    "SENDING": "warning",
    "SENT": "success",
    "FAILED": "danger",
    "BOUNCED": "danger",
}


def color(state: str) -> str:
    """Return the color of a label that shows a state."""
    return COLORS.get(state, "neutral")


def units(quantity: Decimal | None) -> str:
    """Return a quantity as people write it; a dash for none."""
    return formats.quantity(quantity or None)


def language_name(code: str) -> str:
    """Return the name of a language in the reader's; a code that is none of ours as it is."""
    return str(dict(settings.LANGUAGES).get(code, code))


class CancelCauseField(forms.TypedChoiceField):
    """Why units are canceled, in the words that the customer reads."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Reason that the customer reads"),
            required=False,
            coerce=CancelCause,
            empty_value=CancelCause.NOT_NAMED,
            choices=_causes,
            **kwargs,
        )


def _causes() -> list[tuple[str, str]]:
    named = [(cause.value, gettext(CAUSES[cause.value])) for cause in STAFF_CAUSES]
    return [("", gettext("No reason")), *named]

"""What staff may decide about payments without a final answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.fields import field_of
from core.admin.theme import TextInput
from orders.models import Payment, PaymentOperation
from orders.payments import gateway_requests, staff_decisions
from orders.payments.reauthorization import authorize_again
from orders.permissions import REFUND

PERMISSION = "orders.change_paymentoperation"


@dataclass(frozen=True, slots=True)
class PaymentDecision:
    """One decision about a payment or an operation; the note is the reason of the act.

    ``permission`` is what it asks for beside that of the page.
    """

    name: str
    label: Promise
    decide: Callable[[Any, Act], object]
    permission: str = PERMISSION


HAPPENED = PaymentDecision(
    "happened",
    _("It happened: the gateway's own books show it."),
    lambda operation, act: staff_decisions.settle(operation.pk, act, has_happened=True),
)
NOT_HAPPENED = PaymentDecision(
    "not-happened",
    _("It did not happen: the gateway's own books do not show it."),
    lambda operation, act: staff_decisions.settle(operation.pk, act, has_happened=False),
)
PAID = PaymentDecision(
    "paid",
    _("It was paid back. The customer gets an e-mail."),
    lambda operation, act: staff_decisions.settle(operation.pk, act, has_happened=True),
)
NOT_PAID = PaymentDecision(
    "not-paid",
    _("It will not be paid back: it is settled in another way."),
    lambda operation, act: staff_decisions.settle(operation.pk, act, has_happened=False),
)
ASK = PaymentDecision(
    "ask",
    _("Ask the gateway again now."),
    lambda operation, act: gateway_requests.send([operation.pk], now=act.at),
)
TRY_AGAIN = PaymentDecision(
    "try-again",
    _("Try again, as a new request."),
    lambda operation, act: staff_decisions.try_again(operation.pk, act),
)
REFUND_AGAIN = replace(TRY_AGAIN, permission=REFUND)
CLOSE = PaymentDecision(
    "close",
    _("Close it: it is settled in another way."),
    lambda operation, act: staff_decisions.close(operation.pk, act),
)
AUTHORIZE = PaymentDecision(
    "authorize",
    _("Authorize everything that is not captured again now."),
    lambda payment, act: authorize_again(payment.order_id, now=act.at),
)


class DecisionForm(forms.Form):
    """One choice, and why."""

    choice = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), required=False, max_length=500, widget=TextInput)

    def __init__(self, choices: list[PaymentDecision], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = {choice.name: choice for choice in choices}
        field_of(self, "choice", forms.ChoiceField).choices = [
            (choice.name, choice.label) for choice in choices
        ]
        if len(choices) == 1:
            self.fields["choice"].initial = choices[0].name


def decisions_about(operation: PaymentOperation) -> list[PaymentDecision]:
    """Return what may be decided about an operation as it is now."""
    if operation.state == PaymentOperation.State.DUE:
        return [PAID, NOT_PAID]
    if operation.state in PaymentOperation.UNANSWERED:
        return [HAPPENED, NOT_HAPPENED, ASK]
    if operation.review_since and not operation.reviewed_at:
        is_refund = operation.kind == PaymentOperation.Kind.REFUND
        return [REFUND_AGAIN if is_refund else TRY_AGAIN, CLOSE]
    return []


def is_to_decide(operation: PaymentOperation) -> bool:
    """Whether a person is asked what happened to an operation, or what is to happen."""
    states = PaymentOperation.State
    is_open = operation.state in (states.UNKNOWN, states.DUE)
    return is_open or (operation.review_since is not None and operation.reviewed_at is None)


def decisions_about_authorization(payment: Payment) -> list[PaymentDecision]:
    """Return whether an authorization may be requested again, as the one decision."""
    may_again = payment.state in (Payment.State.AUTHORIZED, Payment.State.EXPIRED)
    return [AUTHORIZE] if may_again else []

"""Pages on which staff decide about payments without a final answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.fields import field_of
from core.admin.theme import TextInput
from orders.models import Payment, PaymentOperation
from orders.payments import review, sending
from orders.payments.reauthorization import authorize_again
from orders.placing.errors import in_words
from orders.refusals import OrderChangeError

PERMISSION = "orders.change_paymentoperation"


@dataclass(frozen=True, slots=True)
class PaymentDecision:
    """One decision about what has an id; ``decide`` makes it, for the reason in the note."""

    name: str
    label: Promise
    decide: Callable[[int, Act], object]


HAPPENED = PaymentDecision(
    "happened",
    _("It happened: the gateway's own books show it."),
    partial(review.settle, has_happened=True),
)
NOT_HAPPENED = PaymentDecision(
    "not-happened",
    _("It did not happen: the gateway's own books do not show it."),
    partial(review.settle, has_happened=False),
)
ASK = PaymentDecision(
    "ask",
    _("Ask the gateway again now."),
    lambda pk, act: sending.send([pk], now=act.at),
)
TRY_AGAIN = PaymentDecision("try-again", _("Try again, as a new request."), review.try_again)
CLOSE = PaymentDecision("close", _("Leave it: it is settled otherwise."), review.close)
AUTHORIZE = PaymentDecision(
    "authorize",
    _("Authorize everything that is not captured again now."),
    lambda order_id, act: authorize_again(order_id, now=act.at),
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


def choices_about(operation: PaymentOperation) -> list[PaymentDecision]:
    """Return what may be decided about an operation as it stands."""
    if operation.state in PaymentOperation.UNANSWERED:
        return [HAPPENED, NOT_HAPPENED, ASK]
    if operation.review_since and not operation.reviewed_at:
        return [TRY_AGAIN, CLOSE]
    return []


def may_authorize_again(payment: Payment) -> bool:
    """Return whether this authorization may be requested again."""
    return payment.state in (Payment.State.AUTHORIZED, Payment.State.EXPIRED)


def decide_operation(request: HttpRequest, pk: int, *, site: AdminSite) -> HttpResponse:
    """Decide about one operation."""
    operation = get_object_or_404(PaymentOperation.objects.select_related("payment__order"), pk=pk)
    title = gettext("%(kind)s of order %(number)s") % {
        "kind": operation.get_kind_display(),
        "number": operation.payment.order.number,
    }
    page = {"title": title, "payment": operation.payment, "operation": operation}
    back = redirect("admin:orders_paymentoperation_change", pk)
    return _page(request, site, pk, choices_about(operation), page, back)


def decide_payment(request: HttpRequest, pk: int, *, site: AdminSite) -> HttpResponse:
    """Ask for the money of an order again, in place of one of its authorizations."""
    payment = get_object_or_404(Payment.objects.select_related("order"), pk=pk)
    title = gettext("Authorize order %(number)s again") % {"number": payment.order.number}
    choices = [AUTHORIZE] if may_authorize_again(payment) else []
    page = {"title": title, "payment": payment}
    back = redirect("admin:orders_payment_change", pk)
    return _page(request, site, payment.order_id, choices, page, back)


def _page(
    request: HttpRequest,
    site: AdminSite,
    pk: int,
    choices: list[PaymentDecision],
    page: dict[str, Any],
    back: HttpResponse,
) -> HttpResponse:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = DecisionForm(choices, request.POST or None)
    if request.method == "POST" and form.is_valid():
        choice = form.choices[form.cleaned_data["choice"]]
        try:
            choice.decide(pk, Act(timezone.now(), request.user.pk, form.cleaned_data["note"]))
        except OrderChangeError as error:
            form.add_error(None, in_words(error))
        else:
            messages.success(request, gettext("Decided. The page shows what came of it."))
            return back
    context = {**site.each_context(request), "opts": Payment._meta, "form": form, **page}
    return TemplateResponse(request, "orders/decision.html", context)

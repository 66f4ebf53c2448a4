"""Payments and the operations sent to their gateways."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.lists import ColumnFilter, OptionFilter, RangeDateFilter
from core.admin.pages import AdminPage, answer
from core.admin.theme import (
    ChoicesDropdownFilter,
    LogInline,
    ago_column,
    choice_column,
    money_column,
)
from orders.admin.order_log import OrderLogAdmin
from orders.admin.payment_decisions import (
    PERMISSION,
    DecisionForm,
    PaymentDecision,
    decisions_about,
    decisions_about_authorization,
)
from orders.admin.wording import COLORS
from orders.models import Payment, PaymentOperation
from orders.payments.gateways import gateway_names
from orders.placing.errors import in_words
from orders.refusals import OrderChangeError


class ToDecideFilter(OptionFilter):
    """Operations that a person must decide."""

    title = _("to decide")
    parameter_name = "to_decide"
    options = {
        "yes": (
            _("Yes"),
            lambda operations: operations.filter(review_since__isnull=False, reviewed_at=None),
        )
    }


class GatewayFilter(ColumnFilter):
    """The gateways there are; asking the payments themselves would read every one of them."""

    title = _("gateway")
    parameter_name = "gateway"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in gateway_names()]


class DecidedAdmin(OrderLogAdmin):
    """A log whose rows lead to a page on which a person decides about them."""

    change_form_before_template = "orders/decision_link.html"
    reference = "gateway_reference"
    search_help_text = _("The gateway's reference, or number, e-mail, SKU or customer of the order")
    decision_title: Promise
    # What a person may decide about a row.
    decisions: Callable[[Any], list[PaymentDecision]]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide about one row."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        form = DecisionForm(self.decisions(row), request.POST or None)
        if request.method == "POST" and form.is_valid():
            choice = form.choices[form.cleaned_data["choice"]]
            try:
                choice.decide(row, Act(timezone.now(), request.user.pk, form.cleaned_data["note"]))
            except OrderChangeError as error:
                form.add_error(None, in_words(error))
            else:
                decided = gettext("Recorded for payment %(payment)s: “%(decision)s”")
                payment = row.payment if isinstance(row, PaymentOperation) else row
                named = {"payment": payment, "decision": choice.label}
                messages.success(request, decided % named)
                return redirect(f"admin:{self._named('change')}", pk)
        context = {"original": row, "form": form, **self.shown(row)}
        return answer(self, request, "orders/decision.html", context["title"], context)

    def shown(self, row: Any) -> dict[str, Any]:
        """Return what the page on which a person decides shows of a row."""
        raise NotImplementedError

    def _named(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def row_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        if not (self.decisions(row) and request.user.has_perm(PERMISSION)):
            return {}
        url = reverse(f"admin:{self._named('decide')}", args=[row.pk])
        return {"decision_url": url, "decision_title": self.decision_title}


def decide_page(name: str) -> AdminPage:
    """Return the page on which a person decides about a row of the model with this name."""
    return AdminPage(
        "<int:pk>/decide/", DecidedAdmin.decide_view, f"{name}_decide", permission=PERMISSION
    )


class PaymentOperationInline(LogInline):
    model = PaymentOperation
    fields = ("kind", "state", "amount_asked", "created_at", "answered_at", "message")
    readonly_fields = ("amount_asked",)
    ordering = ("pk",)
    amount_asked = money_column("amount", _("amount"), currency="payment.currency")
    verbose_name_plural = _("operations")


@admin.register(Payment)
class PaymentAdmin(DecidedAdmin):
    pages = (decide_page("orders_payment"),)
    decision_title = _("Authorize again")
    decisions = staticmethod(decisions_about_authorization)
    list_display = ("order", "gateway", "state_label", "authorized", "captured", "expires_at")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("expires_at", RangeDateFilter),
        GatewayFilter,
    )
    list_select_related = ("order",)
    fields = (
        "order",
        "gateway",
        "action",
        "state",
        "currency",
        "authorized",
        "captured",
        "refunded",
        "gateway_reference",
        "expires_at",
        "created_at",
    )
    readonly_fields = ("authorized", "captured", "refunded")
    inlines = [PaymentOperationInline]

    def shown(self, payment: Payment) -> dict[str, Any]:
        title = gettext("Authorize order %(number)s again") % {"number": payment.order.number}
        return {"title": title, "payment": payment}

    state_label = choice_column("state", _("state"), COLORS)
    authorized = money_column("amount", _("amount"), currency="currency")
    captured = money_column("captured_amount", _("captured"), currency="currency")
    refunded = money_column("refunded_amount", _("refunded"), currency="currency")


@admin.register(PaymentOperation)
class PaymentOperationAdmin(DecidedAdmin):
    pages = (decide_page("orders_paymentoperation"),)
    decision_title = _("Decide")
    decisions = staticmethod(decisions_about)
    list_display = (
        "payment",
        "kind",
        "state",
        "amount_asked",
        "created_at",
        "answered_at",
        "next_attempt_at",
        "in_review_since",
        "reviewed_at",
    )
    list_filter = (
        ToDecideFilter,
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
    )
    list_select_related = ("payment__order",)
    exclude = ("amount",)
    readonly_fields = ("amount_asked",)
    amount_asked = money_column("amount", _("amount"), currency="payment.currency")
    in_review_since = ago_column("review_since", _("in review since"))
    order_path = "payment__order"

    def shown(self, operation: PaymentOperation) -> dict[str, Any]:
        title = gettext("%(kind)s of order %(number)s") % {
            "kind": operation.get_kind_display(),
            "number": operation.payment.order.number,
        }
        return {"title": title, "payment": operation.payment, "operation": operation}

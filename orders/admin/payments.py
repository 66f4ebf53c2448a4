"""Payments, with the operations sent to their gateways."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.labels import drawn_label
from core.admin.lists import ColumnFilter, OptionFilter, RangeDateFilter
from core.admin.pages import AdminPage, answer
from core.admin.theme import (
    ChoicesDropdownFilter,
    LogInline,
    ago_column,
    choice_column,
    display,
    money_column,
)
from core.formats import EMPTY
from orders.admin.order_log import OrderLogAdmin
from orders.admin.payment_decisions import (
    PERMISSION,
    DecisionForm,
    PaymentDecision,
    decisions_about,
    decisions_about_authorization,
    is_to_decide,
)
from orders.admin.wording import COLORS, color
from orders.models import Payment, PaymentOperation
from orders.payments.gateways import gateway_names
from orders.placing.errors import in_words
from orders.refusals import OrderChangeError

# The column that leads to where a person decides.
DECISION = "decision"


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

    class Media:
        css = {"all": ["inventory/list.css"]}

    reference = "gateway_reference"
    search_help_text = _("The gateway's reference, or number, e-mail, SKU or customer of the order")
    decision_title: Promise
    # What a person may decide about a row.
    decisions: Callable[[Any], list[PaymentDecision]]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = super().get_list_display(request)
        may_decide = request.user.has_perm(PERMISSION)
        return [column for column in columns if column != DECISION or may_decide]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide about one row."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        choices = [one for one in self.decisions(row) if request.user.has_perm(one.permission)]
        form = DecisionForm(choices, request.POST or None)
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
        # Django's classes have a metaclass of their own, which refuses no abstract methods.
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


@display(description=_("state"))
def state_badge(_admin: Any, row: Payment | PaymentOperation) -> SafeString:
    """Draw the state as a label, on a page; a list's column is one that sorts."""
    return drawn_label(row.get_state_display(), color(row.state))


def decision_url(operation_id: int) -> str:
    """Return the page on which a person decides about an operation."""
    return reverse("admin:orders_paymentoperation_decide", args=[operation_id])


def drawn_decision(operation_id: int | None) -> str | SafeString:
    """Draw the link to where an operation is decided; nothing to decide is a dash."""
    if operation_id is None:
        return EMPTY
    link = '<a class="row-link" href="{}">{}</a>'
    return format_html(link, decision_url(operation_id), gettext("Decide"))


class PaymentOperationInline(LogInline):
    model = PaymentOperation
    fields = ("kind", "state_badge", "amount_asked", "created_at", "answered_at", "message")
    readonly_fields = ("state_badge", "amount_asked")
    ordering = ("pk",)
    state_badge = state_badge
    amount_asked = money_column("amount", _("amount"), currency="payment.currency")
    verbose_name_plural = _("operations")


@admin.register(Payment)
class PaymentAdmin(DecidedAdmin):
    pages = (decide_page("orders_payment"),)
    decision_title = _("Authorize again")
    decisions = staticmethod(decisions_about_authorization)
    list_display = (
        "order",
        "gateway",
        "state_label",
        "authorized",
        "captured",
        "expires_at",
        "decision",
    )
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("expires_at", RangeDateFilter),
        GatewayFilter,
    )
    list_select_related = ("order",)
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "order",
                    "state_badge",
                    "authorized",
                    "captured",
                    "refunded",
                    "expires_at",
                ]
            },
        ),
        (
            _("Facts"),
            {
                "fields": ["gateway", "action", "gateway_reference", "created_at"],
                "classes": ["collapse"],
            },
        ),
    ]
    readonly_fields = ("state_badge", "authorized", "captured", "refunded")
    state_badge = state_badge
    inlines = [PaymentOperationInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        asked = PaymentOperation.objects.to_decide().filter(payment=OuterRef("pk"))
        first = asked.order_by("pk").values("pk")[:1]
        payments: Any = super().get_queryset(request)
        found: QuerySet[Payment] = payments.annotate(operation_to_decide=Subquery(first))
        return found

    def row_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """An operation without an answer is decided first."""
        if row.operation_to_decide is None or not request.user.has_perm(PERMISSION):
            return super().row_context(request, row)
        return {
            "decision_url": decision_url(row.operation_to_decide),
            "decision_title": _("Decide"),
        }

    @display(description=_("to decide"))
    def decision(self, payment: Any) -> str | SafeString:
        """Where a person decides what became of an operation."""
        return drawn_decision(payment.operation_to_decide)

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
        "order",
        "kind",
        "state_label",
        "amount_asked",
        "created_at",
        "answered_at",
        "in_review_since",
        "decision",
    )
    list_filter = (
        ToDecideFilter,
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
    )
    list_select_related = ("payment__order",)
    fieldsets = [
        (None, {"fields": ["payment", "kind", "state_badge", "amount_asked", "message"]}),
        (
            _("Facts"),
            {
                "fields": [
                    "created_at",
                    "answered_at",
                    "attempt_count",
                    "next_attempt_at",
                    "idempotency_key",
                    "gateway_reference",
                    "review_since",
                    "reviewed_at",
                    "reviewed_by",
                    "review_note",
                ],
                "classes": ["collapse"],
            },
        ),
    ]
    readonly_fields = ("state_badge", "amount_asked")
    state_badge = state_badge
    state_label = choice_column("state", _("state"), COLORS)
    amount_asked = money_column("amount", _("amount"), currency="payment.currency")
    in_review_since = ago_column("review_since", _("in review since"))
    order_path = "payment__order"

    @display(description=_("order"), ordering="payment__order__number")
    def order(self, operation: PaymentOperation) -> str:
        return str(operation.payment.order)

    @display(description=_("to decide"))
    def decision(self, operation: PaymentOperation) -> str | SafeString:
        """Where a person decides what became of it."""
        return drawn_decision(operation.pk if is_to_decide(operation) else None)

    def shown(self, operation: PaymentOperation) -> dict[str, Any]:
        title = gettext("%(kind)s of order %(number)s") % {
            "kind": operation.get_kind_display(),
            "number": operation.payment.order.number,
        }
        return {"title": title, "payment": operation.payment, "operation": operation}

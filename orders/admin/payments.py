"""Payments and the operations sent to their gateways."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.admin.theme import (
    ChoicesDropdownFilter,
    DropdownFilter,
    LogInline,
    RangeDateFilter,
    display,
)
from orders.admin.order_log import OrderLogAdmin
from orders.admin.payment_decisions import (
    PERMISSION,
    choices_about,
    decide_operation,
    decide_payment,
    may_authorize_again,
)
from orders.admin.wording import COLORS
from orders.models import Payment, PaymentOperation
from orders.payments.registry import gateway_names


class ToDecideFilter(DropdownFilter):
    """What a person must decide, oldest first in the list of those who do."""

    title = _("to decide")
    parameter_name = "to_decide"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PaymentOperation]
    ) -> QuerySet[PaymentOperation]:
        if self.value() == "yes":
            return queryset.filter(review_since__isnull=False, reviewed_at=None)
        return queryset


class GatewayFilter(DropdownFilter):
    """The gateways there are; asking the payments themselves would read every one of them."""

    title = _("gateway")
    parameter_name = "gateway"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in gateway_names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        return queryset.filter(gateway=self.value()) if self.value() else queryset


class DecidedAdmin(OrderLogAdmin):
    """A log whose rows lead to a page on which a person decides about them."""

    change_form_before_template = "orders/decision_link.html"
    reference = "gateway_reference"
    search_help_text = _("The gateway's reference, or number, e-mail, SKU or customer of the order")
    decision_title: Promise
    # Whether a person has to decide about a row, and the page on which to do so.
    is_to_decide: Callable[[Any], object]
    page: Callable[..., HttpResponse]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_decide"
        page = self.admin_site.admin_view(partial(self.page, site=self.admin_site))
        return [path("<int:pk>/decide/", page, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if row is not None and self.is_to_decide(row) and request.user.has_perm(PERMISSION):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_decide"
            context["decision_url"] = reverse(name, args=[row.pk])
            context["decision_title"] = self.decision_title
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


class PaymentOperationInline(LogInline):
    model = PaymentOperation
    fields = ("kind", "state", "amount", "created_at", "answered_at", "message")
    ordering = ("pk",)
    verbose_name_plural = _("operations")


@admin.register(Payment)
class PaymentAdmin(DecidedAdmin):
    decision_title = _("Authorize again")
    is_to_decide = staticmethod(may_authorize_again)
    page = staticmethod(decide_payment)
    list_display = ("order", "gateway", "standing", "amount", "captured_amount", "expires_at")
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
        "amount",
        "captured_amount",
        "refunded_amount",
        "gateway_reference",
        "expires_at",
        "created_at",
    )
    inlines = [PaymentOperationInline]

    @display(description=_("state"), ordering="state", label=COLORS)
    def standing(self, payment: Payment) -> tuple[str, str]:
        return payment.state, payment.get_state_display()


@admin.register(PaymentOperation)
class PaymentOperationAdmin(DecidedAdmin):
    decision_title = _("Decide")
    is_to_decide = staticmethod(choices_about)
    page = staticmethod(decide_operation)
    list_display = (
        "payment",
        "kind",
        "state",
        "amount",
        "created_at",
        "answered_at",
        "next_attempt_at",
        "review_since",
        "reviewed_at",
    )
    list_filter = (
        ToDecideFilter,
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
    )
    list_select_related = ("payment__order",)
    order_path = "payment__order"

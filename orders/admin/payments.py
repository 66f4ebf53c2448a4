"""Payments and the operations sent to their gateways."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from core.admin.theme import (
    ChoicesDropdownFilter,
    DropdownFilter,
    LogInline,
    RangeDateFilter,
    display,
)
from orders.admin.found_by_order import FoundByOrder
from orders.admin.payment_decisions import (
    PERMISSION,
    choices_about,
    decide_operation,
    decide_payment,
    may_authorize_again,
)
from orders.admin.wording import PAYMENT_COLORS
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


class DecidedAdmin(FoundByOrder):
    """A log whose rows lead to a page on which a person decides about them."""

    change_form_before_template = "orders/decision_link.html"
    reference = "gateway_reference"
    search_help_text = _("The gateway's reference, or number, e-mail, SKU or customer of the order")
    decision_title: Any

    def is_to_decide(self, row: Any) -> bool:
        """Whether a person has to decide about this row."""
        # Django's classes have a metaclass of their own, which refuses no abstract methods.
        raise NotImplementedError

    def page(self, request: HttpRequest, pk: int, *, site: Any) -> HttpResponse:
        """Return the page on which a person decides."""
        raise NotImplementedError

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
    list_display = ("order", "gateway", "standing", "amount", "captured_amount", "expires_at")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("expires_at", RangeDateFilter),
        GatewayFilter,
    )
    list_select_related = ("order",)
    ordering = ("-pk",)
    fieldsets = [
        (
            None,
            {
                "fields": [
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
                ]
            },
        )
    ]
    inlines = [PaymentOperationInline]

    @display(description=_("state"), ordering="state", label=PAYMENT_COLORS)
    def standing(self, payment: Payment) -> tuple[str, str]:
        return payment.state, payment.get_state_display()

    def is_to_decide(self, row: Payment) -> bool:
        return may_authorize_again(row)

    def page(self, request: HttpRequest, pk: int, *, site: Any) -> HttpResponse:
        return decide_payment(request, pk, site=site)


@admin.register(PaymentOperation)
class PaymentOperationAdmin(DecidedAdmin):
    decision_title = _("Decide")
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
    ordering = ("-pk",)

    def is_to_decide(self, row: PaymentOperation) -> bool:
        return bool(choices_about(row))

    def page(self, request: HttpRequest, pk: int, *, site: Any) -> HttpResponse:
        return decide_operation(request, pk, site=site)

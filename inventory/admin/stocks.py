"""Stocks with their sources by priority, beside the sales channels they serve."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.bases import AnyInlineFormSet, ModelForm
from core.admin.fields import WholeFormField
from core.admin.history import SHOWN, HistoryAdmin
from core.admin.row_choice import RowFilter
from core.admin.theme import LogAdmin, ModelAdmin, TabularInline, display, quantity_column
from core.queries.history import RecordedChange, changes_of
from inventory.models import SalesChannel, Stock, StockBalance, StockSource
from inventory.models.source import DEFAULT_CODE
from inventory.operations import stocks
from inventory.options import DelayRule


class LinkForm(ModelForm):
    """A linked source. Saving numbers priorities from 1; rows without a number come last."""

    priority = WholeFormField(label=_("Priority"), min_value=0, required=False)

    class Meta:
        model = StockSource
        fields = ("source", "priority")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"].widget.attrs["aria-label"] = _("Priority")

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"priority"}


class LinkInline(TabularInline):
    """Drag the rows, or number them: the first is tried first, of equals the lowest code."""

    model = StockSource
    form = LinkForm
    row_key = "source"
    fields = ("source", "priority")
    autocomplete_fields = ("source",)
    ordering = ("priority", "source__code", "pk")
    ordering_field = "priority"
    verbose_name = _("source")
    verbose_name_plural = _("Sources by priority")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockSource]:
        return super().get_queryset(request).select_related("stock", "source")


class ChannelInline(TabularInline):
    """The sales channels the stock serves; each belongs to exactly one stock."""

    model = SalesChannel
    fields = ("code", "name")
    ordering = ("code", "pk")
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Stock | None = None) -> Any:
        return ("code", "name")

    def has_add_permission(self, request: HttpRequest, obj: Stock | None = None) -> bool:
        return False


@admin.register(Stock)
class StockAdmin(HistoryAdmin):
    list_display = ("code", "name", "sources_by_priority", "channels")
    search_fields = ("code", "name")
    ordering = ("code", "pk")
    fields = ("code", "name")
    inlines = [LinkInline, ChannelInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stock]:
        links = StockSource.objects.select_related("source").order_by("priority", "source__code")
        channels = SalesChannel.objects.order_by("code")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("links", links), Prefetch("sales_channels", channels))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Stock | None = None) -> Any:
        return () if obj is None else ("code",)

    def other_changes(self, row: Stock) -> list[RecordedChange]:
        """Return the changes of the stock's links."""
        links = dict(row.links.values_list("pk", "source__code"))
        return changes_of(StockSource, limit=SHOWN, names=links, stock_id=row.pk)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: AnyInlineFormSet, change: bool
    ) -> None:
        if formset.model is not StockSource:
            super().save_formset(request, form, formset, change)
            return
        kept = [
            row
            for row in formset.forms
            if row.instance.source_id and row not in formset.deleted_forms
        ]
        typed = [row.cleaned_data["priority"] for row in kept]
        last = max((priority for priority in typed if priority is not None), default=0)
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        if not (formset.has_changed() or formset.deleted_forms):
            return
        stocks.set_sources(
            form.instance.pk,
            priorities={
                row.instance.source_id: last + position if priority is None else priority
                for position, (row, priority) in enumerate(zip(kept, typed, strict=True), start=1)
            },
        )

    def has_delete_permission(self, request: HttpRequest, obj: Stock | None = None) -> bool:
        """Only a stock that served no order and no channel may go, and never the default."""
        if obj is None or not super().has_delete_permission(request, obj):
            return False
        used = (obj.sales_channels, obj.reservations, obj.balances)
        return obj.code != DEFAULT_CODE and not any(rows.exists() for rows in used)

    @display(description=_("sources by priority"))
    def sources_by_priority(self, stock: Stock) -> str:
        return ", ".join(link.source.code for link in stock.links.all()) or "–"

    @display(description=_("sales channels"))
    def channels(self, stock: Stock) -> str:
        return ", ".join(channel.code for channel in stock.sales_channels.all()) or "–"


@admin.register(SalesChannel)
class SalesChannelAdmin(ModelAdmin):
    list_display = ("code", "name", "stock", "delay_rule")
    fields = ("code", "name", "stock", "delay_rule")
    list_filter = (("stock", RowFilter), "delay_rule")
    list_select_related = ("stock",)
    search_fields = ("code", "name")
    autocomplete_fields = ("stock",)
    ordering = ("code", "pk")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new channel belongs to the default stock."""
        default = Stock._base_manager.get(code=DEFAULT_CODE)
        return {"stock": default.pk, **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request: HttpRequest, obj: SalesChannel | None = None) -> Any:
        return () if obj is None else ("code",)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say that customers cannot answer by a link where the site does not know its address."""
        channel = context["original"]
        asks = channel is not None and channel.delay_rule == DelayRule.CONSENT
        if asks and not settings.SITE_URL:
            messages.warning(
                request,
                gettext(
                    "SITE_URL is not set, so e-mails about delays have no link to answer by. They "
                    "ask customers to reply, and staff record the answers."
                ),
            )
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response


@admin.register(StockBalance)
class StockBalanceAdmin(LogAdmin):
    """The running counters; operations alone write them."""

    list_display = ("product", "stock", "reserved_units", "allocated_units", "waiting_units")
    list_filter = (("stock", RowFilter),)
    list_select_related = ("product", "stock")
    search_fields = ("product__sku",)
    ordering = ("product__sku", "stock__code", "pk")
    fields = ("stock", "product", "reserved_units", "allocated_units", "waiting_units")
    readonly_fields = fields

    reserved_units = quantity_column("reserved", _("reserved"))
    allocated_units = quantity_column("allocated", _("allocated"))
    waiting_units = quantity_column("waiting_quantity", _("waiting"))

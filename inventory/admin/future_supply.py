"""Future supply: dated incoming units, the overdue marked."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.history import HistoryAdmin
from core.admin.lists import OptionFilter, RangeDateFilter, yes_or_no
from core.admin.row_choice import RowFilter
from core.admin.theme import ChoicesDropdownFilter, display, quantity_column
from core.clock import today
from inventory.admin.delivery_pages import DeliveryPages
from inventory.admin.file_lists import FileLists
from inventory.admin.supply_actions import SupplyPages
from inventory.admin.supply_forms import RecordForm
from inventory.models import FutureSupply, ImportFile
from inventory.operations.supply_records import save_supply

State = FutureSupply.State
# As its list shows what is open and expected before today.
OVERDUE = "OVERDUE"


class OverdueFilter(OptionFilter):
    """Open supply whose date has passed: no new promise is made from it."""

    title = _("overdue")
    parameter_name = "overdue"
    options = yes_or_no(lambda: Q(state=State.OPEN, expected_on__lt=today()))


@admin.register(FutureSupply)
# Styles and scripts of all these pages are put together.
class FutureSupplyAdmin(DeliveryPages, SupplyPages, FileLists, HistoryAdmin):  # type: ignore[misc]
    form = RecordForm
    file_format = ImportFile.Format.FUTURE_SUPPLY
    card_facts = ("source", "expected_on", "state_badge")
    list_display = (
        "product",
        "source",
        "sent_from",
        "total",
        "received",
        "promised",
        "expected_on",
        "state_badge",
        "reference",
    )
    list_filter = (
        OverdueFilter,
        ("state", ChoicesDropdownFilter),
        ("source", RowFilter),
        ("sent_from", RowFilter),
        ("expected_on", RangeDateFilter),
    )
    list_select_related = ("product", "source", "sent_from")
    search_fields = ("product__sku", "reference")
    autocomplete_fields = ("product", "source")
    readonly_fields = ("sent_from", "received", "promised", "state")
    ordering = ("expected_on", "pk")
    fields = (
        "product",
        "source",
        "sent_from",
        "quantity",
        "expected_on",
        "reference",
        "received",
        "promised",
        "state",
    )

    total = quantity_column("quantity", _("quantity"))
    received = quantity_column("received_quantity", _("received"))
    promised = quantity_column("allocated_quantity", _("promised"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[FutureSupply]:
        overdue = When(state=State.OPEN, expected_on__lt=today(), then=Value(OVERDUE))
        records: Any = super().get_queryset(request)
        shown: QuerySet[FutureSupply] = records.annotate(shown_state=Case(overdue, default="state"))
        return shown

    def get_readonly_fields(self, request: HttpRequest, obj: FutureSupply | None = None) -> Any:
        """Quantity and date have a page of their own, which shows the affected shipments."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if obj is None else (*fixed, "product", "source", "total", "expected_on")

    def get_fields(self, request: HttpRequest, obj: FutureSupply | None = None) -> Any:
        """The quantity of a record that is there is shown as quantities are.

        Where its units were sent from is shown of a transfer.
        """
        fields = super().get_fields(request, obj)
        is_transfer = obj is not None and obj.is_transfer
        return [
            "total" if obj and name == "quantity" else name
            for name in fields
            if is_transfer or name != "sent_from"
        ]

    def save_model(self, request: HttpRequest, obj: FutureSupply, form: Any, change: bool) -> None:
        save_supply(obj, changed=form.changed_data)

    def has_delete_permission(self, request: HttpRequest, obj: FutureSupply | None = None) -> bool:
        """Supply that does not come is canceled, so that its promises fall back."""
        return False

    @display(
        description=_("state"),
        ordering="shown_state",
        label={OVERDUE: "danger", State.OPEN: "info", State.RECEIVED: "success"},
    )
    def state_badge(self, supply: Any) -> tuple[str, str]:
        if supply.shown_state == OVERDUE:
            return OVERDUE, gettext("Overdue")
        return supply.shown_state, supply.get_state_display()

"""The list of shipments, with that of their allocations; operations change them."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.labels import drawn_label
from core.admin.list_page.layout_pages import layout_pages
from core.admin.list_page.list_pages import ListPage
from core.admin.lists import OptionFilter, RangeDateFilter, RangeNumericFilter
from core.admin.pages import AdminPage
from core.admin.row_choice import RowFilter
from core.admin.tabs import Tab, tab_of
from core.admin.theme import (
    ChoicesDropdownFilter,
    InfinitePaginator,
    LogAdmin,
    RecordAdmin,
    ago_column,
    choice_column,
    display,
    money_column,
    quantity_column,
)
from core.clock import today
from fulfillment.admin.packing_slips import SLIP_PAGE
from fulfillment.admin.review.page import export, review_layout, review_page
from fulfillment.admin.review.panel import explanation_fragment
from fulfillment.admin.review.selection import ReviewList, choose
from fulfillment.admin.shipment.page import act, add_note, shipment_page
from fulfillment.admin.shipment.parcel_changes import save_parcel
from fulfillment.admin.shipment.part_release import PART_PAGE
from fulfillment.models import Allocation, Shipment
from fulfillment.models.departure_conditions import TO_SHIP
from fulfillment.queries.pick_lists import picked_at
from fulfillment.release.shipment_actions import CHANGE
from fulfillment.review.shipment_conditions import found_by
from orders.admin.wording import COLORS

REVIEW = "fulfillment_shipment_review"
PAGES = (
    AdminPage("review/", review_page, REVIEW, "GET"),
    AdminPage(
        "review/<int:shipment_id>/explanation/",
        explanation_fragment,
        f"{REVIEW}_explanation",
        "GET",
    ),
    AdminPage("review/export/", export, f"{REVIEW}_export", "GET"),
    AdminPage("review/bulk/", choose, f"{REVIEW}_bulk", "POST"),
    *layout_pages(REVIEW, "review/", review_layout),
    AdminPage(
        "<int:shipment_id>/note/", add_note, "fulfillment_shipment_note", "POST", permission=CHANGE
    ),
    SLIP_PAGE,
    PART_PAGE,
    AdminPage(
        "<int:shipment_id>/parcel/",
        save_parcel,
        "fulfillment_shipment_add_parcel",
        "POST",
        permission=CHANGE,
    ),
    AdminPage(
        "<int:shipment_id>/parcel/<int:parcel_id>/",
        save_parcel,
        "fulfillment_shipment_change_parcel",
        "POST",
        permission=CHANGE,
    ),
    AdminPage("<int:shipment_id>/act/<slug:code>/", act, "fulfillment_shipment_act", "POST"),
)
State = Shipment.State


class PreparedFilter(OptionFilter):
    """By how far shipments that are here are on their way out."""

    title = pgettext_lazy("shipment", "picked or packed")
    parameter_name = "prepared"
    options = {
        "picked": (
            pgettext_lazy("shipment", "Picked, not packed"),
            lambda rows: rows.filter(state=State.READY, packed_at=None, picked_at__isnull=False),
        ),
        "packed": (
            pgettext_lazy("shipment", "Packed"),
            lambda rows: rows.filter(state=State.READY, packed_at__isnull=False),
        ),
        "no": (
            pgettext_lazy("shipment", "Neither"),
            lambda rows: rows.filter(state=State.READY, packed_at=None, picked_at=None),
        ),
    }


HOLD_COLORS = {"STAFF": "warning", "PAYMENT": "danger", "REST": "info"}
# Every shipment there ever was can be sorted by these: each has an index of its own.
SORTS = ("number", "state_label")
# Those with something to do are few enough for these as well.
OPEN_SORTS = (*SORTS, "expected_on", "worth", "source", "held", "waits_since", "priority")


@admin.register(Shipment)
class ShipmentAdmin(ListPage, ReviewList, RecordAdmin):
    pages = PAGES
    tabs = (
        Tab("to-ship", _("To ship"), lambda rows: rows.filter(TO_SHIP)),
        Tab(
            "not-collected",
            _("Not collected"),
            lambda rows: rows.filter(pk__in=Shipment.objects.not_collected(today=today())),
        ),
        Tab("waiting", _("Waiting"), lambda rows: rows.filter(state__in=Shipment.QUEUED_STATES)),
        Tab(
            "needs-a-person",
            _("Needs attention"),
            # Customer care is open too: said so, for the indexes of open shipments.
            lambda rows: rows.filter(
                Q(state=State.CUSTOMER_CARE)
                | (Q(is_held=True) & ~Q(hold_reason=Shipment.HoldReason.REST)),
                state__in=Shipment.OPEN_STATES,
            ),
        ),
        Tab("done", _("Done"), lambda rows: rows.filter(state__in=Shipment.TERMINAL_STATES)),
    )
    list_display = (
        "number",
        "customer",
        "state_label",
        "expected_on",
        "worth",
        "source",
        "held",
        "waits_since",
    )
    more_columns = (
        "order",
        "priority",
        "picked",
        "packed",
        "pickup_source",
        "collect_by",
        "missed_promise_count",
    )
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("source", RowFilter),
        "is_held",
        PreparedFilter,
        ("expected_on", RangeDateFilter),
        ("missed_promise_count", RangeNumericFilter),
        ("amount", RangeNumericFilter),
    )
    list_select_related = ("order", "source", "pickup_source")
    search_fields = ("number",)
    search_help_text = _("Beginning of a number, a SKU, or a word of the customer's name or e-mail")
    ordering = ("-pk",)
    paginator = InfinitePaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Shipment], search_term: str
    ) -> tuple[QuerySet[Shipment], bool]:
        """Search as the review does, which indexes answer."""
        text = search_term.strip()
        return (queryset.filter(found_by(text)) if text else queryset), False

    def get_sortable_by(self, request: HttpRequest) -> Any:
        opened = tab_of(request, self.tabs)
        return SORTS if opened.name in ("", "done") else OPEN_SORTS

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        return shipment_page(self, request, key)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        shipments: QuerySet[Shipment] = super().get_queryset(request)
        return shipments.annotate(picked_at=picked_at())

    @display(description=_("customer"))
    def customer(self, shipment: Shipment) -> str:
        return shipment.order.customer_name

    @display(description=_("state"), ordering="state")
    def state_label(self, shipment: Shipment) -> SafeString:
        return drawn_label(
            shipment.get_state_display(), COLORS.get(shipment.state, "neutral"), size=""
        )

    held = choice_column("hold_reason", _("held"), HOLD_COLORS, ordering="is_held")
    picked = ago_column("picked_at", pgettext_lazy("shipment", "picked"))
    packed = ago_column("packed_at", pgettext_lazy("shipment", "packed"))

    waits_since = ago_column("backordered_since", _("backordered since"))
    worth = money_column("amount", _("value"), currency="order.currency")


@admin.register(Allocation)
class AllocationAdmin(LogAdmin):
    """Units set aside; each row ends when they leave or are given back."""

    list_display = ("shipment", "order_line", "supply", "units")
    list_select_related = (
        "order_line",
        "shipment_line__shipment",
        "source_item__source",
        "source_item__product",
        "future_supply__source",
        "future_supply__product",
    )
    search_fields = ("order_line__order__number", "order_line__sku")
    readonly_fields = ("units", "supply", "shipment")
    ordering = ("-pk",)
    fieldsets = [(None, {"fields": ["order_line", "shipment", "supply", "units"]})]

    units = quantity_column("quantity", _("quantity"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Allocation]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @display(description=_("shipment"), ordering="shipment_line__shipment")
    def shipment(self, allocation: Allocation) -> str:
        line = allocation.shipment_line
        return "–" if line is None else line.shipment.number

    @display(description=_("supply"))
    def supply(self, allocation: Allocation) -> str:
        return str(allocation.source_item or allocation.future_supply)

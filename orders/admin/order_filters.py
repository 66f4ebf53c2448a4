"""What the order list can be narrowed by."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.admin.row_choice import FarRowFilter
from core.admin.theme import DropdownFilter
from core.clock import today
from inventory.models import SourceItem
from orders import ports
from orders.models import Order
from orders.queries.order_list import placed_days_ago

# The bands that staff sort orders into, by their age in days, both ends included.
AGES: dict[str, tuple[int, int | None, Promise]] = {
    "0-7": (0, 7, _("Up to 7 days")),
    "8-14": (8, 14, _("8 to 14 days")),
    "15-30": (15, 30, _("15 to 30 days")),
    "31-": (31, None, _("Over 30 days")),
}


class BackorderedFilter(DropdownFilter):
    """Whether units had to be backordered, and whether something waits now."""

    title = _("backordered")
    parameter_name = "backordered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("Something waits now")),
            ("placed", _("Backordered when placed")),
            ("never", _("Not backordered when placed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        match self.value():
            case "waiting":
                return queryset.filter(pk__in=ports.current().waiting_orders())
            case "placed":
                return queryset.filter(backordered_quantity__gt=0)
            case "never":
                return queryset.filter(backordered_quantity=0)
        return queryset


class OrderSourceFilter(FarRowFilter):
    """Where a shipment of the order leaves from, or left."""

    title = _("source")
    parameter_name = "source"
    field = SourceItem._meta.get_field("source")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        source_id = self.chosen_key()
        if source_id is None:
            return queryset
        return queryset.filter(pk__in=ports.current().orders_served_by(source_id))


class AgeFilter(DropdownFilter):
    """How many calendar days ago the order was placed."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, label) for code, (_least, _most, label) in AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        band = AGES.get(self.value() or "")
        if band is None:
            return queryset
        least, most, _label = band
        return placed_days_ago(queryset, least=least, most=most, today=today())

"""What the order list can be narrowed by."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin.lists import OptionFilter
from core.admin.row_choice import FarRowFilter
from core.clock import today
from inventory.models import SourceItem
from orders import ports
from orders.models import Order
from orders.queries.order_list import placed_days_ago

Orders = QuerySet[Order]


class BackorderedFilter(OptionFilter):
    """Whether units had to be backordered, and whether something waits now."""

    title = _("backordered")
    parameter_name = "backordered"
    options = {
        "waiting": (
            _("Something waits now"),
            lambda orders: orders.filter(pk__in=ports.current().waiting_orders()),
        ),
        "placed": (
            _("Backordered when placed"),
            lambda orders: orders.filter(backordered_quantity__gt=0),
        ),
        "never": (
            _("Not backordered when placed"),
            lambda orders: orders.filter(backordered_quantity=0),
        ),
    }


class OrderSourceFilter(FarRowFilter):
    """Where a shipment of the order leaves from, or left."""

    title = _("source")
    parameter_name = "source"
    field = SourceItem._meta.get_field("source")

    def queryset(self, request: HttpRequest, queryset: Orders) -> Orders:
        source_id = self.chosen_key()
        if source_id is None:
            return queryset
        return queryset.filter(pk__in=ports.current().orders_served_by(source_id))


def aged(least: int, most: int | None = None) -> Callable[[Orders], Orders]:
    """Return what keeps the orders of a band, whose ends are days of age and belong to it."""
    return lambda orders: placed_days_ago(orders, least=least, most=most, today=today())


class AgeFilter(OptionFilter):
    """How many calendar days ago the order was placed."""

    title = _("age")
    parameter_name = "age"
    options = {
        "0-7": (_("Up to 7 days"), aged(0, 7)),
        "8-14": (_("8 to 14 days"), aged(8, 14)),
        "15-30": (_("15 to 30 days"), aged(15, 30)),
        "31-": (_("Over 30 days"), aged(31)),
    }

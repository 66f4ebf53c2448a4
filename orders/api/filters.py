"""How the list of orders narrows for programs."""

from decimal import Decimal

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from core.api.filters import WordsFilter, YesNoFilter
from core.clock import today
from core.currencies import LARGEST_AMOUNT
from inventory.models import Source
from orders import ports
from orders.models import Order, OrderLine
from orders.queries.order_list import placed_days_ago

MOST_DAYS = 36_500


class OrderFilters(filters.FilterSet):
    number = WordsFilter(help_text="One or several, with commas.")
    status = filters.MultipleChoiceFilter(choices=Order.Status.choices)
    channel = WordsFilter(field_name="channel__code")
    stock = WordsFilter(field_name="stock__code")
    source = filters.CharFilter(
        method="by_source", help_text="Orders of which a shipment leaves, or left, from it."
    )
    email = filters.CharFilter(field_name="customer_email", lookup_expr="iexact")
    sku = filters.CharFilter(method="by_sku")
    backordered = YesNoFilter(
        method="by_backordered", help_text="Whether any of it was backordered when placed."
    )
    waiting = YesNoFilter(method="by_waiting", help_text="Whether any of it waits now.")
    age_days_min = filters.NumberFilter(method="by_least_age", min_value=0, max_value=MOST_DAYS)
    age_days_max = filters.NumberFilter(method="by_most_age", min_value=0, max_value=MOST_DAYS)
    value_min = filters.NumberFilter(
        field_name="total", lookup_expr="gte", min_value=0, max_value=LARGEST_AMOUNT
    )
    value_max = filters.NumberFilter(
        field_name="total", lookup_expr="lte", min_value=0, max_value=LARGEST_AMOUNT
    )

    class Meta:
        model = Order
        fields: list[str] = []

    def by_source(self, orders: QuerySet[Order], name: str, code: str) -> QuerySet[Order]:
        source = Source.objects.filter(code=code).order_by("pk").first()
        if source is None:
            return orders.none()
        return orders.filter(pk__in=ports.current().orders_served_by(source.pk))

    def by_sku(self, orders: QuerySet[Order], name: str, sku: str) -> QuerySet[Order]:
        return orders.filter(pk__in=OrderLine.objects.filter(sku=sku).values("order"))

    def by_backordered(self, orders: QuerySet[Order], name: str, value: bool) -> QuerySet[Order]:
        lines = OrderLine.objects.in_force().filter(backordered_quantity__gt=0).values("order")
        return orders.filter(pk__in=lines) if value else orders.exclude(pk__in=lines)

    def by_waiting(self, orders: QuerySet[Order], name: str, value: bool) -> QuerySet[Order]:
        waiting = ports.current().waiting_orders()
        return orders.filter(pk__in=waiting) if value else orders.exclude(pk__in=waiting)

    def by_least_age(self, orders: QuerySet[Order], name: str, days: Decimal) -> QuerySet[Order]:
        return placed_days_ago(orders, least=int(days), today=today())

    def by_most_age(self, orders: QuerySet[Order], name: str, days: Decimal) -> QuerySet[Order]:
        return placed_days_ago(orders, most=int(days), today=today())

"""The tabs of the order list: what is to be done about an order."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.admin.tabs import Tab
from orders import ports
from orders.models import Order, PaymentOperation


def to_ship(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Keep the orders with a shipment that can be picked now."""
    return orders.filter(status__in=Order.OPEN, pk__in=ports.current().orders_to_ship())


def waiting(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Keep the orders of which a shipment waits for units or for a person."""
    not_ended = (*Order.UNPAID, *Order.OPEN)
    return orders.filter(status__in=not_ended, pk__in=ports.current().waiting_orders())


def needing_a_person(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Keep the orders with a payment to decide, or a shipment that only a person can move on."""
    operations: QuerySet[Any] = PaymentOperation.objects.in_review().order_by()
    unanswered = Order.objects.filter(status=Order.Status.PAYMENT_REVIEW).order_by()
    found = ports.current().orders_with_exceptions()
    found = found.union(operations.values("payment__order"), unanswered.values("pk"))
    return orders.filter(pk__in=found)


def done(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Keep the orders of which nothing is open."""
    return orders.filter(status__in=Order.ENDED)


ORDER_TABS = (
    Tab("to-ship", _("To ship"), to_ship),
    Tab("waiting", _("Waiting"), waiting),
    Tab("needs-a-person", _("Needs attention"), needing_a_person),
    Tab("done", _("Done"), done),
)

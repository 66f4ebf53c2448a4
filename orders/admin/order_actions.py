"""What a person may do about an order, the most likely first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.admin.change_page import tasks_of
from orders.admin.payment_decisions import PERMISSION as DECIDE
from orders.admin.payment_decisions import is_to_decide
from orders.models import Order, PaymentOperation
from orders.ports import OrderShipment

SHIP, RELEASE = "fulfillment.change_shipment", "fulfillment.add_releaserun"
# Where the page of an order shows its shipments.
SHIPMENTS = "#order-shipments"


@dataclass(frozen=True, slots=True)
class OrderAction:
    """A button: its label and address. One of a page is the main one."""

    label: str | Promise
    url: str
    is_main: bool = False


def actions_of(
    request: HttpRequest,
    order: Order,
    shipments: Sequence[OrderShipment],
    operations: Sequence[PaymentOperation],
) -> list[OrderAction]:
    """Return the buttons of an order's page: to decide, ship, release, cancel, and so on."""
    forward = [*_decisions(request, operations), *_moves(request, order, shipments)]
    if forward:
        forward[0] = replace(forward[0], is_main=True)
    return forward + [OrderAction(task["label"], task["url"]) for task in tasks_of(request, order)]


def shipment_actions(request: HttpRequest, shipment: OrderShipment) -> list[OrderAction]:
    """Return the buttons of one shipment: to its page, which ships or releases it, and a part."""
    if shipment.can_ship and request.user.has_perm(SHIP):
        return [OrderAction(_ship([shipment]), _page_of(shipment))]
    if shipment.can_be_released and request.user.has_perm(RELEASE):
        actions = [OrderAction(_("Release"), _page_of(shipment))]
        if shipment.can_be_released_in_part:
            part = reverse("admin:fulfillment_shipment_part", args=[shipment.shipment_id])
            actions.append(OrderAction(_("Release available units"), part))
        return actions
    return []


def _decisions(
    request: HttpRequest, operations: Sequence[PaymentOperation]
) -> Iterator[OrderAction]:
    if not request.user.has_perm(DECIDE):
        return
    for operation in operations:
        if is_to_decide(operation):
            page = reverse("admin:orders_paymentoperation_decide", args=[operation.pk])
            is_due = operation.state == PaymentOperation.State.DUE
            yield OrderAction(_("Refund due") if is_due else _("Decide the payment"), page)


def _moves(
    request: HttpRequest, order: Order, shipments: Sequence[OrderShipment]
) -> Iterator[OrderAction]:
    if not order.is_paid_for:
        return
    ready = [shipment for shipment in shipments if shipment.can_ship]
    waiting = [shipment for shipment in shipments if shipment.can_be_released]
    for group, permission, label in ((ready, SHIP, _ship(ready)), (waiting, RELEASE, _("Release"))):
        if group and request.user.has_perm(permission):
            yield OrderAction(label, _page_of(group[0]) if len(group) == 1 else SHIPMENTS)


def _ship(shipments: Sequence[OrderShipment]) -> Promise:
    """Return the name of a button that ships; what customers collect is handed over (§21)."""
    is_handed_over = all(shipment.is_pickup for shipment in shipments)
    return _("Hand over") if is_handed_over else _("Ship")


def _page_of(shipment: OrderShipment) -> str:
    return reverse("admin:fulfillment_shipment_change", args=[shipment.shipment_id])

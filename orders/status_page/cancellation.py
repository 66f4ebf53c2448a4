"""Customers cancel a shipment that waits: previewed, then confirmed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.acts import Act
from core.text import gettext_noop as _
from inventory.models import InventoryConfiguration
from inventory.resolution import resolve
from orders import ports
from orders.changes.cancel import cancel
from orders.models import Cancellation, Order
from orders.notices.email_queue import CancelCause
from orders.ports import OrderShipment
from orders.refusals import NotOnShipmentError, StaleError

REASON = _("Canceled by the customer on the page of the order.")


@dataclass(frozen=True, slots=True)
class CancellationPreview:
    """The shipment that would be canceled, and what of its money would be paid back."""

    shipment: OrderShipment
    refunded: Decimal


def may_cancel() -> bool:
    """Return whether the site lets customers cancel what waits."""
    configuration = InventoryConfiguration.load().overrides()
    return bool(resolve("customers_may_cancel", configuration=configuration).value)


def preview_cancellation(order: Order, number: str, *, now: datetime) -> CancellationPreview:
    """Return what canceling a waiting shipment would do; changes nothing.

    :raises NotOnShipmentError: if the order has no such shipment that waits.
    :raises OrderChangeError: if it cannot be canceled now.
    """
    shipment = _shipment(order, number)
    if not shipment.can_be_canceled:
        raise NotOnShipmentError(number)
    act = Act(now, reason=REASON)
    effect = cancel.preview(
        order.pk, act, shipment_number=number, shipment_version=shipment.version
    )
    return CancellationPreview(shipment, effect.after.money.refunded - effect.before.money.refunded)


def cancel_shipment(order: Order, number: str, version: int, *, now: datetime) -> None:
    """Cancel a waiting shipment that was shown with ``version``; a second time does nothing.

    The version is compared under the order's lock: what has changed since is not canceled.

    :raises NotOnShipmentError: if the order has no such shipment.
    :raises StaleError: if the shipment has changed since it was shown.
    :raises OrderChangeError: if it cannot be canceled now.
    """
    shipment = _shipment(order, number)
    key = f"order-page-{number}-{version}"
    is_done = Cancellation.objects.filter(order=order, idempotency_key=key).exists()
    if not is_done and (shipment.version != version or not shipment.can_be_canceled):
        raise StaleError(number)
    act = Act(now, reason=REASON, key=key)
    asked = CancelCause.CUSTOMER_ASKED
    cancel(order.pk, act, shipment_number=number, shipment_version=version, cause=asked)


def _shipment(order: Order, number: str) -> OrderShipment:
    for shipment in ports.current().shipments_of(order.pk):
        if shipment.number == number:
            return shipment
    raise NotOnShipmentError(number)

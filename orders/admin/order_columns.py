"""The order list's columns about shipments, read once per page."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from core.admin.labels import drawn_label
from core.admin.tabs import TabbedChangeList
from core.formats import EMPTY, day
from orders import ports
from orders.admin.wording import color
from orders.models import FulfillmentMethod, Order
from orders.ports import OrderShipment


class ShownShipments(TypedDict):
    """What the list adds to an order."""

    open_shipments: Sequence[OrderShipment]


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    ListedOrder = WithAnnotations[Order, ShownShipments]
else:
    ListedOrder = Order


class OrderChangeList(TabbedChangeList):
    """Gives the orders of a page their open shipments, with what the columns shown need."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        orders = list(self.result_list)
        shipments = ports.current().shipments_of_orders(
            [order.pk for order in orders],
            is_open=True,
            with_units="promised" in self.list_display,
        )
        for order in orders:
            order.open_shipments = shipments.get(order.pk, ())
        self.result_list = orders


def drawn_shipments(shipments: Sequence[OrderShipment], *, is_pickup: bool) -> str | SafeString:
    """Draw the states of open shipments as labels: ``Ready``, ``Backorder × 2``, ``Pickup``."""
    counts = Counter((shipment.state, shipment.state_in_words) for shipment in shipments)
    labels = [
        (drawn_label(words if count == 1 else f"{words} × {count}", color(state)),)
        for (state, words), count in counts.items()
    ]
    holds = {shipment.hold for shipment in shipments if shipment.hold}
    labels += [(drawn_label(hold, "warning"),) for hold in sorted(holds)]
    if is_pickup:
        labels.append((drawn_label(str(FulfillmentMethod.PICKUP.label), "neutral"),))
    return format_html_join(" ", "{}", labels) if labels else EMPTY


def last_expected(shipments: Sequence[OrderShipment]) -> str:
    """Return the day by which the last of the waiting units is expected."""
    days = [shipment.expected_on for shipment in shipments if shipment.waits]
    known = [on for on in days if on is not None]
    return day(max(known)) if len(known) == len(days) and known else EMPTY


def next_promised(shipments: Sequence[OrderShipment]) -> str:
    """Return the earliest date that the customer was given for units that have still to leave.

    "No date yet" where the customer was given no other answer, and nothing without any.

    Rule: Shipment states, two dates (§14a).
    """
    promises = [on for shipment in shipments for on in shipment.promises.values()]
    days = [on for on in promises if on is not None]
    if days:
        return day(min(days))
    return gettext("No date yet") if promises else EMPTY

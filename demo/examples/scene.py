"""The scene of the examples: who acts, when, on which orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from core.acts import Act
from demo.catalogue import STOCK
from demo.users import ROLES
from fulfillment.models import Shipment
from inventory.models import SalesChannel, Stock
from inventory.operations.stocks import save_stock
from orders.models import Order
from orders.placing.place import place_order
from orders.placing.request import (
    Address,
    Customer,
    LineRequest,
    OrderRequest,
    PaymentRequest,
)

# Northwind's orders come from another channel.
CHANNEL = "phone"
CUSTOMER = Customer("Ada Lindqvist", "ada.lindqvist@example.com")
ADDRESS = Address(
    recipient="Ada Lindqvist", street="14 Pine Street", city="Seattle", region="WA",
    postcode="98101", country="US",
)  # fmt: skip
MANUAL = PaymentRequest()


@dataclass(frozen=True, slots=True)
class Scene:
    """The moment of loading, the site's zone, and the ids of the demo's users by name."""

    now: datetime
    zone: ZoneInfo
    staff: Mapping[str, int]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def act(self, user: str, *, reason: str = "", before: timedelta = timedelta()) -> Act:
        """Return an act of a demo user, some time before now."""
        return Act(self.now - before, self.staff.get(user), reason)


def scene_at(now: datetime, zone: ZoneInfo) -> Scene:
    users = User.objects.filter(username__in=ROLES)
    return Scene(now, zone, dict(users.values_list("username", "pk")))


def open_channel() -> None:
    """Have Northwind's stock serve the channel of the examples too."""
    stock = Stock.objects.get(code=STOCK)
    served = SalesChannel.objects.filter(stock=stock).values_list("code", flat=True)
    save_stock(stock, channel_codes=[*served, CHANNEL])


def place(
    scene: Scene,
    number: str,
    units: Mapping[str, int],
    *,
    before: timedelta,
    customer: Customer = CUSTOMER,
    payment: PaymentRequest = MANUAL,
) -> Order:
    """Return the order with this number, placed some time before now unless it is there."""
    found = Order.objects.filter(number=number).first()
    if found is not None:
        return found
    request = OrderRequest(
        channel=CHANNEL,
        customer=customer,
        lines=tuple(LineRequest(sku, Decimal(quantity)) for sku, quantity in units.items()),
        address=ADDRESS,
        number=number,
        payment=payment,
    )
    placed = place_order(request, scene.act("fulfillment", before=before))
    return Order.objects.get(pk=placed.order_id)


def shipment_of(order: Order, state: Shipment.State, source: str | None = None) -> Shipment | None:
    """Return the order's first shipment in a state, at a source where one is named."""
    found = Shipment.objects.filter(order=order, state=state).order_by("pk")
    return (found if source is None else found.filter(source__code=source)).first()

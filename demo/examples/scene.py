"""The scene of the examples: who acts, when, on which orders."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.auth.models import User

from core.acts import Act
from demo.catalogue import STOCK
from demo.users import ROLES
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.runs.engine import run_release
from fulfillment.release.runs.scope import RunScope
from inventory.models import InventoryConfiguration, SalesChannel, Stock
from inventory.operations.options import save_configuration
from inventory.operations.stocks import save_channel, save_stock
from inventory.options import DelayRule
from orders.models import Order
from orders.notices.send import send_queued
from orders.placing.place import place_order
from orders.placing.request import (
    Address,
    Customer,
    LineRequest,
    OrderRequest,
    PaymentRequest,
)

# Northwind's orders come from another channel. Customers of the second one are asked about delays.
CHANNEL = "phone"
ASKING_CHANNEL = "us"
CUSTOMER = Customer("Ada Lindqvist", "ada.lindqvist@example.com")
ADDRESS = Address(
    recipient="Ada Lindqvist", street="14 Pine Street", city="Seattle", region="WA",
    postcode="98101", country="US",
)  # fmt: skip
MANUAL = PaymentRequest()
BACKORDER = Shipment.State.BACKORDER
FUTURE_INVENTORY = "future_inventory"


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


def open_channels() -> None:
    """Have Northwind's stock serve the channels of the examples too."""
    stock = Stock.objects.get(code=STOCK)
    served = SalesChannel.objects.filter(stock=stock).values_list("code", flat=True)
    save_stock(stock, channel_codes=[*served, CHANNEL, ASKING_CHANNEL])
    asking = SalesChannel.objects.get(code=ASKING_CHANNEL)
    rule = DelayRule.CONSENT.value
    save_channel(asking, changed={"name": "United States", "delay_rule": rule})


def place(
    scene: Scene,
    number: str,
    units: Mapping[str, int],
    *,
    before: timedelta,
    customer: Customer = CUSTOMER,
    address: Address = ADDRESS,
    channel: str = CHANNEL,
    ship_complete: bool | None = None,
    payment: PaymentRequest = MANUAL,
) -> Order:
    """Return the order with this number, placed some time before now unless it is there."""
    found = Order.objects.filter(number=number).first()
    if found is not None:
        return found
    request = OrderRequest(
        channel=channel,
        customer=customer,
        lines=tuple(LineRequest(sku, Decimal(quantity)) for sku, quantity in units.items()),
        address=address,
        number=number,
        payment=payment,
        ship_complete=ship_complete,
    )
    placed = place_order(request, scene.act("fulfillment", before=before))
    return Order.objects.get(pk=placed.order_id)


def promise_supply(
    scene: Scene, orders: Collection[Order], *, before: timedelta = timedelta()
) -> None:
    """Promise incoming supply to orders that wait, some time before now.

    Only to these: Northwind's orders wait for future supply to be turned on.
    """
    waiting = [found for order in orders if (found := shipment_of(order, BACKORDER))]
    if waiting:
        with _future_inventory(scene):
            run_release(
                act=scene.act("operations", before=before),
                zone=scene.zone,
                trigger=ReleaseRun.Trigger.STAFF,
                scope=RunScope(shipments=tuple(shipment.number for shipment in waiting)),
            )


def send_emails(now: datetime) -> None:
    """Send what is due: a slow machine takes more than the one pass of a job for it."""
    while send_queued(now=now):
        pass


def shipment_of(order: Order, state: Shipment.State, source: str | None = None) -> Shipment | None:
    """Return the order's first shipment in a state, at a source where one is named."""
    found = Shipment.objects.filter(order=order, state=state).order_by("pk")
    return (found if source is None else found.filter(source__code=source)).first()


@contextmanager
def _future_inventory(scene: Scene) -> Iterator[None]:
    """Promise from future inventory for a moment."""
    _set_future_inventory(scene, is_on=True)
    try:
        yield
    finally:
        _set_future_inventory(scene, is_on=None)


def _set_future_inventory(scene: Scene, *, is_on: bool | None) -> None:
    configuration = InventoryConfiguration.load()
    setattr(configuration, FUTURE_INVENTORY, is_on)
    with pghistory.context(user=scene.staff.get("merchant")):
        save_configuration(configuration, changed={FUTURE_INVENTORY})

"""The examples' orders: a shipment of each state, with what brought it there."""

from datetime import timedelta
from decimal import Decimal

from demo.examples.scene import Scene, place, promise_supply, shipment_of
from fulfillment.models import Shipment
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.customer_care import move_to_care
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.shipments.parcel_facts import ParcelFacts
from inventory.models import FutureSupply
from inventory.operations.receipts import receive_supply
from orders.changes.return_request import ReturnedUnits, ReturnMoney, ReturnRequest
from orders.changes.returns import take_back
from orders.models import ReturnLine

State = Shipment.State
RECEIVED = Decimal(12)
SHIPPED = Decimal(2)


def show_promises(scene: Scene) -> None:
    """Promise incoming supply to two orders, and receive a part of what one of them waits for.

    Only these two: Northwind's orders wait for future supply to be turned on.
    """
    orders = [
        place(scene, "DEMO-FUTURE", {"DEMO-TENT": 3}, before=timedelta(days=3)),
        place(scene, "DEMO-PARTIAL", {"DEMO-MAP": 20}, before=timedelta(days=4)),
    ]
    promise_supply(scene, orders)
    maps = FutureSupply.objects.get(product__sku="DEMO-MAP")
    if not maps.received_quantity:
        receive_supply(maps.pk, scene.act("fulfillment"), quantity=RECEIVED)


def show_hold(scene: Scene) -> None:
    order = place(scene, "DEMO-HELD", {"DEMO-STOVE": 2}, before=timedelta(days=2))
    shipment = shipment_of(order, State.READY)
    if shipment is not None and not shipment.is_held:
        reason = "The customer is away. Ship on Monday."
        hold(shipment.pk, scene.act("fulfillment", reason=reason))


def show_customer_care(scene: Scene) -> None:
    order = place(scene, "DEMO-CARE", {"DEMO-BOOTS": 2}, before=timedelta(days=2))
    shipment = shipment_of(order, State.READY)
    if shipment is not None:
        reason = "The size is missing. The customer was asked."
        move_to_care(shipment.pk, scene.act("fulfillment", reason=reason))


def show_split(scene: Scene) -> None:
    """Send an order from two sources, while the rest waits; a part has left."""
    order = place(scene, "DEMO-SPLIT", {"DEMO-ROPE": 14}, before=timedelta(days=3))
    shipment = shipment_of(order, State.READY, "seattle")
    if shipment is not None and not shipment_of(order, State.FULFILLED):
        line = shipment.lines.get()
        fulfill(
            shipment.pk,
            scene.act("fulfillment"),
            quantities={line.order_line_id: SHIPPED},
            parcels=[ParcelFacts("ups", "1Z12345E0291980793")],
        )


def show_bar(scene: Scene) -> None:
    """Send a shipment back whose units were not found; its source is barred for it."""
    order = place(scene, "DEMO-BAR", {"DEMO-PACK": 2}, before=timedelta(days=1))
    shipment = shipment_of(order, State.READY)
    if shipment is not None:
        reason = "Not found on the shelf."
        move_to_backorder(shipment.pk, scene.act("fulfillment", reason=reason))


def show_overdue(scene: Scene) -> None:
    place(scene, "DEMO-OVERDUE", {"DEMO-AXE": 3}, before=timedelta(days=5))


def show_ship_complete(scene: Scene) -> None:
    """Keep what is ready of an order that leaves whole, while the rest of it waits."""
    units = {"DEMO-STOVE": 1, "DEMO-AXE": 1}
    place(scene, "DEMO-COMPLETE", units, before=timedelta(days=1), ship_complete=True)


def show_return(scene: Scene) -> None:
    """Take units of two lines back, one to stock and a damaged one not; their refund is due."""
    units = {"DEMO-FLASK": 3, "DEMO-TOWEL": 2}
    order = place(scene, "DEMO-RETURN", units, before=timedelta(days=6))
    shipment = shipment_of(order, State.READY)
    if shipment is not None:
        parcels = [ParcelFacts("ups", "1Z12345E1512345676")]
        fulfill(shipment.pk, scene.act("fulfillment", before=timedelta(days=5)), parcels=parcels)
    if not order.returns.exists():
        first, second = order.lines.order_by("number").values_list("pk", flat=True)
        back = (
            ReturnedUnits(first, Decimal(1), ReturnLine.Condition.AS_NEW),
            ReturnedUnits(second, Decimal(1), ReturnLine.Condition.DAMAGED),
        )
        act = scene.act("fulfillment", reason="Came back by post.")
        take_back(order.pk, act, request=ReturnRequest(back, ReturnMoney.LATER))

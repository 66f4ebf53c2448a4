from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from core.acts import Act
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.shipments.allocation_counters import QueueKey, shift_waiting
from inventory.models import Reservation
from inventory.operations import ledger
from orders.models import OrderLine
from tests.factories.orders import OrderFactory, OrderLineFactory


class BackorderFactory(DjangoModelFactory[Shipment]):
    """A shipment on backorder whose units are all sold, reserved and waiting.

    ``lines={product: 3}`` gives it lines, with their order lines, reservations and counters.
    """

    number = factory.Sequence("SHP-{}".format)
    order = factory.SubFactory(OrderFactory)
    stock = factory.SelfAttribute("order.stock")
    pickup_source = factory.SelfAttribute("order.pickup_source")
    state = Shipment.State.BACKORDER
    backordered_since = factory.SelfAttribute("order.placed_at")
    created_at = factory.SelfAttribute("order.placed_at")

    class Meta:
        model = Shipment
        skip_postgeneration_save = True

    @factory.post_generation
    def lines(shipment: Any, create: Any, quantities: Any, **kwargs: Any) -> None:  # noqa: N805
        for product, quantity in (quantities or {}).items():
            order_line = OrderLineFactory(
                order=shipment.order,
                product=product,
                quantity=Decimal(quantity),
                backordered_quantity=Decimal(quantity),
            )
            ShipmentLineFactory(shipment=shipment, order_line=order_line)
            book_line(order_line, shipment)
            shipment.amount += order_line.total
        shipment.save(update_fields=["amount"])


class ShipmentLineFactory(DjangoModelFactory[ShipmentLine]):
    """All units of an order line, on one shipment."""

    shipment = factory.SubFactory(BackorderFactory)
    order_line = factory.SubFactory(OrderLineFactory)
    product = factory.SelfAttribute("order_line.product")
    original_quantity = factory.SelfAttribute("order_line.quantity")
    quantity = factory.SelfAttribute("original_quantity")
    original_amount = factory.SelfAttribute("order_line.total")
    amount = factory.SelfAttribute("original_amount")

    class Meta:
        model = ShipmentLine


def promise(shipment: Shipment, promised_on: date | None) -> None:
    """Let the customer have been given this date, or no date yet, when the order was placed."""
    shipment.lines.update(
        promised_on=promised_on,
        promise_told_at=shipment.order.placed_at,
        agreed_on=promised_on,
    )


def book_line(line: OrderLine, shipment: Shipment) -> None:
    """Write the reservation and the waiting counter that placement writes for ``line``."""
    ledger.record(
        [
            ledger.Entry(
                stock_id=shipment.stock_id,
                product_id=line.product_id,
                quantity=-line.quantity,
                event=Reservation.Event.PLACED,
                order_line_id=line.pk,
                order_number=line.order.number,
            )
        ],
        Act(shipment.created_at),
    )
    key = QueueKey(line.product_id, shipment.stock_id, shipment.pickup_source_id)
    shift_waiting({key: line.quantity})

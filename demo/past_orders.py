"""Writes the orders that are long complete, in sets: a few statements for all of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from core.currencies import smallest_unit
from core.quantities import ZERO
from demo.catalogue import Catalogue
from demo.fixtures import FixtureOrder
from fulfillment.models import Shipment, ShipmentEvent, ShipmentLine
from inventory.models import Reservation
from inventory.options import PaymentAction
from orders.models import Order, OrderLine, Payment, PaymentOperation
from orders.money import rounded

ADDRESS = ("recipient", "street", "city", "region", "postcode", "country")
SHIPPING_DELAY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HistoricOrder:
    """A complete order with its rows as they are written together."""

    order: Order
    lines: list[OrderLine]
    shipped_at: datetime


def load_history(
    catalogue: Catalogue, fixtures: Iterable[FixtureOrder], *, shift: timedelta, zone: tzinfo
) -> int:
    """Write complete orders, shipped and paid for, from where the larger share is; return them.

    Their reservations are in the ledger and cancel out, so no balance moves.
    """
    historic = [_historic(catalogue, fixture, shift, zone) for fixture in fixtures]
    Order.objects.bulk_create([entry.order for entry in historic])
    OrderLine.objects.bulk_create([line for entry in historic for line in entry.lines])
    _pay(historic)
    shipped_with = _ship(catalogue, historic)
    _reserve(historic, shipped_with)
    return len(historic)


def _historic(
    catalogue: Catalogue, fixture: FixtureOrder, shift: timedelta, zone: tzinfo
) -> HistoricOrder:
    placed_at = fixture.placed_at(shift, zone)
    order = Order(
        number=fixture.number,
        channel=catalogue.channel,
        stock=catalogue.stock,
        status=Order.Status.COMPLETE,
        placed_at=placed_at,
        customer_name=fixture.columns["customer_name"],
        customer_email=fixture.columns["customer_email"],
        customer_language=fixture.language,
        currency=fixture.columns["currency"],
        **{name: fixture.columns[name] for name in ADDRESS},
    )
    lines = [
        OrderLine(
            order=order,
            number=number,
            product=catalogue.products[line.sku],
            sku=line.sku,
            name=catalogue.products[line.sku].name,
            quantity=line.quantity,
            invoiced_quantity=line.quantity,
            shipped_quantity=line.quantity,
            unit_price=line.unit_price,
            total=rounded(line.quantity * line.unit_price, smallest_unit(order.currency)),
        )
        for number, line in enumerate(fixture.lines, start=1)
    ]
    order.total = sum((line.total for line in lines), ZERO)
    delay = fixture.shipped_on - fixture.placed_on if fixture.shipped_on else SHIPPING_DELAY
    return HistoricOrder(order, lines, placed_at + delay)


def _pay(historic: list[HistoricOrder]) -> None:
    payments = [
        Payment(
            order=entry.order,
            gateway="manual",
            action=PaymentAction.AUTHORIZE_AND_CAPTURE.value,
            state=Payment.State.CAPTURED,
            currency=entry.order.currency,
            amount=entry.order.total,
            captured_amount=entry.order.total,
            created_at=entry.order.placed_at,
        )
        for entry in historic
    ]
    Payment.objects.bulk_create(payments)
    PaymentOperation.objects.bulk_create(
        PaymentOperation(
            payment=payment,
            kind=PaymentOperation.Kind.AUTHORIZE,
            state=PaymentOperation.State.SUCCEEDED,
            amount=payment.amount,
            idempotency_key=f"authorize-{payment.order_id}-{payment.pk}",
            attempt_count=1,
            created_at=payment.created_at,
            answered_at=payment.created_at,
        )
        for payment in payments
    )


def _ship(catalogue: Catalogue, historic: list[HistoricOrder]) -> dict[int, int]:
    """Write a fulfilled shipment per order and source; return shipment ids by order line id."""
    shipments: list[tuple[Shipment, list[OrderLine], datetime]] = []
    for entry in historic:
        by_source: defaultdict[int, list[OrderLine]] = defaultdict(list)
        for line in entry.lines:
            by_source[catalogue.main_source_ids[line.sku]].append(line)
        shipments += [
            (_shipment(entry, position, source_id, lines), lines, entry.shipped_at)
            for position, (source_id, lines) in enumerate(sorted(by_source.items()), start=1)
        ]
    Shipment.objects.bulk_create([shipment for shipment, _, _ in shipments])
    ShipmentLine.objects.bulk_create(
        ShipmentLine(
            shipment=shipment,
            order_line=line,
            product_id=line.product_id,
            original_quantity=line.quantity,
            quantity=line.quantity,
            original_amount=line.total,
            amount=line.total,
        )
        for shipment, lines, _ in shipments
        for line in lines
    )
    ShipmentEvent.objects.bulk_create(
        ShipmentEvent(shipment=shipment, kind=ShipmentEvent.Kind.FULFILLED, created_at=shipped_at)
        for shipment, _, shipped_at in shipments
    )
    return {line.pk: shipment.pk for shipment, lines, _ in shipments for line in lines}


def _shipment(
    entry: HistoricOrder, position: int, source_id: int, lines: list[OrderLine]
) -> Shipment:
    return Shipment(
        number=f"{entry.order.number}-{position}",
        order=entry.order,
        stock_id=entry.order.stock_id,
        source_id=source_id,
        state=Shipment.State.FULFILLED,
        amount=sum((line.total for line in lines), ZERO),
        created_at=entry.order.placed_at,
        fulfilled_at=entry.shipped_at,
    )


def _reserve(historic: list[HistoricOrder], shipped_with: dict[int, int]) -> None:
    placed, fulfilled = Reservation.Event.PLACED, Reservation.Event.FULFILLED
    Reservation.objects.bulk_create(
        Reservation(
            stock_id=entry.order.stock_id,
            product_id=line.product_id,
            quantity=quantity,
            event=event,
            order_line_id=line.pk,
            order_number=entry.order.number,
            sequence=sequence,
            created_at=at,
        )
        for entry in historic
        for line in entry.lines
        for quantity, event, sequence, at in (
            (-line.quantity, placed, 0, entry.order.placed_at),
            (line.quantity, fulfilled, shipped_with[line.pk], entry.shipped_at),
        )
    )

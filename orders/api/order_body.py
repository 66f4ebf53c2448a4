"""An order as the API shows it: its lines, its shipments, its payment."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from core.api.fields import Body, KnownCountryField, MoneyField, QuantityField, VersionField
from orders import ports
from orders.models import FulfillmentMethod, Order, OrderLine, Payment
from orders.models.payment import current_payment
from orders.ports import OrderShipment


class CustomerSerializer(serializers.Serializer[Order]):
    name = serializers.CharField(source="customer_name")
    email = serializers.CharField(source="customer_email")
    language = serializers.CharField(source="customer_language")


class AddressSerializer(serializers.Serializer[Order]):
    recipient = serializers.CharField()
    street = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    postcode = serializers.CharField()
    country = serializers.CharField()
    is_known_country = KnownCountryField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)


class OrderLineSerializer(serializers.Serializer[OrderLine]):
    """A line; ``expected_on`` is when the last of its units that wait is expected.

    ``promised_on`` is the last date that the customer was given for them; null for no date yet,
    and where the customer was given nothing. ``change`` is the order change that added it; it is
    not in force while that waits for its payment, nor after its payment was declined. A substitute
    ``replaces`` units of another line.
    """

    line = serializers.IntegerField(source="number")
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = QuantityField()
    backordered_quantity = QuantityField()
    open_quantity = QuantityField()
    canceled_quantity = QuantityField()
    invoiced_quantity = QuantityField()
    shipped_quantity = QuantityField()
    refunded_quantity = QuantityField()
    unit_price = MoneyField(currency="order.currency")
    discount = MoneyField(currency="order.currency")
    tax = MoneyField(currency="order.currency")
    total = MoneyField(currency="order.currency")
    expected_on = serializers.DateField(allow_null=True)
    promised_on = serializers.DateField(allow_null=True)
    change = serializers.IntegerField(source="change_id", allow_null=True)
    replaces = serializers.IntegerField(source="replaced_number", allow_null=True)
    is_in_force = serializers.BooleanField()


class LineUnitsSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    quantity = QuantityField()


class ShippingAddressSerializer(Body[Any]):
    """An address as it was when something was shipped to it."""

    recipient = serializers.CharField()
    street = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    postcode = serializers.CharField()
    country = serializers.CharField()


class OrderParcelSerializer(Body[Any]):
    """A parcel in which it left; ``tracking_url`` is empty where the carrier has no link."""

    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField()


class OrderShipmentSerializer(Body[Any]):
    """A shipment of the order; ``parent`` is the one that it was split off.

    ``shipped_to`` is the address that it was shipped to, which a change of the order leaves; null
    for what was not shipped, or was collected.
    """

    number = serializers.CharField()
    parent = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    is_held = serializers.BooleanField()
    hold_reason = serializers.CharField(
        help_text="REST: it waits for the rest of an order that ships complete. Empty: not held."
    )
    source = serializers.CharField(allow_null=True)
    expected_on = serializers.DateField(allow_null=True)
    shipped_to = ShippingAddressSerializer(allow_null=True)
    parcels = OrderParcelSerializer(many=True)
    lines = LineUnitsSerializer(many=True)


class PaymentAttemptSerializer(serializers.Serializer[Payment]):
    """An attempt at a payment that came to nothing, or not yet to anything."""

    state = serializers.ChoiceField(choices=Payment.State.choices)
    amount = MoneyField()
    created_at = serializers.DateTimeField()


class PaymentSerializer(serializers.Serializer[Payment]):
    """The current payment of an order; ``last_attempt`` is a later one without success."""

    gateway = serializers.CharField()
    action = serializers.CharField()
    state = serializers.ChoiceField(choices=Payment.State.choices)
    amount = MoneyField()
    captured_amount = MoneyField()
    refunded_amount = MoneyField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_attempt = PaymentAttemptSerializer(allow_null=True)


class OrderSerializer(serializers.Serializer[Any]):
    """An order; without anything to pay it has no payment (null)."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=Order.Status.choices)
    channel = serializers.CharField(source="channel.code")
    stock = serializers.CharField(source="stock.code")
    placed_at = serializers.DateTimeField()
    customer = CustomerSerializer(source="*")
    fulfillment_method = serializers.ChoiceField(choices=FulfillmentMethod.choices)
    pickup_source = serializers.CharField(source="pickup_source.code", allow_null=True)
    address = AddressSerializer(source="*")
    ship_complete = serializers.BooleanField(help_text="Nothing of it leaves before all of it can.")
    priority = serializers.IntegerField()
    currency = serializers.CharField()
    total = MoneyField()
    lines = OrderLineSerializer(many=True)
    shipments = OrderShipmentSerializer(many=True, source="shown_shipments")
    payment = PaymentSerializer(allow_null=True, source="shown_payment")
    version = VersionField()


def order_rows() -> QuerySet[Order]:
    """Return orders with what their bodies need of their own tables."""
    lines = OrderLine.objects.select_related("change").order_by("number")
    payments = Payment.objects.filter(order_change=None).order_by("-pk")
    return Order.objects.select_related("channel", "stock", "pickup_source").prefetch_related(
        Prefetch("lines", lines), Prefetch("payments", payments)
    )


def order_bodies(orders: Collection[Any]) -> list[dict[str, Any]]:
    """Return the bodies of orders from :func:`order_rows`; two statements more."""
    shipments = ports.current().shipments_of_orders([order.pk for order in orders])
    for order in orders:
        of_order = shipments.get(order.pk, ())
        expected = _expected_dates(of_order)
        for line in order.lines.all():
            line.expected_on = expected.get(line.pk)
            line.promised_on = _promised_on(of_order, line.pk)
        numbers = {line.pk: line.number for line in order.lines.all()}
        for line in order.lines.all():
            line.replaced_number = numbers.get(line.replaces_id)
        order.shown_shipments = _shipments(of_order, numbers)
        order.shown_payment = _payment(order.payments.all())
    return [dict(body) for body in OrderSerializer(orders, many=True).data]


def order_body(order_id: int) -> dict[str, Any]:
    """Return the body of one order, as it is now."""
    [body] = order_bodies([order_rows().get(pk=order_id)])
    return body


def _payment(payments: Iterable[Payment]) -> Any:
    """Return the current one of ``payments``, the newest first, with the last attempt."""
    every = list(payments)
    found: Any = current_payment(every)
    if found is not None:
        is_last = every[0].pk == found.pk
        found.last_attempt = None if is_last else every[0]
    return found


def _expected_dates(shipments: Sequence[OrderShipment]) -> dict[int, date]:
    """Return when the last waiting units of each line are expected, by order line id."""
    expected: dict[int, date] = {}
    for shipment in shipments:
        if shipment.waits and shipment.expected_on is not None:
            for line_id in shipment.units:
                known = expected.get(line_id, shipment.expected_on)
                expected[line_id] = max(known, shipment.expected_on)
    return expected


def _promised_on(shipments: Sequence[OrderShipment], line_id: int) -> date | None:
    """Return the last date promised for the open units of a line; None where some have none."""
    days = [one.promises[line_id] for one in shipments if one.is_open and line_id in one.promises]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _shipments(
    shipments: Sequence[OrderShipment], numbers: Mapping[int, int]
) -> list[dict[str, Any]]:
    by_id = {shipment.shipment_id: shipment.number for shipment in shipments}
    return [
        {
            "number": shipment.number,
            "parent": None if shipment.parent_id is None else by_id[shipment.parent_id],
            "state": shipment.state,
            "is_held": bool(shipment.hold),
            "hold_reason": shipment.hold_reason,
            "source": shipment.source or None,
            "expected_on": shipment.expected_on,
            "shipped_to": shipment.shipped_to,
            "parcels": [
                {"carrier": one.carrier, "tracking_number": one.number, "tracking_url": one.link}
                for one in shipment.parcels
            ],
            "lines": [
                {"line": numbers[line_id], "quantity": quantity}
                for line_id, quantity in shipment.units.items()
            ],
        }
        for shipment in shipments
    ]

"""What a change would do to an order, as previews answer it."""

from typing import Any

from rest_framework import serializers

from core.api.fields import Body, MoneyField, QuantityField
from orders.api.order_body import AddressSerializer, CustomerSerializer, LineUnitsSerializer
from orders.changes.preview import (
    PROMISED,
    READY,
    FallenUnits,
    OrderEffect,
    ShipmentChange,
)
from orders.models import FulfillmentMethod, Order, OrderEmail


class OrderSummarySerializer(serializers.Serializer[Order]):
    """What a change may set of an order."""

    status = serializers.ChoiceField(choices=Order.Status.choices)
    customer = CustomerSerializer(source="*")
    fulfillment_method = serializers.ChoiceField(choices=FulfillmentMethod.choices)
    pickup_source = serializers.CharField(source="pickup_source.code", allow_null=True)
    address = AddressSerializer(source="*")
    ship_complete = serializers.BooleanField()
    total = MoneyField()


class OrderMoneySerializer(Body[Any]):
    """The money of an order, if the gateway accepts what it is asked.

    ``canceled`` is what canceled units would have cost, ``due`` is to be paid back later or by
    hand, and ``exchanged`` is what returned units pay for.
    """

    canceled = MoneyField()
    authorized = MoneyField()
    captured = MoneyField()
    refunded = MoneyField()
    due = MoneyField()
    exchanged = MoneyField()


class MoneyEffectSerializer(Body[Any]):
    before = OrderMoneySerializer()
    after = OrderMoneySerializer()


class ShipmentEffectSerializer(Body[Any]):
    """A shipment that would be another; ``state_before`` is null for one that would be made.

    ``hold_reason`` is why it would be held, REST where it waits for the rest of an order that ships
    complete; empty for what is not held.
    """

    number = serializers.CharField()
    state_before = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    hold_reason_before = serializers.CharField(allow_null=True)
    hold_reason = serializers.CharField()
    source = serializers.CharField(allow_null=True)
    is_slip_out_of_date = serializers.BooleanField()
    is_unpacked = serializers.BooleanField(help_text="It is packed now, and no longer then.")
    lines = LineUnitsSerializer(many=True)


class PromiseEffectSerializer(Body[Any]):
    """A shipment whose customer was told another date; null for no date yet.

    ``after`` is what the customer is told at once; where that waits, the date that is expected, if
    known supply or a person stands behind it.
    """

    shipment = serializers.CharField()
    before = serializers.DateField(allow_null=True)
    after = serializers.DateField(allow_null=True)


class FallenUnitsSerializer(Body[FallenUnits]):
    """Units of a line that would wait: now they are READY, or PROMISED from dated supply."""

    line = serializers.IntegerField(source="line.number")
    standing = serializers.ChoiceField(choices=[READY, PROMISED])
    quantity = QuantityField()


class NoticeSerializer(Body[OrderEmail]):
    """An e-mail to the customer that would be queued, or go to another address."""

    kind = serializers.ChoiceField(choices=OrderEmail.Kind.choices)
    recipient = serializers.CharField()


class OrderEffectSerializer(Body[Any]):
    """What a change would do; ``listed`` shipments are on a pick list, and stay where they are."""

    before = OrderSummarySerializer()
    after = OrderSummarySerializer()
    money = MoneyEffectSerializer()
    shipments = ShipmentEffectSerializer(many=True)
    listed = serializers.ListField(child=serializers.CharField())
    fallen_back = FallenUnitsSerializer(many=True)
    promises_moved = PromiseEffectSerializer(many=True)
    notices = NoticeSerializer(many=True)


def effect_body(effect: OrderEffect) -> dict[str, Any]:
    """Return the effect of a change as answers have it."""
    before, after = effect.before, effect.after
    shown = {
        "before": before.order,
        "after": after.order,
        "money": {"before": before.money, "after": after.money},
        "shipments": [_shipment(change, effect) for change in effect.changed_shipments],
        "listed": [shipment.number for shipment in effect.listed],
        "fallen_back": effect.fallen_back,
        "promises_moved": effect.moved_promises,
        "notices": effect.told,
    }
    return dict(OrderEffectSerializer(shown).data)


def _shipment(change: ShipmentChange, effect: OrderEffect) -> dict[str, Any]:
    shipment = change.after
    numbers = {pk: line.number for pk, line in effect.after.lines.items()}
    return {
        "number": shipment.number,
        "state_before": None if change.before is None else change.before.state,
        "state": shipment.state,
        "hold_reason_before": None if change.before is None else change.before.hold_reason,
        "hold_reason": shipment.hold_reason,
        "source": shipment.source or None,
        "is_slip_out_of_date": shipment.is_slip_out_of_date,
        "is_unpacked": change.is_unpacked,
        "lines": [
            {"line": numbers[pk], "quantity": quantity} for pk, quantity in shipment.units.items()
        ],
    }

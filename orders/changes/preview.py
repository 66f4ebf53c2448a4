"""The preview of a change of an order: it is made, compared, and rolled back."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from core.quantities import ZERO
from inventory.models import SourceItem
from orders import ports
from orders.models import Order, OrderLine, Payment
from orders.payments import sending
from orders.payments.protocol import GatewayAnswer, GatewayOutcome
from orders.ports import OrderShipment

YES = GatewayAnswer(GatewayOutcome.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class SourceUnits:
    """Units of a product at one source: on hand, and those of them that are set aside."""

    quantity: Decimal
    allocated: Decimal


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """An order at one moment, with the units of its products at its sources.

    ``lines`` by id, ``shipments`` by number, ``held`` by (source code, SKU). ``authorized`` may
    still be captured.
    """

    status: str
    lines: Mapping[int, OrderLine]
    shipments: Mapping[str, OrderShipment]
    held: Mapping[tuple[str, str], SourceUnits]
    authorized: Decimal
    captured: Decimal
    refunded: Decimal


@dataclass(frozen=True, slots=True)
class ShipmentChange:
    """A shipment before and after; before is None for one that would be made."""

    before: OrderShipment | None
    after: OrderShipment

    @property
    def line_ids(self) -> list[int]:
        """The lines whose units here change."""
        was = {} if self.before is None else self.before.units
        return [
            pk
            for pk in {**was, **self.after.units}
            if was.get(pk, ZERO) != self.after.units.get(pk, ZERO)
        ]


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """An order before and after a change, if the gateway accepts every operation."""

    before: OrderSnapshot
    after: OrderSnapshot

    @property
    def changed_shipments(self) -> Sequence[ShipmentChange]:
        was = self.before.shipments
        return [
            ShipmentChange(was.get(number), shipment)
            for number, shipment in self.after.shipments.items()
            if was.get(number) != shipment
        ]

    @property
    def changed_places(self) -> Sequence[tuple[tuple[str, str], SourceUnits, SourceUnits]]:
        """(source code, SKU) with the units there before and after, where they change."""
        return [
            (place, self.before.held[place], held)
            for place, held in self.after.held.items()
            if self.before.held[place] != held
        ]


def preview_change(
    order_id: int, change: Callable[[], Iterable[int]], *, now: datetime
) -> OrderEffect:
    """Return the effect of a change if its gateway agrees; raises the refusals of the change.

    ``change`` writes it and returns the payment operations to send
    (:func:`orders.changes.cancel.cancel_in_books` and its like). It is made in a transaction that
    is rolled back: no gateway is asked, and nothing is enqueued.
    """
    with transaction.atomic():
        before = _snapshot(order_id)
        asked = deque(change())
        while asked:
            asked.extend(sending.apply_answer(asked.popleft(), YES, now=now))
        after = _snapshot(order_id)
        transaction.set_rollback(True)
    return OrderEffect(before, after)


def make_change(change: Callable[[], Iterable[int]], *, now: datetime) -> None:
    """Make a change, as :func:`preview_change` shows it, and ask its gateway after the commit.

    Opens the transaction; raises its refusals.
    """
    with transaction.atomic():
        asked = list(change())
    sending.send(asked, now=now)


def _snapshot(order_id: int) -> OrderSnapshot:
    lines = OrderLine.objects.filter(order=order_id).order_by("number")
    held = SourceItem.objects.filter(product__order_lines__order=order_id).distinct()
    payments = Payment.objects.filter(order=order_id)
    live = payments.filter(state=Payment.State.AUTHORIZED)
    sums = payments.aggregate(captured=Sum("captured_amount"), refunded=Sum("refunded_amount"))
    authorized = live.aggregate(left=Sum("amount") - Sum("captured_amount"))["left"]
    return OrderSnapshot(
        status=Order.objects.values_list("status", flat=True).get(pk=order_id),
        lines={line.pk: line for line in lines},
        shipments={
            shipment.number: shipment for shipment in ports.current().shipments_of(order_id)
        },
        held={
            (source, sku): SourceUnits(quantity, allocated)
            for source, sku, quantity, allocated in held.order_by(
                "source__code", "product__sku"
            ).values_list("source__code", "product__sku", "quantity", "allocated")
        },
        authorized=authorized or ZERO,
        captured=sums["captured"] or ZERO,
        refunded=sums["refunded"] or ZERO,
    )

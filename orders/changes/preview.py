"""An order as a change would leave it, for its preview."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from core.quantities import ZERO
from inventory.models import SourceItem
from orders import ports
from orders.models import Order, OrderEmail, OrderLine, Payment, ReturnLine
from orders.ports import OrderShipment
from orders.queries.order_money import OrderMoney, money_of

# How units of an open shipment stand.
READY, PROMISED, WAITS = "READY", "PROMISED", "WAITS"


@dataclass(frozen=True, slots=True)
class SourceUnits:
    """Units of a product at one source: on hand, and those of them that are set aside."""

    quantity: Decimal
    allocated: Decimal


# Where a source has no item of a product yet.
NOTHING = SourceUnits(ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """An order at one moment, with the units of its products at its sources.

    ``order`` is the row, with where it is collected. ``lines`` by id, ``shipments`` by number,
    ``held`` by (source code, SKU). ``returned`` are the lines of its returns, by id; ``emails``
    those to its customer.
    """

    order: Order
    lines: Mapping[int, OrderLine]
    shipments: Mapping[str, OrderShipment]
    held: Mapping[tuple[str, str], SourceUnits]
    money: OrderMoney
    returned: Mapping[int, ReturnLine]
    emails: Mapping[int, OrderEmail]

    def with_items(self, held: Mapping[tuple[str, str], SourceUnits]) -> "OrderSnapshot":
        """Return the snapshot with more items of sources."""
        return replace(self, held={**self.held, **held})

    @property
    def status(self) -> str:
        return self.order.status

    @property
    def currency(self) -> str:
        return self.order.currency


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A date of a shipment before and after; None for no date yet, or where none is needed.

    None is needed where it is READY: ``was_ready`` before, ``is_ready`` after.
    """

    shipment: str
    before: date | None
    after: date | None
    was_ready: bool = False
    is_ready: bool = False


@dataclass(frozen=True, slots=True)
class FallenUnits:
    """Units of a line that would only wait: they were READY, or PROMISED from dated supply."""

    line: OrderLine
    standing: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ShipmentChange:
    """A shipment before and after; before is None for one that would be made."""

    before: OrderShipment | None
    after: OrderShipment

    @property
    def is_unpacked(self) -> bool:
        """Whether it is packed now, and no longer then."""
        return self.before is not None and self.before.is_packed and not self.after.is_packed


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
    def added_amount(self) -> Decimal:
        """What the new lines cost in all."""
        was = self.before.lines
        return sum((line.total for pk, line in self.after.lines.items() if pk not in was), ZERO)

    @property
    def listed(self) -> Sequence[OrderShipment]:
        """The shipments that are on an open pick list, and are left there."""
        return [one for one in self.after.shipments.values() if one.is_listed]

    @property
    def is_method_new(self) -> bool:
        """Whether it is delivered in another way, or collected at another store."""
        was, now = self.before.order, self.after.order
        return (was.fulfillment_method, was.pickup_source_id) != (
            now.fulfillment_method,
            now.pickup_source_id,
        )

    @property
    def moved_dates(self) -> Sequence[MovedDate]:
        """The shipments that are expected on another date than before."""
        return [
            MovedDate(
                was.number,
                was.expected_on,
                shipment.expected_on,
                was_ready=not was.waits,
                is_ready=not shipment.waits,
            )
            for was, shipment in self._still_open
            if was.expected_on != shipment.expected_on
        ]

    @property
    def moved_promises(self) -> Sequence[MovedDate]:
        """The shipments whose customer was told another date than would be so.

        After is what the customer is told at once; where that waits, the date that is expected, if
        known supply or a person stands behind it, or it is READY.
        """
        found = []
        for was, shipment in self._still_open:
            lines = was.promises.keys() & shipment.promises.keys()
            told, after = _last_told(was, lines), _last_told(shipment, lines)
            if told == after and was.expected_on != shipment.expected_on:
                after = _expected(shipment, told)
            if lines and told != after:
                found.append(MovedDate(was.number, told, after))
        return found

    @property
    def _still_open(self) -> Sequence[tuple[OrderShipment, OrderShipment]]:
        was = self.before.shipments
        return [
            (was[number], shipment)
            for number, shipment in self.after.shipments.items()
            if number in was and shipment.is_open
        ]

    @property
    def fallen_back(self) -> Sequence[FallenUnits]:
        """The units that would lose what was set aside for them, or a promise of dated supply."""
        before, after = _standings(self.before), _standings(self.after)
        found = []
        for pk, line in self.after.lines.items():
            left = after[pk, WAITS] - before[pk, WAITS]
            for standing in (READY, PROMISED):
                lost = min(before[pk, standing] - after[pk, standing], left)
                if lost > 0:
                    found.append(FallenUnits(line, standing, lost))
                    left -= lost
        return found

    @property
    def told(self) -> Sequence[OrderEmail]:
        """The e-mails to the customer that are new, or go to another address."""
        was = {pk: email.recipient for pk, email in self.before.emails.items()}
        return [email for pk, email in self.after.emails.items() if was.get(pk) != email.recipient]

    @property
    def asks_gateway(self) -> bool:
        """Whether money moves: a gateway charges, pays back or gives up an authorization."""
        was, now = self.before.money, self.after.money
        before = (was.captured, was.refunded, was.authorized)
        return before != (now.captured, now.refunded, now.authorized)

    @property
    def returned(self) -> Sequence[ReturnLine]:
        """The units that would come back."""
        was = self.before.returned
        return [line for pk, line in self.after.returned.items() if pk not in was]

    @property
    def changed_items(self) -> Sequence[tuple[tuple[str, str], SourceUnits, SourceUnits]]:
        """(source code, SKU) with the units there before and after, where they change."""
        was = self.before.held
        return [
            (item, was.get(item, NOTHING), held)
            for item, held in self.after.held.items()
            if was.get(item, NOTHING) != held
        ]


def _last_told(shipment: OrderShipment, line_ids: Collection[int]) -> date | None:
    """Return by when the customer was told to have all of these lines; None for no date yet."""
    days = [shipment.promises[pk] for pk in line_ids]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _expected(shipment: OrderShipment, told: date | None) -> date | None:
    """Return the date that is expected and known; what is READY without one keeps what was told."""
    if not shipment.waits:
        return shipment.expected_on or told
    return shipment.expected_on if shipment.has_known_date else None


def _standing(shipment: OrderShipment) -> str:
    """Return how an open shipment stands; empty for one that is over."""
    if not shipment.is_open:
        return ""
    if not shipment.waits:
        return READY
    return PROMISED if shipment.source else WAITS


def _standings(order: OrderSnapshot) -> Mapping[tuple[int, str], Decimal]:
    """Return the units of open shipments by order line id, and how they stand."""
    found: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for shipment in order.shipments.values():
        for pk, units in shipment.units.items():
            found[pk, _standing(shipment)] += units
    return found


def held_items(items: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], SourceUnits]:
    """Return the units of these items, by (source code, SKU), as they are now."""
    skus = {sku for _source, sku in items}
    found = _units_of(SourceItem.objects.filter(product__sku__in=skus))
    return {item: units for item, units in found.items() if item in items}


def _units_of(items: QuerySet[SourceItem]) -> dict[tuple[str, str], SourceUnits]:
    rows = items.order_by("source__code", "product__sku")
    return {
        (source, sku): SourceUnits(quantity, allocated)
        for source, sku, quantity, allocated in rows.values_list(
            "source__code", "product__sku", "quantity", "allocated"
        )
    }


def snapshot_of(order_id: int) -> OrderSnapshot:
    """Return an order as it is now, in the eyes of the transaction."""
    lines = OrderLine.objects.filter(order=order_id).order_by("number")
    held = SourceItem.objects.filter(product__order_lines__order=order_id).distinct()
    order = Order.objects.select_related("pickup_source").get(pk=order_id)
    payments = Payment.objects.filter(order=order_id).order_by("pk")
    returned = ReturnLine.objects.filter(of_return__order=order_id).order_by("pk")
    return OrderSnapshot(
        order=order,
        lines={line.pk: line for line in lines},
        shipments={
            shipment.number: shipment for shipment in ports.current().shipments_of(order_id)
        },
        held=_units_of(held),
        money=money_of(order, list(payments)),
        returned={line.pk: line for line in returned.select_related("order_line", "source")},
        emails={
            email.pk: email for email in OrderEmail.objects.filter(order=order_id).order_by("pk")
        },
    )

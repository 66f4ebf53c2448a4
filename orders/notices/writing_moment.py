"""What is so when the notices of one e-mail are written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from inventory.resolution import resolve
from orders import ports
from orders.models import Order, OrderEmail, OrderLine
from orders.notices.email_queue import line_facts


class WritingMoment:
    """What is so when the notices of one e-mail are written; read when it is asked for."""

    def __init__(
        self, emails: Sequence[OrderEmail], configuration: Mapping[str, Any], now: datetime
    ) -> None:
        self.emails, self.now = emails, now
        self.order: Order = emails[0].order
        self._configuration = configuration
        # As they were queued: what is written leaves out the lines that it is no longer about.
        self._skus = [(email, _skus(email)) for email in emails]

    def in_force(self, option: str) -> Any:
        """Return the global value of an option."""
        return resolve(option, configuration=self._configuration).value

    @cached_property
    def lines(self) -> Sequence[OrderLine]:
        return list(self.order.lines.in_force().order_by("number"))

    @cached_property
    def shipments(self) -> Mapping[int, ports.OrderShipment]:
        found = ports.current().shipments_of(self.order.pk)
        return {shipment.shipment_id: shipment for shipment in found}

    def with_children(self, shipment_ids: Sequence[int]) -> list[ports.OrderShipment]:
        """Return shipments by id, with those that were split off them."""
        found = set(shipment_ids)
        while more := {
            pk for pk, one in self.shipments.items() if one.parent_id in found and pk not in found
        }:
            found |= more
        return [one for pk, one in self.shipments.items() if pk in found]

    def about_the_same(self, email: OrderEmail) -> Sequence[OrderEmail]:
        """Return the notices of its kind about the shipments of one, oldest first."""
        return [
            other
            for other in self.emails
            if other.kind == email.kind
            and other.context.get("shipments") == email.context["shipments"]
        ]

    def first_about(self, email: OrderEmail) -> OrderEmail:
        """Return the oldest of the notices about the same shipments that was queued for units of
        one of its lines."""
        same = self.about_the_same(email)
        return next(other for other, skus in self._skus if other in same and skus & _skus(email))

    def line_facts_of(self, parts: Iterable[tuple[int, Decimal]]) -> list[dict[str, Any]]:
        """Return what a text says of units by order line id, summed, in the order of lines."""
        units: defaultdict[int, Decimal] = defaultdict(Decimal)
        for pk, quantity in parts:
            units[pk] += quantity
        return [line_facts(line, units[line.pk]) for line in self.lines if line.pk in units]

    def numbered_parcels(self, email: OrderEmail) -> list[dict[str, str]]:
        """Return the parcels with a number that the shipments of a notice left in."""
        return [
            {"carrier": parcel.carrier, "number": parcel.number, "link": parcel.link}
            for one in self.named_in(email)
            for parcel in one.parcels
            if parcel.number
        ]

    def named_in(self, email: OrderEmail) -> list[ports.OrderShipment]:
        """Return the shipments that a notice is about."""
        named = email.context.get("shipments", [])
        return [self.shipments[pk] for pk in named if pk in self.shipments]


def _skus(email: OrderEmail) -> set[str]:
    return {line["sku"] for line in email.context.get("lines", ())}

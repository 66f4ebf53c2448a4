"""Upcalls of orders to the app downstream, which has the shipments.

Orders never import it: fulfillment registers its implementation when the apps are ready. Every call
runs inside the caller's transaction, under the locks that placement holds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from django.db.models import QuerySet

from core.acts import Act
from orders.asked_delay import AskedDelay
from orders.date_statement import DateStatement
from orders.models import Order
from orders.routed_order import AssessedOrder, RoutedOrder, WrittenOrder
from orders.shipment_content import ShippedParcel, ShippedUnits


@dataclass(frozen=True, slots=True)
class UnitWithdrawal:
    """Open units of an order to take off shipments and virtual lines, by order line id.

    ``is_discarded`` units are not returned to stock. ``shipment_number``: from this one alone.
    """

    order: Order
    canceled: Mapping[int, Decimal]
    refunded: Mapping[int, Decimal] = field(default_factory=dict)
    is_discarded: bool = False
    shipment_number: str | None = None


class ShipmentState(StrEnum):
    """The states of a shipment; which may follow which is said downstream."""

    READY = "READY"
    BACKORDER = "BACKORDER"
    FUTURE = "FUTURE"
    CUSTOMER_CARE = "CUSTOMER_CARE"
    FULFILLED = "FULFILLED"
    REASSIGNED = "REASSIGNED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class OrderShipment:
    """A shipment as its order shows it; ``units`` are what is on it now, by order line id.

    ``parent_id`` is the shipment that it was split off. ``is_open``: its units have still to
    leave. ``waits``: they are set aside nowhere yet. ``can_ship``: it may leave now.
    ``can_be_released``: its state and its hold allow it. ``can_be_released_in_part``: so they do,
    and of a promise some units are received. ``hold`` is why it is held, in words; empty when it is
    not. ``hold_reason`` is the same as a code; ``waits_for_rest``: it is ready, and its order ships
    complete. ``promises`` are the dates that the customer was last given, None for no date yet, by
    order line id; lines of which nothing was said are left out. ``told_at`` is when that was.
    ``assignee`` is the user name of who looks after it; empty for nobody. ``customer_words`` is its
    state as its customer reads it.
    ``has_left``: its units were shipped, or handed over; ``pickup_source_id``: where its customer
    collects them, which may be elsewhere than the rest of the order; ``is_set_aside``: they can be
    collected. ``is_preorder``: it is expected on its release date.
    ``shipped_to`` is the address with which it left, by column of the order; None for what has not.
    ``has_known_date``: known supply or a person stands behind the day on which it is expected.
    ``is_slip_out_of_date``: what its printed packing slip says has changed since. ``is_packed``:
    its units are in the box. ``is_listed``: it is on an open pick list. The ``version`` is that of
    the shipment when its units were read, or an earlier one.
    """

    shipment_id: int
    number: str
    parent_id: int | None
    state: ShipmentState
    state_in_words: str
    is_open: bool
    waits: bool
    can_ship: bool
    can_be_released: bool
    can_be_released_in_part: bool
    source: str
    hold: str
    expected_on: date | None
    amount: Decimal
    assignee: str
    units: Mapping[int, Decimal]
    promises: Mapping[int, date | None] = field(default_factory=dict)
    told_at: Mapping[int, datetime] = field(default_factory=dict, compare=False)
    customer_words: str = ""
    has_left: bool = False
    pickup_source_id: int | None = None
    is_set_aside: bool = False
    is_preorder: bool = False
    shipped_to: Mapping[str, str] | None = None
    has_known_date: bool = field(default=False, compare=False)
    is_slip_out_of_date: bool = False
    is_packed: bool = False
    parcels: Sequence[ShippedParcel] = ()
    hold_reason: str = ""
    waits_for_rest: bool = False
    is_listed: bool = False
    version: int = field(default=0, compare=False)

    @property
    def is_pickup(self) -> bool:
        """Return whether its customer collects it."""
        return self.pickup_source_id is not None

    @property
    def can_be_canceled(self) -> bool:
        """Return whether its customer may cancel it, where customers may: its units wait."""
        return self.waits and bool(self.units)

    @property
    def is_with_person(self) -> bool:
        """Return whether a person has to decide about it."""
        return self.state == ShipmentState.CUSTOMER_CARE

    @property
    def promised_on(self) -> date | None:
        """Return the last date that the customer was given for it; None where a line has none."""
        days = [day for day in self.promises.values() if day is not None]
        return max(days) if days and len(days) == len(self.promises) else None


@dataclass(frozen=True, slots=True)
class PromisedLine:
    """Waiting units of an order line, and their promise: none yet without a date; a release date
    where they are a pre-order."""

    quantity: Decimal
    promised_on: date | None
    is_preorder: bool = False


@dataclass(frozen=True, slots=True)
class ShipmentHistoryEntry:
    """One entry of the timeline of a shipment; ``actor`` is empty for the system."""

    at: datetime
    number: str
    what: str
    reason: str
    actor: str


class OrdersPort(Protocol):
    """The upcalls of orders."""

    def route_order(self, order: AssessedOrder) -> RoutedOrder:
        """Decide which sources serve an order and which units wait; writes nothing.

        Rule: Routing at placement.
        """

    def write_routed_order(
        self, written: WrittenOrder, order: AssessedOrder, routed: RoutedOrder, act: Act
    ) -> None:
        """Write the shipments of a routed order, with its allocations, and count waiting units."""

    def end_virtual_allocations(
        self, quantities: Mapping[int, Decimal]
    ) -> Mapping[tuple[int, int], Decimal]:
        """End allocations of virtual lines, by line id; return units by (line, source item)."""

    def withdraw_units(
        self, withdrawals: Sequence[UnitWithdrawal], act: Act
    ) -> Mapping[tuple[int, int], Decimal]:
        """Take units off shipments and virtual lines, those that wait first; one of an order.

        Return the change of what is allocated, by (stock id, product id).

        :raises NotOnShipmentError: if there are fewer such units.
        """

    def units_on(
        self, order: Order, shipment_number: str, *, expected_version: int | None
    ) -> Mapping[int, Decimal]:
        """Return the open units on a shipment by order line id, the order being locked.

        :raises NotOnShipmentError: if the order has no such shipment that is open.
        :raises StaleError: if ``expected_version`` is not the shipment's.
        """

    def shipped_from(self, line_ids: Collection[int]) -> Mapping[int, list[ShippedUnits]]:
        """Return what left, by line id, in the order in which it left."""

    def shipments_of(self, order_id: int) -> Sequence[OrderShipment]:
        """Return the shipments of an order, each after the one that it was split off."""

    def shipments_of_orders(
        self, order_ids: Collection[int], *, is_open: bool = False, with_units: bool = True
    ) -> Mapping[int, Sequence[OrderShipment]]:
        """Return the shipments of orders, by order id, each after the one it was split off.

        Only those that have still to leave where ``is_open`` is asked; without units, promises
        and parcels unless ``with_units``.
        """

    def shipment_history(self, order_id: int) -> Sequence[ShipmentHistoryEntry]:
        """Return the timelines of the shipments of an order, oldest entry first."""

    def waiting_orders(self) -> QuerySet[Any]:
        """Return the ids of the orders with a waiting shipment."""

    def orders_to_ship(self) -> QuerySet[Any]:
        """Return the ids of the orders with a shipment that can be picked now."""

    def orders_with_exceptions(self) -> QuerySet[Any]:
        """Return the ids of the orders with a shipment that only a person can move on."""

    def orders_served_by(self, source_id: int) -> QuerySet[Any]:
        """Return the ids of the orders with a shipment from a source, shipped or not."""

    def follow_payments(self, order_ids: Collection[int], *, now: datetime) -> None:
        """Have a run follow where dated supply could cover what waits of orders that are paid.

        The confirmations, which are queued, wait for it, a minute at most.
        """

    def confirm_dates(self, order_id: int, *, now: datetime) -> Mapping[int, PromisedLine]:
        """Promise backordered units of a locked order what its confirmation states; return that.

        By order line id; lines of which nothing waits are left out, and so are those whose customer
        is not informed of backorders.
        """

    def restate_date(
        self,
        order_id: int,
        shipment_ids: Sequence[int],
        statement: DateStatement,
        *,
        now: datetime,
    ) -> tuple[date | None, bool]:
        """Return the date that can be given for shipments now, and whether the customer is told it.

        None for no date yet. Where it is another day than was said, that is promised, or else the
        former one. The caller has locked the order.
        """

    def keep_undated(
        self, order_id: int, shipment_ids: Sequence[int], *, said_at: datetime, told_at: datetime
    ) -> None:
        """Note that the customer was last told at ``told_at`` that shipments have no date yet.

        What was to be told at ``said_at`` is not. The caller has locked the order.
        """

    def write_delays(
        self, order_id: int, email_id: int, *, now: datetime
    ) -> Mapping[str, Any] | None:
        """Return what an e-mail about delays says, as JSON values; locks the order.

        None where it asks about nothing any more.
        """

    def asked_delays(self, order_id: int, *, today: date) -> Sequence[AskedDelay]:
        """Return what the customer of an order was asked about units that did not leave."""

    def delay_requests_of(self, order_id: int) -> Sequence[Any]:
        """Return all delay requests of an order as staff see them, the newest first.

        Rows with their ``shipment``, the ``lines`` that did not leave, and the ``decisions``.
        """

    def ask_delays_again(self, order_id: int, *, now: datetime) -> None:
        """Send the open delay requests of a locked order again, to its address as it is now."""

    def mark_slips_out_of_date(self, order: Order, columns: Collection[str], act: Act) -> None:
        """Mark ready shipments of a locked order on whose packing slips these columns are read."""

    def confirm_added_lines(
        self, order_id: int, line_ids: Collection[int], *, now: datetime
    ) -> None:
        """Let the shipments of lines go on, by line id, that a change of a locked order added.

        Where every other open shipment of the order is held, they stay held for the same reason.
        What was held for the change goes on.
        """

    def hold_for_change(self, order_id: int, line_ids: Collection[int], *, now: datetime) -> None:
        """Hold the open shipments with units of lines of a locked order, until a change is decided.

        :raises ListedShipmentError: while one is on an open pick list.
        :raises ShipmentOnHoldError: if one is held for another reason.
        """

    def choose_sources_again(self, order_id: int, act: Act) -> None:
        """Give the READY shipments of an order the sources for its address as it is.

        One that is held or on a pick list, or that no other choice serves, stays as it is.
        """

    def follow_ship_complete(self, order_id: int, act: Act) -> None:
        """Hold or let go what is READY of a locked order that ships complete now, or no longer."""

    def lock_open_shipments(self, order_id: int) -> None:
        """Lock the open shipments of a locked order, before any source item is locked."""

    def route_again(self, order_id: int, act: Act) -> None:
        """Route the open shipments of a locked order anew, by its method and store as they are now.

        One on an open pick list stays as it is.

        :raises WouldWaitError: where units that take no backorders would wait, and do not now.
        """

    def answer_delays(
        self, order_id: int, shown: Mapping[int, date | None], given: str, act: Act, *, today: date
    ) -> None:
        """Take the customer's answer to delay requests; the transaction is its own.

        ``shown`` has the new dates that the customer saw, by request.

        :raises StaleError: if the order has no such requests, or one takes no such answer now.
        """

    def lift_payment_holds(self, order_id: int, *, now: datetime) -> None:
        """Lift the holds of shipments that waited for a new authorization: it has succeeded."""

    def refuse_authorization(self, order_id: int, *, is_final: bool, now: datetime) -> None:
        """Deallocate the shipments that waited for a new authorization: it was refused.

        It is requested again after a pause, unless ``is_final``: then a person must decide.
        """


_registered: list[OrdersPort] = []


def register(implementation: OrdersPort) -> None:
    """Make ``implementation`` the one that :func:`current` returns."""
    _registered[:] = [implementation]


def current() -> OrdersPort:
    """Return the registered implementation."""
    return _registered[0]

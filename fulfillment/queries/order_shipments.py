"""Shipments as their orders show them: units, states, dates, sources."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, cast

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext, pgettext

from core.text import gettext_noop
from fulfillment.models import Allocation, Parcel, PickLine, Shipment, ShipmentEvent, ShipmentLine
from inventory.models import Source
from orders.ports import (
    OrderShipment,
    ShipmentHistoryEntry,
    ShipmentState,
)
from orders.shipment_content import ShippedParcel, ShippedUnits

CUSTOMER_WORDS = {
    Shipment.State.READY: gettext_noop("In preparation"),
    Shipment.State.BACKORDER: gettext_noop("Waiting for stock"),
    Shipment.State.FUTURE: gettext_noop("Waiting for stock"),
    Shipment.State.CUSTOMER_CARE: gettext_noop("Customer service is looking into it"),
    Shipment.State.FULFILLED: gettext_noop("Shipped"),
}


def shipments_of(order_id: int) -> list[OrderShipment]:
    """Return the shipments of an order by id, a parent before its children; three statements."""
    return shipments_of_orders([order_id]).get(order_id, [])


def shipments_of_orders(
    order_ids: Collection[int], *, is_open: bool = False, with_units: bool = True
) -> dict[int, list[OrderShipment]]:
    """Return the shipments of orders, by order id, as :func:`shipments_of`; three statements.

    Only those that have still to leave where ``is_open`` is asked; without units, promises and
    parcels in one statement unless ``with_units``.
    """
    # Before their units: what is asked for with a version that is too old is refused.
    shipments = list(_rows(order_ids, is_open=is_open, with_units=with_units))
    parts = _parts(order_ids) if with_units else {}
    found: defaultdict[int, list[OrderShipment]] = defaultdict(list)
    for shipment in shipments:
        parcels = shipment.parcels.all() if with_units else ()
        found[shipment.order_id].append(_shown(shipment, parts.get(shipment.pk, ()), parcels))
    return dict(found)


def _rows(order_ids: Collection[int], *, is_open: bool, with_units: bool) -> QuerySet[Any]:
    rows = Shipment.objects.filter(order__in=order_ids)
    rows = rows.select_related("order", "source", "assignee")
    if is_open:
        rows = rows.exclude(state__in=Shipment.TERMINAL_STATES)
    if with_units:
        parcels = Parcel.objects.select_related("carrier").order_by("pk")
        rows = rows.prefetch_related(Prefetch("parcels", parcels))
    held = Allocation.objects.filter(
        shipment_line__shipment=OuterRef("pk"), source_item__isnull=False
    )
    listed = PickLine.objects.filter(shipment=OuterRef("pk"), is_open=True)
    return rows.annotate(holds_units=Exists(held), is_listed=Exists(listed)).order_by("pk")


class _Part(NamedTuple):
    order_line_id: int
    quantity: Decimal
    promised_on: date | None
    told_at: datetime | None


def _parts(order_ids: Collection[int]) -> dict[int, list[_Part]]:
    """Return the units of each shipment, in the order of their lines."""
    parts: defaultdict[int, list[_Part]] = defaultdict(list)
    lines = ShipmentLine.objects.filter(shipment__order__in=order_ids, quantity__gt=0)
    for shipment_id, line_id, quantity, promised_on, told_at in lines.order_by(
        "order_line__number"
    ).values_list("shipment_id", "order_line_id", "quantity", "promised_on", "promise_told_at"):
        parts[shipment_id].append(_Part(line_id, quantity, promised_on, told_at))
    return parts


def _shown(shipment: Any, parts: Sequence[_Part], parcels: Iterable[Parcel]) -> OrderShipment:
    can_be_released = shipment.state in Shipment.QUEUED_STATES and not shipment.is_held
    return OrderShipment(
        shipment_id=shipment.pk,
        number=shipment.number,
        parent_id=shipment.parent_id,
        state=ShipmentState(shipment.state),
        state_in_words=shipment.get_state_display(),
        is_open=not shipment.is_terminal,
        waits=shipment.state in Shipment.WAITING_STATES,
        can_ship=shipment.may_leave,
        can_be_released=can_be_released,
        can_be_released_in_part=can_be_released
        and (shipment.state != Shipment.State.FUTURE or shipment.holds_units),
        source="" if shipment.source is None else shipment.source.code,
        hold=str(shipment.get_hold_reason_display()) if shipment.is_held else "",
        expected_on=shipment.expected_on,
        amount=shipment.amount,
        assignee="" if shipment.assignee is None else shipment.assignee.get_username(),
        units={part.order_line_id: part.quantity for part in parts},
        promises={
            part.order_line_id: part.promised_on for part in parts if part.told_at is not None
        },
        told_at={part.order_line_id: part.told_at for part in parts if part.told_at is not None},
        customer_words=_customer_words(shipment),
        has_left=shipment.state == Shipment.State.FULFILLED,
        pickup_source_id=shipment.pickup_source_id,
        is_set_aside=shipment.set_aside_at is not None,
        is_preorder=shipment.is_preorder,
        shipped_to=shipment.shipped_to,
        has_known_date=shipment.is_expected_on_fixed or shipment.has_known_supply,
        is_slip_out_of_date=shipment.is_slip_out_of_date,
        is_packed=shipment.packed_at is not None,
        parcels=[
            ShippedParcel(one.carrier.name, one.tracking_number, one.tracking_url)
            for one in parcels
        ],
        hold_reason=shipment.hold_reason,
        waits_for_rest=shipment.hold_reason == Shipment.HoldReason.REST,
        is_listed=shipment.is_listed,
        version=shipment.version,
    )


def _customer_words(shipment: Shipment) -> str:
    """Return the state of a shipment as its customer reads it; never more than is true."""
    if shipment.hold_reason == Shipment.HoldReason.REST:
        return gettext("Waiting for the rest of your order")
    if shipment.is_held and shipment.state == Shipment.State.READY:
        return gettext("Not being sent at the moment")
    if shipment.state == Shipment.State.FULFILLED and shipment.is_pickup:
        return pgettext("shipment", "Collected")
    if shipment.set_aside_at is not None and shipment.state == Shipment.State.READY:
        return gettext("Can be collected")
    if shipment.is_preorder:
        return gettext("Pre-order")
    words = CUSTOMER_WORDS.get(Shipment.State(shipment.state))
    return str(Shipment.State(shipment.state).label) if words is None else gettext(words)


def shipment_history(order_id: int) -> list[ShipmentHistoryEntry]:
    """Return the timelines of the shipments of an order, oldest entry first, in one statement."""
    events = ShipmentEvent.objects.filter(shipment__order=order_id)
    return [
        ShipmentHistoryEntry(
            at=event.created_at,
            number=event.shipment.number,
            what=str(event.get_kind_display()),
            reason=event.reason_in_words,
            actor="" if event.actor is None else event.actor.get_username(),
        )
        for event in events.select_related("shipment", "actor").order_by("created_at", "pk")
    ]


def waiting_orders() -> QuerySet[Any]:
    """Return the ids of the orders of which a shipment waits."""
    return Shipment.objects.waiting().order_by().values("order")


def orders_to_ship() -> QuerySet[Any]:
    """Return the ids of the orders of which staff can ship a shipment now."""
    return Shipment.objects.to_ship().order_by().values("order")


def orders_with_exceptions() -> QuerySet[Any]:
    """Return the ids of the orders with a shipment for customer care, or held for payment."""
    in_care = Shipment.objects.filter(state=Shipment.State.CUSTOMER_CARE)
    unpaid = Shipment.objects.filter(is_held=True, hold_reason=Shipment.HoldReason.PAYMENT)
    return in_care.order_by().values("order").union(unpaid.order_by().values("order"))


def orders_served_by(source_id: int) -> QuerySet[Any]:
    """Return the ids of the orders of which a shipment leaves, or left, from a source."""
    return Shipment.objects.filter(source=source_id).order_by().values("order")


def shipped_from(line_ids: Collection[int]) -> dict[int, list[ShippedUnits]]:
    """Return what left, by order line id, in the order in which it left; one statement."""
    left: defaultdict[int, list[ShippedUnits]] = defaultdict(list)
    parts = ShipmentLine.objects.filter(
        order_line__in=line_ids, shipment__state=Shipment.State.FULFILLED, quantity__gt=0
    )
    parts = parts.select_related("shipment__source").order_by(
        "shipment__fulfilled_at", "shipment_id"
    )
    for part in parts:
        shipment = part.shipment
        source = cast(Source, shipment.source)
        left[part.order_line_id].append(
            ShippedUnits(shipment.pk, shipment.number, source.pk, source.code, part.quantity)
        )
    return dict(left)

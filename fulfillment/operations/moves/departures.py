"""Ships locked shipments, many in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import Allocation, Parcel, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.shipments.complete_orders import waits_for_rest
from fulfillment.operations.shipments.delay_ends import end_requests_without_units
from fulfillment.operations.shipments.locking import WrongStateError, note_events, set_columns
from fulfillment.operations.shipments.notices import tell_dispatched
from inventory.models import Reservation, SourceItem
from inventory.operations import ledger, units
from orders.books import OrderBooks, add_to_lines, books_of_orders, refresh_statuses
from orders.models import Order
from orders.payments.gateway_operations import CaptureRequest, ask_captures, authorizations_of
from orders.refusals import NoAuthorizationError, UnpaidOrderError

# Units by order line id, by shipment id.
Leaving = Mapping[int, Mapping[int, Decimal]]


class HeldShipmentError(WrongStateError):
    """The shipment is on hold."""


class WaitsForRestError(HeldShipmentError):
    """Only the rest of its order holds the shipment: it is let go with that."""


class NotAtStoreError(WrongStateError):
    """It is collected at a store at which its units are not: they are reassigned first."""


class SlipOutOfDateError(WrongStateError):
    """What its packing slip says has changed; the slip is printed again first."""


def refusal_to_leave(shipment: Shipment) -> Exception | None:
    """Return why a shipment, read with its order, may not be packed, set aside or shipped.

    None where it may leave.

    Rule: Placing an order, payment (§11); picking and shipping (§21).
    """
    if shipment.may_leave:
        return None
    if shipment.state != Shipment.State.READY:
        return WrongStateError(f"{shipment.number}: {shipment.state}")
    if shipment.is_held:
        kind = WaitsForRestError if waits_for_rest(shipment) else HeldShipmentError
        return kind(f"{shipment.number}: {shipment.get_hold_reason_display()}")
    if not shipment.is_at_store:
        return NotAtStoreError(shipment.number)
    return UnpaidOrderError(shipment.order.number)


def refusal_to_ship(shipment: Shipment) -> Exception | None:
    """Return why a shipment, read with its order, cannot be shipped; None if it can.

    Rule: Picking and shipping, ship (§21).
    """
    error = refusal_to_leave(shipment)
    if error is None and shipment.is_slip_out_of_date:
        return SlipOutOfDateError(shipment.number)
    return error


def refusals_to_ship(shipments: Sequence[Shipment]) -> dict[int, Exception]:
    """Return why shipments cannot leave whole, by id, as :func:`refusal_to_ship`; each for itself.

    Beside it: nothing is authorized of which the money of its units could be captured.
    """
    found = {one.pk: error for one in shipments if (error := refusal_to_ship(one)) is not None}
    rest = [one for one in shipments if one.pk not in found]
    authorizations = authorizations_of({one.order_id for one in rest})
    doubtful = [one for one in rest if not authorizations[one.order_id].is_whole]
    books = books_of_orders({one.order_id: one.order for one in doubtful}.values())
    for shipment, due, _worth in _captures(doubtful, units_on(doubtful), books):
        lines = [books[shipment.order_id].lines[pk].line for pk in due]
        if authorizations[shipment.order_id].lacks_any(lines):
            found[shipment.pk] = NoAuthorizationError(shipment.order.number)
    return found


def ship_locked(
    shipments: Sequence[Shipment],
    act: Act,
    *,
    parcels: Mapping[int, Sequence[Parcel]],
    due_at: datetime | None,
) -> list[int]:
    """Ship all units of locked shipments that can leave; return the captures to send.

    Runs in the caller's transaction. ``parcels``, not saved yet, are by shipment id. Workers send
    the captures from ``due_at`` on, unless the caller has sent them by then.

    :raises NoAuthorizationError: if nothing is authorized of which money could be captured.

    Rule: Reservations, fulfilled.
    """
    leaving = units_on(shipments)
    orders = {one.order_id: one.order for one in shipments}
    books = books_of_orders(orders.values())
    deducted = _deduct(shipments)
    set_columns(shipments, {"state": Shipment.State.FULFILLED, "fulfilled_at": act.at})
    _keep_addresses(shipments)
    Parcel.objects.bulk_create(parcel for one in shipments for parcel in parcels.get(one.pk, ()))
    details = {
        pk: {"tracking": ", ".join(map(str, found))} for pk, found in parcels.items() if found
    }
    # Shipping may be undone and done again: each time is an event of its own.
    events = note_events(shipments, ShipmentEvent.Kind.FULFILLED, act, details=details)
    event_ids = {one.pk: event.pk for one, event in zip(shipments, events, strict=True)}
    end_requests_without_units(orders, now=act.at)
    add_to_lines("shipped_quantity", _summed(leaving))
    refresh_statuses(orders.values())
    tell_dispatched({one: f"fulfilled-{event_ids[one.pk]}" for one in shipments}, now=act.at)
    requests = [
        CaptureRequest(books[one.order_id], due, worth, f"shipment-{one.pk}-{event_ids[one.pk]}")
        for one, due, worth in _captures(shipments, leaving, books)
        if due
    ]
    asked = ask_captures(requests, now=act.at, due_at=due_at) if requests else []
    _compensate(shipments, leaving, books, event_ids, deducted, act)
    return asked


def units_on(shipments: Iterable[Shipment]) -> dict[int, dict[int, Decimal]]:
    """Return the units on shipments by order line id, by shipment id."""
    found: dict[int, dict[int, Decimal]] = {one.pk: {} for one in shipments}
    lines = ShipmentLine.objects.filter(shipment__in=found, quantity__gt=0).order_by("pk")
    for pk, line_id, quantity in lines.values_list("shipment_id", "order_line_id", "quantity"):
        found[pk][line_id] = quantity
    return found


def _keep_addresses(shipments: Sequence[Shipment]) -> None:
    """Keep with each shipment the address that it leaves with; what is collected goes nowhere.

    Rule: Changing an order, contact and address (§20).
    """
    own = Order.objects.filter(pk=OuterRef("order_id"))
    address = own.values(address=JSONObject(**{name: name for name in Order.ADDRESS}))
    left = Shipment.objects.filter(pk__in=[one.pk for one in shipments], pickup_source=None)
    left.update(shipped_to=Subquery(address))


def _summed(leaving: Leaving) -> dict[int, Decimal]:
    total: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for shipped in leaving.values():
        for pk, quantity in shipped.items():
            total[pk] += quantity
    return dict(total)


def _captures(
    shipments: Sequence[Shipment], leaving: Leaving, books: Mapping[int, OrderBooks]
) -> list[tuple[Shipment, dict[int, Decimal], dict[int, Decimal]]]:
    """Return the units to capture, and their worth, with each shipment.

    They leave one after the other: of a line on two of them, the second finds what the first left.
    """
    lines = {pk: line for found in books.values() for pk, line in found.lines.items()}
    asked = []
    for shipment in shipments:
        due, worth = {}, {}
        for pk, quantity in leaving[shipment.pk].items():
            before, after = lines[pk], lines[pk].shipped(quantity)
            units_due = after.units.pending - before.units.pending
            if units_due:
                due[pk] = units_due
                worth[pk] = after.money.pending - before.money.pending
            lines[pk] = after
        asked.append((shipment, due, worth))
    return asked


def lock_items_of(shipments: Iterable[Shipment]) -> None:
    """Lock the source items of which shipments hold units; before the pick lists they are on."""
    held = Allocation.objects.filter(shipment_line__shipment__in=shipments)
    items = SourceItem.objects.filter(pk__in=held.values("source_item"))
    list(items.locked().values_list("pk"))


def _deduct(shipments: Sequence[Shipment]) -> dict[tuple[int, int], Decimal]:
    """End allocations with the units themselves; return these by stock id and product id."""
    stocks = {one.pk: one.stock_id for one in shipments}
    held = Allocation.objects.filter(shipment_line__shipment__in=stocks)
    by_item: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    by_stock: defaultdict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    for shipment_id, item_id, product_id, quantity in held.order_by("pk").values_list(
        "shipment_line__shipment_id", "source_item_id", "source_item__product_id", "quantity"
    ):
        by_item[item_id] += quantity
        by_stock[stocks[shipment_id], product_id] += quantity
    lock_items_of(shipments)
    units.deduct(by_item)
    held.delete()
    return dict(by_stock)


def _compensate(
    shipments: Sequence[Shipment],
    leaving: Leaving,
    books: Mapping[int, OrderBooks],
    event_ids: Mapping[int, int],
    deducted: Mapping[tuple[int, int], Decimal],
    act: Act,
) -> None:
    """End the reservations of what has left, one entry for each line of each shipment."""
    entries = []
    for one in shipments:
        entries += books[one.order_id].entries(
            leaving[one.pk], event=Reservation.Event.FULFILLED, sequence=event_ids[one.pk]
        )
    ledger.record(entries, act, allocated={key: -quantity for key, quantity in deducted.items()})

"""Splits off the units that a promise has received: they are ready before the rest."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import Allocation, ReceiptShare, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.operations.moves.holds import check_releasable
from fulfillment.operations.moves.split import split_off
from fulfillment.operations.payments import make_ready
from fulfillment.operations.shipments.locking import (
    ShipmentError,
    StaleShipmentError,
    WrongStateError,
    note_event,
    set_columns,
)
from inventory.options import ReleaseMode


class NoUnitsReceivedError(ShipmentError):
    """Nothing that could leave in this mode has been received for the promise."""


def received_units(shipment_id: int, mode: ReleaseMode) -> dict[int, Decimal]:
    """Return the units of a FUTURE shipment that can leave now, by shipment line id.

    By line: the lines of which nothing is outstanding. Lines that need no units leave with them.

    Rule: Changing an order, ship what is there (§20).
    """
    held = Allocation.objects.filter(shipment_line__shipment=shipment_id, source_item__isnull=False)
    received = dict(
        held.values("shipment_line")
        .annotate(units=Sum("quantity"))
        .order_by("shipment_line")
        .values_list("shipment_line", "units")
    )
    lines = ShipmentLine.objects.filter(shipment=shipment_id, quantity__gt=0)
    rows = list(
        lines.order_by("order_line__number").values_list(
            "pk", "quantity", "order_line__is_reserving"
        )
    )
    leaving = {
        line_id: received.get(line_id, ZERO)
        for line_id, quantity, is_reserving in rows
        if is_reserving
        and (mode == ReleaseMode.BY_QUANTITY or received.get(line_id, ZERO) == quantity)
    }
    found = {line_id: units for line_id, units in leaving.items() if units}
    free = {line_id: quantity for line_id, quantity, is_reserving in rows if not is_reserving}
    return {**found, **free} if found else {}


def release_received(
    shipment_id: int,
    act: Act,
    *,
    mode: ReleaseMode,
    expected_version: int | None = None,
    shown: str | None = None,
) -> Shipment:
    """Make the units that a FUTURE shipment has received READY, as a child; return the child.

    Opens the transaction. The rest stays promised, with its age and its date. ``shown`` are the
    units that a preview showed, as :func:`units_as_text`.

    :raises WrongStateError: unless it is FUTURE.
    :raises NotReleasableError: if it is held, or its order is not paid or authorized.
    :raises StaleShipmentError: if ``expected_version`` is not the row's, or other units than
        ``shown`` would leave.
    :raises NoUnitsReceivedError: if nothing that could leave has been received.

    Rule: Changing an order, ship what is there (§20).
    """
    with transaction.atomic():
        shipment = check_releasable(shipment_id, expected_version=expected_version)
        if shipment.state != Shipment.State.FUTURE:
            raise WrongStateError(f"{shipment.number}: {shipment.state}")
        leaving = received_units(shipment_id, mode)
        if shown is not None and units_as_text(leaving) != shown:
            raise StaleShipmentError(shipment.number)
        if not leaving:
            raise NoUnitsReceivedError(shipment.number)
        child = split_off(shipment, leaving, act)
        _take_shares_along(leaving, child)
        set_columns([child], {"state": Shipment.State.READY, "released_at": act.at})
        note_event(child, ShipmentEvent.Kind.RELEASED, act)
        detail = {"mode": mode.value}
        note_event(shipment, ShipmentEvent.Kind.RELEASED_IN_PART, act, detail=detail)
        make_ready([child.pk], now=act.at)
    child.refresh_from_db()
    return child


def units_as_text(leaving: Mapping[int, Decimal]) -> str:
    """Return units by shipment line id as a text that is equal for equal units."""
    return " ".join(f"{line_id}:{units:f}" for line_id, units in sorted(leaving.items()))


def _take_shares_along(line_ids: Mapping[int, Decimal], child: Shipment) -> None:
    """Let the shares of receipts follow the units that they brought.

    All that a line has received leaves: a receipt taken back looks for it on the child.
    """
    lines = dict(child.lines.order_by("pk").values_list("order_line_id", "pk"))
    shares = ReceiptShare.objects.filter(shipment_line__in=line_ids).select_related("shipment_line")
    for share in shares.order_by("pk"):
        there = lines[share.shipment_line.order_line_id]
        ReceiptShare.objects.filter(pk=share.pk).update(shipment_line=there)

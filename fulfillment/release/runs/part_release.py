"""Releases what is there of one waiting shipment, whatever the mode in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Sum

from core.acts import Act
from core.quantities import format_quantity
from fulfillment.models import Allocation, ReleaseRun, Shipment, ShipmentLine
from fulfillment.models.release_conditions import reasons_of, runs_consider
from fulfillment.operations.moves.holds import NotReleasableError
from fulfillment.operations.moves.received_units import (
    received_units,
    release_received,
    units_as_text,
)
from fulfillment.operations.shipments.complete_orders import would_wait_for_rest
from fulfillment.operations.shipments.locking import StaleShipmentError, WrongStateError
from fulfillment.release.rows.decision_log import detail_of
from fulfillment.release.runs.one_shipment import NothingReleasedError, release_alone
from fulfillment.release.runs.run_settings import release_settings, values_in_force
from fulfillment.release.runs.scope import RunScope, walk_scope
from inventory.models import SourceItem
from inventory.options import ReleaseMode


@dataclass(frozen=True, slots=True)
class PartPreview:
    """What a release of what is there would do.

    ``detail`` is as a run keeps it: the children that become READY, the shortages of the rest, with
    reasons. ``promised`` is what stays of a promise: SKU, quantity and date, as JSON values.
    ``shown`` names the units that leave, for the release to do nothing else. ``waits_for_rest``:
    its order ships complete, and what becomes READY is set aside until the rest of it can leave.
    """

    detail: Mapping[str, Any]
    shown: str
    promised: tuple[Mapping[str, Any], ...] = ()
    waits_for_rest: bool = False

    @property
    def releases_any(self) -> bool:
        return bool(self.detail["children"])


def has_units_there(shipment: Shipment) -> bool:
    """Return whether a release of what is there could give a waiting shipment anything.

    Units that earlier shipments need are not told apart: a preview does.
    """
    if not runs_consider(shipment):
        return False
    if shipment.state == Shipment.State.FUTURE:
        held = Allocation.objects.filter(shipment_line__shipment=shipment)
        return held.filter(source_item__isnull=False).exists()
    lines = ShipmentLine.objects.filter(shipment=shipment, quantity__gt=0)
    items = SourceItem.objects.filter(
        product__in=lines.values("product"), status=SourceItem.Status.IN_STOCK
    )
    return items.filter(quantity__gt=F("allocated") + F("safety_stock")).exists()


def preview_part(
    shipment: Shipment, *, mode: ReleaseMode, now: datetime, zone: ZoneInfo
) -> PartPreview:
    """Return what :func:`release_part` would do now, by the same plan; writes nothing.

    :raises WrongStateError: unless the shipment, read with its order, is on BACKORDER or FUTURE.
    :raises NotReleasableError: if it is held, or its order is not paid or authorized.

    Rule: Changing an order, ship what is there (§20).
    """
    if shipment.state not in Shipment.QUEUED_STATES:
        raise WrongStateError(f"{shipment.number}: {shipment.state}")
    if reasons := reasons_of(shipment):
        raise NotReleasableError(shipment, reasons)
    if shipment.state == Shipment.State.FUTURE:
        return _preview_received(shipment, mode)
    today = now.astimezone(zone).date()
    settings = release_settings(values_in_force(), today=today)
    scope = RunScope(shipments=(shipment.number,), mode=mode)
    walk, batches = walk_scope(scope, settings, now=now, zone=zone)
    for decisions in walk.over(batches):
        for decision in decisions:
            detail = detail_of(decision, walk.supply)
            waits = would_wait_for_rest(shipment, is_whole=not detail["shortages"])
            return PartPreview(detail, decision.leaving, waits_for_rest=waits)
    raise StaleShipmentError(shipment.number)


def _preview_received(shipment: Shipment, mode: ReleaseMode) -> PartPreview:
    leaving = received_units(shipment.pk, mode)
    lines = ShipmentLine.objects.filter(pk__in=leaving).order_by("order_line__number")
    takes = [
        {"sku": sku, "quantity": format_quantity(leaving[line_id])}
        for line_id, sku in lines.values_list("pk", "order_line__sku")
    ]
    source = "" if shipment.source is None else shipment.source.code
    children = [{"source": source, "expected_on": None, "takes": takes}] if takes else []
    detail = {"children": children, "shortages": [], "expected_on": None}
    promised = tuple(_promised(shipment, leaving))
    waits = would_wait_for_rest(shipment, is_whole=not promised)
    return PartPreview(detail, units_as_text(leaving), promised, waits_for_rest=waits)


def _promised(shipment: Shipment, leaving: Mapping[int, Decimal]) -> list[Mapping[str, Any]]:
    """Return the units that stay on a promise: outstanding, or received of a line that waits."""
    held = Allocation.objects.filter(shipment_line__shipment=shipment)
    rows = (
        held.exclude(shipment_line__in=leaving, source_item__isnull=False)
        .values("order_line__sku", "future_supply__expected_on")
        .annotate(units=Sum("quantity"))
        .order_by("order_line__sku", "future_supply__expected_on")
    )
    return [
        {
            "sku": row["order_line__sku"],
            "quantity": format_quantity(row["units"]),
            "expected_on": row["future_supply__expected_on"],
        }
        for row in rows
    ]


def release_part(
    shipment_id: int,
    act: Act,
    *,
    zone: ZoneInfo,
    mode: ReleaseMode,
    trigger: str = ReleaseRun.Trigger.STAFF,
    expected_version: int | None = None,
    shown: str | None = None,
) -> ReleaseRun | Shipment:
    """Release what is there of a waiting shipment, by line or by quantity; the rest waits on.

    Opens its transactions. On BACKORDER: by a run over the shipment alone, which takes no units of
    earlier shipments and promises no dated supply; its record is returned. FUTURE: the units that
    it has received become READY, and their shipment is returned. ``shown`` is what a preview
    showed.

    :raises WrongStateError: unless the shipment is on BACKORDER or FUTURE.
    :raises NotReleasableError: if it is held, or its order is not paid or authorized.
    :raises StaleShipmentError: if ``expected_version`` is not the row's, or something else than
        ``shown`` would leave.
    :raises NothingReleasedError: if nothing is there that earlier shipments do not need.
    :raises NoUnitsReceivedError: if nothing of a promise that could leave has been received.

    Rule: Changing an order, ship what is there (§20).
    """
    state = Shipment.objects.values_list("state", flat=True).get(pk=shipment_id)
    if state == Shipment.State.FUTURE:
        return release_received(
            shipment_id, act, mode=mode, expected_version=expected_version, shown=shown
        )
    try:
        return release_alone(
            shipment_id,
            act,
            zone=zone,
            trigger=trigger,
            expected_version=expected_version,
            mode=mode,
            shown=shown,
        )
    except NothingReleasedError as error:
        if shown is not None and not error.detail["shortages"] and not error.has_failed:
            raise StaleShipmentError(f"{shipment_id}") from error
        raise


def release_now(
    shipment_id: int, act: Act, *, mode: ReleaseMode | None = None, **asked: Any
) -> ReleaseRun | Shipment:
    """Release a shipment: what is there of it with a ``mode``, else as the mode in force has it.

    It raises what :func:`release_part` and :func:`release_alone` raise, and takes what they take.
    """
    if mode is None:
        return release_alone(shipment_id, act, **asked)
    return release_part(shipment_id, act, mode=mode, **asked)

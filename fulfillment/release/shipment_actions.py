"""The one table of the actions on a shipment: when each is possible, who may, what it calls.

The page of a shipment, the review and the API add what is their own: forms, texts, bodies.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from core.acts import Act
from core.clock import site_zone
from fulfillment.models import Shipment, SourceBar
from fulfillment.models.release_conditions import runs_consider
from fulfillment.operations.moves.assignees import assign
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.bars import lift_bar
from fulfillment.operations.moves.customer_care import SENDABLE, move_to_care
from fulfillment.operations.moves.expected_date import WITHOUT_PROMISE, set_expected_date
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import HOLDABLE, hold, lift_hold
from fulfillment.operations.moves.pack import can_be_unpacked, pack, unpack
from fulfillment.operations.moves.priority import set_priority
from fulfillment.operations.moves.reassignment import reassign, reroute
from fulfillment.operations.moves.set_aside import can_be_set_aside, set_aside
from fulfillment.operations.moves.undo_fulfillment import can_be_undone, undo_fulfillment
from fulfillment.operations.shipments.complete_orders import waits_for_rest
from fulfillment.release.runs.one_shipment import release_ahead
from fulfillment.release.runs.part_release import release_now
from fulfillment.review.bulk import cancel_shipment
from fulfillment.review.bulk_change import BulkAction
from orders.permissions import CANCEL

CHANGE = "fulfillment.change_shipment"
RUN = "fulfillment.add_releaserun"
State = Shipment.State


@dataclass(frozen=True, slots=True)
class ShipmentAction:
    """One action.

    ``fits`` says whether the shipment's own state and hold allow it. ``make`` takes the shipment,
    the act, the action's own arguments and ``expected_version``. ``is_final``: it cannot be undone.
    ``opens_transactions``: it is not to be called inside one. ``bulk`` is the same action of many.
    """

    code: str
    fits: Callable[[Shipment], bool]
    make: Callable[..., object]
    permission: str = CHANGE
    is_final: bool = False
    opens_transactions: bool = False
    bulk: BulkAction | None = None


def _by_key(operation: Callable[..., object]) -> Callable[..., object]:
    return lambda shipment, act, **arguments: operation(shipment.pk, act, **arguments)


def _by_run(release: Callable[..., object]) -> Callable[..., object]:
    return lambda shipment, act, **arguments: release(
        shipment.pk, act, zone=site_zone(), **arguments
    )


def _set_expected_date(shipment: Shipment, act: Act, **arguments: Any) -> object:
    today = act.at.astimezone(site_zone()).date()
    return set_expected_date(shipment.pk, act, today=today, **arguments)


def _is_open(shipment: Shipment) -> bool:
    return shipment.state in Shipment.OPEN_STATES


def _is_not_held(shipment: Shipment) -> bool:
    """Whether nothing but the rest of its order holds the shipment."""
    return not shipment.is_held or waits_for_rest(shipment)


def _may_move(shipment: Shipment) -> bool:
    return _is_open(shipment) and _is_not_held(shipment)


ACTIONS = (
    ShipmentAction(
        "release",
        runs_consider,
        _by_run(release_now),
        permission=RUN,
        opens_transactions=True,
    ),
    ShipmentAction(
        "release-ahead",
        runs_consider,
        _by_run(release_ahead),
        is_final=True,
        opens_transactions=True,
    ),
    ShipmentAction(
        "hold",
        lambda shipment: shipment.state in HOLDABLE and _is_not_held(shipment),
        _by_key(hold),
        bulk=BulkAction.HOLD,
    ),
    ShipmentAction(
        "lift-hold",
        lambda shipment: shipment.hold_reason == Shipment.HoldReason.STAFF,
        _by_key(lift_hold),
        bulk=BulkAction.LIFT_HOLD,
    ),
    ShipmentAction("assign", _is_open, _by_key(assign), bulk=BulkAction.ASSIGN_PERSON),
    ShipmentAction("set-priority", _is_open, _by_key(set_priority), bulk=BulkAction.SET_PRIORITY),
    ShipmentAction(
        "set-expected-date",
        lambda shipment: shipment.state in WITHOUT_PROMISE,
        _set_expected_date,
        bulk=BulkAction.SET_EXPECTED_DATE,
    ),
    ShipmentAction("reassign", _may_move, _by_key(reassign), bulk=BulkAction.REASSIGN),
    ShipmentAction("reroute", _may_move, _by_key(reroute)),
    ShipmentAction(
        "pack", lambda shipment: shipment.is_to_pack, _by_key(pack), bulk=BulkAction.PACK
    ),
    ShipmentAction("unpack", can_be_unpacked, _by_key(unpack), bulk=BulkAction.UNPACK),
    ShipmentAction("set-aside", can_be_set_aside, _by_key(set_aside), bulk=BulkAction.SET_ASIDE),
    ShipmentAction(
        "fulfill",
        lambda shipment: shipment.may_leave,
        _by_key(fulfill),
        opens_transactions=True,
        bulk=BulkAction.FULFILL,
    ),
    ShipmentAction(
        "undo-fulfillment",
        lambda shipment: can_be_undone(shipment, now=timezone.now()),
        _by_key(undo_fulfillment),
    ),
    ShipmentAction(
        "backorder",
        lambda shipment: shipment.state in (State.READY, State.CUSTOMER_CARE),
        _by_key(move_to_backorder),
    ),
    ShipmentAction(
        "lift-bar",
        lambda shipment: SourceBar.objects.in_force().filter(shipment=shipment).exists(),
        _by_key(lift_bar),
    ),
    ShipmentAction(
        "customer-care",
        lambda shipment: shipment.state in SENDABLE,
        _by_key(move_to_care),
        bulk=BulkAction.CUSTOMER_CARE,
    ),
    ShipmentAction(
        "cancel",
        lambda shipment: _is_open(shipment) and shipment.order.is_paid_for,
        cancel_shipment,
        permission=CANCEL,
        is_final=True,
        opens_transactions=True,
        bulk=BulkAction.CANCEL,
    ),
)
BY_CODE = {action.code: action for action in ACTIONS}
BY_BULK = {action.bulk: action for action in ACTIONS if action.bulk is not None}

"""The actions on a shipment: in which states, by whom, asking what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fulfillment.admin.shipment.forms import (
    BackorderForm,
    ExpectedDateForm,
    FulfillForm,
    LiftBarForm,
    PriorityForm,
    ReasonForm,
    ReassignForm,
    ShipmentForm,
    SureForm,
)
from fulfillment.models import Shipment, SourceBar
from fulfillment.models.considered import runs_consider
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.bars import lift_bar
from fulfillment.operations.moves.customer_care import SENDABLE, move_to_care
from fulfillment.operations.moves.deallocated_shipments import MOVABLE
from fulfillment.operations.moves.expected_date import WITHOUT_PROMISE, set_expected_date
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import HOLDABLE, hold, lift_hold
from fulfillment.operations.moves.priority import OPEN_STATES, set_priority
from fulfillment.operations.moves.reassign import reassign
from fulfillment.operations.moves.reroute import reroute
from fulfillment.release.runs.expedite import release_ahead
from fulfillment.release.runs.one_shipment import release_alone
from fulfillment.review.bulk import cancel_shipment

CHANGE = "fulfillment.change_shipment"
RUN = "fulfillment.add_releaserun"
RELEASE = "release"
State = Shipment.State
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShipmentMove:
    """When, by whom, and on which version of the shipment something is done."""

    now: datetime
    zone: ZoneInfo
    actor_id: int | None
    expected_version: int

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class ShipmentAction:
    """One action. ``fits`` says whether the shipment's own state and hold allow it."""

    code: str
    label: Promise
    note: Promise
    form: type[ShipmentForm]
    fits: Callable[[Shipment], bool]
    make: Callable[[Shipment, Values, ShipmentMove], object]
    permission: str = CHANGE
    is_final: bool = False


def actions_on(shipment: Shipment, request: HttpRequest) -> list[ShipmentAction]:
    """Return what this person may do to the shipment as it is now."""
    return [
        action
        for action in ACTIONS
        if action.fits(shipment) and request.user.has_perm(action.permission)
    ]


def _release(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return release_alone(
        shipment.pk,
        now=move.now,
        zone=move.zone,
        by_id=move.actor_id,
        reason=values["reason"],
        expected_version=move.expected_version,
    )


def _release_ahead(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return release_ahead(
        shipment_id=shipment.pk,
        now=move.now,
        zone=move.zone,
        by_id=move.actor_id,
        reason=values["reason"],
        expected_version=move.expected_version,
    )


def _hold(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return hold(shipment.pk, reason=values["reason"], **_as_arguments(move))


def _lift_hold(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return lift_hold(shipment.pk, reason=values["reason"], **_as_arguments(move))


def _set_priority(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return set_priority(
        shipment.pk,
        priority=values["priority"],
        reason=values["reason"],
        **_as_arguments(move),
    )


def _set_expected_date(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return set_expected_date(
        shipment.pk,
        expected_on=values["expected_on"],
        today=move.today,
        reason=values["reason"],
        **_as_arguments(move),
    )


def _reassign(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return reassign(
        shipment.pk,
        source_code=values["source"],
        reason=values["reason"],
        **_as_arguments(move),
    )


def _reroute(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return reroute(shipment.pk, reason=values["reason"], **_as_arguments(move))


def _backorder(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return move_to_backorder(
        shipment.pk,
        counted=values["counted"],
        missing=values["missing"],
        reason=values["reason"],
        **_as_arguments(move),
    )


def _lift_bar(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return lift_bar(
        shipment.pk,
        source_code=values["bar"].source.code,
        sku=values["bar"].product.sku,
        reason=values["reason"],
        **_as_arguments(move),
    )


def _to_care(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return move_to_care(shipment.pk, reason=values["reason"], **_as_arguments(move))


def _fulfill(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return fulfill(
        shipment.pk,
        quantities=values["quantities"],
        tracking=values["tracking"],
        reason=values["reason"],
        **_as_arguments(move),
    )


def _cancel(shipment: Shipment, values: Values, move: ShipmentMove) -> object:
    return cancel_shipment(
        shipment,
        reason=values["reason"],
        now=move.now,
        actor_id=move.actor_id,
        key="",
        expected_version=move.expected_version,
    )


def _as_arguments(move: ShipmentMove) -> dict[str, Any]:
    return {
        "now": move.now,
        "actor_id": move.actor_id,
        "expected_version": move.expected_version,
    }


def _may_move(shipment: Shipment) -> bool:
    return shipment.state in MOVABLE and not shipment.is_held


ACTIONS = (
    ShipmentAction(
        RELEASE,
        _("Release now"),
        _("A release run over this shipment alone. Nobody who waits is overtaken."),
        ReasonForm,
        runs_consider,
        _release,
        permission=RUN,
    ),
    ShipmentAction(
        "release-ahead",
        _("Release ahead of the queue"),
        _("Takes units that others wait for before it. The timeline keeps who did it, and why."),
        SureForm,
        runs_consider,
        _release_ahead,
        is_final=True,
    ),
    ShipmentAction(
        "hold",
        _("Hold"),
        _("It is not picked, and release runs leave it out, until the hold is lifted."),
        ReasonForm,
        lambda shipment: shipment.state in HOLDABLE and not shipment.is_held,
        _hold,
    ),
    ShipmentAction(
        "lift-hold",
        _("Lift hold"),
        _("It takes part again; a release run follows."),
        ReasonForm,
        lambda shipment: shipment.hold_reason == Shipment.HoldReason.STAFF,
        _lift_hold,
    ),
    ShipmentAction(
        "set-priority",
        _("Set priority"),
        _("The queue is served by priority, then by how long a shipment has waited."),
        PriorityForm,
        lambda shipment: shipment.state in OPEN_STATES,
        _set_priority,
    ),
    ShipmentAction(
        "set-expected-date",
        _("Change expected date"),
        _("Release runs leave a date that a person set."),
        ExpectedDateForm,
        lambda shipment: shipment.state in WITHOUT_PROMISE,
        _set_expected_date,
    ),
    ShipmentAction(
        "reassign",
        _("Reassign source"),
        _("Serves it from the source that you name."),
        ReassignForm,
        _may_move,
        _reassign,
    ),
    ShipmentAction(
        "reroute",
        _("Choose sources anew"),
        _("Serves it from the sources that the rules choose, past nobody who waits."),
        ReasonForm,
        _may_move,
        _reroute,
    ),
    ShipmentAction(
        "fulfill",
        _("Fulfill"),
        _("Ships it or a part, takes the units off the books, and captures what is not yet."),
        FulfillForm,
        lambda shipment: shipment.state == State.READY and not shipment.is_held,
        _fulfill,
        is_final=True,
    ),
    ShipmentAction(
        "backorder",
        _("Send back to wait"),
        _("It gives its units back. Correct the count, or bar its source, so that it stays so."),
        BackorderForm,
        lambda shipment: shipment.state in (State.READY, State.CUSTOMER_CARE),
        _backorder,
    ),
    ShipmentAction(
        "lift-bar",
        _("Lift bar"),
        _("The source may serve it again; a release run follows."),
        LiftBarForm,
        lambda shipment: SourceBar.objects.in_force().filter(shipment=shipment).exists(),
        _lift_bar,
    ),
    ShipmentAction(
        "customer-care",
        _("Send to customer care"),
        _("It leaves the queue, and gives back what it holds, until a person decides."),
        ReasonForm,
        lambda shipment: shipment.state in SENDABLE,
        _to_care,
    ),
    ShipmentAction(
        "cancel",
        _("Cancel shipment"),
        _("What is on it is canceled; what was paid is refunded, and the customer is told."),
        SureForm,
        lambda shipment: shipment.state in OPEN_STATES and shipment.order.is_paid_for,
        _cancel,
        is_final=True,
    ),
)
BY_CODE = {action.code: action for action in ACTIONS}

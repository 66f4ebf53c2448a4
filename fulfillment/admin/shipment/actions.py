"""The actions on a shipment: states, permission, form and operation of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.clock import site_zone
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
from fulfillment.models.release_conditions import runs_consider
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.bars import lift_bar
from fulfillment.operations.moves.customer_care import SENDABLE, move_to_care
from fulfillment.operations.moves.expected_date import WITHOUT_PROMISE, set_expected_date
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import HOLDABLE, hold, lift_hold
from fulfillment.operations.moves.priority import set_priority
from fulfillment.operations.moves.reassignment import reassign, reroute
from fulfillment.release.runs.one_shipment import release_ahead, release_alone
from fulfillment.review.bulk import cancel_shipment

CHANGE = "fulfillment.change_shipment"
RUN = "fulfillment.add_releaserun"
RELEASE = "release"
State = Shipment.State


@dataclass(frozen=True, slots=True)
class ShipmentAction:
    """One action. ``fits`` says whether the shipment's own state and hold allow it.

    ``make`` takes the shipment, the act, the arguments of the form and ``expected_version``.
    """

    code: str
    label: Promise
    note: Promise
    form: type[ShipmentForm]
    fits: Callable[[Shipment], bool]
    make: Callable[..., object]
    permission: str = CHANGE
    is_final: bool = False


def actions_on(shipment: Shipment, request: HttpRequest) -> list[ShipmentAction]:
    """Return the actions that the shipment allows and the person may take."""
    return [
        action
        for action in ACTIONS
        if action.fits(shipment) and request.user.has_perm(action.permission)
    ]


def _by_key(operation: Callable[..., object]) -> Callable[..., object]:
    return lambda shipment, act, **arguments: operation(shipment.pk, act, **arguments)


def _by_run(release: Callable[..., object]) -> Callable[..., object]:
    return lambda shipment, act, **arguments: release(
        shipment.pk, act, zone=site_zone(), **arguments
    )


def _set_expected_date(shipment: Shipment, act: Act, **arguments: Any) -> object:
    today = act.at.astimezone(site_zone()).date()
    return set_expected_date(shipment.pk, act, today=today, **arguments)


def _may_move(shipment: Shipment) -> bool:
    return shipment.state in Shipment.OPEN_STATES and not shipment.is_held


ACTIONS = (
    ShipmentAction(
        RELEASE,
        _("Release now"),
        _("A release run over this shipment alone. Earlier shipments keep their units."),
        ReasonForm,
        runs_consider,
        _by_run(release_alone),
        permission=RUN,
    ),
    ShipmentAction(
        "release-ahead",
        _("Release ahead of the queue"),
        _("Takes units that others wait for before it. The timeline keeps who did it, and why."),
        SureForm,
        runs_consider,
        _by_run(release_ahead),
        is_final=True,
    ),
    ShipmentAction(
        "hold",
        _("Hold"),
        _("It is not picked, and release runs leave it out, until the hold is lifted."),
        ReasonForm,
        lambda shipment: shipment.state in HOLDABLE and not shipment.is_held,
        _by_key(hold),
    ),
    ShipmentAction(
        "lift-hold",
        _("Lift hold"),
        _("It takes part again; a release run follows."),
        ReasonForm,
        lambda shipment: shipment.hold_reason == Shipment.HoldReason.STAFF,
        _by_key(lift_hold),
    ),
    ShipmentAction(
        "set-priority",
        _("Set priority"),
        _("The queue is served by priority, then by how long a shipment has waited."),
        PriorityForm,
        lambda shipment: shipment.state in Shipment.OPEN_STATES,
        _by_key(set_priority),
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
        _by_key(reassign),
    ),
    ShipmentAction(
        "reroute",
        _("Choose sources again"),
        _("Moves it to the sources that the rules choose, without units of earlier shipments."),
        ReasonForm,
        _may_move,
        _by_key(reroute),
    ),
    ShipmentAction(
        "fulfill",
        _("Fulfill"),
        _("Ships it or a part, takes the units off the books, and captures what is not yet."),
        FulfillForm,
        lambda shipment: shipment.state == State.READY and not shipment.is_held,
        _by_key(fulfill),
        is_final=True,
    ),
    ShipmentAction(
        "backorder",
        _("Send back to wait"),
        _("It gives its units back. Correct the count, or bar its source, so that it stays so."),
        BackorderForm,
        lambda shipment: shipment.state in (State.READY, State.CUSTOMER_CARE),
        _by_key(move_to_backorder),
    ),
    ShipmentAction(
        "lift-bar",
        _("Lift bar"),
        _("The source may serve it again; a release run follows."),
        LiftBarForm,
        lambda shipment: SourceBar.objects.in_force().filter(shipment=shipment).exists(),
        _by_key(lift_bar),
    ),
    ShipmentAction(
        "customer-care",
        _("Send to customer care"),
        _("It leaves the queue, and gives back what it holds, until a person decides."),
        ReasonForm,
        lambda shipment: shipment.state in SENDABLE,
        _by_key(move_to_care),
    ),
    ShipmentAction(
        "cancel",
        _("Cancel shipment"),
        _("What is on it is canceled; what was paid is refunded, and the customer is told."),
        SureForm,
        lambda shipment: shipment.state in Shipment.OPEN_STATES and shipment.order.is_paid_for,
        cancel_shipment,
        is_final=True,
    ),
)
BY_CODE = {action.code: action for action in ACTIONS}

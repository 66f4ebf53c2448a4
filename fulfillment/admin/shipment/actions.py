"""The actions on a shipment as its page offers them: names, notes, forms."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fulfillment.admin.shipment.forms import (
    AssigneeForm,
    BackorderForm,
    CancelShipmentForm,
    ExpectedDateForm,
    FulfillForm,
    LiftBarForm,
    OneClickForm,
    PriorityForm,
    ReasonForm,
    ReassignForm,
    ShipmentForm,
    SureForm,
)
from fulfillment.models import Shipment
from fulfillment.release.shipment_actions import ACTIONS, BY_BULK, ShipmentAction
from fulfillment.review.bulk_change import BulkAction

RELEASE, SHIP, PACK, SET_ASIDE = "release", "fulfill", "pack", "set-aside"
# The first of these that is possible is the primary one.
PRIMARY = (SET_ASIDE, SHIP, "lift-hold", RELEASE, "backorder")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page says of an action, and what it asks for."""

    label: Promise
    note: Promise
    form: type[ShipmentForm] = ReasonForm


OFFERS = {
    RELEASE: Offer(
        _("Release now"),
        _("A release run over this shipment alone. Earlier shipments keep their units."),
    ),
    "release-ahead": Offer(
        _("Release ahead of the queue"),
        _("Uses units that earlier shipments wait for. The timeline records who did it and why."),
        SureForm,
    ),
    "hold": Offer(
        _("Hold"),
        _("The shipment is not picked or released until the hold is lifted."),
    ),
    "lift-hold": Offer(
        _("Lift hold"), _("The shipment is in the queue again. A release run follows.")
    ),
    "assign": Offer(_("Assign"), _("The shipment is listed in this person's work."), AssigneeForm),
    "set-priority": Offer(
        _("Set priority"),
        _("The queue is served by priority, then by how long a shipment has waited."),
        PriorityForm,
    ),
    "set-expected-date": Offer(
        _("Change expected date"),
        _("Release runs do not change a date set by staff."),
        ExpectedDateForm,
    ),
    "reassign": Offer(
        _("Reassign source"), _("Ships it from the source that you select."), ReassignForm
    ),
    "reroute": Offer(
        _("Choose sources again"),
        _(
            "Moves the shipment to the sources that the rules choose. Earlier shipments keep "
            "their units."
        ),
    ),
    PACK: Offer(
        _("Pack"),
        _("All its units are in the box. A later count leaves them there."),
        OneClickForm,
    ),
    "unpack": Offer(
        _("Unpack"),
        _("The mark is taken off. A count may take its units again."),
        OneClickForm,
    ),
    SET_ASIDE: Offer(
        _("Set aside for pickup"),
        _("The customer gets an e-mail that the units can be collected."),
        OneClickForm,
    ),
    SHIP: Offer(
        _("Ship a part or add tracking"),
        _("These units ship now. The rest stays ready."),
        FulfillForm,
    ),
    "undo-fulfillment": Offer(
        _("Undo shipping"),
        _(
            "For a parcel that never left. Its units are set aside again, and the shipment is on "
            "hold. Captured money stays captured."
        ),
    ),
    "backorder": Offer(
        _("Send back to wait"),
        _(
            "Its units go back to stock. Correct the count or bar the source, or the next "
            "run sets them aside again."
        ),
        BackorderForm,
    ),
    "lift-bar": Offer(
        _("Lift bar"),
        _("The source can serve the shipment again. A release run follows."),
        LiftBarForm,
    ),
    "customer-care": Offer(
        _("Send to customer care"),
        _("The shipment leaves the queue and its units go back to stock until staff decide."),
    ),
    "cancel": Offer(
        _("Cancel shipment"),
        _("All its units are canceled, the payment is refunded, and the customer gets an e-mail."),
        CancelShipmentForm,
    ),
}


# What its customer collects is handed over, not shipped (domain.md §21).
HAND_OVER = Offer(
    _("Hand over a part"), _("These units are handed over now. The rest stays ready."), FulfillForm
)


def offer_of(code: str, shipment: Shipment) -> Offer:
    """Return what the page of a shipment says of an action."""
    return HAND_OVER if code == SHIP and shipment.is_pickup else OFFERS[code]


def actions_on(shipment: Shipment, request: HttpRequest) -> list[ShipmentAction]:
    """Return the actions that the shipment allows and the person may take."""
    return [
        action
        for action in ACTIONS
        if action.fits(shipment) and request.user.has_perm(action.permission)
    ]


def label_of(bulk: BulkAction) -> Promise:
    """Return the name of an action that is made for many shipments."""
    return OFFERS[BY_BULK[bulk].code].label

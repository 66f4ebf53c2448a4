"""What staff can do with the shipments of the review: who may, and what each asks for."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fulfillment.admin.review.release import DRY_RUN, RELEASE
from fulfillment.review.change import BulkAction

CHANGE = "fulfillment.change_shipment"
RUN = "fulfillment.add_releaserun"


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """One action as the page offers it. ``field`` names what it asks for besides a reason."""

    code: str
    label: Promise
    permission: str
    field: str = ""
    is_final: bool = False

    @property
    def asks_reason(self) -> bool:
        """Whether the timeline is to say why: wherever a person changes a shipment."""
        return self.permission == CHANGE


OFFERED = (
    OfferedAction(RELEASE, _("Release now"), RUN),
    OfferedAction(DRY_RUN, _("Dry run"), RUN),
    OfferedAction(BulkAction.HOLD, _("Hold"), CHANGE),
    OfferedAction(BulkAction.LIFT_HOLD, _("Lift hold"), CHANGE),
    OfferedAction(BulkAction.SET_PRIORITY, _("Set priority"), CHANGE, field="priority"),
    OfferedAction(BulkAction.REASSIGN, _("Reassign source"), CHANGE, field="source"),
    OfferedAction(
        BulkAction.SET_EXPECTED_DATE, _("Change expected date"), CHANGE, field="expected_on"
    ),
    OfferedAction(BulkAction.CUSTOMER_CARE, _("Send to customer care"), CHANGE),
    OfferedAction(BulkAction.CANCEL, _("Cancel shipments"), CHANGE, is_final=True),
)
BY_CODE = {str(action.code): action for action in OFFERED}


def actions_for(request: HttpRequest) -> list[OfferedAction]:
    """Return the actions that this person may take."""
    return [action for action in OFFERED if request.user.has_perm(action.permission)]

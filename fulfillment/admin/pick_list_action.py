"""Makes a pick list of the shipments that were selected in a list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.bulk.actions import BulkForm, ListAction, PlanWords
from core.operations.bulk.apply import BulkRequest, check_shown
from core.operations.bulk.preview import register
from core.operations.bulk.row_plans import BulkRow, RowPlan
from core.text import Sentence
from fulfillment.admin.review import outcomes
from fulfillment.models import Shipment
from fulfillment.operations.picking.pick_lists import (
    MOST_SHIPMENTS,
    NothingToPickError,
    make_pick_list,
)
from fulfillment.queries.pick_lists import on_open_lists
from fulfillment.review.bulk import read_shipments, row_of
from fulfillment.review.effect_words import Code
from fulfillment.review.effects import kept_here

PICK_LIST = "PICK_LIST"
ADD = "fulfillment.add_picklist"


def plan_list(shipment_ids: Sequence[int], _request: Any, _act: Act) -> list[BulkRow]:
    """Return which of the shipments would be on a list: those of the first one's source."""
    shipments = read_shipments(shipment_ids)
    present = [shipments[key] for key in shipment_ids if key in shipments]
    listed = on_open_lists(present)
    first = next((one for one in present if one.is_to_pack and one.pk not in listed), None)
    source_id = None if first is None else first.source_id
    return [_planned(one, source_id=source_id, is_listed=one.pk in listed) for one in present]


def _planned(shipment: Shipment, *, source_id: int | None, is_listed: bool) -> BulkRow:
    refusal = None
    if not shipment.is_to_pack:
        refusal = kept_here(shipment) or Code.NOT_TO_BE_PICKED
    elif is_listed:
        refusal = Code.ON_PICK_LIST
    elif shipment.source_id != source_id:
        refusal = Code.OTHER_SOURCE
    if refusal is not None or shipment.source is None:
        code = refusal or Code.NOT_TO_BE_PICKED
        return row_of(shipment, Sentence(code.value), is_change=False)
    to_pick = Sentence(Code.TO_BE_PICKED.value, {"source": shipment.source.code})
    return row_of(shipment, to_pick, is_change=True)


def read_nothing(_values: Mapping[str, Any]) -> None:
    """A list asks for nothing before its preview."""


register({PICK_LIST: RowPlan(plan=plan_list, read=read_nothing)})


class PickListForm(BulkForm):
    """Takes as many of the selected shipments as fit on one list."""

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        return list(chosen.values_list("pk", flat=True)[:MOST_SHIPMENTS])


def start_list(request: HttpRequest, bulk: BulkRequest, now: datetime) -> HttpResponse:
    """Make the list that was shown, and open it."""
    act = Act(now, request.user.pk)
    check_shown(bulk, act)
    rows = [row for row in plan_list(bulk.keys, None, act) if row.is_change]
    try:
        made = make_pick_list(rows[0].subject.source_id, [row.key for row in rows], act)
    except NothingToPickError:
        messages.error(request, gettext("All these shipments are on another pick list by now."))
        return redirect(bulk.list_address)
    count = len(made.taken)
    sentence = ngettext("%(count)s shipment to pick.", "%(count)s shipments to pick.", count)
    messages.success(request, sentence % {"count": count})
    if made.on_other_lists:
        on_others = gettext("On another pick list: %(numbers)s")
        messages.warning(request, on_others % {"numbers": ", ".join(made.on_other_lists)})
    return redirect("admin:fulfillment_picklist_change", made.pick_list.pk)


PICKS = PlanWords(
    _("Would be picked"),
    _("Refused rows are left out and are listed first. The other rows go on the pick list."),
    _("Left out:"),
    _("Preview of the pick list"),
)
MAKE_LIST = ListAction(
    slug="pick-list",
    code=PICK_LIST,
    label=_("Make a pick list"),
    form=PickListForm,
    permission=ADD,
    words=outcomes,
    columns=(_("Shipment"),),
    details=(_("Customer"), _("State")),
    start=start_list,
    plan_words=PICKS,
    template="fulfillment/picking/make.html",
)

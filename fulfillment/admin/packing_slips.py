"""Packing slips, printed for one shipment or for those selected in a list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.bulk.actions import PRINTS, BulkForm, ListAction
from core.admin.pages import AdminPage
from core.admin.paper_choice import PAPERS
from core.admin.theme import SELECT_CLASS
from core.documents.paper import Paper
from core.documents.pdf_response import pdf_answer
from core.operations.bulk.apply import BulkRequest, ChangedSinceShownError, check_shown
from core.operations.bulk.preview import register
from core.operations.bulk.row_plans import BulkRow, RowPlan
from core.text import Sentence
from fulfillment.admin.review import outcomes
from fulfillment.documents.packing_slip import packing_slips
from fulfillment.models import Shipment
from fulfillment.operations.moves.packing_slips import MOST_SLIPS, can_have_slip, print_slips
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.release.shipment_actions import CHANGE
from fulfillment.review.bulk import read_shipments, row_of
from fulfillment.review.bulk_change import PACKING_SLIPS, row_values
from fulfillment.review.effect_words import Code
from fulfillment.review.effects import no_slip


def print_one(_admin: AnyPage, request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Answer with the packing slip of a shipment, or say on its page why it has none."""
    shipment = get_object_or_404(Shipment.objects.select_related("order"), pk=shipment_id)
    try:
        slips = print_slips([shipment.pk], Act(timezone.now(), request.user.pk))
    except WrongStateError:
        messages.error(request, str(no_slip(shipment).label))
        return redirect("admin:fulfillment_shipment_change", shipment_id)
    return pdf_answer(packing_slips(slips), f"packing-slip-{shipment.number}")


SLIP_PAGE = AdminPage(
    "<int:shipment_id>/packing-slip/",
    print_one,
    "fulfillment_shipment_packing_slip",
    "POST",
    permission=CHANGE,
)


def plan_slips(shipment_ids: Sequence[int], _request: Any, _act: Act) -> list[BulkRow]:
    """Return which of the shipments have a packing slip."""
    shipments = read_shipments(shipment_ids)
    return [_slip_row(shipments[key]) for key in shipment_ids if key in shipments]


def _slip_row(shipment: Shipment) -> BulkRow:
    printed_at = shipment.slip_printed_at
    if not can_have_slip(shipment):
        return row_of(shipment, Sentence(no_slip(shipment).value), is_change=False)
    if printed_at is None:
        return row_of(shipment, Sentence(Code.SLIP.value), is_change=True)
    printed = Sentence(Code.SLIP_AGAIN.value, {"time": printed_at.isoformat()})
    return row_of(shipment, printed, is_change=True)


def read_nothing(_values: Mapping[str, Any]) -> None:
    """Printing asks for nothing before its preview."""


register(
    {
        PACKING_SLIPS: RowPlan(
            plan=plan_slips,
            read=read_nothing,
            shown=lambda keys: row_values(PACKING_SLIPS, keys),
        )
    }
)


class SlipsForm(BulkForm):
    """Takes as many of the selected shipments as are printed together."""

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        return list(chosen.values_list("pk", flat=True)[:MOST_SLIPS])


class PaperForm(forms.Form):
    """The paper in the printer."""

    paper = forms.ChoiceField(
        label=_("Paper"),
        required=False,
        choices=(("", _("As usual in the country of the source")), *PAPERS),
        widget=forms.Select(attrs={"class": SELECT_CLASS}),
    )


def start_printing(request: HttpRequest, bulk: BulkRequest, now: datetime) -> HttpResponse:
    """Answer with the packing slips that were shown, in the order of the list."""
    act = Act(now, request.user.pk)
    check_shown(bulk, act)
    shipments = read_shipments(bulk.keys)
    having = [key for key in bulk.keys if can_have_slip(shipments[key])]
    try:
        slips = print_slips(having, act)
    except WrongStateError as error:
        raise ChangedSinceShownError from error
    paper = (bulk.more or {})["paper"]
    return pdf_answer(packing_slips(slips, paper=Paper(paper) if paper else None), "packing-slips")


PRINT_SLIPS = ListAction(
    slug="packing-slips",
    code=PACKING_SLIPS,
    label=_("Print packing slips"),
    form=SlipsForm,
    permission=CHANGE,
    words=outcomes,
    columns=(_("Shipment"),),
    details=(_("Customer"), _("State")),
    confirmation=PaperForm,
    start=start_printing,
    plan_words=PRINTS,
    template="fulfillment/shipment/packing_slips.html",
)

"""The shipments selected in the review, for one action, from one list."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.access_limits import seen
from core.admin.bulk.actions import ListAction, allowed_actions
from core.admin.bulk.bulk_lists import BulkList
from core.admin.bulk.pages import page_of_change
from core.admin.bulk.selection import RowSelection, keys_in
from core.clock import this_moment
from core.models import BulkChange
from fulfillment.admin.packing_slips import PRINT_SLIPS
from fulfillment.admin.pick_list_action import MAKE_LIST
from fulfillment.admin.review.actions import (
    DRY_RUN,
    ON_EVERY_SHIPMENT,
    ON_SHIPMENTS,
    PREPARATIONS,
    start_run,
)
from fulfillment.admin.review.address import NOT_FILTERS
from fulfillment.admin.review.outcomes import outcome_of
from fulfillment.models import Shipment
from fulfillment.release.shipment_actions import RUN
from fulfillment.review.bulk_change import last_shipment
from fulfillment.review.filters import shipments_matching

NAME = "admin:fulfillment_shipment_review"
# On which day the filter is read, and the last shipment that there was.
TODAY, UP_TO = "today", "up_to"
# Selected on the list of all shipments: the filter is that list's.
FROM_LIST = "from_list"


class ReviewList(BulkList):
    """The review as a list with bulk actions; some of them also for the list of all shipments."""

    bulk_actions = (*ON_SHIPMENTS, *PREPARATIONS, MAKE_LIST, PRINT_SLIPS)

    def bulk_route(self, action: ListAction) -> str:
        """Actions of the review are below it, those of the list of all shipments below that."""
        route = super().bulk_route(action)
        return f"review/{route}" if action in ON_SHIPMENTS else route

    def bulk_actions_of_list(self) -> Sequence[ListAction]:
        return (*ON_EVERY_SHIPMENT, MAKE_LIST, PRINT_SLIPS)

    def bulk_marks_of_list(self) -> dict[str, Any]:
        return {FROM_LIST: "1"}

    def bulk_marks(self, request: HttpRequest) -> dict[str, Any]:
        """Return what fixes a selection: a later day, or a later shipment, adds nothing to it."""
        if FROM_LIST in request.GET:
            return self.bulk_marks_of_list()
        today, up_to = request.GET.get(TODAY, ""), request.GET.get(UP_TO, "")
        try:
            day = date.fromisoformat(today)
        except ValueError:
            day = this_moment().today
        return {TODAY: day, UP_TO: next(iter(keys_in([up_to])), None) or last_shipment()}

    def bulk_rows(self, request: HttpRequest, selection: RowSelection) -> QuerySet[Any]:
        if _is_of_list(selection):
            return super().bulk_rows(request, selection)
        if selection.takes_all:
            return self.bulk_matching(request, selection)
        return seen(Shipment.objects.filter(pk__in=selection.ids)).queue_order()

    def bulk_matching(self, request: HttpRequest, selection: RowSelection) -> QuerySet[Any]:
        if _is_of_list(selection):
            return super().bulk_matching(request, selection)
        marks, filters = dict(selection.marks), selection.filters(*NOT_FILTERS)
        found = seen(Shipment.objects.filter(pk__lte=int(marks[UP_TO])))
        try:
            return shipments_matching(
                filters.urlencode(),
                shipments=found
                if "state" in filters
                else found.filter(state__in=Shipment.QUEUED_STATES),
                today=date.fromisoformat(marks[TODAY]),
                zone=this_moment().zone,
            ).queue_order()
        except ValidationError as error:
            raise IncorrectLookupParameters from error

    def bulk_list_address(self, selection: RowSelection) -> str:
        if _is_of_list(selection):
            return super().bulk_list_address(selection)
        return f"{reverse(NAME)}?{selection.filter}"

    def bulk_done(self, request: HttpRequest, change: BulkChange) -> HttpResponse:
        """Say on the list what came of a change that was made at once."""
        if change.job is not None:
            return HttpResponseRedirect(page_of_change(change))
        first, *others = outcome_of(change)
        messages.success(request, first)
        for line in others:
            messages.warning(request, line)
        return HttpResponseRedirect(change.list_address)


def _is_of_list(selection: RowSelection) -> bool:
    return FROM_LIST in dict(selection.marks)


def choose(admin: ReviewList, request: HttpRequest) -> HttpResponse:
    """Lead to the page of the action that was selected; a dry run is a preview itself."""
    code, filters = request.POST.get("action", ""), request.POST.get("filter", "")
    actions = {action.code: action for action in ON_SHIPMENTS}
    is_dry_run = code == DRY_RUN
    permission = RUN if is_dry_run else actions[code].permission if code in actions else ""
    selection = RowSelection(
        ids=keys_in(request.POST.getlist("shipment")),
        filter=filters,
        takes_all="all" in request.POST,
        marks=tuple((name, str(value)) for name, value in admin.bulk_marks(request).items()),
    )
    if not permission:
        return _back(admin, request, selection, _("Select an action."))
    if not request.user.has_perm(permission):
        raise PermissionDenied
    if not selection.takes_all and not selection.ids:
        return _back(admin, request, selection, _("Select shipments first."))
    if is_dry_run:
        return _dry_run(admin, request, selection)
    query = selection.query(takes_all=selection.takes_all)
    return redirect(f"{admin.bulk_address(actions[code])}?{query}")


def _dry_run(admin: ReviewList, request: HttpRequest, selection: RowSelection) -> HttpResponse:
    try:
        is_empty = not admin.bulk_rows(request, selection).exists()
    except IncorrectLookupParameters:
        return _back(admin, request, selection, _("The filter is not understood."))
    if is_empty:
        return _back(admin, request, selection, _("None of the selected rows is there any more."))
    return start_run(request, selection, this_moment().now, is_dry_run=True)


def offered_actions(request: HttpRequest) -> list[tuple[str, Any]]:
    """Return the actions that this person may take on the review, by code with their labels."""
    offered = [(action.code, action.label) for action in allowed_actions(request, ON_SHIPMENTS)]
    if request.user.has_perm(RUN):
        offered.insert(1, (DRY_RUN, _("Dry run")))
    return offered


def _back(
    admin: ReviewList, request: HttpRequest, selection: RowSelection, message: str
) -> HttpResponse:
    messages.error(request, message)
    return redirect(admin.bulk_list_address(selection))

"""The page of a bulk action: its form, its preview row by row, its confirmation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from core.acts import Act
from core.admin.bulk.actions import BulkForm, ListAction
from core.admin.bulk.selection import ALL, FILTER, IDS, RowSelection, selection_from
from core.admin.bulk.words import changed_in_words, row_in_words
from core.admin.page_numbers import page_links, page_number
from core.admin.pages import answer
from core.models import BulkChange
from core.operations.bulk.apply import BulkRequest, ChangedSinceShownError, confirm
from core.operations.bulk.preview import ACTIONS, preview
from core.operations.bulk.row_plans import RowAction

PAGE_SIZE = 50
# As many of the selected rows are named before the preview names all.
LISTED = 10


def bulk_page(admin: Any, action: ListAction, request: HttpRequest) -> HttpResponse:
    """Show what the action would do; posted, do what was shown."""
    if not request.user.has_perm(action.permission) or not admin.has_view_permission(request):
        raise PermissionDenied
    selection = selection_from(request.GET, **admin.bulk_marks(request))
    if not selection.takes_all and not selection.ids:
        return _back(admin, request, gettext("Select rows of the list first."))
    try:
        rows = admin.bulk_rows(request, selection)
        selected_count = rows.count()
        matching_count = admin.bulk_matching(request, selection).count()
    except IncorrectLookupParameters:
        return _back(admin, request, gettext("The filter is not understood."))
    if not selected_count:
        return _back(admin, request, gettext("None of the selected rows is there any more."))
    form = form_of(action, request, rows)
    confirmation = action.confirmation(request.POST or None, label_suffix="")
    list_url = admin.bulk_list_address(selection)
    if request.method == "POST":
        if not form.is_complete or "snapshot" not in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        if confirmation.is_valid():
            bulk = BulkRequest(
                action=str(action.code),
                keys=tuple(form.keys(rows)),
                values=form.values(),
                summary=form.summary() or str(action.label),
                snapshot=request.POST["snapshot"],
                more=confirmation.cleaned_data,
                list_address=list_url,
            )
            if done := confirmed(request, action, bulk, admin.bulk_done):
                return done
    context = {
        "action": action,
        "form": form,
        "confirmation": confirmation,
        "media": admin.media + form.media,
        "selection": selection,
        "matching_count": matching_count,
        "selected_count": selected_count,
        "listed": [str(row) for row in admin.bulk_listed(rows)[:LISTED]],
        "names": {"ids": IDS, "filter": FILTER, "all": ALL},
        "list_url": list_url,
    }
    if form.is_complete:
        context |= preview_context(request, action, form.keys(rows), form.values())
        context["summary"] = form.summary()
    return answer(admin, request, action.template, str(action.label), context)


def form_of(action: ListAction, request: HttpRequest, rows: Any) -> BulkForm:
    """Return the form as it was sent; one that asks for nothing is complete at once."""
    is_sent = "asked" in request.GET or not action.form.base_fields
    return action.form(request.GET) if is_sent else action.form(rows=rows)


def preview_context(
    request: HttpRequest, action: ListAction, keys: Sequence[int], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the plan of an action: its counts, and the rows of one page."""
    act = Act(timezone.now(), request.user.pk)
    code = str(action.code)
    planned = preview(code, keys, values, act, page=page_number(request), page_size=PAGE_SIZE)
    subject = ACTIONS[code]
    return {
        "action": action,
        "planned": planned,
        "snapshot": planned.snapshot,
        "rows": [row_in_words(row, action.words) for row in planned.rows],
        **page_links(request, planned.page, planned.page_count),
        "is_for_nothing": planned.is_whole and not planned.tally.changed_count,
        "by_worker": isinstance(subject, RowAction) and planned.row_count > subject.at_once(),
    }


def confirmed(
    request: HttpRequest,
    action: ListAction,
    bulk: BulkRequest,
    done: Callable[[HttpRequest, BulkChange], HttpResponse],
) -> HttpResponse | None:
    """Make the change that was shown; ``None``, with a message, if rows have changed since."""
    act = Act(timezone.now(), request.user.pk)
    try:
        if action.start is not None:
            return action.start(request, bulk, act.at)
        return done(request, confirm(bulk, act))
    except ChangedSinceShownError as error:
        messages.warning(request, changed_in_words(action, bulk, error.shown, act))
    return None


def page_of_change(change: BulkChange) -> str:
    """Return where to watch a change; once it is made, where to see what came of it."""
    if change.job is not None and not change.job.is_finished:
        return reverse("admin:core_job_progress", args=[change.job.pk])
    return reverse("admin:core_bulkchange_change", args=[change.pk])


def _back(admin: Any, request: HttpRequest, message: str) -> HttpResponse:
    admin.message_user(request, message, messages.ERROR)
    return HttpResponseRedirect(admin.bulk_list_address(RowSelection((), "", takes_all=False)))

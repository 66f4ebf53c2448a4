"""The page of a bulk action: its form, its preview row by row, and its confirmation."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from inventory.admin.bulk.actions import BulkForm, ListAction
from inventory.admin.bulk.row_changes import page_links, page_number
from core.admin.bulk.selection import (ALL, FILTER, IDS, RowSelection, matching_rows, selected_rows, selection_from)
from inventory.admin.bulk.words import changes_in_words, row_in_words
from inventory.models import BulkChange, InventoryConfiguration
from core.operations import preview_snapshots
from core.operations.bulk.apply import (BulkRequest, ChangedSinceShownError, confirm)
from core.operations.bulk.preview import (ROW_ACTIONS, preview)
from core.operations.bulk.rows import (Plan, rows_in)

PAGE_SIZE = 50
# As many rows that changed meanwhile are named.
NAMED = 20


def bulk_page(admin: Any, action: ListAction, request: HttpRequest) -> HttpResponse:
    """Show what the action would do; posted, do what was shown."""
    if not request.user.has_perm(action.permission) or not admin.has_view_permission(request):
        raise PermissionDenied
    selection = selection_from(request.GET)
    try:
        rows = selected_rows(admin, request, selection)
        matching_count = matching_rows(admin, request, selection).count()
    except IncorrectLookupParameters:
        return _back(admin, request, gettext("The filter is not understood."))
    if not selection.takes_all and not selection.ids:
        return _back(admin, request, gettext("Tick rows of the list first."))
    form = form_of(action, request)
    if request.method == "POST":
        if not form.is_complete or fingerprint_of(request) is None:
            return HttpResponseRedirect(request.get_full_path())
        bulk = posted_request(request, action.code, form.keys(rows), form.values(), form.summary())
        return confirm_as_shown(request, bulk)
    context = {
        **admin.admin_site.each_context(request),
        "title": str(action.label),
        "opts": admin.opts,
        "form": form,
        "media": admin.media + form.media,
        "selection": selection,
        "matching_count": matching_count,
        "names": {"ids": IDS, "filter": FILTER, "all": ALL},
        "list_url": list_address(admin, selection),
    }
    if form.is_complete:
        context |= preview_context(request, action.code, form.keys(rows), form.values())
        context["summary"] = form.summary()
    return TemplateResponse(request, "core/bulk/page.html", context)


def form_of(action: ListAction, request: HttpRequest) -> BulkForm:
    """Return the form as it was sent; one that asks for nothing is complete at once."""
    is_sent = "asked" in request.GET or not action.form.base_fields
    return action.form(request.GET if is_sent else None, label_suffix="")


def list_address(admin: Any, selection: RowSelection) -> str:
    """Return the address of the list as it was filtered."""
    address = reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist")
    return f"{address}?{selection.filter}" if selection.filter else address


def preview_context(
    request: HttpRequest, action: str, keys: Sequence[int], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the plan of an action: its counts, and the rows of one page."""
    planned = preview(action, keys, values, page=page_number(request), page_size=PAGE_SIZE)
    limit = InventoryConfiguration.load().in_force("bulk_batch_size")
    return {
        "planned": planned,
        "snapshot": preview_snapshots.keep(planned.plans, now=timezone.now()),
        "rows": [row_in_words(row) for row in planned.rows],
        **page_links(request, planned.page, planned.page_count),
        "by_worker": planned.tally.total_count > limit,
    }


def fingerprint_of(request: HttpRequest) -> int | None:
    """Return the fingerprint of the plan that was shown, if one was sent."""
    text = request.POST.get("fingerprint", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 21 else None


def posted_request(
    request: HttpRequest, action: str, keys: Sequence[int], values: Mapping[str, Any], summary: str
) -> BulkRequest:
    """Return the bulk change that was confirmed; without a fingerprint, that of no plan."""
    fingerprint = fingerprint_of(request)
    return BulkRequest(
        action=action,
        keys=tuple(keys),
        values=values,
        summary=summary,
        fingerprint=-1 if fingerprint is None else fingerprint,
        snapshot=request.POST.get("snapshot", ""),
    )


def confirm_as_shown(request: HttpRequest, bulk: BulkRequest) -> HttpResponse:
    """Make the change that was shown, and lead to its result."""
    try:
        change = confirm(bulk, by_id=request.user.pk, now=timezone.now())
    except ChangedSinceShownError as error:
        return review_again(request, bulk, error.shown)
    return HttpResponseRedirect(page_of_change(change))


def review_again(request: HttpRequest, bulk: BulkRequest, shown: Mapping[int, str]) -> HttpResponse:
    """Lead back to the preview: rows have changed since they were ``shown``."""
    messages.warning(request, changed_in_words(bulk.action, bulk.values, shown))
    return HttpResponseRedirect(request.get_full_path())


def changed_in_words(action: str, values: Mapping[str, Any], shown: Mapping[int, str]) -> str:
    """Return the message about rows that changed after they were ``shown``, naming the first."""
    if not shown:
        return gettext(
            "Some rows were changed after this page was opened. Nothing was done. "
            "Review them again."
        )
    subject = ROW_ACTIONS[action]
    keys = list(shown)[:NAMED]
    plans = {key: Plan() for key in keys}
    for row in subject.plan(keys, subject.read(values)):
        plans[row.key].add(row)
    names = [
        name
        for key in keys
        for name in changes_in_words(rows_in(shown[key]), rows_in(plans[key].as_text()))
    ]
    return ngettext(
        "%(count)s row was changed after this page was opened: %(names)s. Nothing was done. "
        "Review it again.",
        "%(count)s rows were changed after this page was opened: %(names)s. Nothing was done. "
        "Review them again.",
        len(shown),
    ) % {"count": len(shown), "names": ", ".join([*names, *["…"][: len(shown) > NAMED]])}


def page_of_change(change: BulkChange) -> str:
    """Return where to watch a change; once it is made, where to see what came of it."""
    if change.job is not None and not change.job.is_finished:
        return reverse("admin:core_job_progress", args=[change.job.pk])
    return reverse("admin:inventory_bulkchange_change", args=[change.pk])


def _back(admin: Any, request: HttpRequest, message: str) -> HttpResponse:
    admin.message_user(request, message, messages.ERROR)
    address = reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist")
    return HttpResponseRedirect(address)

"""The page of a bulk action: what it asks, what it would do to each row, and the button."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from inventory.admin.bulk.actions import BulkForm, ListAction
from inventory.admin.bulk.selection import (
    ALL,
    FILTER,
    IDS,
    RowSelection,
    chosen_rows,
    narrowed,
    selection_from,
)
from inventory.admin.bulk.touched import page_links, page_number
from inventory.admin.bulk.words import changes_in_words, row_in_words
from inventory.models import BulkChange, InventoryConfiguration
from inventory.operations import preview_snapshots
from inventory.operations.bulk.apply import ChangedSinceShownError, Confirmed, confirm
from inventory.operations.bulk.preview import BULK_ACTIONS, preview
from inventory.operations.bulk.rows import Plan, rows_in
from inventory.resolution import resolve

PAGE_SIZE = 50
# As many rows that changed meanwhile are named.
NAMED = 20


def bulk_page(admin: Any, offered: ListAction, request: HttpRequest) -> HttpResponse:
    """Show what the action would do; posted, do what was shown."""
    if not request.user.has_perm(offered.permission) or not admin.has_view_permission(request):
        raise PermissionDenied
    selection = selection_from(request.GET)
    try:
        rows = chosen_rows(admin, request, selection)
        matching_count = narrowed(admin, request, selection).count()
    except IncorrectLookupParameters:
        return _back(admin, request, gettext("The filter is not understood."))
    if not selection.takes_all and not selection.ids:
        return _back(admin, request, gettext("Tick rows of the list first."))
    form = form_of(offered, request)
    if request.method == "POST":
        return _confirmed(admin, request, offered, form, rows)
    context = {
        **admin.admin_site.each_context(request),
        "title": str(offered.label),
        "opts": admin.opts,
        "form": form,
        "media": admin.media + form.media,
        "selection": selection,
        "matching_count": matching_count,
        "names": {"ids": IDS, "filter": FILTER, "all": ALL},
        "list_url": list_address(admin, selection),
        **(_shown(request, offered, form, rows) if form.is_complete else {}),
    }
    return TemplateResponse(request, "inventory/bulk/page.html", context)


def form_of(offered: ListAction, request: HttpRequest) -> BulkForm:
    """Return the form as it was sent; one that asks for nothing is complete at once."""
    is_sent = "asked" in request.GET or not offered.form.base_fields
    return offered.form(request.GET if is_sent else None, label_suffix="")


def list_address(admin: Any, selection: RowSelection) -> str:
    """Return the address of the list as it was filtered."""
    address = reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist")
    return f"{address}?{selection.filter}" if selection.filter else address


def _shown(
    request: HttpRequest, offered: ListAction, form: BulkForm, rows: QuerySet[Any]
) -> dict[str, Any]:
    """Return the plan: its counts, and the rows of one page."""
    planned = preview(
        offered.action,
        form.keys(rows),
        form.values(),
        page=page_number(request),
        page_size=PAGE_SIZE,
    )
    limit = resolve(
        "bulk_batch_size", configuration=InventoryConfiguration.load().overrides()
    ).value
    return {
        "planned": planned,
        "snapshot": preview_snapshots.keep(planned.plans, now=timezone.now()),
        "rows": [row_in_words(row) for row in planned.rows],
        "summary": form.summary(),
        **page_links(request, planned.page, planned.page_count),
        "by_worker": planned.tally.total_count > limit,
    }


def _confirmed(
    admin: Any, request: HttpRequest, offered: ListAction, form: BulkForm, rows: QuerySet[Any]
) -> HttpResponse:
    """Make the change that was shown, and lead to what came of it."""
    text = request.POST.get("fingerprint", "")
    if not form.is_complete or not (text.isascii() and text.isdigit() and len(text) < 21):
        return HttpResponseRedirect(request.get_full_path())
    confirmed = Confirmed(
        action=offered.action,
        keys=tuple(form.keys(rows)),
        values=form.values(),
        summary=form.summary(),
        fingerprint=int(text),
        snapshot=request.POST.get("snapshot", ""),
    )
    try:
        change = confirm(confirmed, by_id=request.user.pk, now=timezone.now())
    except ChangedSinceShownError as error:
        told = changed_in_words(offered.action, form.values(), error.shown)
        admin.message_user(request, told, messages.WARNING)
        return HttpResponseRedirect(request.get_full_path())
    return HttpResponseRedirect(page_of_change(change))


def changed_in_words(action: str, values: Mapping[str, Any], shown: Mapping[int, str]) -> str:
    """Return what is said of rows that changed after they were ``shown``, naming the first."""
    if not shown:
        return gettext(
            "Some rows were changed after this page was opened. Nothing was done. "
            "Review them again."
        )
    subject = BULK_ACTIONS[action]
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


def _back(admin: Any, request: HttpRequest, told: str) -> HttpResponse:
    admin.message_user(request, told, messages.ERROR)
    address = reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist")
    return HttpResponseRedirect(address)

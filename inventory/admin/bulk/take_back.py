"""The page that takes imports or bulk changes back, with the rows as they were before."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from core.access_limits import current, seen
from core.admin.bulk.pages import confirmed, page_of_change, preview_context
from core.admin.page_numbers import part_of
from core.admin.pages import answer, csv_file
from core.clock import today
from core.models import BulkChange
from core.operations.bulk.apply import BulkRequest
from inventory.admin.bulk.actions import ON_ITEMS, ON_PRODUCTS, TAKE_BACK
from inventory.admin.file_access import may_import
from inventory.files.former_rows import FORMAT_OF_ACTION, FORMATS_BEFORE, lines_before
from inventory.models import ImportFile
from inventory.operations.bulk import take_back
from inventory.operations.bulk.actions import Action
from inventory.queries.row_changes import changed_keys, ids_by_model

KEPT = timedelta(days=90)
PERMISSIONS = {action.code: action.permission for action in (*ON_PRODUCTS, *ON_ITEMS)}
Change = BulkChange | ImportFile
SHOWN_SHIPMENTS = 50


def origin_of(change: Change) -> Change:
    """Return what was taken back first, if the change takes something back; else itself."""
    while isinstance(change, BulkChange) and change.action == Action.TAKE_BACK:
        if "import_file" in change.values:
            files = ImportFile.objects.without_texts()
            return files.get(pk=change.values["import_file"])
        change = BulkChange.objects.defer("row_ids").get(pk=change.values["bulk_change"])
    return change


def may_take_back(request: HttpRequest, change: Change) -> bool:
    """Whether the user may make such a change, and so may take it back."""
    origin = origin_of(change)
    if isinstance(origin, ImportFile):
        may_make = may_import(request, origin.format, origin.behavior)
    else:
        permission = PERMISSIONS.get(origin.action)
        may_make = permission is not None and request.user.has_perm(permission)
    return may_make and is_seen(change)


def is_kept(change: Change) -> bool:
    """Whether the change was made, and so lately that it can be taken back."""
    if isinstance(change, ImportFile):
        made_at = change.written_at
        is_made = change.format in FORMATS_BEFORE and change.context_id is not None
    else:
        is_busy = change.job is not None and not change.job.is_finished
        is_made = bool(change.entry_ids) and not is_busy
        made_at = change.created_at
    return is_made and made_at is not None and made_at >= timezone.now() - KEPT


def is_seen(change: Change) -> bool:
    """Whether the person may see every row of a change: one that was made before the limits of the
    person may have others. Rows that are gone are seen by people without limits alone."""
    if current() is None:
        return True
    entry_ids = take_back.read(take_back.values_of(origin_of(change), today=today())).entry_ids
    return all(
        seen(model._base_manager.filter(pk__in=ids)).count() == len(ids)
        for model, ids in ids_by_model(changed_keys(entry_ids)).items()
    )


def is_reversible(change: Change) -> bool:
    """Whether it can be taken back: a transfer that was moved back is repeated instead."""
    origin = origin_of(change)
    is_moved = isinstance(origin, BulkChange) and origin.action == Action.TRANSFER
    return is_kept(change) and (origin == change or not is_moved)


def reversal_links(request: HttpRequest, change: Change) -> dict[str, str]:
    """Return the addresses of what can be done with the change now, for its page."""
    if not may_take_back(request, change):
        return {}
    name = _stem(change)
    found = {}
    if is_kept(change) and not take_back.is_sent(origin_of(change)):
        found["as_it_was_url"] = reverse(f"{name}_as_it_was", args=[change.pk])
    if is_reversible(change):
        found["take_back_url"] = reverse(f"{name}_take_back", args=[change.pk])
    return found


def former_rows(request: HttpRequest, change: Change) -> HttpResponseBase:
    """Answer with all rows of the change as they were before it, as a file to bring in."""
    if not may_take_back(request, change):
        raise PermissionDenied
    if not is_kept(change):
        return _back(request, change, gettext("This file is no longer available."))
    origin = origin_of(change)
    if take_back.is_sent(origin):
        # The units are on their way: imported, the former rows would have them twice.
        return _back(request, change, gettext("Units were sent. Take the change back instead."))
    code = origin.format if isinstance(origin, ImportFile) else FORMAT_OF_ACTION[origin.action]
    entry_ids = take_back.read(take_back.values_of(change, today=today())).entry_ids
    name = f"{code.lower()}-before-{change.pk}.csv"
    return csv_file(lines_before(code, entry_ids), name)


def take_back_page(admin: Any, request: HttpRequest, change: Change) -> HttpResponse:
    """Show what taking the change back would do to each row; posted, do what was shown."""
    if not may_take_back(request, change):
        raise PermissionDenied
    if not is_reversible(change):
        return _back(request, change, gettext("This change can no longer be taken back."))
    values = take_back.values_of(change, today=today())
    entries = take_back.read(values)
    keys = take_back.keys_of(entries)
    hit = take_back.affected_shipments(keys, entries)
    digest = sha256(",".join(hit).encode()).hexdigest()
    if request.method == "POST":
        summary = gettext("Taken back: %(change)s") % {"change": change}
        snapshot = request.POST.get("snapshot", "")
        # Without its snapshot it is no longer what was shown.
        shown = snapshot if request.POST.get("hit") == digest else ""
        bulk = BulkRequest(Action.TAKE_BACK, tuple(keys), values, summary, shown)
        done = confirmed(request, TAKE_BACK, bulk, lambda _request, made: _to_change(made))
        return done or HttpResponseRedirect(request.get_full_path())
    shown_hit, hit_pages = part_of(request, "shipments", hit, size=SHOWN_SHIPMENTS)
    context = {
        "back_url": page_of(change),
        "original": change,
        **preview_context(request, TAKE_BACK, keys, values),
        "summary": gettext("Preview"),
        "hit": shown_hit,
        "hit_pages": hit_pages,
        "hit_digest": digest,
    }
    title = gettext("Take back: %(change)s") % {"change": change}
    return answer(admin, request, "inventory/bulk/take_back.html", title, context)


def page_of(change: Change) -> str:
    """Return the page of an import or a bulk change."""
    return reverse(f"{_stem(change)}_change", args=[change.pk])


def _stem(change: Change) -> str:
    return f"admin:{change._meta.app_label}_{change._meta.model_name}"


def _to_change(change: BulkChange) -> HttpResponse:
    return HttpResponseRedirect(page_of_change(change))


def _back(request: HttpRequest, change: Change, message: str) -> HttpResponse:
    messages.error(request, message)
    return HttpResponseRedirect(page_of(change))

"""Bulk changes: what was done to many rows at once, as one entry with its rows."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.job_pages import show_result
from core.admin.theme import ChoicesDropdownFilter, LogAdmin
from core.models import Job
from inventory.admin.bulk.row_changes import PAGE_SIZE, changes_page, page_links, page_number
from inventory.admin.bulk.take_back import former_rows, reversal_links, take_back_page
from inventory.admin.bulk.words import row_in_words, typed
from inventory.models import BulkChange, BulkRefusal
from core.operations.bulk.apply import KIND
from core.operations.bulk.rows import (BulkRow, RowRefusal, Shift)

REFUSED_PAGE = "refused"


@admin.register(BulkChange)
class BulkChangeAdmin(LogAdmin):
    list_display = (
        "summary",
        "action",
        "changed_count",
        "unchanged_count",
        "refused_count",
        "made_by",
        "created_at",
    )
    list_filter = (("action", ChoicesDropdownFilter),)
    list_select_related = ("made_by",)
    search_fields = ("summary", "made_by__username")
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/take-back/",
                wrap(self.take_back_view),
                name="inventory_bulkchange_take_back",
            ),
            path(
                "<int:pk>/as-it-was/",
                wrap(self.as_it_was_view),
                name="inventory_bulkchange_as_it_was",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkChange]:
        return super().get_queryset(request).defer("row_ids", "row_digests")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what came of it: counts, what was refused, and every value that changed."""
        if request.method == "POST":
            raise PermissionDenied
        change = self.get_object(request, object_id)
        if change is None:
            raise Http404
        if not self.has_view_permission(request, change):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": change.summary,
            "opts": self.opts,
            "has_change_permission": False,
            "change": change,
            "sentence": state_in_words(change),
            **refused_page(request, change),
            "job_url": change.job_id and reverse("admin:core_job_progress", args=[change.job_id]),
            **changes_page(request, change.entry_ids),
            **reversal_links(request, change),
        }
        return TemplateResponse(request, "inventory/bulk/change.html", context)

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what taking the change back would do, and do it once it is confirmed."""
        return take_back_page(self, request, self._change(request, pk))

    def as_it_was_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer with the rows as they were before the change, as a file."""
        return former_rows(request, self._change(request, pk))

    def _change(self, request: HttpRequest, pk: int) -> BulkChange:
        change: BulkChange | None = self.get_object(request, str(pk))
        if change is None:
            raise Http404
        if not self.has_view_permission(request, change):
            raise PermissionDenied
        return change


def state_in_words(change: BulkChange) -> str:
    """Return whether all of it is done."""
    if change.is_finished:
        return gettext("All of it is done.")
    counts = {"done": change.position, "chosen": change.chosen_count}
    if change.job is not None and not change.job.is_finished:
        return gettext("A worker is at it: %(done)d of %(chosen)d are done.") % counts
    sentence = gettext("It stopped after %(done)d of %(chosen)d; what was done stays.")
    return sentence % counts


def refused_page(request: HttpRequest, change: BulkChange) -> dict[str, Any]:
    """Return a page of the rows that were refused, each with what it shows and the reason."""
    count = change.refusals.count()
    page_count = max(1, -(-count // PAGE_SIZE))
    page = min(page_number(request, REFUSED_PAGE), page_count)
    found = change.refusals.order_by("pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return {
        "refusals": [refusal_as_row(refusal) for refusal in found],
        "refused_pages": page_links(request, page, page_count, REFUSED_PAGE),
    }


def refusal_as_row(refusal: BulkRefusal) -> dict[str, Any]:
    """Return a refused row as the preview of a change shows it."""
    shifts = tuple(
        Shift(shift["name"], *(typed(shift["name"], shift[side]) for side in ("before", "after")))
        for shift in refusal.shifts
    )
    why = RowRefusal(refusal.message, refusal.values)
    return row_in_words(BulkRow(0, refusal.sku, refusal.source, shifts, why))


def page_of_job(job: Job) -> str:
    """Return the page of the change that a job makes."""
    return reverse("admin:inventory_bulkchange_change", args=[job.parameters["bulk_change"]])


show_result(KIND, _("See what came of it"), page_of_job)

"""Bulk changes: what was done to many rows at once, as one entry with its rows."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.admin.bulk.words import refusal_in_words
from inventory.admin.history import entry, related_values
from inventory.admin.job_pages import show_result
from inventory.admin.theme import ChoicesDropdownFilter, LogAdmin
from inventory.models import BulkChange, Job, Product, SourceItem
from inventory.operations.bulk.apply import KIND
from inventory.queries.history_entries import changes_in_entry, count_in_entry

SHOWN_CHANGES = 200
SHOWN_REFUSALS = 100
CHANGED_MODELS = (Product, SourceItem)


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

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkChange]:
        return super().get_queryset(request).defer("row_ids")

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
            "refusals": refusals_in_words(change),
            "job_url": change.job_id
            and reverse("admin:inventory_job_progress", args=[change.job_id]),
            **changes_of(change),
        }
        return TemplateResponse(request, "inventory/bulk/change.html", context)


def state_in_words(change: BulkChange) -> str:
    """Return whether all of it is done."""
    if change.is_finished:
        return gettext("All of it is done.")
    counts = {"done": change.position, "chosen": change.chosen_count}
    if change.job is not None and not change.job.is_finished:
        return gettext("A worker is at it: %(done)d of %(chosen)d are done.") % counts
    told = gettext("It stopped after %(done)d of %(chosen)d; what was done stays.")
    return told % counts


def refusals_in_words(change: BulkChange) -> list[dict[str, str]]:
    """Return the first rows that were refused, each with the reason."""
    return [
        {
            "sku": refusal["sku"],
            "source": refusal["source"],
            "sentence": refusal_in_words(refusal["message"], refusal["values"]),
        }
        for refusal in change.refusals[:SHOWN_REFUSALS]
    ]


def changes_of(change: BulkChange) -> dict[str, Any]:
    """Return the values that changed, of the entries of history that it is."""
    entries: list[dict[str, Any]] = []
    count = 0
    for model in CHANGED_MODELS:
        for entry_id in change.entry_ids:
            changes = changes_in_entry(model, entry_id, limit=SHOWN_CHANGES)
            names = names_of(model, [found.row_id for found in changes])
            values = related_values(changes)
            for found in changes:
                name = names.get(found.row_id, f"#{found.row_id}")
                entries.append({**entry(found, values), "row": name})
            count += count_in_entry(model, entry_id)
    return {"entries": entries[:SHOWN_CHANGES], "entry_count": count}


def names_of(model: Any, ids: list[int]) -> dict[int, str]:
    """Return what rows are called, by key, also of source items that are gone."""
    if model is not SourceItem:
        return {row.pk: str(row) for row in model.objects.filter(pk__in=ids)}
    events = SourceItem._meta.get_field("events").related_model.objects
    known = events.filter(pgh_obj_id__in=ids).order_by("pgh_obj_id").distinct("pgh_obj_id")
    places = known.values_list("pgh_obj_id", "product__sku", "source__code")
    return {key: f"{sku} @ {source}" for key, sku, source in places}


def page_of_job(job: Job) -> str:
    """Return the page of the change that a job makes."""
    return reverse("admin:inventory_bulkchange_change", args=[job.parameters["bulk_change"]])


show_result(KIND, _("See what came of it"), page_of_job)

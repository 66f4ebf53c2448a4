"""Bulk changes: what was done to many rows at once, as one entry with its rows."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.bulk.actions import ACTIONS
from core.admin.bulk.words import row_in_words
from core.admin.jobs import show_result
from core.admin.lists import ColumnFilter
from core.admin.page_numbers import part_of
from core.admin.pages import AdminPage, answer, found_row
from core.admin.theme import RecordAdmin, display, whole_column
from core.models import BulkChange, BulkRefusal, Job
from core.operations.bulk.apply import KIND
from core.operations.bulk.row_plans import BulkRow, Shift
from core.text import Sentence
from inventory.admin.bulk.row_changes import PAGE_SIZE, changes_page
from inventory.admin.bulk.take_back import former_rows, reversal_links, take_back_page

REFUSED_PAGE = "refused"


class ActionFilter(ColumnFilter):
    """By the action."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, action.label) for code, action in ACTIONS.items()]


@admin.register(BulkChange)
class BulkChangeAdmin(RecordAdmin):
    list_display = (
        "summary",
        "kind",
        "changed",
        "unchanged",
        "refused",
        "made_by",
        "created_at",
    )
    list_filter = (ActionFilter,)
    list_select_related = ("made_by",)
    search_fields = ("summary", "made_by__username")
    ordering = ("-pk",)

    changed = whole_column("changed_count", _("rows changed"))
    unchanged = whole_column("unchanged_count", _("rows unchanged"))
    refused = whole_column("refused_count", _("rows refused"))

    @display(description=_("action"), ordering="action")
    def kind(self, change: BulkChange) -> str:
        return str(ACTIONS[change.action].label)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkChange]:
        return super().get_queryset(request).defer("row_ids")

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show what came of it: counts, what was refused, and every value that changed."""
        change = found_row(self, request, key)
        context = {
            "has_change_permission": False,
            "change": change,
            "action": ACTIONS[change.action],
            "sentence": state_in_words(change),
            **refused_page(request, change),
            "job_url": change.job_id and reverse("admin:core_job_progress", args=[change.job_id]),
            **changes_page(request, change.entry_ids),
            **reversal_links(request, change),
        }
        return answer(self, request, "inventory/bulk/change.html", change.summary, context)

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what taking the change back would do, and do it once it is confirmed."""
        return take_back_page(self, request, found_row(self, request, pk))

    def as_it_was_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer with the rows as they were before the change, as a file."""
        return former_rows(request, found_row(self, request, pk))

    pages = (
        AdminPage("<int:pk>/take-back/", take_back_view, "core_bulkchange_take_back"),
        AdminPage("<int:pk>/as-it-was/", as_it_was_view, "core_bulkchange_as_it_was"),
    )


def state_in_words(change: BulkChange) -> str:
    """Return whether all of it is done."""
    if change.is_finished:
        return gettext("All rows are done.")
    counts = {"done": change.position, "chosen": change.chosen_count}
    if change.job is not None and not change.job.is_finished:
        return gettext("In progress: %(done)d of %(chosen)d done.") % counts
    sentence = gettext("It stopped after %(done)d of %(chosen)d rows. The finished rows stay.")
    return sentence % counts


def refused_page(request: HttpRequest, change: BulkChange) -> dict[str, Any]:
    """Return a page of the rows that were refused, each with what it shows and the reason."""
    found = change.refusals.order_by("pk")
    count = change.refused_count
    refusals, pages = part_of(request, REFUSED_PAGE, found, size=PAGE_SIZE, count=count)
    words = ACTIONS[change.action].words
    rows = [row_in_words(refused_row(refusal), words) for refusal in refusals]
    return {"refusals": rows, "refused_pages": pages}


def refused_row(refusal: BulkRefusal) -> BulkRow:
    """Return a refused row as it was planned."""
    shifts = tuple(Shift(**shift) for shift in refusal.shifts)
    why = Sentence(refusal.message, refusal.values)
    return BulkRow(0, tuple(refusal.names), shifts, why)


def page_of_job(job: Job) -> str:
    """Return the page of the change that a job makes."""
    return reverse("admin:core_bulkchange_change", args=[job.parameters["bulk_change"]])


def outcome_of_job(job: Job) -> list[str]:
    """Return what came of the change that a job makes, as its action says it."""
    change = BulkChange.objects.defer("row_ids").get(pk=job.parameters["bulk_change"])
    outcome = ACTIONS[change.action].outcome
    return [] if outcome is None else outcome(change)


show_result(KIND, _("Show the results"), page_of_job, outcome_of_job)

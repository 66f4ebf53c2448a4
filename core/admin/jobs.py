"""Background jobs, as a person watches them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin.bases import AnyPage
from core.admin.lists import ColumnFilter
from core.admin.pages import AdminPage, answer
from core.admin.theme import ChoicesDropdownFilter, RecordAdmin, choice_column, display
from core.formats import fixed, whole
from core.models import Job
from core.name_order import in_name_order
from core.operations import jobs

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class ResultPage:
    """The page of what a kind of job is about, and what the job came to, in sentences."""

    label: str | Promise
    address: Callable[[Job], str]
    sentences: Callable[[Job], list[str]] | None


_pages: dict[str, ResultPage] = {}


def show_result(
    kind: str,
    label: str | Promise,
    address: Callable[[Job], str],
    sentences: Callable[[Job], list[str]] | None = None,
) -> None:
    """Link the page of each job of ``kind`` to the one at ``address``; called as admins load.

    ``sentences`` tell on the job's page what it came to: they read its result, which may be of a
    part of it.
    """
    _pages[kind] = ResultPage(label, address, sentences)


def result_link(job: Job) -> dict[str, str] | None:
    """Return the link from the job to what it is about, if there is a page of it."""
    page = _pages.get(job.kind)
    return None if page is None else {"label": str(page.label), "url": page.address(job)}


def results_in_words(job: Job) -> list[str]:
    """Return the results of a finished job, a sentence each; none if its kind has none."""
    page = _pages.get(job.kind)
    return page.sentences(job) if page and page.sentences and job.is_finished else []


def state_in_words(job: Job) -> str:
    """Return one sentence on where the job stands."""
    counts = {"done": whole(job.done_count), "total": whole(job.total_count)}
    match job.state:
        case Job.State.QUEUED:
            return gettext("A worker starts it soon.")
        case Job.State.RUNNING if job.is_cancel_requested:
            return gettext("It stops soon. %(done)s of %(total)s rows are done.") % counts
        case Job.State.RUNNING:
            return gettext("%(done)s of %(total)s rows are done.") % counts
        case Job.State.COMPLETED:
            return gettext("All %(total)s rows are done.") % counts
        case Job.State.SKIPPED:
            return gettext("It was skipped.")
        case Job.State.CANCELED:
            return gettext("It was stopped after %(done)s of %(total)s rows.") % counts
        case _:
            return gettext("It failed after %(done)s of %(total)s rows.") % counts


def pace_in_words(job: Job) -> str:
    """Return how fast it goes and how long it takes still; empty when nobody can tell."""
    pace = job.rows_per_second
    if pace is None:
        return ""
    words = gettext("%(count)s rows per second.") % {"count": rounded(pace)}
    seconds = job.seconds_left
    return words if seconds is None else f"{words} {left_in_words(seconds)}"


def rounded(pace: Decimal) -> str:
    """Return a pace as people read it: whole from ten up, one decimal below."""
    return fixed(pace, 0 if pace >= 10 else 1)


def left_in_words(seconds: int) -> str:
    if seconds < MINUTE:
        return gettext("Less than a minute left.")
    if seconds < HOUR:
        minutes = round(seconds / MINUTE)
        text = ngettext("About %(count)d minute left.", "About %(count)d minutes left.", minutes)
        return text % {"count": minutes}
    hours = round(seconds / HOUR)
    text = ngettext("About %(count)d hour left.", "About %(count)d hours left.", hours)
    return text % {"count": hours}


class JobLogAdmin(RecordAdmin):
    """A list of jobs, or of records that have one."""

    state_label = choice_column(
        "state",
        _("state"),
        {
            "QUEUED": "info",
            "RUNNING": "info",
            "COMPLETED": "success",
            "FAILED": "danger",
            "CANCELED": "warning",
            "SKIPPED": "warning",
        },
    )


class KindFilter(ColumnFilter):
    title = _("job")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return in_name_order((kind, str(label)) for kind, label in jobs.labels().items())


def progress_page(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the job is; scripts renew it, and so does loading the page again."""
    job = get_object_or_404(Job, pk=pk)
    results = results_in_words(job)
    # The results say more than that all rows are done.
    has_results = job.state == Job.State.COMPLETED and results
    context = {
        "has_change_permission": False,
        "job": job,
        "sentence": results[0] if has_results else state_in_words(job),
        "results": results[1:] if has_results else results,
        "pace": pace_in_words(job),
        "message": gettext(job.message) if job.message else "",
        "may_cancel": may_cancel(request, job),
        "link": result_link(job),
    }
    return answer(admin, request, "core/jobs/progress.html", str(jobs.label_of(job.kind)), context)


def figures(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with what changes on the page while the job runs."""
    job = get_object_or_404(Job, pk=pk)
    values = {
        "percentage": job.percentage,
        "sentence": state_in_words(job),
        "pace": pace_in_words(job),
        "state": job.state,
        "state_label": job.get_state_display(),
        "is_finished": job.is_finished,
    }
    return JsonResponse(values)


def cancel(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the job to stop."""
    job = get_object_or_404(Job, pk=pk)
    if not may_cancel(request, job):
        raise PermissionDenied
    jobs.request_cancel(job_id=job.pk)
    stopping = gettext("Stopping: %(job)s.")
    messages.success(request, stopping % {"job": jobs.label_of(job.kind)})
    return redirect("admin:core_job_progress", job.pk)


def may_cancel(request: HttpRequest, job: Job) -> bool:
    """Whoever started a job may stop it, and those who run the back office."""
    is_own = job.started_by_id is not None and job.started_by_id == request.user.pk
    return is_own or request.user.has_perm("core.change_job")


@admin.register(Job)
class JobAdmin(JobLogAdmin):
    list_display = ("title", "state_label", "progress", "started_by", "created_at", "finished_at")
    list_filter = (KindFilter, ("state", ChoicesDropdownFilter))
    list_select_related = ("started_by",)
    search_fields = ("kind", "started_by__username")
    ordering = ("-pk",)
    pages = (
        AdminPage("<int:pk>/progress/", progress_page, "core_job_progress"),
        AdminPage("<int:pk>/progress.json", figures, "core_job_figures"),
        AdminPage("<int:pk>/cancel/", cancel, "core_job_cancel", "POST"),
    )

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        return progress_page(self, request, key)

    @display(description=_("job"), ordering="kind")
    def title(self, job: Job) -> str:
        return str(jobs.label_of(job.kind))

    @display(description=_("done"))
    def progress(self, job: Job) -> str:
        return f"{job.percentage} %"

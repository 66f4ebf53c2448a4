"""Background jobs: the list, and the page on which a person watches one."""

from operator import itemgetter
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.bases import AnyPage
from core.admin.job_pages import result_link, told_of
from core.admin.job_words import pace_in_words, state_in_words
from core.admin.lists import ColumnFilter
from core.admin.pages import AdminPage, answer
from core.admin.theme import ChoicesDropdownFilter, RecordAdmin, choice_column, display
from core.models import Job
from core.operations import jobs


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
        labels = [(kind, str(label)) for kind, label in jobs.labels().items()]
        return sorted(labels, key=itemgetter(1))


def progress_page(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the job is; scripts renew it, and so does loading the page again."""
    job = get_object_or_404(Job, pk=pk)
    told = told_of(job)
    # What came of the rows says more than that they are done.
    is_told = job.state == Job.State.COMPLETED and told
    context = {
        "has_change_permission": False,
        "job": job,
        "sentence": told[0] if is_told else state_in_words(job),
        "told": told[1:] if is_told else told,
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
    messages.info(request, gettext("The job was asked to stop."))
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

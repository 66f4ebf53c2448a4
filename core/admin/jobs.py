"""Background jobs: the list, and the page on which a person watches one."""

from operator import itemgetter
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.admin.job_pages import result_link, told_of
from core.admin.job_words import pace_in_words, state_in_words
from core.admin.pages import RecordAdmin, answer
from core.admin.theme import ChoicesDropdownFilter, DropdownFilter, choice_column, display
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


class KindFilter(DropdownFilter):
    title = _("job")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        labels = [(kind, str(label)) for kind, label in jobs.labels().items()]
        return sorted(labels, key=itemgetter(1))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(JobLogAdmin):
    list_display = ("title", "state_label", "progress", "started_by", "created_at", "finished_at")
    list_filter = (KindFilter, ("state", ChoicesDropdownFilter))
    list_select_related = ("started_by",)
    search_fields = ("kind", "started_by__username")
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/progress/", wrap(self.progress_view), name="core_job_progress"),
            path("<int:pk>/progress.json", wrap(self.figures_view), name="core_job_figures"),
            path(
                "<int:pk>/cancel/",
                wrap(require_POST(self.cancel_view)),
                name="core_job_cancel",
            ),
            *super().get_urls(),
        ]

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        return self.progress_view(request, key)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how far the job is; scripts renew it, and so does loading the page again."""
        job = self._job(request, pk)
        told = told_of(job)
        # What came of the rows says more than that they are done.
        is_told = job.state == Job.State.COMPLETED and told
        context = {
            "opts": self.opts,
            "has_change_permission": False,
            "job": job,
            "sentence": told[0] if is_told else state_in_words(job),
            "told": told[1:] if is_told else told,
            "pace": pace_in_words(job),
            "message": gettext(job.message) if job.message else "",
            "may_cancel": may_cancel(request, job),
            "link": result_link(job),
        }
        return answer(self, request, "core/jobs/progress.html", self.title(job), context)

    def figures_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with what changes on the page while the job runs."""
        job = self._job(request, pk)
        figures = {
            "percentage": job.percentage,
            "sentence": state_in_words(job),
            "pace": pace_in_words(job),
            "state": job.state,
            "state_label": job.get_state_display(),
            "is_finished": job.is_finished,
        }
        return JsonResponse(figures)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the job to stop."""
        job = self._job(request, pk)
        if not may_cancel(request, job):
            raise PermissionDenied
        jobs.request_cancel(job_id=job.pk)
        self.message_user(request, gettext("The job was asked to stop."), messages.INFO)
        return HttpResponseRedirect(reverse("admin:core_job_progress", args=[job.pk]))

    @display(description=_("job"), ordering="kind")
    def title(self, job: Job) -> str:
        return str(jobs.label_of(job.kind))

    @display(description=_("done"))
    def progress(self, job: Job) -> str:
        return f"{job.percentage} %"

    def _job(self, request: HttpRequest, pk: int) -> Job:
        job: Job | None = self.get_object(request, str(pk))
        if job is None:
            raise Http404
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        return job


def may_cancel(request: HttpRequest, job: Job) -> bool:
    """Whoever started a job may stop it, and those who run the back office."""
    is_own = job.started_by_id is not None and job.started_by_id == request.user.pk
    return is_own or request.user.has_perm("core.change_job")

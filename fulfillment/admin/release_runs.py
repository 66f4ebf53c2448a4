"""Release runs: a log of every pass of the engine; each has a page of its own."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _

from core.admin.job_pages import show_result
from core.admin.jobs import JobLogAdmin
from core.admin.pages import AdminPage, page_paths
from core.admin.theme import ChoicesDropdownFilter, RangeDateFilter
from core.models import Job
from fulfillment.admin.board import comparison
from fulfillment.admin.board import page as board
from fulfillment.admin.runs import application, page
from fulfillment.models import ReleaseRun
from fulfillment.release.runs.record import KIND

BOARD, COMPARISON = "fulfillment_release_board", "fulfillment_release_comparison"
RUN = "fulfillment_releaserun"
RUNS = "fulfillment.add_releaserun"
PAGES = (
    AdminPage("board/", board.board_page, BOARD, permission="view"),
    AdminPage("board/live/", board.live_part, f"{BOARD}_live", permission="view"),
    AdminPage("board/run/", board.start_run, f"{BOARD}_run", "POST", RUNS),
    AdminPage("board/compare/", comparison.compare, f"{COMPARISON}_start", "POST", RUNS),
    AdminPage("board/comparison/", comparison.comparison_page, COMPARISON, permission="view"),
    AdminPage(
        "board/comparison/part/",
        comparison.comparison_part,
        f"{COMPARISON}_part",
        permission="view",
    ),
    AdminPage("<int:run_id>/cancel/", board.cancel_run, f"{RUN}_cancel", "POST", RUNS),
    AdminPage("<int:run_id>/apply/", application.apply_page, f"{RUN}_apply", permission=RUNS),
    AdminPage("<int:run_id>/standing/", page.standing_part, f"{RUN}_standing"),
    AdminPage("<int:run_id>/decisions.csv", page.decisions_file, f"{RUN}_decisions"),
)


@admin.register(ReleaseRun)
class ReleaseRunAdmin(JobLogAdmin):
    list_display = (
        "__str__",
        "standing",
        "trigger",
        "is_dry_run",
        "created_at",
        "released_count",
        "waiting_count",
        "failed_count",
        "started_by",
    )
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("trigger", ChoicesDropdownFilter),
        "is_dry_run",
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("started_by",)
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        return [*page_paths(self, PAGES), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the run on a page of its own: it is a record, not a form."""
        if request.method == "POST":
            raise PermissionDenied
        return page.run_page(self, request, object_id)


def _page_of_job(job: Job) -> str:
    return reverse("admin:fulfillment_releaserun_change", args=[job.pk])


def _told(job: Job) -> list[str]:
    """Return what there is to say of a run that is over."""
    sentence = ReleaseRun.objects.get(pk=job.pk).sentence
    return [sentence] if sentence else []


show_result(KIND, _("Show the release run"), _page_of_job, _told)

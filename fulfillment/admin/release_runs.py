"""Release runs: a log of every pass of the engine; each has a page of its own."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin.jobs import JobLogAdmin, show_result
from core.admin.lists import RangeDateFilter
from core.admin.pages import AdminPage
from core.admin.theme import ChoicesDropdownFilter, whole_column
from core.models import Job
from fulfillment.admin.board import comparison
from fulfillment.admin.board import page as board
from fulfillment.admin.runs import page
from fulfillment.models import ReleaseRun
from fulfillment.release.runs.record import KIND

BOARD, COMPARISON = "fulfillment_release_board", "fulfillment_release_comparison"
RUN, RUNS = "fulfillment_releaserun", "fulfillment.add_releaserun"
PAGES = (
    AdminPage("board/", board.board_page, BOARD),
    AdminPage("board/live/", board.live_part, f"{BOARD}_live"),
    AdminPage("board/run/", board.start_run, f"{BOARD}_run", "POST", RUNS),
    AdminPage("board/compare/", comparison.compare, f"{COMPARISON}_start", "POST", RUNS),
    AdminPage("board/comparison/", comparison.comparison_page, COMPARISON),
    AdminPage("board/comparison/part/", comparison.comparison_part, f"{COMPARISON}_part"),
    AdminPage("<int:run_id>/cancel/", board.cancel_run, f"{RUN}_cancel", "POST", RUNS),
    AdminPage("<int:run_id>/apply/", page.apply_page, f"{RUN}_apply", permission=RUNS),
    AdminPage("<int:run_id>/progress/", page.progress_part, f"{RUN}_progress"),
    AdminPage("<int:run_id>/decisions.csv", page.decisions_file, f"{RUN}_decisions"),
)


@admin.register(ReleaseRun)
class ReleaseRunAdmin(JobLogAdmin):
    pages = PAGES
    list_display = (
        "__str__",
        "state_label",
        "trigger",
        "is_dry_run",
        "created_at",
        "released",
        "waiting",
        "failed",
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

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        return page.run_page(self, request, key)

    released = whole_column("released_count", _("released"))
    waiting = whole_column("waiting_count", _("waiting"))
    failed = whole_column("failed_count", _("failed"))


def _page_of_job(job: Job) -> str:
    return reverse("admin:fulfillment_releaserun_change", args=[job.pk])


def _sentences(job: Job) -> list[str]:
    """Return the sentence of a run that is over, if it has one."""
    sentence = ReleaseRun.objects.get(pk=job.pk).sentence
    return [sentence] if sentence else []


show_result(KIND, _("Show the release run"), _page_of_job, _sentences)

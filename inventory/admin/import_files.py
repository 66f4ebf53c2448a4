"""Imports: what came in as a file, what it would do, what it did."""

from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.jobs import show_result
from core.admin.pages import AdminPage, answer, csv_file, found_row
from core.admin.theme import ChoicesDropdownFilter, RecordAdmin, choice_column, whole_column
from core.clock import today
from core.models import Job
from inventory.admin.bulk.row_changes import changes_page
from inventory.admin.bulk.take_back import former_rows, reversal_links, take_back_page
from inventory.admin.file_access import importable_by, may_import, page_to_watch, visible_files
from inventory.admin.import_page import (
    faults_in_words,
    kinds_in_words,
    page_of_file,
    problems_in_words,
)
from inventory.files import background
from inventory.files.cells import lines
from inventory.files.findings import findings_from
from inventory.files.imports import ImportStateError
from inventory.files.refused_rows import refused_rows
from inventory.models import ImportFile
from inventory.ports import HeldUnitsError

GOOD_ROWS = "good"
NAME = "inventory_importfile"


@admin.register(ImportFile)
class ImportFileAdmin(RecordAdmin):
    list_display = (
        "name",
        "format",
        "behavior_label",
        "rows",
        "state_label",
        "uploaded_by",
        "uploaded_at",
    )
    list_filter = (("format", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    list_select_related = ("uploaded_by",)
    search_fields = ("name", "uploaded_by__username")
    ordering = ("-pk",)

    list_before_template = "inventory/files/start_link.html"

    rows = whole_column("row_count", _("rows"))

    class Media:
        css = {"all": ["inventory/files.css"]}

    @admin.display(description=_("behavior"), ordering="behavior")
    def behavior_label(self, file: ImportFile) -> str:
        return file.get_behavior_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportFile]:
        files: Any = super().get_queryset(request)
        visible: QuerySet[ImportFile] = files.without_texts().filter(visible_files(request))
        return visible

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ImportFile | None:
        """Find a file of any list; the permission to see it is checked after that."""
        try:
            files = ImportFile.objects.without_texts().filter(pk=int(object_id))
            return files.order_by("pk").first()
        except ValueError:
            return None

    def has_view_permission(self, request: HttpRequest, obj: ImportFile | None = None) -> bool:
        """A file may be seen with the permission to import it: it holds what its list holds."""
        if obj is None:
            return bool(importable_by(request))
        return may_import(request, obj.format, obj.behavior)

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Let a person choose what a file is about, the first step of an import."""
        context = {"kinds": kinds_in_words(importable_by(request)), "step": 1}
        title = gettext("Import a file")
        return answer(self, request, "inventory/files/start.html", title, context)

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show what the file would do, or did; it is written from here alone."""
        file = found_row(self, request, key)
        context = {
            "original": file,
            "has_change_permission": False,
            **page_of_file(request, file),
            **changes_page(request, [file.context_id] if file.context_id else []),
            **reversal_links(request, file),
        }
        return answer(self, request, "inventory/files/import_file.html", file.name, context)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write the file, or have a worker write it; nothing of it if anything has gone wrong."""
        file = found_row(self, request, pk)
        try:
            file = background.confirm(
                file.pk,
                Act(timezone.now(), request.user.pk),
                today=today(),
                good_rows=request.POST.get("rows") == GOOD_ROWS,
            )
        except ImportStateError:
            self.message_user(
                request, gettext("This file cannot be written any more."), messages.ERROR
            )
        except HeldUnitsError as error:
            self.message_user(request, str(error), messages.ERROR)
        return HttpResponseRedirect(page_to_watch(request, file))

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check the file once more; its check was interrupted."""
        file = found_row(self, request, pk)
        background.begin_check(file.pk, Act(timezone.now(), request.user.pk), today=today())
        return HttpResponseRedirect(page_to_watch(request, file))

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what taking the import back would do, and do it once it is confirmed."""
        return take_back_page(self, request, found_row(self, request, pk))

    def as_it_was_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer with the rows as they were before the import, as a file."""
        return former_rows(request, found_row(self, request, pk))

    def problems_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Answer with everything that is wrong, as a file."""
        file = found_row(self, request, pk)
        header = [gettext("Line"), gettext("Column"), gettext("Value"), gettext("Correct value")]
        problems = problems_in_words(findings_from(file.findings).problems)
        rows = (
            (problem["line"], problem["column"], problem["value"], problem["sentence"])
            for problem in problems
        )
        return csv_file(lines(header, rows), f"errors-{file.pk}.csv")

    def refused_rows_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with the rows that have errors, as a file to correct and bring in."""
        file = found_row(self, request, pk)
        faults = faults_in_words(findings_from(file.findings))
        if not faults or not file.text:
            raise Http404
        rows = refused_rows(file, faults)
        response = HttpResponse(rows.content, content_type=rows.content_type)
        name = f"{Path(file.name).stem}-errors.{rows.extension}"
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response

    state_label = choice_column(
        "state", _("state"), {"CHECKED": "info", "REFUSED": "danger", "WRITTEN": "success"}
    )

    pages = (
        AdminPage("<int:pk>/confirm/", confirm_view, f"{NAME}_confirm", "POST"),
        AdminPage("<int:pk>/check/", check_view, f"{NAME}_check", "POST"),
        AdminPage("<int:pk>/take-back/", take_back_view, f"{NAME}_take_back"),
        AdminPage("<int:pk>/as-it-was/", as_it_was_view, f"{NAME}_as_it_was"),
        AdminPage("<int:pk>/problems/", problems_view, f"{NAME}_problems"),
        AdminPage("<int:pk>/refused-rows/", refused_rows_view, f"{NAME}_refused_rows"),
        AdminPage("start/", start_view, f"{NAME}_start"),
    )


def page_of_job(job: Job) -> str:
    """Return the page of the file that a job is about."""
    return reverse("admin:inventory_importfile_change", args=[job.parameters["import_file"]])


show_result(background.CHECK, _("The file"), page_of_job)
show_result(background.WRITE, _("The file"), page_of_job)

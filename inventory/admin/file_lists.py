"""Lists whose rows come or go as files."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin import theme
from core.admin.fields import field_of
from core.admin.pages import answer, csv_file
from core.clock import today
from core.formats import filled, whole
from inventory.admin.file_access import importable_by, page_to_watch
from inventory.files.background import begin_check
from inventory.files.file_formats import FORMATS, example_lines, export_lines
from inventory.files.findings import FileError
from inventory.files.imports import receive
from inventory.models import ImportFile

BEHAVIORS: dict[str, Any] = {
    ImportFile.Behavior.APPEND: _(
        "Add and change: rows that are not in the file stay as they are."
    ),
    ImportFile.Behavior.REPLACE: _(
        "Replace: rows of the file are written as new ones, without safety stock and overrides."
    ),
    ImportFile.Behavior.DELETE: _(
        "Delete: products of the file are unassigned from their sources."
    ),
}
# What they do in files whose rows are of another kind.
OTHER_BEHAVIORS: dict[str, dict[str, Any]] = {
    ImportFile.Format.PARCELS: {
        ImportFile.Behavior.APPEND: _(
            "Add: each tracking number becomes a parcel of its shipment, or the number of a "
            "parcel of the same carrier that has none yet."
        ),
        ImportFile.Behavior.REPLACE: _(
            "Correct: tracking numbers of a shipment that are not in the file are replaced by "
            "those of its rows. What is left over is added."
        ),
    },
}

ACCEPTED = ".csv,.txt,.tsv,.xlsx,.ods"


class UploadForm(forms.Form):
    """A file, and what to do with its rows."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ACCEPTED, "class": theme.INPUT_CLASS}),
    )
    behavior = forms.ChoiceField(label=_("Import behavior"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, file_format: str, behaviors: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        behavior = field_of(self, "behavior", forms.ChoiceField)
        said = BEHAVIORS | OTHER_BEHAVIORS.get(file_format, {})
        behavior.choices = [(name, said[name]) for name in behaviors]
        behavior.initial = behaviors[0]
        if len(behaviors) == 1:
            behavior.widget = forms.HiddenInput()

    def clean_file(self) -> Any:
        """Refuse a file that is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError(
                _("The file has %(size)s bytes; at most %(limit)s are read. Split it in parts."),
                params={"size": whole(file.size), "limit": whole(settings.IMPORT_MAX_BYTES)},
            )
        return file


class FileLists(theme.ModelAdmin):
    """Adds Import and Export to a list; ``file_format`` says as what."""

    file_format: str
    list_before_template = "inventory/files/links.html"

    class Media:
        css = {"all": ["inventory/files.css"]}

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_view), name=f"{name}_import"),
            path("export/", wrap(self.export_view), name=f"{name}_export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        links = {
            "import_url": reverse(f"{name}_import"),
            "export_url": reverse(f"{name}_export"),
            "may_import": bool(self.behaviors(request)),
        }
        return super().changelist_view(request, {**links, **(extra_context or {})})

    def behaviors(self, request: HttpRequest) -> list[str]:
        """Return what this user may do with a file."""
        return importable_by(request).get(self.file_format, [])

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        """Take a file, check it, and show what it would do; nothing is written."""
        behaviors = self.behaviors(request)
        if not behaviors:
            raise PermissionDenied
        if "example" in request.GET:
            return csv_file(example_lines(self.file_format), f"{self.file_format.lower()}.csv")
        form = UploadForm(
            request.POST or None,
            request.FILES or None,
            file_format=self.file_format,
            behaviors=behaviors,
        )
        if request.method == "POST" and form.is_valid():
            act = Act(timezone.now(), request.user.pk)
            try:
                received = receive(
                    form.cleaned_data["file"].read(),
                    act,
                    name=form.cleaned_data["file"].name,
                    format_code=self.file_format,
                    behavior=form.cleaned_data["behavior"],
                    limit=settings.IMPORT_MAX_BYTES,
                )
            except FileError as error:
                form.add_error("file", filled(error.message, error.values))
            else:
                file = begin_check(received.pk, act, today=today())
                return HttpResponseRedirect(page_to_watch(request, file))
        context = {
            "form": form,
            "columns": FORMATS[self.file_format].columns,
            "step": 2,
            "start_url": reverse("admin:inventory_importfile_start"),
        }
        title = gettext("Import: %(rows)s") % {"rows": capfirst(self.opts.verbose_name_plural)}
        return answer(self, request, "inventory/files/upload.html", title, context)

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """Answer with the rows of the list as it is filtered, as a file that can come back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = self.get_changelist_instance(request).get_queryset(request)
        name = f"{self.file_format.lower()}-{today():%Y-%m-%d}.csv"
        return csv_file(export_lines(self.file_format, chosen), name)

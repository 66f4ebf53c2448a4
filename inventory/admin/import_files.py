"""Imports: what came in as a file, what it would do, and what it did."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from inventory.admin.theme import ChoicesDropdownFilter, LogAdmin, display
from inventory.models import ImportFile


@admin.register(ImportFile)
class ImportFileAdmin(LogAdmin):
    list_display = (
        "name",
        "format",
        "behavior",
        "row_count",
        "standing",
        "uploaded_by",
        "uploaded_at",
    )
    list_filter = (("format", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    list_select_related = ("uploaded_by",)
    search_fields = ("name", "uploaded_by__username")
    ordering = ("-pk",)

    @display(
        description=_("state"),
        ordering="state",
        label={
            "CHECKED": "info",
            "REFUSED": "danger",
            "WRITTEN": "success",
        },
    )
    def standing(self, file: ImportFile) -> tuple[str, str]:
        return file.state, file.get_state_display()

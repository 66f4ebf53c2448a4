"""Files that people bring in: kept until they are written, or for a while after."""

from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import BooleanField, Case, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.models.columns import person_column


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def without_texts(self) -> Self:
        """Leave the texts in the database, annotated ``has_text``: they may be large."""
        return self.defer("text", "stored_values").annotate(
            has_text=Case(When(text="", then=False), default=True, output_field=BooleanField())
        )


class ImportFile(models.Model):
    """A file as it was uploaded, what it would do, and what it did.

    The text is in the database, where a worker on another machine finds it; it is emptied some
    time later, and the rest stays as the record of the import. Of a spreadsheet it is the first
    sheet as CSV. ``findings`` is what the check
    found, as :class:`inventory.files.findings.Findings` writes it. ``context_id`` names the one
    entry of history that all rows of the import belong to.
    """

    class Format(models.TextChoices):
        STOCK_SOURCES = "STOCK_SOURCES", _("Stock sources")
        PRODUCTS = "PRODUCTS", _("Products")
        FUTURE_SUPPLY = "FUTURE_SUPPLY", _("Future supply")
        ORDERS = "ORDERS", _("Orders")
        PARCELS = "PARCELS", _("Parcels")

    class Behavior(models.TextChoices):
        APPEND = "APPEND", _("Add and change")
        REPLACE = "REPLACE", _("Replace")
        DELETE = "DELETE", _("Delete")

    class Kind(models.TextChoices):
        CSV = "CSV", _("CSV")
        XLSX = "XLSX", _("Spreadsheet (.xlsx)")
        ODS = "ODS", _("Spreadsheet (.ods)")

    class State(models.TextChoices):
        CHECKING = "CHECKING", _("Being checked")
        CHECKED = "CHECKED", _("To be confirmed")
        REFUSED = "REFUSED", _("Has errors")
        WRITTEN = "WRITTEN", _("Written")

    format = models.CharField(_("format"), max_length=16, choices=Format)
    behavior = models.CharField(
        _("behavior"), max_length=16, choices=Behavior, default=Behavior.APPEND
    )
    name = models.CharField(_("file name"), max_length=200)
    kind = models.CharField(_("kind of file"), max_length=8, choices=Kind, default=Kind.CSV)
    digest = models.CharField(
        _("SHA-256"), max_length=64, help_text=_("Shows whether two files are the same.")
    )
    text = models.TextField(_("text"), blank=True, editable=False)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.CHECKING)
    message = models.TextField(_("message"), blank=True)
    findings = models.JSONField(
        _("findings"), default=dict, encoder=DjangoJSONEncoder, editable=False
    )
    context_id = models.UUIDField(_("entry of history"), null=True, editable=False)
    # What stood in the rows it is about when it was checked, as files.stored_values packs it.
    stored_values = models.BinaryField(null=True, editable=False)
    uploaded_by = person_column(_("uploaded by"))
    uploaded_at = models.DateTimeField(_("uploaded at"))
    written_at = models.DateTimeField(_("written at"), null=True)

    objects = LimitedManager.from_queryset(ImportFileQuerySet)()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="import_file_written_with_a_date",
                condition=Q(state="WRITTEN", written_at__isnull=False)
                | (~Q(state="WRITTEN") & Q(written_at=None)),
                violation_error_message=_("A written file has the time it was written."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_behavior_display(self) -> str:  # type: ignore[no-redef]
        return label_of_behavior(self.format, self.behavior)


# Where rows of a file are never changed by it, or only corrected.
OTHER_LABELS = {
    (ImportFile.Format.ORDERS, ImportFile.Behavior.APPEND): _("Add"),
    (ImportFile.Format.PARCELS, ImportFile.Behavior.APPEND): _("Add"),
    (ImportFile.Format.PARCELS, ImportFile.Behavior.REPLACE): _("Correct"),
}


def label_of_behavior(file_format: str, behavior: str) -> str:
    """Return what a file of a format does, in words."""
    key = ImportFile.Format(file_format), ImportFile.Behavior(behavior)
    return str(OTHER_LABELS.get(key, key[1].label))


class ImportStep(models.Model):
    """What one row of a file would do, for the preview; ``cells`` are column, before and after.

    It goes with the text of the file.
    """

    class Kind(models.TextChoices):
        NEW = "NEW", _("new")
        CHANGED = "CHANGED", _("changed")
        DELETED = "DELETED", _("deleted")

    # The constraint below finds the steps of a file.
    file = models.ForeignKey(
        ImportFile, models.CASCADE, related_name="steps", db_index=False, verbose_name=_("import")
    )
    line = models.PositiveIntegerField(_("line"))
    name = models.TextField(_("row"))
    kind = models.CharField(pgettext_lazy("noun", "change"), max_length=8, choices=Kind)
    cells = models.JSONField(_("cells"), default=list)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["file", "line"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["file", "line"],
                name="import_step_once_a_line",
                violation_error_message=_("A row of a file does one thing."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

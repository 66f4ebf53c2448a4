"""Changes to many rows at once, as one entry with its rows."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import person_column
from core.models.job import Job


class BulkChange(models.Model):
    """What somebody had done to many rows, how far it is, and what was refused.

    ``row_ids`` are the rows as they were chosen, fixed when it was confirmed and worked off in
    key order; the first ``position`` of them are done. ``snapshot`` names what the preview showed
    of each. ``entry_ids`` are the entries of history that its changes belong to: one, and one more
    each time a worker took it up again. ``list_address`` is the list that they were chosen from.
    """

    action = models.CharField(_("action"), max_length=32)
    values = models.JSONField(_("values"), default=dict, encoder=DjangoJSONEncoder, editable=False)
    summary = models.CharField(_("summary"), max_length=300)
    row_ids = ArrayField(models.BigIntegerField(), editable=False)
    snapshot = models.CharField(max_length=64, blank=True, editable=False)
    list_address = models.TextField(blank=True, editable=False)
    chosen_count = models.PositiveIntegerField(_("rows chosen"))
    position = models.PositiveIntegerField(_("chosen rows done"), default=0)
    changed_count = models.PositiveIntegerField(_("rows changed"), default=0)
    unchanged_count = models.PositiveIntegerField(_("rows unchanged"), default=0)
    refused_count = models.PositiveIntegerField(_("rows refused"), default=0)
    entry_ids = ArrayField(models.UUIDField(), default=list, editable=False)
    job = models.OneToOneField(
        Job,
        models.SET_NULL,
        null=True,
        related_name="bulk_change",
        verbose_name=_("background job"),
    )
    made_by = person_column(_("made by"))
    created_at = models.DateTimeField(_("created at"))

    objects = LimitedManager["BulkChange"]()

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="bulk_change_position_within_chosen",
                condition=Q(position__lte=F("chosen_count")),
                violation_error_message=_("At most the selected rows are changed."),
            ),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def is_finished(self) -> bool:
        return self.position == self.chosen_count


class BulkRefusal(models.Model):
    """A row of a bulk change that stayed as it was, and why.

    ``names`` are the row's own; ``values`` fill the gaps of ``message``; ``shifts`` are what the
    row shows, as it is kept.
    """

    change = models.ForeignKey(
        BulkChange, models.CASCADE, related_name="refusals", verbose_name=_("bulk change")
    )
    names = ArrayField(models.CharField(max_length=64), verbose_name=_("row"))
    message = models.TextField(_("message"))
    values = models.JSONField(_("values"), default=dict, encoder=DjangoJSONEncoder)
    shifts = models.JSONField(_("preview"), default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        ordering = ["pk"]
        # Whoever may see a bulk change may see what it refused.
        default_permissions = ()

    def __str__(self) -> str:
        return " @ ".join(self.names)

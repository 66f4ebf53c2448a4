"""The days on which sources do not work, worked out ahead."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.models.source import Source


class ClosedDay(models.Model):
    """A day on which nothing leaves a source, and the next day on which something does.

    Written from the calendar of the source by :mod:`inventory.operations.closed_days`, for the
    statements that compute dates. Sources that work every day have none.
    """

    source = models.ForeignKey(
        Source, models.CASCADE, related_name="+", verbose_name=_("source"), db_index=False
    )
    closed_on = models.DateField(_("closed on"))
    opens_on = models.DateField(_("opens on"))

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering = ["source", "closed_on"]
        constraints = [
            models.UniqueConstraint(
                name="closed_day_once_per_source", fields=["source", "closed_on"]
            ),
            models.CheckConstraint(
                name="closed_day_opens_later",
                condition=models.Q(opens_on__gt=models.F("closed_on")),
                violation_error_message=_("A source opens after the day on which it is closed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.closed_on}"

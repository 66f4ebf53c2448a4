"""Work that takes longer than a person waits: done by a worker, watched on a page."""

from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.models.columns import person_column


class Job(models.Model):
    """One piece of background work, of a kind that :mod:`core.operations.jobs` knows.

    ``done_count`` is written while the work is under way, so that others see it. A worker that
    dies leaves its job RUNNING with an old ``heartbeat_at``; it is then taken up again.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Queued")
        RUNNING = "RUNNING", _("Running")
        COMPLETED = "COMPLETED", pgettext_lazy("job", "Completed")
        FAILED = "FAILED", _("Failed")
        CANCELED = "CANCELED", pgettext_lazy("job", "Canceled")
        SKIPPED = "SKIPPED", _("Skipped")

    UNFINISHED_STATES = (State.QUEUED, State.RUNNING)

    kind = models.CharField(_("kind"), max_length=64)
    parameters = models.JSONField(
        _("parameters"), default=dict, encoder=DjangoJSONEncoder, editable=False
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.QUEUED)
    total_count = models.PositiveIntegerField(_("rows in all"), default=0)
    done_count = models.PositiveIntegerField(_("rows done"), default=0)
    message = models.TextField(_("message"), blank=True)
    result = models.JSONField(_("result"), default=dict, encoder=DjangoJSONEncoder, editable=False)
    started_by = person_column(_("started by"))
    created_at = models.DateTimeField(_("created at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    heartbeat_at = models.DateTimeField(
        _("last progress report"), null=True, help_text=_("Time of the last progress report.")
    )
    attempt_count = models.PositiveSmallIntegerField(
        _("attempts"), default=0, help_text=_("Number of attempts.")
    )
    is_cancel_requested = models.BooleanField(_("asked to stop"), default=False)

    objects = LimitedManager["Job"]()

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="job_finished_has_its_time",
                condition=Q(state__in=["QUEUED", "RUNNING"], finished_at=None)
                | (~Q(state__in=["QUEUED", "RUNNING"]) & Q(finished_at__isnull=False)),
                violation_error_message=_("A finished job has the time when it finished."),
            ),
            models.CheckConstraint(
                name="job_done_within_total",
                condition=Q(done_count__lte=F("total_count")),
                violation_error_message=_("At most all rows are done."),
            ),
        ]
        indexes = [
            models.Index(
                "state",
                "id",
                name="job_unfinished",
                condition=Q(state__in=["QUEUED", "RUNNING"]),
            ),
            # My work: the failures of the last days.
            models.Index(
                name="job_failed", fields=["-finished_at", "-id"], condition=Q(state="FAILED")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED_STATES

    @property
    def percentage(self) -> int:
        """How much is done, in whole percent; all of nothing counts as none until it is over."""
        if not self.total_count:
            return 100 if self.state == self.State.COMPLETED else 0
        return self.done_count * 100 // self.total_count

    @property
    def rows_per_second(self) -> Decimal | None:
        """How fast the rows went that are done; ``None`` before there is anything to tell from."""
        until = self.finished_at or self.heartbeat_at
        if not self.done_count or self.started_at is None or until is None:
            return None
        seconds = Decimal(str((until - self.started_at).total_seconds()))
        return None if seconds <= 0 else self.done_count / seconds

    @property
    def seconds_left(self) -> int | None:
        """How long the rest takes at the pace so far, in whole seconds; ``None`` if unknown."""
        pace = self.rows_per_second
        if self.state != self.State.RUNNING or pace is None:
            return None
        return int((self.total_count - self.done_count) / pace)

"""The record of every pass of the release engine."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fulfillment.models.shipment import Shipment


class ReleaseRun(models.Model):
    """One pass of the release engine, with the settings in force and what came of it."""

    class Trigger(models.TextChoices):
        SCHEDULE = "SCHEDULE", _("Schedule")
        STAFF = "STAFF", _("Staff")
        API = "API", _("API")
        COMMAND = "COMMAND", _("Command")
        ARRIVAL = "ARRIVAL", _("Arrival")

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Queued")
        RUNNING = "RUNNING", _("Running")
        COMPLETED = "COMPLETED", _("Completed")
        FAILED = "FAILED", _("Failed")
        CANCELED = "CANCELED", _("Canceled")
        SKIPPED = "SKIPPED", _("Skipped")

    class Message(models.TextChoices):
        """What there is to say of a run; the values are in ``message_values``."""

        RELEASE_OFF = "RELEASE_OFF", _("Release Backorders is off.")
        ANOTHER_RUN = "ANOTHER_RUN", _("Another run was going on.")
        INVALID_FILTER = (
            "INVALID_FILTER",
            _("The filter “%(filter)s” is not understood, in: %(names)s"),
        )
        UNKNOWN_FILTER = (
            "UNKNOWN_FILTER",
            _("There is no filter “%(names)s”. There are: %(known)s"),
        )
        CANCELED = "CANCELED", _("Canceled while it ran.")
        WORKER_STOPPED = (
            "WORKER_STOPPED",
            _("It was interrupted; what it had committed stays, and a later run does the rest."),
        )
        GIVEN_UP = (
            "GIVEN_UP",
            _("It was interrupted at each of %(attempts)s attempts; it is not tried again."),
        )
        ERROR = "ERROR", _("An error ended it: %(error)s")
        COMPARING = "COMPARING", _("Compares with what was shown; nothing is written yet.")
        APPLYING = "APPLYING", _("Writes what was shown, all of it or nothing.")
        DRIFTED = "DRIFTED", _("Nothing was applied: things have moved since the dry run.")
        STILL_HELD = "STILL_HELD", _("What still held was applied, and the rest left alone.")
        NOT_APPLIED = "NOT_APPLIED", _("Canceled: nothing was applied.")

    UNFINISHED_STATES = (State.QUEUED, State.RUNNING)

    trigger = models.CharField(_("trigger"), max_length=16, choices=Trigger)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.QUEUED)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    reason = models.CharField(
        _("reason"),
        max_length=500,
        blank=True,
        db_default="",
        help_text=_("Why somebody asked for it."),
    )
    scope = models.JSONField(
        _("scope"), default=dict, blank=True, help_text=_("What it was limited to; empty for all.")
    )
    settings_in_force = models.JSONField(
        _("settings in force"), default=dict, blank=True, encoder=DjangoJSONEncoder
    )
    created_at = models.DateTimeField(_("created at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    is_cancel_requested = models.BooleanField(_("cancel requested"), default=False)
    total_count = models.PositiveIntegerField(_("to consider"), default=0)
    done_count = models.PositiveIntegerField(_("considered"), default=0)
    released_count = models.PositiveIntegerField(_("released"), default=0)
    split_count = models.PositiveIntegerField(_("split"), default=0)
    future_count = models.PositiveIntegerField(_("promised from future supply"), default=0)
    waiting_count = models.PositiveIntegerField(_("waiting"), default=0)
    failed_count = models.PositiveIntegerField(_("failed"), default=0)
    message = models.TextField(
        _("message"), blank=True, help_text=_("A sentence, of runs from before there were codes.")
    )
    # With defaults of the database, so that a web process of before may still write runs.
    message_code = models.CharField(
        _("message's code"), max_length=24, choices=Message, blank=True, db_default=""
    )
    message_values = models.JSONField(
        _("message's values"), default=dict, db_default={}, blank=True
    )
    drift = models.JSONField(
        _("drift"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_("Shipments that fare otherwise than a dry run has shown; the first of them."),
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1, db_default=1)
    replaces = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("replaces"),
        help_text=_("The run whose worker stopped, and whose work this one goes on with."),
    )

    class Meta:
        verbose_name = _("release run")
        verbose_name_plural = _("release runs")
        ordering = ["-pk"]
        indexes = [
            # The run that is going on, and those that were left by a killed worker.
            models.Index(
                name="release_run_unfinished",
                fields=["id"],
                condition=Q(state__in=["QUEUED", "RUNNING"]),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED_STATES

    @property
    def percent(self) -> int | None:
        """How much of it is done; ``None`` while nobody knows how much there is."""
        return self.done_count * 100 // self.total_count if self.total_count else None

    @property
    def sentence(self) -> str:
        """What there is to say of it, in the reader's language; "" if nothing."""
        if not self.message_code:
            return self.message
        sentence: str = str(self.Message(self.message_code).label) % self.message_values
        return sentence


class ReleaseDecision(models.Model):
    """What one run decided for one shipment, and why."""

    class Outcome(models.TextChoices):
        RELEASED = "RELEASED", _("Released")
        PARTLY_RELEASED = "PARTLY_RELEASED", _("Partly released")
        WAITING = "WAITING", _("Waiting")
        FAILED = "FAILED", _("Failed")

    run = models.ForeignKey(
        ReleaseRun, models.CASCADE, related_name="decisions", verbose_name=_("run")
    )
    shipment = models.ForeignKey(
        Shipment,
        models.CASCADE,
        db_index=False,
        related_name="decisions",
        verbose_name=_("shipment"),
    )
    position = models.PositiveIntegerField(_("position in the queue"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    detail = models.JSONField(_("detail"), default=dict, encoder=DjangoJSONEncoder)
    explains_wait = models.BooleanField(
        _("says why it waits"),
        default=False,
        db_default=False,
        help_text=_("Not of a dry run, nor from before the shipment last came back to wait."),
    )

    class Meta:
        verbose_name = _("release decision")
        verbose_name_plural = _("release decisions")
        ordering = ["run", "position", "pk"]
        constraints = [
            models.UniqueConstraint(name="release_decision_once", fields=["run", "shipment"]),
        ]
        indexes = [
            # What was last decided of a shipment.
            models.Index(name="release_decision_latest", fields=["shipment", "-id"]),
            # Why it waits, in the review; and what a run need not decide again.
            models.Index(
                name="release_decision_explaining",
                fields=["shipment", "-id"],
                condition=Q(explains_wait=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.shipment_id} {self.get_outcome_display()}"

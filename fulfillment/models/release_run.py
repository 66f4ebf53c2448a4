"""The record of every pass of the release engine."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models import Job
from fulfillment.models.shipment import Shipment


class ReleaseRun(Job):
    """One pass of the release engine: its scope, the settings in force, and what came of it.

    State, times, attempts, progress and the person who asked are its job's, whose number it has.
    """

    class Trigger(models.TextChoices):
        SCHEDULE = "SCHEDULE", _("Schedule")
        STAFF = "STAFF", _("Staff")
        API = "API", _("API")
        COMMAND = "COMMAND", _("Command")
        ARRIVAL = "ARRIVAL", _("Arrival")

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
            _("It was interrupted. Its saved work stays, and a later run does the rest."),
        )
        GIVEN_UP = (
            "GIVEN_UP",
            _("It was interrupted at each of %(attempts)s attempts. It is not started again."),
        )
        ERROR = "ERROR", _("An error ended it: %(error)s")
        COMPARING = "COMPARING", _("Comparing with the dry run. Nothing is written yet.")
        APPLYING = "APPLYING", _("Applying all decisions of the dry run, or none.")
        DRIFTED = (
            "DRIFTED",
            _("Stock or orders have changed since the dry run. Nothing was applied."),
        )
        STILL_HELD = "STILL_HELD", _("Unchanged decisions were applied. The others were skipped.")
        NOT_APPLIED = "NOT_APPLIED", _("Canceled: nothing was applied.")

    job = models.OneToOneField(
        Job, models.CASCADE, parent_link=True, primary_key=True, verbose_name=_("job")
    )
    trigger = models.CharField(_("trigger"), max_length=16, choices=Trigger)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    reason = models.CharField(
        _("reason"),
        max_length=500,
        blank=True,
        help_text=_("Why somebody asked for it."),
    )
    scope = models.JSONField(
        _("scope"),
        default=dict,
        blank=True,
        help_text=_("The limits of the run. Empty means all shipments."),
    )
    settings_in_force = models.JSONField(
        _("settings in force"), default=dict, blank=True, encoder=DjangoJSONEncoder
    )
    released_count = models.PositiveIntegerField(_("released"), default=0)
    split_count = models.PositiveIntegerField(_("split"), default=0)
    future_count = models.PositiveIntegerField(_("promised from future supply"), default=0)
    waiting_count = models.PositiveIntegerField(_("waiting"), default=0)
    failed_count = models.PositiveIntegerField(_("failed"), default=0)
    message_code = models.CharField(_("message's code"), max_length=24, choices=Message, blank=True)
    message_values = models.JSONField(_("message's values"), default=dict, blank=True)
    drift = models.JSONField(
        _("drift"),
        default=list,
        blank=True,
        help_text=_("The first shipments whose outcome differs from the dry run."),
    )
    replaces = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("replaces"),
        help_text=_("The interrupted run that this run continues."),
    )

    class Meta:
        verbose_name = _("release run")
        verbose_name_plural = _("release runs")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def sentence(self) -> str:
        """What there is to say of it, in the reader's language; "" if nothing."""
        if not self.message_code:
            return self.message
        sentence: str = str(self.Message(self.message_code).label) % self.message_values
        return sentence


class ReleaseDecision(models.Model):
    """The decision of one run about one shipment, with its reasons."""

    class Outcome(models.TextChoices):
        RELEASED = "RELEASED", _("Released")
        PARTLY_RELEASED = "PARTLY_RELEASED", _("Partly released")
        WAITING = "WAITING", _("Waiting")
        FAILED = "FAILED", _("Failed")

    # Its index is that of the constraint.
    run = models.ForeignKey(
        ReleaseRun,
        models.CASCADE,
        db_index=False,
        related_name="decisions",
        verbose_name=_("run"),
    )
    shipment = models.ForeignKey(
        Shipment,
        models.CASCADE,
        db_index=False,
        db_constraint=False,
        related_name="decisions",
        verbose_name=_("shipment"),
    )
    position = models.PositiveIntegerField(_("position in the queue"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    detail = models.JSONField(_("detail"), default=dict, encoder=DjangoJSONEncoder)
    explains_wait = models.BooleanField(
        _("gives the reason"),
        default=False,
        db_default=False,
        help_text=_(
            "Not set for dry runs, or for decisions made before the shipment last "
            "returned to the queue."
        ),
    )

    objects = LimitedManager["ReleaseDecision"]()

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

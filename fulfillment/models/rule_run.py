"""The record of what rules did: runs, their steps, each act on a shipment."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.models import Job
from core.models.columns import person_column
from fulfillment.models.shipment import Shipment
from fulfillment.models.waiting_rule import WaitingRule


class RuleRun(Job):
    """One run of the rules, or of the one step that a person confirmed (``confirms``).

    State, times, attempts, progress and the person who asked are its job's, whose number it has.
    """

    class Trigger(models.TextChoices):
        SCHEDULE = "SCHEDULE", _("Schedule")
        STAFF = "STAFF", _("Staff")
        API = "API", _("API")

    job = models.OneToOneField(
        Job, models.CASCADE, parent_link=True, primary_key=True, verbose_name=_("job")
    )
    trigger = models.CharField(_("trigger"), max_length=16, choices=Trigger)
    confirms = models.ForeignKey(
        "RuleStep",
        models.CASCADE,
        null=True,
        related_name="runs",
        verbose_name=_("confirms"),
        help_text=_("The rule that stopped and asked, whose shipments this run acts on."),
    )

    class Meta:
        verbose_name = _("rule run")
        verbose_name_plural = _("rule runs")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"#{self.pk}"


class RuleStep(models.Model):
    """What one rule did in one run.

    ``rule_version`` is the rule as it was. One that stopped keeps the shipments that it asks about.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("rule", "Not finished")
        DONE = "DONE", pgettext_lazy("rule", "Done")
        STOPPED = "STOPPED", _("Waits for a confirmation")
        CONFIRMED = "CONFIRMED", pgettext_lazy("rule", "Confirmed")
        LAPSED = "LAPSED", _("Replaced by a later run")
        CHANGED = "CHANGED", _("The rule was changed")

    run = models.ForeignKey(
        RuleRun, models.CASCADE, db_index=False, related_name="steps", verbose_name=_("rule run")
    )
    rule = models.ForeignKey(
        WaitingRule,
        models.SET_NULL,
        null=True,
        related_name="steps",
        verbose_name=_("rule"),
    )
    name = models.CharField(_("rule"), max_length=100)
    action = models.CharField(_("action"), max_length=16, choices=WaitingRule.Action)
    rule_version = models.BigIntegerField(_("version of the rule"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    found_count = models.PositiveIntegerField(_("shipments found"), default=0)
    acted_count = models.PositiveIntegerField(_("shipments changed"), default=0)
    shipment_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    confirmed_by = person_column(_("confirmed by"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    objects = LimitedManager["RuleStep"]()

    class Meta:
        verbose_name = _("rule of a run")
        verbose_name_plural = _("rules of a run")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="rule_step_once_a_run",
                fields=["run", "rule"],
                violation_error_message=_("A run performs each rule once."),
            ),
            models.CheckConstraint(
                name="rule_step_confirmed_knows_when",
                condition=Q(state="CONFIRMED", confirmed_at__isnull=False)
                | (~Q(state="CONFIRMED") & Q(confirmed_at=None)),
                violation_error_message=_("A confirmed step knows since when."),
            ),
        ]
        indexes = [
            # Rules that wait for a person: My work, and the run that replaces them.
            models.Index(name="rule_step_stopped", fields=["rule"], condition=Q(state="STOPPED")),
        ]

    def __str__(self) -> str:
        return self.name


class RuleAct(models.Model):
    """One act of a rule on a shipment."""

    step = models.ForeignKey(
        RuleStep,
        models.CASCADE,
        db_index=False,
        related_name="acts",
        verbose_name=_("rule of a run"),
    )
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, db_index=False, related_name="+", verbose_name=_("shipment")
    )
    created_at = models.DateTimeField(_("time"))

    objects = LimitedManager["RuleAct"]()

    class Meta:
        verbose_name = _("act of a rule")
        verbose_name_plural = _("acts of rules")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="rule_act_once_a_run",
                fields=["step", "shipment"],
                violation_error_message=_("The rule acted on this shipment in this run."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} – {self.shipment_id}"

"""The e-mails of rules to staff."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.queued_email import QueuedEmail
from fulfillment.models.rule_run import RuleStep


class RuleEmail(QueuedEmail):
    """One digest of the shipments that a rule found in one run, to one person of the staff.

    It is written when it is queued, and has no personal data.
    """

    step = models.ForeignKey(
        RuleStep,
        models.CASCADE,
        db_index=False,
        related_name="emails",
        verbose_name=_("rule of a run"),
    )

    objects = LimitedManager["RuleEmail"]()

    class Meta(QueuedEmail.Meta):
        verbose_name = _("rule e-mail")
        verbose_name_plural = _("rule e-mails")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="rule_email_once_a_run",
                fields=["step", "recipient"],
                violation_error_message=_("This digest of the run is there already."),
            ),
            models.CheckConstraint(
                name="rule_email_sent_with_a_time",
                condition=Q(state="SENT", sent_at__isnull=False)
                | (~Q(state="SENT") & Q(sent_at=None)),
                violation_error_message=_("A digest that was sent has the time it was."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.recipient}"

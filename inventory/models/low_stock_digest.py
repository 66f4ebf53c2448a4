"""The daily e-mails about low stock."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.source import Source


class LowStockDigest(models.Model):
    """One e-mail of one day: to the contact of a source, or (without a source) to a merchant.

    It is written when it is queued, so that a mail server that was down gets what was true then.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Queued")
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        FAILED = "FAILED", _("Failed")

    day = models.DateField(_("day"))
    source = models.ForeignKey(
        Source, models.CASCADE, null=True, related_name="digests", verbose_name=_("source")
    )
    recipient = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.QUEUED)
    attempt_count = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        verbose_name = _("low stock digest")
        verbose_name_plural = _("low stock digests")
        ordering = ["-day", "pk"]
        permissions = [("receive_lowstockdigest", "Can receive the daily digest of low stock")]
        constraints = [
            models.UniqueConstraint(
                name="low_stock_digest_once_a_day",
                fields=["day", "source", "recipient"],
                nulls_distinct=False,
                violation_error_message=_("This digest of the day is there already."),
            ),
            models.CheckConstraint(
                name="low_stock_digest_sent_with_a_time",
                condition=Q(state="SENT", sent_at__isnull=False)
                | (~Q(state="SENT") & Q(sent_at=None)),
                violation_error_message=_("A digest that was sent has the time it was."),
            ),
        ]
        indexes = [
            # Read by the sender: what is due, oldest first.
            models.Index(
                name="low_stock_digest_due",
                fields=["next_attempt_at", "id"],
                condition=Q(state="QUEUED"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.recipient}"

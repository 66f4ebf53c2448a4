"""The daily e-mails about low stock."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.formats import day
from core.models.queued_email import QueuedEmail
from inventory.models.source import Source


class LowStockDigest(QueuedEmail):
    """One e-mail of one day: to the contact of a source, or (without a source) to a merchant.

    It is written when it is queued, so that a mail server that was down gets what was true then.
    """

    day = models.DateField(_("day"))
    source = models.ForeignKey(
        Source, models.CASCADE, null=True, related_name="digests", verbose_name=_("source")
    )

    class Meta(QueuedEmail.Meta):
        verbose_name = _("low stock e-mail")
        verbose_name_plural = _("low stock e-mails")
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

    def __str__(self) -> str:
        return f"{day(self.day)} · {self.recipient}"

"""The weekly e-mails about demand."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.formats import day
from core.models.staff_digest import StaffDigest


class DemandDigest(StaffDigest):
    """One e-mail of one week, to a user who wants it; ``day`` is when it was written."""

    ABOUT = _("Each week: backordered and incoming units, what to order, and kept promises.")
    UNSUBSCRIBE = "demand_unsubscribe"
    PAGES = (UNSUBSCRIBE,)

    class Meta(StaffDigest.Meta):
        verbose_name = _("demand e-mail")
        verbose_name_plural = _("demand e-mails")
        ordering = ["-day", "pk"]
        permissions = [("receive_demanddigest", "Can receive the weekly digest of demand")]
        constraints = [
            models.UniqueConstraint(
                name="demand_digest_once_a_day",
                fields=["day", "recipient"],
                violation_error_message=_("This digest of the day is there already."),
            ),
            models.CheckConstraint(
                name="demand_digest_sent_with_a_time",
                condition=Q(state="SENT", sent_at__isnull=False)
                | (~Q(state="SENT") & Q(sent_at=None)),
                violation_error_message=_("A digest that was sent has the time it was."),
            ),
        ]

    def __str__(self) -> str:
        return f"{day(self.day)} · {self.recipient}"

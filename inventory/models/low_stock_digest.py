"""The daily e-mails about low stock."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.formats import day
from core.models.staff_digest import StaffDigest
from inventory.models.source import Source


class LowStockDigest(StaffDigest):
    """One e-mail of one day: to the contact of a source, or (without a source) to a merchant.

    The contact of a source is part of the source, and unsubscribes from nothing.
    """

    ABOUT = _("Each day: products that are low at a source, or sold out.")
    UNSUBSCRIBE = "low_stock_unsubscribe"
    PAGES = (UNSUBSCRIBE,)

    source = models.ForeignKey(
        Source, models.CASCADE, null=True, related_name="digests", verbose_name=_("source")
    )

    objects = LimitedManager["LowStockDigest"]()

    class Meta(StaffDigest.Meta):
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

    @property
    def site(self) -> str:  # type: ignore[override]
        return "" if self.source_id else super().site

    def __str__(self) -> str:
        return f"{day(self.day)} · {self.recipient}"

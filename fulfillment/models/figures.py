"""Figures that are kept, so that neither dashboard nor metrics count a queue."""

from decimal import Decimal
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.currencies import MOST_DECIMALS
from core.models.columns import QuantityColumn
from fulfillment.models.shipment import Shipment


class DailyFigures(models.Model):
    """The figures of one day in the site's time zone, at its end.

    Today's row has the figures of now; ``refreshed_at`` says when they were counted.
    """

    on = models.DateField(_("day"), unique=True)
    released_count = models.PositiveIntegerField(_("shipments released"), default=0)
    ordered_quantity = QuantityColumn(_("units ordered"), default=0)
    backordered_quantity = QuantityColumn(_("units backordered at placement"), default=0)
    low_item_count = models.PositiveIntegerField(_("low source items"), default=0)
    overdue_supply_count = models.PositiveIntegerField(_("overdue future supply"), default=0)
    payment_hold_count = models.PositiveIntegerField(_("shipments held for payment"), default=0)
    unknown_payment_count = models.PositiveIntegerField(
        _("payments with an unknown outcome"), default=0
    )
    failed_email_count = models.PositiveIntegerField(_("e-mails that failed"), default=0)
    queued_email_count = models.PositiveIntegerField(_("e-mails in the queue"), default=0)
    overtaken_count = models.PositiveIntegerField(
        _("old shipments passed by newer ones"), default=0
    )
    refreshed_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures by day")
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.on}"


class Ages(NamedTuple):
    """From ``least`` days to ``most``, both included; ``None`` is without end."""

    least: int
    most: int | None


class WaitingFigures(models.Model):
    """How many shipments of one age, state and currency waited at the end of a day."""

    class Band(models.TextChoices):
        WEEK = "WEEK", _("0–7 days")
        FORTNIGHT = "FORTNIGHT", _("8–14 days")
        MONTH = "MONTH", _("15–30 days")
        OLDER = "OLDER", _("Over 30 days")

    AGES = {
        Band.WEEK: Ages(0, 7),
        Band.FORTNIGHT: Ages(8, 14),
        Band.MONTH: Ages(15, 30),
        Band.OLDER: Ages(31, None),
    }

    on = models.DateField(_("day"))
    band = models.CharField(_("age"), max_length=16, choices=Band)
    state = models.CharField(_("state"), max_length=16, choices=Shipment.State)
    currency = models.CharField(_("currency"), max_length=3)
    count = models.PositiveIntegerField(_("shipments"))
    held_count = models.PositiveIntegerField(_("held"))
    amount = models.DecimalField(
        _("value"), max_digits=21, decimal_places=MOST_DECIMALS, default=Decimal("0.00")
    )
    oldest_since = models.DateTimeField(_("oldest since"))

    class Meta:
        verbose_name = _("backorder figures")
        verbose_name_plural = _("backorder figures")
        ordering = ["-on", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="waiting_figures_once", fields=["on", "band", "state", "currency"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_band_display()}"


class SupplyOutlook(models.Model):
    """Incoming and backordered units in one coming week: the whole table is one outlook."""

    class Period(models.TextChoices):
        PAST = "PAST", _("Overdue")
        WEEK = "WEEK", _("Week")
        LATER = "LATER", _("Later")
        NO_DATE = "NO_DATE", _("No date")

    position = models.PositiveSmallIntegerField(_("position"), unique=True)
    period = models.CharField(_("period"), max_length=16, choices=Period)
    begins_on = models.DateField(_("begins on"), null=True, blank=True)
    incoming_quantity = models.DecimalField(
        _("incoming units"), max_digits=20, decimal_places=4, default=0
    )
    waiting_quantity = models.DecimalField(
        _("backordered units"), max_digits=20, decimal_places=4, default=0
    )

    class Meta:
        verbose_name = _("supply outlook")
        verbose_name_plural = _("supply outlook")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.get_period_display()} {self.begins_on or ''}"

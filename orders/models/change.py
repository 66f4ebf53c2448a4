"""Cancellations, refunds: each kept as a record of its own, with its lines."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import MoneyColumn, QuantityColumn
from orders.models.order import Order
from orders.models.order_line import OrderLine


class ChangeRecord(models.Model):
    """Units of an order that were changed together: when, why and the person who did it."""

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="%(class)ss", verbose_name=_("order")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("actor"),
    )
    created_at = models.DateTimeField(_("time"))
    idempotency_key = models.CharField(
        _("idempotency key"), max_length=255, null=True, blank=True, unique=True, editable=False
    )

    objects = LimitedManager[Any]()

    class Meta:
        abstract = True
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.order} #{self.pk}"


class ChangedLine(models.Model):
    """How many units of one order line a change took, and what they were worth."""

    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="+", verbose_name=_("order line")
    )
    quantity = QuantityColumn(_("quantity"))
    amount = MoneyColumn(_("amount"), default=Decimal("0.00"))

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.quantity:f} x {self.order_line}"


class Cancellation(ChangeRecord):
    """Units of an order that were canceled together."""

    class Meta(ChangeRecord.Meta):
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")


class CancellationLine(ChangedLine):
    """Units of one order line that a cancellation took."""

    cancellation = models.ForeignKey(
        Cancellation, models.CASCADE, db_index=False, related_name="lines"
    )

    class Meta(ChangedLine.Meta):
        verbose_name = _("canceled line")
        verbose_name_plural = _("canceled lines")
        constraints = [
            models.UniqueConstraint(
                name="cancellation_line_once", fields=["cancellation", "order_line"]
            ),
            models.CheckConstraint(
                name="cancellation_line_quantity_positive", condition=Q(quantity__gt=0)
            ),
        ]


class Refund(ChangeRecord):
    """Captured units of an order that were refunded together."""

    is_returned_to_stock = models.BooleanField(_("returned to stock"), default=False)
    amount = MoneyColumn(_("amount"), default=Decimal("0.00"))

    class Meta(ChangeRecord.Meta):
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")


class RefundLine(ChangedLine):
    """Units of one order line that a refund took, some of which had shipped."""

    refund = models.ForeignKey(Refund, models.CASCADE, db_index=False, related_name="lines")
    shipped_quantity = QuantityColumn(_("shipped quantity"), default=0)

    class Meta(ChangedLine.Meta):
        verbose_name = _("refunded line")
        verbose_name_plural = _("refunded lines")
        constraints = [
            models.UniqueConstraint(name="refund_line_once", fields=["refund", "order_line"]),
            models.CheckConstraint(
                name="refund_line_shipped_within_quantity",
                condition=Q(quantity__gt=0, shipped_quantity__gte=0)
                & Q(shipped_quantity__lte=F("quantity")),
            ),
        ]

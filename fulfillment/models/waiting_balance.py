"""The counters of units that shipments wait for."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import QuantityColumn
from inventory.models import Product, Source, Stock


class WaitingBalance(models.Model):
    """Units of a product that shipments of a stock wait for; placement never takes them.

    Counts the lines of BACKORDER and CUSTOMER_CARE shipments, and of FUTURE ones the units that
    were not received. One row per pickup source, and one (without) for what ships to home.
    """

    # All are looked for by their product first, whose index is that of the constraint.
    stock = models.ForeignKey(
        Stock, models.PROTECT, db_index=False, related_name="+", verbose_name=_("stock")
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        db_index=False,
        related_name="waiting_balances",
        verbose_name=_("product"),
    )
    pickup_source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("pickup source"),
    )
    quantity = QuantityColumn(_("quantity"), default=0)

    objects = LimitedManager["WaitingBalance"]()

    class Meta:
        verbose_name = _("waiting balance")
        verbose_name_plural = _("waiting balances")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="waiting_balance_once_per_queue",
                fields=["product", "stock", "pickup_source"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="waiting_balance_not_negative", condition=Q(quantity__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} @ {self.stock}"

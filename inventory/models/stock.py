"""Virtual pools of sources, with their running balances."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import QuantityColumn
from inventory.models.product import Product
from inventory.models.source import Source, code_column


class Stock(models.Model):
    """A virtual pool: links sources by priority and serves sales channels."""

    code = code_column(_("Names the stock in files and over the API; fixed after creation."))
    name = models.CharField(_("name"), max_length=200)
    sources = models.ManyToManyField(
        Source, through="StockSource", related_name="stocks", verbose_name=_("sources")
    )

    objects = LimitedManager["Stock"]()

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stocks")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class StockSource(models.Model):
    """A source linked to a stock; priority 1 is tried first, and of equals the lowest code."""

    stock = models.ForeignKey(
        Stock, models.CASCADE, db_index=False, related_name="links", verbose_name=_("stock")
    )
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="links", verbose_name=_("source")
    )
    priority = models.PositiveIntegerField(_("priority"), validators=[MinValueValidator(1)])

    objects = LimitedManager["StockSource"]()

    class Meta:
        verbose_name = _("assigned source")
        verbose_name_plural = _("assigned sources")
        ordering = ["stock", "priority", "source__code"]
        constraints = [
            models.UniqueConstraint(
                name="stock_source_linked_once",
                fields=["stock", "source"],
                violation_error_message=_("This source is already linked to this stock."),
            ),
            models.CheckConstraint(
                name="stock_source_priority_from_one",
                condition=Q(priority__gte=1),
                violation_error_message=_("Priorities count from 1."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stock}: {self.source} ({self.priority})"


class StockBalance(models.Model):
    """The running counters of one product in one stock: the hottest row, written last.

    ``reserved`` is the sum of the reservations (negative while units are sold and not shipped);
    ``allocated`` is what is allocated to this stock's orders, at whatever source. They are kept
    so that selling never sums a ledger that grows for ever.
    """

    stock = models.ForeignKey(
        Stock, models.PROTECT, related_name="balances", verbose_name=_("stock")
    )
    # Its index is that of the constraint.
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        db_index=False,
        related_name="balances",
        verbose_name=_("product"),
    )
    reserved = QuantityColumn(_("reserved"), default=0)
    allocated = QuantityColumn(_("allocated"), default=0)
    waiting_quantity = models.GeneratedField(
        expression=-F("reserved") - F("allocated"),
        output_field=QuantityColumn(),
        db_persist=True,
        verbose_name=_("waiting quantity"),
    )

    objects = LimitedManager["StockBalance"]()

    class Meta:
        verbose_name = _("stock balance")
        verbose_name_plural = _("stock balances")
        ordering = ["stock", "product"]
        constraints = [
            models.UniqueConstraint(
                name="stock_balance_once_per_product",
                fields=["product", "stock"],
                violation_error_message=_("This stock already has a balance for this product."),
            ),
            models.CheckConstraint(
                name="stock_balance_allocated_not_negative",
                condition=Q(allocated__gte=0),
                violation_error_message=_("Allocated units are never negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} @ {self.stock}"

"""Source items: what a source holds of one product."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import QuantityColumn
from core.models.row_version import VersionedModel
from inventory.models.option_columns import OptionOwner, add_option_columns
from inventory.models.product import (
    Product,
)
from inventory.models.source import Source
from inventory.options import Scope, options_for


class SourceItemQuerySet(models.QuerySet["SourceItem"]):
    def with_available(self) -> Self:
        """Annotate ``available``: on hand, neither allocated nor kept back as safety stock."""
        unpromised = F("quantity") - F("allocated") - F("safety_stock")
        return self.annotate(available=Greatest(unpromised, 0, output_field=QuantityColumn()))

    def locked(self) -> Self:
        """Lock the rows until the transaction ends, always in primary-key order.

        The one order that every writer follows is what rules out deadlocks.
        """
        return self.order_by("pk").select_for_update(of=("self",))


class SourceItem(OptionOwner, VersionedModel):
    """One product at one source.

    ``allocated`` is what has been set aside for shipments (and virtual lines); only operations
    write it, on rows they hold locked. The option columns are ``NULL`` where the item follows
    the product ("Use Default").
    """

    class Status(models.TextChoices):
        IN_STOCK = "IN_STOCK", _("In Stock")
        OUT_OF_STOCK = "OUT_OF_STOCK", _("Out of Stock")

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="items", verbose_name=_("source")
    )
    # Its index is that of the constraint.
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        db_index=False,
        related_name="source_items",
        verbose_name=_("product"),
    )
    quantity = QuantityColumn(
        _("quantity"), default=0, help_text=_("Units physically at the source.")
    )
    allocated = QuantityColumn(
        _("allocated"), default=0, editable=False, help_text=_("Units set aside for shipments.")
    )
    safety_stock = QuantityColumn(
        _("safety stock"), default=0, help_text=_("Units that are kept back from allocation.")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.IN_STOCK)
    is_status_automatic = models.BooleanField(
        _("status set by the system"),
        default=False,
        editable=False,
        help_text=_("Out of Stock was written when the quantity reached 0; an increase undoes it."),
    )

    objects = LimitedManager.from_queryset(SourceItemQuerySet)()

    class Meta:
        verbose_name = _("source item")
        verbose_name_plural = _("source items")
        ordering = ["product__sku", "source__code"]
        indexes = [
            # The product list, whose backorders may be those of an item.
            models.Index(
                name="source_item_own_backorders",
                fields=["product"],
                condition=Q(backorders__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="source_item_once_per_source",
                fields=["product", "source"],
                violation_error_message=_("This source already holds this product."),
            ),
            models.CheckConstraint(
                name="source_item_allocated_within_quantity",
                condition=Q(allocated__gte=0, allocated__lte=F("quantity")),
                violation_error_message=_("More is allocated than is on hand."),
            ),
            models.CheckConstraint(
                name="source_item_safety_stock_not_negative",
                condition=Q(safety_stock__gte=0),
                violation_error_message=_("Safety stock is never negative."),
            ),
            models.CheckConstraint(
                name="source_item_automatic_status_is_out_of_stock",
                condition=Q(is_status_automatic=False) | Q(status="OUT_OF_STOCK"),
                violation_error_message=_("The system only ever sets Out of Stock."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.sku} @ {self.source.code}"


SOURCE_ITEM_OPTIONS = options_for(Scope.SOURCE_ITEM)
add_option_columns(SourceItem, SOURCE_ITEM_OPTIONS)

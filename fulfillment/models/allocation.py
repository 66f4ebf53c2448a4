"""Units set aside for the lines of shipments."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import formats
from core.access_limits import LimitedManager
from core.models.columns import QuantityColumn
from fulfillment.models.shipment_line import ShipmentLine
from inventory.models import FutureSupply, SourceItem
from orders.models import OrderLine


class Allocation(models.Model):
    """Units of one line set aside at a source item, or promised from future supply.

    A virtual line is allocated without a shipment; every other allocation names the line of the
    shipment that the units leave with.
    """

    # Its index is that of the constraint. Neither kind of line is ever deleted.
    order_line = models.ForeignKey(
        OrderLine,
        models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="allocations",
        verbose_name=_("order line"),
    )
    shipment_line = models.ForeignKey(
        ShipmentLine,
        models.PROTECT,
        null=True,
        db_constraint=False,
        related_name="allocations",
        verbose_name=_("shipment line"),
    )
    source_item = models.ForeignKey(
        SourceItem,
        models.PROTECT,
        null=True,
        related_name="allocations",
        verbose_name=_("source item"),
    )
    future_supply = models.ForeignKey(
        FutureSupply,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="allocations",
        verbose_name=_("future supply"),
    )
    quantity = QuantityColumn(_("quantity"))

    objects = LimitedManager["Allocation"]()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="allocation_of_a_source_item_or_of_future_supply",
                condition=Q(source_item__isnull=False, future_supply=None)
                | Q(source_item=None, future_supply__isnull=False),
                violation_error_message=_("Units come from a source item or from future supply."),
            ),
            models.CheckConstraint(
                name="allocation_quantity_positive",
                condition=Q(quantity__gt=0),
                violation_error_message=_("An allocation is more than 0."),
            ),
            models.UniqueConstraint(
                name="allocation_once_per_line_and_supply",
                fields=["order_line", "shipment_line", "source_item", "future_supply"],
                nulls_distinct=False,
                violation_error_message=_("This line already holds units of this supply."),
            ),
        ]
        indexes = [
            # What a record of future supply is promised to.
            models.Index(
                name="allocation_by_future_supply",
                fields=["future_supply"],
                condition=Q(future_supply__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{formats.quantity(self.quantity)} × {self.order_line}"

    @property
    def source_code(self) -> str:
        """The code of the source where the units are, or will be."""
        supply = self.source_item or self.future_supply
        return "" if supply is None else supply.source.code

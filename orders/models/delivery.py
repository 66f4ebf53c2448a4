"""Where virtual units were taken from when they were delivered."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models.columns import QuantityColumn
from inventory.models import Source
from orders.models.order_line import OrderLine


class VirtualDelivery(models.Model):
    """Units of a virtual line that were invoiced and deducted at a source.

    Virtual lines have no shipment that would remember it; a refund returns units there, and
    never above what was taken.
    """

    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="deliveries", verbose_name=_("order line")
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    quantity = QuantityColumn(_("quantity"))
    returned_quantity = QuantityColumn(_("returned quantity"), default=0)

    class Meta:
        verbose_name = _("delivery of a virtual line")
        verbose_name_plural = _("deliveries of virtual lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="virtual_delivery_returned_within_quantity",
                condition=Q(quantity__gt=0, returned_quantity__gte=0)
                & Q(returned_quantity__lte=F("quantity")),
                violation_error_message=_("No more is returned than was delivered."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:f} x {self.order_line_id} @ {self.source_id}"

"""The shipment lines that a receipt of future supply served."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models.columns import QuantityColumn
from fulfillment.models.shipment_line import ShipmentLine
from inventory.models import Receipt


class ReceiptShare(models.Model):
    """Units of a receipt that went to a shipment line to which its record had promised them.

    ``returned_quantity`` of them were promised again when the receipt was taken back.
    """

    receipt = models.ForeignKey(Receipt, models.PROTECT, db_index=False, related_name="shares")
    shipment_line = models.ForeignKey(ShipmentLine, models.PROTECT, related_name="+")
    quantity = QuantityColumn(_("quantity"))
    returned_quantity = QuantityColumn(_("promised again"), default=0)

    class Meta:
        verbose_name = _("share of a receipt")
        verbose_name_plural = _("shares of receipts")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="receipt_share_once_per_line", fields=["receipt", "shipment_line"]
            ),
            models.CheckConstraint(
                name="receipt_share_returned_within_quantity",
                condition=Q(quantity__gt=0, returned_quantity__gte=0)
                & Q(returned_quantity__lte=F("quantity")),
                violation_error_message=_("No more units return than a receipt gave."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:f} x {self.shipment_line_id}"

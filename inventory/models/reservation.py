"""The append-only ledger of what has been sold but not yet left."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.formats import signed
from core.models.columns import QuantityColumn
from inventory.models.product import Product
from inventory.models.stock import Stock


class Reservation(models.Model):
    """One signed entry against a stock. Entries never change; they are compensated.

    Orders live downstream of the inventory, so the order line is held by its key; the orders
    app's first migration adds the foreign key in the database. Each event is written once per
    (order line, event, sequence), however often it is delivered.
    """

    class Event(models.TextChoices):
        PLACED = "PLACED", pgettext_lazy("units", "Placed")
        FULFILLED = "FULFILLED", pgettext_lazy("units", "Fulfilled")
        FULFILLMENT_UNDONE = "UNDONE", pgettext_lazy("units", "Shipping undone")
        INVOICED = "INVOICED", pgettext_lazy("units", "Invoiced")
        CANCELED = "CANCELED", pgettext_lazy("units", "Canceled")
        REFUNDED = "REFUNDED", pgettext_lazy("units", "Refunded")
        COMPENSATION = "COMPENSATION", _("Manual compensation")

    stock = models.ForeignKey(
        Stock, models.PROTECT, related_name="reservations", verbose_name=_("stock")
    )
    # Its index is one of those below.
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        db_index=False,
        related_name="reservations",
        verbose_name=_("product"),
    )
    quantity = QuantityColumn(_("quantity"))
    event = models.CharField(_("event"), max_length=16, choices=Event)
    order_line_id = models.BigIntegerField(_("order line"), null=True, blank=True)
    order_number = models.CharField(_("order"), max_length=64, blank=True)
    sequence = models.BigIntegerField(
        _("sequence"), default=0, help_text=_("Distinguishes events of one kind on one line.")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("actor"),
        help_text=_("Who caused it; empty for the system."),
    )
    created_at = models.DateTimeField(_("time"))

    objects = LimitedManager["Reservation"]()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="reservation_once_per_event",
                fields=["order_line_id", "event", "sequence"],
                condition=Q(order_line_id__isnull=False),
                violation_error_message=_("This event is already in the ledger."),
            ),
            models.CheckConstraint(
                name="reservation_quantity_not_zero",
                condition=~Q(quantity=0),
                violation_error_message=_("A reservation is not 0."),
            ),
            models.CheckConstraint(
                name="reservation_compensation_has_reason",
                condition=~Q(event="COMPENSATION") | ~Q(reason=""),
                violation_error_message=_("A manual compensation needs a reason."),
            ),
        ]
        indexes = [
            # The per-product ledger page with its running balance.
            models.Index(name="reservation_by_product", fields=["product", "stock", "id"]),
            # The ledger list's filter and search by order.
            models.Index(name="reservation_by_order", fields=["order_number", "id"]),
        ]
        triggers = [pgtrigger.Protect(name="entries_never_change", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        parts = (self.get_event_display(), signed(self.quantity), self.order_number)
        return " ".join(filter(None, parts))

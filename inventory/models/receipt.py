"""Units that came: a row for each record of future supply, for each delivery."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import QuantityColumn, person_column
from inventory.models.future_supply import FutureSupply
from inventory.models.source import Source


class Delivery(models.Model):
    """What arrived together, received with one confirmation.

    ``reference`` or ``source`` is what its page was opened for. ``token`` is that of the page, so
    that a second confirmation books nothing. ``outcome`` is what came of it, as it is printed:
    lists of rows under ``lines``, ``ready`` and ``broken``.
    """

    reference = models.CharField(_("reference"), max_length=100, blank=True)
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, related_name="+", verbose_name=_("source")
    )
    token = models.UUIDField(unique=True, editable=False)
    received_at = models.DateTimeField(_("received at"))
    received_by = person_column(_("received by"))
    outcome = models.JSONField(default=dict, editable=False)

    objects = LimitedManager["Delivery"]()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["pk"]
        # Whoever may see future supply may see its deliveries.
        default_permissions = ()

    def __str__(self) -> str:
        return self.reference or str(self.source)


class Receipt(models.Model):
    """Units received on one record: how many, when and the person who did it.

    ``taken_back_quantity`` is what of them turned out not to have come. ``token`` is that of the
    page on which it was confirmed, so that a second confirmation books nothing. ``reason`` says
    why far more came than was outstanding.
    """

    future_supply = models.ForeignKey(
        FutureSupply, models.PROTECT, related_name="receipts", verbose_name=_("future supply")
    )
    delivery = models.ForeignKey(
        Delivery, models.PROTECT, null=True, related_name="receipts", verbose_name=_("delivery")
    )
    quantity = QuantityColumn(_("quantity"))
    taken_back_quantity = QuantityColumn(_("taken back"), default=0)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    token = models.UUIDField(null=True, unique=True, editable=False)
    received_at = models.DateTimeField(_("received at"))
    received_by = person_column(_("received by"))

    objects = LimitedManager["Receipt"]()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["pk"]
        # Whoever may see or change future supply may see or take back its receipts.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="receipt_quantity_positive",
                condition=Q(quantity__gt=0),
                violation_error_message=_("A receipt has more than 0 units."),
            ),
            models.CheckConstraint(
                name="receipt_taken_back_within_quantity",
                condition=Q(taken_back_quantity__gte=0, taken_back_quantity__lte=F("quantity")),
                violation_error_message=_("No more units are taken back than were received."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:f} x {self.future_supply_id}"


class ReceiptReversal(models.Model):
    """Units of a receipt that were taken back: how many, when, why, and the person who did it."""

    receipt = models.ForeignKey(
        Receipt, models.PROTECT, related_name="reversals", verbose_name=_("receipt")
    )
    quantity = QuantityColumn(_("quantity"))
    reason = models.CharField(_("reason"), max_length=500)
    made_at = models.DateTimeField(_("taken back at"))
    made_by = person_column(_("taken back by"))

    class Meta:
        verbose_name = _("receipt taken back")
        verbose_name_plural = _("receipts taken back")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="receipt_reversal_quantity_positive",
                condition=Q(quantity__gt=0),
                violation_error_message=_("More than 0 units are taken back."),
            ),
            models.CheckConstraint(
                name="receipt_reversal_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why the receipt is taken back."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:f} x {self.receipt_id}"

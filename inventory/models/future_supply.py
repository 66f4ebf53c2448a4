"""Dated incoming units."""

from decimal import Decimal
from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import formats
from core.access_limits import LimitedManager
from core.folding import FoldedText
from core.models.columns import QuantityColumn
from core.quantities import ZERO
from inventory.models.product import Product
from inventory.models.source import Source


class FutureSupplyQuerySet(models.QuerySet["FutureSupply"]):
    def open(self) -> Self:
        return self.filter(state=FutureSupply.State.OPEN)

    def locked(self) -> Self:
        """Lock the rows until the transaction ends, always in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",))


class FutureSupply(models.Model):
    """Incoming units of one product at one source, expected on a date or on none known.

    Units that were ``sent_from`` another source are a transfer: they are there, on their way.
    ``received_quantity`` is all that has come (it may exceed ``quantity``);
    ``allocated_quantity`` is what is promised to shipments and still outstanding.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("supply", "Open")
        RECEIVED = "RECEIVED", pgettext_lazy("supply", "Received")
        CANCELED = "CANCELED", pgettext_lazy("supply", "Canceled")

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="future_supply", verbose_name=_("product")
    )
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="future_supply", verbose_name=_("source")
    )
    quantity = QuantityColumn(_("quantity"))
    expected_on = models.DateField(
        _("expected on"), null=True, blank=True, help_text=_("Leave empty while no date is known.")
    )
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("For instance the purchase order.")
    )
    sent_from = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="sent_supply",
        verbose_name=_("sent from"),
        help_text=_("The source whose units are on their way, of a transfer."),
    )
    received_quantity = QuantityColumn(_("received quantity"), default=0, editable=False)
    allocated_quantity = QuantityColumn(_("allocated quantity"), default=0, editable=False)
    state = models.CharField(
        _("state"), max_length=16, choices=State, default=State.OPEN, editable=False
    )

    objects = LimitedManager.from_queryset(FutureSupplyQuerySet)()

    class Meta:
        verbose_name = _("future supply")
        verbose_name_plural = pgettext_lazy("records", "future supply")
        ordering = ["expected_on", "pk"]
        permissions = [("receive_futuresupply", "Can receive deliveries of future supply")]
        constraints = [
            models.CheckConstraint(
                name="future_supply_quantity_positive",
                condition=Q(quantity__gt=0),
                violation_error_message=_("Future supply is more than 0."),
            ),
            models.CheckConstraint(
                name="future_supply_received_not_negative",
                condition=Q(received_quantity__gte=0),
                violation_error_message=_("The received quantity is never negative."),
            ),
            models.CheckConstraint(
                name="future_supply_allocated_within_outstanding",
                condition=Q(allocated_quantity__gte=0)
                & Q(allocated_quantity__lte=Greatest(F("quantity") - F("received_quantity"), 0)),
                violation_error_message=_("More is promised than is still to come."),
            ),
            models.CheckConstraint(
                name="future_supply_sent_from_another_source",
                condition=Q(sent_from=None) | ~Q(sent_from=F("source")),
                violation_error_message=_("A transfer is sent from another source."),
            ),
            models.CheckConstraint(
                name="future_supply_promises_only_while_open",
                condition=Q(state="OPEN") | Q(allocated_quantity=0),
                violation_error_message=_("Supply that is closed promises nothing."),
            ),
        ]
        indexes = [
            # What a release run and the overdue list read.
            models.Index(
                name="future_supply_open",
                fields=["product", "source", "expected_on"],
                condition=Q(state="OPEN"),
            ),
            # My work: what is overdue, and what is expected today.
            models.Index(
                name="future_supply_due", fields=["expected_on", "id"], condition=Q(state="OPEN")
            ),
            # Searches, by parts of a reference.
            GinIndex(
                OpClass(FoldedText("reference"), "gin_trgm_ops"), name="future_supply_by_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"{formats.quantity(self.quantity)} {self.product} @ {self.source}"

    @property
    def is_transfer(self) -> bool:
        """Whether its units left another source for this one."""
        return self.sent_from_id is not None

    @property
    def outstanding_quantity(self) -> Decimal:
        """What is still to come of it."""
        return max(self.quantity - self.received_quantity, ZERO)

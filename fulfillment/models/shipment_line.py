"""The lines of shipments: units of an order line that leave together, or wait together."""

from decimal import Decimal
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import MoneyColumn, QuantityColumn
from core.models.permanent_rows import NEVER_DELETED
from fulfillment.models.delay_request import DelayRequest
from fulfillment.models.shipment import Shipment
from inventory.models import Product
from orders.models import OrderLine

# A line, with what its query adds.
Row = TypeVar("Row", bound="ShipmentLine", covariant=True)


class ShipmentLineQuerySet(models.QuerySet[Row, Row]):
    def with_units_to_leave(self) -> Self:
        """Keep what was neither shipped nor set aside for a customer who collects it (§18a)."""
        return self.filter(
            quantity__gt=0,
            shipment__state__in=Shipment.OPEN_STATES,
            shipment__set_aside_at=None,
        )


class ShipmentLine(models.Model):
    """The units of one order line in one shipment, conserved in units and in money.

    ``original_quantity`` = ``quantity`` (what is here now) + ``moved_quantity`` (gone to
    children) + ``canceled_quantity`` + ``refunded_quantity`` (before shipping); the amounts
    likewise, exactly.

    The promise is the date that the customer was last given, as an e-mail said it: nothing yet
    (no ``promise_told_at``), no date yet (no ``promised_on``), or a date. Without ``agreed_on``
    the units are due ``promise_days`` after their order was placed. Children inherit all three,
    and the last delay request about their units.
    """

    # Its index is that of the constraint.
    shipment = models.ForeignKey(
        Shipment,
        models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name="lines",
        verbose_name=_("shipment"),
    )
    order_line = models.ForeignKey(
        OrderLine,
        models.PROTECT,
        db_constraint=False,
        related_name="shipment_lines",
        verbose_name=_("order line"),
    )
    # That of the order line, whose foreign key holds it.
    product = models.ForeignKey(
        Product,
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("product"),
    )
    original_quantity = QuantityColumn(_("original quantity"))
    quantity = QuantityColumn(_("quantity"))
    moved_quantity = QuantityColumn(_("moved to children"), default=0)
    canceled_quantity = QuantityColumn(_("canceled quantity"), default=0)
    refunded_quantity = QuantityColumn(_("refunded before shipping"), default=0)
    original_amount = MoneyColumn(_("original value"), default=Decimal("0.00"))
    amount = MoneyColumn(_("value"), default=Decimal("0.00"))
    promised_on = models.DateField(
        _("promised on"),
        null=True,
        blank=True,
        help_text=_("The date that the customer was last given. Empty means no date yet."),
    )
    promise_told_at = models.DateTimeField(
        _("customer informed at"),
        null=True,
        blank=True,
        help_text=_("When the customer was last given a date, or informed that there is none yet."),
    )
    agreed_on = models.DateField(
        _("agreed date"),
        null=True,
        blank=True,
        help_text=_("The date in the confirmation, or a later one that the customer agreed to."),
    )
    delay_request = models.ForeignKey(
        DelayRequest,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="lines",
        verbose_name=_("delay request"),
        help_text=_("The last one about these units."),
    )
    moved_amount = MoneyColumn(_("value moved to children"), default=Decimal("0.00"))
    canceled_amount = MoneyColumn(_("value canceled"), default=Decimal("0.00"))
    refunded_amount = MoneyColumn(_("value refunded"), default=Decimal("0.00"))

    objects = LimitedManager.from_queryset(ShipmentLineQuerySet)()

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        ordering = ["shipment", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="shipment_line_once_per_order_line",
                fields=["shipment", "order_line"],
                violation_error_message=_("The shipment already has this order line."),
            ),
            models.CheckConstraint(
                name="shipment_line_units_conserved",
                condition=Q(
                    original_quantity=F("quantity")
                    + F("moved_quantity")
                    + F("canceled_quantity")
                    + F("refunded_quantity")
                )
                & Q(
                    original_quantity__gt=0,
                    quantity__gte=0,
                    moved_quantity__gte=0,
                    canceled_quantity__gte=0,
                    refunded_quantity__gte=0,
                ),
                violation_error_message=_("A unit was lost or doubled."),
            ),
            models.CheckConstraint(
                name="shipment_line_money_conserved",
                condition=Q(
                    original_amount=F("amount")
                    + F("moved_amount")
                    + F("canceled_amount")
                    + F("refunded_amount")
                ),
                violation_error_message=_("Money was lost or doubled."),
            ),
            models.CheckConstraint(
                name="shipment_line_promise_knows_since_when",
                condition=Q(promised_on=None) | Q(promise_told_at__isnull=False),
                violation_error_message=_("A promised date has the time of its e-mail."),
            ),
        ]
        indexes = [
            # What touches a product: arrivals, explanations, filters by SKU.
            models.Index(
                name="shipment_line_by_product",
                fields=["product", "shipment"],
                condition=Q(quantity__gt=0),
            ),
            # The units of a delay request.
            models.Index(
                name="shipment_line_by_delay_request",
                fields=["delay_request"],
                condition=Q(delay_request__isnull=False),
            ),
        ]
        triggers = [NEVER_DELETED]

    def __str__(self) -> str:
        return f"{self.quantity:f} x {self.order_line}"

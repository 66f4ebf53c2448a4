"""Lines of orders, with what has become of their units."""

from decimal import Decimal
from typing import Self

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.folding import FoldedText
from core.models.columns import MoneyColumn, QuantityColumn
from core.models.permanent_rows import NEVER_DELETED
from inventory.models import Product
from orders.models.order import Order

# Lines as they were placed, and those of changes that were applied.
IN_FORCE = Q(change=None) | Q(change__state="APPLIED")


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def in_force(self) -> Self:
        """Leave out the lines of a change that waits for its payment, or was declined."""
        return self.filter(IN_FORCE)


class OrderLine(models.Model):
    """One product of an order, and what has become of its units.

    ``change`` is the order change that added it; none for what was placed. ``paid_by`` is the
    change whose payment pays for it; none: what was asked for at placement. A substitute
    ``replaces`` units of another line, ``replaced_quantity`` of them, and is paid as that is;
    ``replaced_amount`` is what these were worth when it was asked for.
    Whether the line reserves (its stock was managed) is decided at placement and kept.
    ``invoiced_quantity`` is what has been captured; ``refunded_quantity`` all that was refunded,
    of which ``refunded_unshipped_quantity`` never left, and
    ``exchanged_quantity`` paid for other lines. ``returned_quantity`` left and came back.
    """

    order = models.ForeignKey(
        Order, models.PROTECT, db_index=False, related_name="lines", verbose_name=_("order")
    )
    number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="order_lines", verbose_name=_("product")
    )
    sku = models.CharField(_("SKU"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    is_virtual = models.BooleanField(_("virtual"), default=False)
    is_reserving = models.BooleanField(
        _("reserves stock"), default=True, help_text=_("Whether stock was managed at placement.")
    )
    has_backorder_notice = models.BooleanField(
        _("backorder notice"),
        default=False,
        db_default=False,
        help_text=_("Whether customers were notified of backorders at placement."),
    )
    quantity = QuantityColumn(_("quantity"))
    backordered_quantity = QuantityColumn(_("backordered quantity"), default=0)
    canceled_quantity = QuantityColumn(_("canceled quantity"), default=0)
    invoiced_quantity = QuantityColumn(_("invoiced quantity"), default=0)
    shipped_quantity = QuantityColumn(_("shipped quantity"), default=0)
    refunded_quantity = QuantityColumn(_("refunded quantity"), default=0)
    refunded_unshipped_quantity = QuantityColumn(_("refunded before shipping"), default=0)
    returned_quantity = QuantityColumn(_("returned after shipping"), default=0)
    exchanged_quantity = QuantityColumn(_("exchanged quantity"), default=0, db_default=0)
    open_quantity = models.GeneratedField(
        expression=F("quantity")
        - F("canceled_quantity")
        - F("refunded_unshipped_quantity")
        - Case(When(is_virtual=True, then=F("invoiced_quantity")), default=F("shipped_quantity")),
        output_field=QuantityColumn(),
        db_persist=True,
        verbose_name=_("open quantity"),
    )
    change = models.ForeignKey(
        "orders.OrderChange",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="added_lines",
        verbose_name=_("added by"),
    )
    paid_by = models.ForeignKey(
        "orders.OrderChange",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("paid by"),
    )
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="substitutes",
        verbose_name=_("substitute for"),
    )
    replaced_quantity = QuantityColumn(
        _("replaced quantity"), default=0, db_default=0, editable=False
    )
    replaced_amount = MoneyColumn(
        _("replaced amount"), default=Decimal(0), db_default=Decimal(0), editable=False
    )
    unit_price = MoneyColumn(_("unit price"), default=Decimal("0.00"))
    discount = MoneyColumn(_("discount"), default=Decimal("0.00"))
    tax = MoneyColumn(_("tax"), default=Decimal("0.00"))
    total = MoneyColumn(_("total"), default=Decimal("0.00"))

    objects = LimitedManager.from_queryset(OrderLineQuerySet)()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order", "number"]
        constraints = [
            models.UniqueConstraint(
                name="order_line_number_once",
                fields=["order", "number"],
                violation_error_message=_("The order already has a line with this number."),
            ),
            models.CheckConstraint(
                name="order_line_quantity_positive",
                condition=Q(quantity__gt=0),
                violation_error_message=_("A line orders more than 0."),
            ),
            models.CheckConstraint(
                name="order_line_quantities_not_negative",
                condition=Q(
                    canceled_quantity__gte=0,
                    invoiced_quantity__gte=0,
                    shipped_quantity__gte=0,
                    refunded_unshipped_quantity__gte=0,
                    returned_quantity__gte=0,
                    backordered_quantity__gte=0,
                ),
                violation_error_message=_("No quantity of a line is negative."),
            ),
            models.CheckConstraint(
                name="order_line_backordered_within_quantity",
                condition=Q(backordered_quantity__lte=F("quantity")),
                violation_error_message=_("No more is backordered than was ordered."),
            ),
            models.CheckConstraint(
                name="order_line_open_not_negative",
                condition=Q(
                    quantity__gte=F("canceled_quantity")
                    + F("refunded_unshipped_quantity")
                    + Case(
                        When(is_virtual=True, then=F("invoiced_quantity")),
                        default=F("shipped_quantity"),
                    )
                ),
                violation_error_message=_("More is canceled, refunded and shipped than ordered."),
            ),
            models.CheckConstraint(
                name="order_line_substitute_replaces_units",
                condition=Q(replaces=None, replaced_quantity=0)
                | Q(replaces__isnull=False, replaced_quantity__gt=0),
                violation_error_message=_("A substitute replaces units of a line."),
            ),
            models.CheckConstraint(
                name="order_line_refunded_within_invoiced",
                condition=Q(refunded_quantity__lte=F("invoiced_quantity"))
                & Q(refunded_unshipped_quantity__lte=F("refunded_quantity"))
                & Q(exchanged_quantity__gte=0)
                & Q(exchanged_quantity__lte=F("refunded_quantity"))
                & Q(invoiced_quantity__lte=F("quantity") - F("canceled_quantity")),
                violation_error_message=_("Only captured units are refunded."),
            ),
            models.CheckConstraint(
                name="order_line_returned_within_deducted",
                condition=Q(
                    returned_quantity__lte=Case(
                        When(is_virtual=True, then=F("invoiced_quantity")),
                        default=F("shipped_quantity"),
                    )
                ),
                violation_error_message=_("No more units are returned than were shipped."),
            ),
        ]
        indexes = [
            # Search and filters by SKU in the order list.
            models.Index(name="order_line_by_sku", fields=["sku", "order"]),
            models.Index(
                OpClass(FoldedText("sku"), "text_pattern_ops"), name="order_line_by_beginning"
            ),
            # Lines that wait with their order and need no units, for release runs.
            models.Index(
                name="order_line_unmanaged",
                fields=["id"],
                condition=Q(is_reserving=False, is_virtual=False),
            ),
        ]
        triggers = [NEVER_DELETED]

    def __str__(self) -> str:
        return f"{self.sku} ({self.number})"

    @property
    def is_in_force(self) -> bool:
        """Whether it was placed, or added by a change that was applied."""
        return self.change is None or self.change.state == "APPLIED"

    @property
    def paid_back_quantity(self) -> Decimal:
        """Units that were refunded, and not exchanged."""
        return self.refunded_quantity - self.exchanged_quantity

    @property
    def deducted_quantity(self) -> Decimal:
        """Units that have left the books: shipped, or for a virtual line invoiced."""
        return self.invoiced_quantity if self.is_virtual else self.shipped_quantity


def leaving_sum(column: str) -> Coalesce:
    """Return the sum of a column of substitutes that wait for payment, of the line they replace.

    ``replaced_quantity``: the units that a change takes away once it is paid for;
    ``replaced_amount``: what these are worth.
    """
    pending = OrderLine.objects.filter(replaces=OuterRef("pk"), change__state="PENDING")
    sums = pending.order_by().values("replaces").annotate(leaving=Sum(column))
    kind = MoneyColumn() if column == "replaced_amount" else QuantityColumn()
    return Coalesce(Subquery(sums.values("leaving")), Value(Decimal(0), kind))

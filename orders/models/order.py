"""What customers asked for."""

from decimal import Decimal
from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.folding import FoldedText
from core.models.columns import MoneyColumn, QuantityColumn
from core.models.row_version import VersionedModel
from inventory.models import Product, SalesChannel, Source, Stock
from orders.customer_words import CUSTOMER_WORDS
from orders.order_status import UNPAID, OrderStatus

# Of an order with something left to do, for the indexes of lists that show those alone.
NOT_ENDED = Q(status__in=["PENDING_PAYMENT", "PAYMENT_REVIEW", "PROCESSING", "PARTIALLY_SHIPPED"])


class FulfillmentMethod(models.TextChoices):
    SHIP_TO_HOME = "SHIP_TO_HOME", _("Ship to home")
    PICKUP = "PICKUP", _("Pickup")


class Order(VersionedModel):
    """What a customer asked for, with the stock that served the channel when it was placed."""

    class Status(models.TextChoices):
        PENDING_PAYMENT = OrderStatus.PENDING_PAYMENT.value, _("Pending payment")
        PAYMENT_REVIEW = OrderStatus.PAYMENT_REVIEW.value, _("Payment review")
        PROCESSING = OrderStatus.PROCESSING.value, _("Processing")
        PARTIALLY_SHIPPED = OrderStatus.PARTIALLY_SHIPPED.value, _("Partially shipped")
        COMPLETE = OrderStatus.COMPLETE.value, _("Complete")
        CANCELED = OrderStatus.CANCELED.value, pgettext_lazy("order", "Canceled")
        CLOSED = OrderStatus.CLOSED.value, _("Closed")

    UNPAID = tuple(map(Status, UNPAID))
    # Paid or authorized, with something left to ship or to invoice.
    OPEN = (Status.PROCESSING, Status.PARTIALLY_SHIPPED)
    # Where it goes, by column.
    ADDRESS = ("recipient", "street", "city", "region", "postcode", "country")
    # Nothing is open.
    ENDED = (Status.COMPLETE, Status.CANCELED, Status.CLOSED)

    number = models.CharField(_("number"), max_length=32, unique=True)
    channel = models.ForeignKey(
        SalesChannel, models.PROTECT, related_name="orders", verbose_name=_("sales channel")
    )
    stock = models.ForeignKey(
        Stock, models.PROTECT, related_name="orders", verbose_name=_("stock"), editable=False
    )
    status = models.CharField(
        _("status"), max_length=24, choices=Status, default=Status.PENDING_PAYMENT, editable=False
    )
    placed_at = models.DateTimeField(_("placed at"))
    priority = models.IntegerField(
        _("priority"), default=0, help_text=_("Higher goes first in the release queue.")
    )

    customer_name = models.CharField(_("customer name"), max_length=200)
    customer_email = models.EmailField(_("customer e-mail"))
    customer_language = models.CharField(_("customer language"), max_length=16, default="en")

    fulfillment_method = models.CharField(
        _("fulfillment method"),
        max_length=16,
        choices=FulfillmentMethod,
        default=FulfillmentMethod.SHIP_TO_HOME,
    )
    pickup_source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pickup_orders",
        verbose_name=_("pickup source"),
    )
    recipient = models.CharField(_("recipient"), max_length=200, blank=True)
    street = models.CharField(_("street"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    postcode = models.CharField(_("postcode"), max_length=32, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )

    currency = models.CharField(_("currency"), max_length=3, default="USD")
    total = MoneyColumn(_("total"), default=Decimal("0.00"), editable=False)
    backordered_quantity = QuantityColumn(
        _("backordered quantity"),
        default=0,
        db_default=0,
        editable=False,
        help_text=_("The sum over its lines, fixed at placement as theirs are."),
    )
    idempotency_key = models.CharField(
        _("idempotency key"), max_length=255, null=True, blank=True, unique=True, editable=False
    )
    request_fingerprint = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="order_pickup_has_a_source",
                condition=Q(fulfillment_method="PICKUP", pickup_source__isnull=False)
                | Q(fulfillment_method="SHIP_TO_HOME", pickup_source=None),
                violation_error_message=_("A pickup order names its source; no other does."),
            ),
        ]
        indexes = [
            # The order list, newest first, by status.
            models.Index(name="order_by_status", fields=["status", "placed_at", "id"]),
            models.Index(name="order_newest_first", fields=["-placed_at", "-id"]),
            # The same for its tabs: of orders with something to do, and of those that are done.
            models.Index(
                name="order_not_ended",
                fields=["-placed_at", "-id"],
                condition=NOT_ENDED,
            ),
            models.Index(
                name="order_ended",
                fields=["-placed_at", "-id"],
                condition=Q(status__in=["COMPLETE", "CANCELED", "CLOSED"]),
            ),
            models.Index(
                name="order_not_ended_by_number",
                fields=["number", "placed_at", "id"],
                condition=NOT_ENDED,
            ),
            models.Index(
                name="order_not_ended_by_total",
                fields=["total", "placed_at", "id"],
                condition=NOT_ENDED,
            ),
            models.Index(
                name="order_not_ended_by_units",
                fields=["backordered_quantity", "placed_at", "id"],
                condition=NOT_ENDED,
            ),
            # The staff's search by customer, and a customer's other orders, newest first.
            models.Index(name="order_by_email", fields=["customer_email", "-id"]),
            GinIndex(CUSTOMER_WORDS, name="order_by_customer"),
            # The same, by the beginning of a number or an address in whatever case.
            models.Index(OpClass(Upper("number"), "text_pattern_ops"), name="order_by_beginning"),
            models.Index(
                OpClass(Upper("customer_email"), "text_pattern_ops"),
                name="order_by_email_beginning",
            ),
            # The order list by value, and by what was backordered.
            models.Index(name="order_by_total", fields=["total", "placed_at", "id"]),
            models.Index(
                name="order_by_backordered", fields=["backordered_quantity", "placed_at", "id"]
            ),
            # What lists of shipments sort by, without a look at the orders themselves.
            models.Index(
                name="order_sorts_shipments", fields=["id"], include=["customer_name", "number"]
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_pickup(self) -> bool:
        return self.fulfillment_method == FulfillmentMethod.PICKUP

    def address(self) -> dict[str, str]:
        """Return where it goes, by column; a pickup order may have no address."""
        return {name: getattr(self, name) for name in self.ADDRESS}

    @property
    def is_paid_for(self) -> bool:
        """Whether the order is paid or authorized, so that it may be released and shipped."""
        return self.status not in self.UNPAID


# Lines as they were placed, and those of changes that were applied.
IN_FORCE = Q(change=None) | Q(change__state="APPLIED")


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def in_force(self) -> Self:
        """Leave out the lines of a change that waits for its payment, or was declined."""
        return self.filter(IN_FORCE)


class OrderLine(models.Model):
    """One product of an order, and what has become of its units.

    ``change`` is the order change that added it; none for what was placed.
    Whether the line reserves (its stock was managed) is decided at placement and kept.
    ``invoiced_quantity`` is what has been captured; ``refunded_quantity`` all that was refunded,
    of which ``refunded_unshipped_quantity`` never left.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", verbose_name=_("order"))
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
    returned_quantity = QuantityColumn(_("returned to stock after shipping"), default=0)
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
    unit_price = MoneyColumn(_("unit price"), default=Decimal("0.00"))
    discount = MoneyColumn(_("discount"), default=Decimal("0.00"))
    tax = MoneyColumn(_("tax"), default=Decimal("0.00"))
    total = MoneyColumn(_("total"), default=Decimal("0.00"))

    objects = OrderLineQuerySet.as_manager()

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
                name="order_line_refunded_within_invoiced",
                condition=Q(refunded_quantity__lte=F("invoiced_quantity"))
                & Q(refunded_unshipped_quantity__lte=F("refunded_quantity"))
                & Q(invoiced_quantity__lte=F("quantity") - F("canceled_quantity")),
                violation_error_message=_("Only captured units are refunded."),
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

    def __str__(self) -> str:
        return f"{self.sku} ({self.number})"

    @property
    def is_in_force(self) -> bool:
        """Whether it was placed, or added by a change that was applied."""
        return self.change is None or self.change.state == "APPLIED"

    @property
    def deducted_quantity(self) -> Decimal:
        """Units that have left the books: shipped, or for a virtual line invoiced."""
        return self.invoiced_quantity if self.is_virtual else self.shipped_quantity

"""What customers asked for."""

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.models.columns import MoneyColumn, QuantityColumn
from core.models.permanent_rows import NEVER_DELETED
from core.models.row_version import VersionedModel
from inventory.models import SalesChannel, Source, Stock
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

    ship_complete = models.BooleanField(
        _("ship complete"),
        default=False,
        db_default=False,
        help_text=_("Nothing of the order leaves before all of it can."),
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

    objects = LimitedManager["Order"]()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-pk"]
        permissions = [
            ("cancel_order", "Can cancel units of orders"),
            ("refund_order", "Can refund units of orders"),
        ]
        constraints = [
            models.CheckConstraint(
                name="order_pickup_has_a_source",
                condition=Q(fulfillment_method="PICKUP", pickup_source__isnull=False)
                | Q(fulfillment_method="SHIP_TO_HOME", pickup_source=None),
                violation_error_message=_("A pickup order names its source; no other does."),
            ),
        ]
        triggers = [NEVER_DELETED]
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

"""Units that came back after they had left: each return kept as a record, with its lines."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models.columns import MoneyColumn
from inventory.models import Source
from orders.models.change import ChangedLine, ChangeRecord, Refund
from orders.models.order_change import OrderChange


class Return(ChangeRecord):
    """Shipped units of an order that came back together, with what became of their money.

    It is OPEN while its money is to be paid back later. Its ``refund`` takes the units off what is
    paid for; where they were exchanged, that money pays for the lines of the ``exchange``, and no
    gateway is asked. ``amount`` is what they are worth; 0 where nothing is paid back.

    Rule: Picking and shipping, returns (§21).
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("return", "Refund due")
        REFUNDED = "REFUNDED", pgettext_lazy("return", "Refunded")
        EXCHANGED = "EXCHANGED", pgettext_lazy("return", "Exchanged")
        CLOSED = "CLOSED", pgettext_lazy("return", "No refund")

    state = models.CharField(_("state"), max_length=16, choices=State, default=State.CLOSED)
    amount = MoneyColumn(_("amount"), default=0)
    refund = models.OneToOneField(
        Refund, models.PROTECT, null=True, related_name="of_return", verbose_name=_("refund")
    )
    exchange = models.OneToOneField(
        OrderChange, models.PROTECT, null=True, related_name="of_return", verbose_name=_("exchange")
    )

    class Meta(ChangeRecord.Meta):
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = [
            models.CheckConstraint(
                name="return_state_says_what_became_of_its_money",
                condition=Q(state__in=["OPEN", "CLOSED"], refund=None, exchange=None)
                | Q(state="REFUNDED", refund__isnull=False, exchange=None)
                | Q(state="EXCHANGED", refund__isnull=False, exchange__isnull=False),
                violation_error_message=_("A return that is settled names what settled it."),
            ),
        ]
        indexes = [
            # Refunds that are due: the list, and My work.
            models.Index(name="return_open", fields=["id"], condition=Q(state="OPEN")),
        ]


class ReturnLine(ChangedLine):
    """Units of one order line that came back from one shipment, in one condition.

    The shipment is held by its number, for shipments live downstream of orders.
    """

    class Condition(models.TextChoices):
        AS_NEW = "AS_NEW", pgettext_lazy("returned units", "As new")
        OPENED = "OPENED", pgettext_lazy("returned units", "Opened")
        DAMAGED = "DAMAGED", pgettext_lazy("returned units", "Damaged")

    of_return = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    shipment_number = models.CharField(_("shipment"), max_length=48)
    condition = models.CharField(_("condition"), max_length=16, choices=Condition)
    is_to_stock = models.BooleanField(_("to stock"))
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))

    class Meta(ChangedLine.Meta):
        verbose_name = _("returned line")
        verbose_name_plural = _("returned lines")
        constraints = [
            models.CheckConstraint(
                name="return_line_quantity_positive", condition=Q(quantity__gt=0)
            ),
        ]
        indexes = [
            # What of a shipment came back: undoing it is refused then.
            models.Index(name="return_line_by_shipment", fields=["shipment_number"]),
        ]

"""Changes of placed orders: each one entry in the history of its order."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.change import ChangeRecord
from orders.models.payment import Payment


class OrderChange(ChangeRecord):
    """One change of a placed order, whole or not at all: what changed, when, why and by whom.

    ``steps`` are the columns of the order that are set, each ``{column, before, after}`` as text;
    the lines that it adds point to it. One that asks for money is PENDING until the gateway has
    answered about its ``payment``: until then its units are set aside, and none of them can ship.

    Rule: Changing an order (§20).
    """

    class State(models.TextChoices):
        APPLIED = "APPLIED", pgettext_lazy("order change", "Applied")
        PENDING = "PENDING", pgettext_lazy("order change", "Waiting for payment")
        DECLINED = "DECLINED", pgettext_lazy("order change", "Payment declined")

    state = models.CharField(_("state"), max_length=16, choices=State, default=State.APPLIED)
    steps = models.JSONField(_("steps"), default=list)
    payment = models.OneToOneField(
        Payment,
        models.PROTECT,
        null=True,
        related_name="order_change",
        verbose_name=_("payment"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta(ChangeRecord.Meta):
        verbose_name = _("order change")
        verbose_name_plural = _("order changes")
        constraints = [
            models.CheckConstraint(
                name="order_change_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("A change of an order has a reason."),
            ),
            models.UniqueConstraint(
                name="order_change_one_pending_per_order",
                fields=["order"],
                condition=Q(state="PENDING"),
                violation_error_message=_("Another change of the order waits for its payment."),
            ),
            models.CheckConstraint(
                name="order_change_pending_waits_for_a_payment",
                condition=~Q(state="PENDING") | Q(payment__isnull=False, decided_at=None),
                violation_error_message=_("A change that is not decided waits for a payment."),
            ),
        ]

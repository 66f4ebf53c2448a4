"""Changes of placed orders: each one entry in the history of its order."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.change import ChangeRecord


class OrderChange(ChangeRecord):
    """One change of a placed order, whole or not at all: what changed, when, why and by whom.

    ``steps`` are the columns of the order that were set, each ``{column, before, after}`` as text.

    Rule: Changing an order (§20).
    """

    class State(models.TextChoices):
        APPLIED = "APPLIED", pgettext_lazy("order change", "Applied")

    state = models.CharField(_("state"), max_length=16, choices=State, default=State.APPLIED)
    steps = models.JSONField(_("steps"), default=list)

    class Meta(ChangeRecord.Meta):
        verbose_name = _("order change")
        verbose_name_plural = _("order changes")
        constraints = [
            models.CheckConstraint(
                name="order_change_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("A change of an order has a reason."),
            ),
        ]

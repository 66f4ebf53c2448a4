"""Sales channels: where orders come from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from inventory.models.source import code_column
from inventory.models.stock import Stock
from inventory.options import DelayRule


class SalesChannel(models.Model):
    """Where orders come from; belongs to exactly one stock."""

    code = code_column()
    name = models.CharField(_("name"), max_length=200, blank=True)
    stock = models.ForeignKey(
        Stock, models.PROTECT, related_name="sales_channels", verbose_name=_("stock")
    )
    delay_rule = models.CharField(
        _("when units are late"),
        max_length=8,
        choices=[(rule.value, _(rule.label)) for rule in DelayRule],
        default=DelayRule.NOTIFY.value,
        db_default=DelayRule.NOTIFY.value,
        help_text=_(
            "Consent follows the rule of the United States for mail, internet and telephone "
            "orders (16 CFR 435), as we understand it. In the European Union silence ends no "
            "contract: inform customers there, and let them cancel backordered units. This is no "
            "legal advice."
        ),
    )

    objects = LimitedManager["SalesChannel"]()

    class Meta:
        verbose_name = _("sales channel")
        verbose_name_plural = _("sales channels")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

"""Products of which more may be released since the last arrival run took note."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.models import Product


class ArrivalNotice(models.Model):
    """One product whose units became available; an arrival run takes all there are at once.

    Written in the transaction that makes the units available, so none is forgotten; a product
    noted twice before the run is noted once.
    """

    product = models.OneToOneField(
        Product, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("product")
    )

    class Meta:
        verbose_name = _("arrival notice")
        verbose_name_plural = _("arrival notices")
        ordering = ["product"]

    def __str__(self) -> str:
        return str(self.product_id)

"""Products of which more may be released since the last arrival run took note."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.models import Product


class ArrivalNotice(models.Model):
    """One product whose units became available; an arrival run takes all there are at once.

    Written in the transaction that makes the units available, so none is forgotten, and a row of
    that transaction's own: one that leant on another's would be lost with it, were that taken up
    before its units can be seen.
    """

    product = models.ForeignKey(
        Product, models.CASCADE, db_index=False, related_name="+", verbose_name=_("product")
    )
    noted_in = models.BigIntegerField(
        _("noted in"),
        db_default=models.Func(
            template="pg_current_xact_id()::text::bigint", output_field=models.BigIntegerField()
        ),
        help_text=_("The number of the database's transaction."),
    )

    class Meta:
        verbose_name = _("arrival notice")
        verbose_name_plural = _("arrival notices")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="arrival_notice_once_a_transaction", fields=["product", "noted_in"]
            ),
        ]

    def __str__(self) -> str:
        return str(self.product_id)

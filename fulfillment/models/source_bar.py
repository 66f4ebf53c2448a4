"""Sources that must not serve a product of a shipment: its count there was found wrong."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.columns import person_column
from fulfillment.models.shipment import Shipment
from inventory.models import Product, Source


class SourceBarQuerySet(models.QuerySet["SourceBar"]):
    def in_force(self) -> Self:
        """Keep the bars that nothing has ended yet."""
        return self.filter(ended_at=None)

    def shown(self) -> Self:
        """Keep those in force, oldest first, with the names that people use."""
        bars = self.in_force().select_related("source", "product", "created_by")
        return bars.order_by("created_at", "pk")


class SourceBar(models.Model):
    """A source shut to one shipment's product, until units of it come in there or are counted.

    ``ended_by`` is the person who lifted it; empty where units ended it.
    """

    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="bars", verbose_name=_("shipment")
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product")
    )
    created_at = models.DateTimeField(_("barred since"))
    created_by = person_column(_("barred by"), models.PROTECT)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = person_column(_("lifted by"), models.PROTECT)

    objects = SourceBarQuerySet.as_manager()

    class Meta:
        verbose_name = _("source bar")
        verbose_name_plural = _("source bars")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="source_bar_once_while_in_force",
                fields=["shipment", "source", "product"],
                condition=Q(ended_at=None),
                violation_error_message=_("This source is barred already."),
            ),
        ]
        indexes = [
            # Units that come in, or are counted, end the bars of their item.
            models.Index(
                name="source_bar_in_force",
                fields=["source", "product"],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment}: {self.product} @ {self.source}"

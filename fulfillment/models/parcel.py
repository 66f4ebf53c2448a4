"""Parcels, in which shipments leave."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.models.columns import QuantityColumn
from fulfillment.models.carrier import Carrier
from fulfillment.models.shipment import Shipment
from fulfillment.tracking import LONGEST_NUMBER, link_of


class Parcel(models.Model):
    """One box of a shipment that has left; which units lie in which is not kept."""

    shipment = models.ForeignKey(
        Shipment, models.PROTECT, related_name="parcels", verbose_name=_("shipment")
    )
    carrier = models.ForeignKey(
        Carrier, models.PROTECT, related_name="parcels", verbose_name=_("carrier")
    )
    tracking_number = models.CharField(_("tracking number"), max_length=LONGEST_NUMBER, blank=True)
    weight = QuantityColumn(_("weight in kilograms"), null=True, blank=True)

    objects = LimitedManager["Parcel"]()

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["pk"]
        indexes = [
            # The list of parcels finds a tracking number by its beginning.
            models.Index(
                OpClass(Upper("tracking_number"), "text_pattern_ops"), name="parcel_by_beginning"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="parcel_number_once_per_shipment",
                fields=["shipment", "carrier", "tracking_number"],
                condition=~Q(tracking_number=""),
                violation_error_message=_("The shipment already has a parcel with this number."),
            ),
            models.CheckConstraint(
                name="parcel_weight_positive",
                condition=Q(weight=None) | Q(weight__gt=0),
                violation_error_message=_("A weight is more than 0."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}".strip()

    @property
    def tracking_url(self) -> str:
        """The carrier's link to the parcel; empty where there is none."""
        return link_of(self.carrier.tracking_url, self.tracking_number)

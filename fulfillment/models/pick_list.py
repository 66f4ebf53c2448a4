"""Pick lists: READY shipments of one source that a person fetches from the shelves."""

from typing import Self

from django.db import models
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.models.columns import QuantityColumn, person_column
from core.quantities import ZERO
from fulfillment.models.shipment import Shipment
from fulfillment.models.shipment_line import ShipmentLine
from inventory.models import Source


class PickListQuerySet(models.QuerySet["PickList"]):
    def locked(self) -> Self:
        """Lock the lists until the transaction ends, in key order."""
        return self.order_by("pk").select_for_update(of=("self",))

    def with_counts(self) -> Self:
        """Add how many shipments are on each list, its units, and those picked; put back: none."""
        counted = Q(picks__is_put_back=False)
        return self.annotate(
            shipment_count=Count("picks__shipment", filter=counted, distinct=True),
            unit_count=Sum("picks__quantity", filter=counted, default=0),
            picked_count=Sum("picks__picked_quantity", filter=counted, default=0),
        )


class PickList(models.Model):
    """READY shipments of one source, fetched together.

    A list closes when all of it is shipped, taken off or put back, or by hand.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("pick list", "Open")
        CLOSED = "CLOSED", pgettext_lazy("pick list", "Closed")

    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    created_by = person_column(_("made by"), models.PROTECT)
    created_at = models.DateTimeField(_("made at"))

    objects = LimitedManager.from_queryset(PickListQuerySet)()

    class Meta:
        verbose_name = _("pick list")
        verbose_name_plural = _("pick lists")
        ordering = ["-pk"]
        indexes = [
            # The list of pick lists by state, newest first.
            models.Index(name="pick_list_by_state", fields=["state", "id"]),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class PickLine(models.Model):
    """Units of a shipment's line to fetch, and how many were.

    ``quantity`` are the units when the list was made. A pick is open until its shipment has left,
    is taken off or is put back. ``is_put_back`` says that it left the list without being sent: what
    was picked of it must return to the shelf. The database keeps both as shipments leave READY,
    whatever moves them.
    """

    pick_list = models.ForeignKey(
        PickList, models.CASCADE, related_name="picks", verbose_name=_("pick list")
    )
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, related_name="picks", verbose_name=_("shipment")
    )
    shipment_line = models.ForeignKey(
        ShipmentLine, models.PROTECT, related_name="picks", verbose_name=_("shipment line")
    )
    quantity = QuantityColumn(_("quantity"))
    picked_quantity = QuantityColumn(_("picked quantity"), default=ZERO)
    counted_at = models.DateTimeField(
        _("counted at"),
        null=True,
        blank=True,
        help_text=_("When its picked units were last counted."),
    )
    is_open = models.BooleanField(_("open"), default=True)
    is_put_back = models.BooleanField(_("put back"), default=False)

    objects = LimitedManager["PickLine"]()

    class Meta:
        verbose_name = _("pick")
        verbose_name_plural = _("picks")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="pick_line_on_one_open_list",
                fields=["shipment_line"],
                condition=Q(is_open=True),
                violation_error_message=_("A shipment is on at most one open pick list."),
            ),
            models.CheckConstraint(
                name="pick_line_picked_within_quantity",
                condition=Q(picked_quantity__gte=0, picked_quantity__lte=F("quantity")),
                violation_error_message=_("No more units are picked than were to be fetched."),
            ),
            models.CheckConstraint(
                name="pick_line_put_back_is_not_open",
                condition=~Q(is_open=True, is_put_back=True),
                violation_error_message=_("Units that are put back are not fetched."),
            ),
        ]
        indexes = [
            # Shipments that leave READY leave their list.
            models.Index(
                name="pick_line_open_by_shipment",
                fields=["shipment"],
                condition=Q(is_open=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pick_list} {self.shipment_line_id}"


class PickScan(models.Model):
    """One scan that was counted: the same scan sent again counts nothing."""

    pick_list = models.ForeignKey(PickList, models.CASCADE, db_index=False, related_name="scans")
    key = models.CharField(_("scan"), max_length=64)
    pick = models.ForeignKey(PickLine, models.CASCADE, related_name="+")
    scanned_by = person_column(_("scanned by"), models.PROTECT)
    scanned_at = models.DateTimeField(_("scanned at"))

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="pick_scan_once",
                fields=["pick_list", "key"],
                violation_error_message=_("This scan is counted already."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

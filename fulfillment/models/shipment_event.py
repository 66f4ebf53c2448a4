"""The timeline of shipments."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from core.access_limits import LimitedManager
from core.models.columns import person_column
from fulfillment.models.shipment import Shipment

# What operations write where no person gives a reason.
OWN_REASONS = {
    "CALENDAR": _("Nothing leaves its source on the former date."),
    "CHANGE": _("It was put on hold for an order change."),
    "CHANGED": _("The content of the box, or of its packing slip, has changed."),
    "COUNT": _("Fewer units were counted than it held."),
    "PAYMENT": _("The payment of its order"),
    "RECEIPT": _("The receipt of its units was taken back."),
    "REST": _("Its order ships complete."),
    "RELEASE_DATE": _("The release date of its product was changed."),
    "SHORT": _("Units were missing when it was picked."),
    "STAFF": _("It was put on hold by staff."),
    "SUPPLY": _("Its supply arrived or changed."),
}


class ShipmentEvent(models.Model):
    """One entry of a shipment's timeline: event, actor, reason."""

    class Kind(models.TextChoices):
        CREATED = "CREATED", _("Created")
        RELEASED = "RELEASED", _("Released")
        RELEASED_AHEAD = "RELEASED_AHEAD", _("Released ahead of the queue")
        RELEASED_IN_PART = "RELEASED_IN_PART", _("Released in part")
        HELD = "HELD", _("Held")
        HOLD_LIFTED = "HOLD_LIFTED", _("Hold lifted")
        REASSIGNED = "REASSIGNED", _("Reassigned")
        BACKORDERED = "BACKORDERED", _("Moved to backorder")
        PROMISED_AGAIN = "PROMISED_AGAIN", _("Promised incoming units again")
        BAR_LIFTED = "BAR_LIFTED", _("Bar of a source lifted")
        CUSTOMER_CARE = "CUSTOMER_CARE", _("Sent to customer care")
        PRIORITY_SET = "PRIORITY_SET", _("Priority set")
        ASSIGNED = "ASSIGNED", _("Assigned")
        EXPECTED_DATE_SET = "EXPECTED_DATE_SET", _("Expected date set")
        PACKED = "PACKED", pgettext_lazy("shipment", "Packed")
        UNPACKED = "UNPACKED", pgettext_lazy("shipment", "Unpacked")
        SET_ASIDE = "SET_ASIDE", pgettext_lazy("shipment event", "Set aside for pickup")
        SLIP_PRINTED = "SLIP_PRINTED", _("Packing slip printed")
        DELAY_ASKED = "DELAY_ASKED", _("Customer asked about a delay")
        DELAY_DECIDED = "DELAY_DECIDED", _("Delay request decided")
        RULE = "RULE", _("Rule applied")
        FULFILLED = "FULFILLED", _("Fulfilled")
        FULFILLMENT_UNDONE = (
            "FULFILLMENT_UNDONE",
            pgettext_lazy("shipment event", "Shipping undone"),
        )
        PARCEL_ADDED = "PARCEL_ADDED", _("Parcel added")
        PARCEL_CHANGED = "PARCEL_CHANGED", _("Parcel corrected")
        PARCEL_REMOVED = "PARCEL_REMOVED", _("Parcel removed")
        CANCELED = "CANCELED", pgettext_lazy("shipment", "Canceled")
        REFUNDED = "REFUNDED", pgettext_lazy("shipment", "Refunded")
        PAYMENT = "PAYMENT", _("Payment")

    # Those whose detail may name a new expected date, as ``to``.
    DATING_KINDS = (Kind.EXPECTED_DATE_SET, Kind.RELEASED, Kind.RELEASED_AHEAD, Kind.BACKORDERED)

    shipment = models.ForeignKey(
        Shipment, models.CASCADE, db_constraint=False, related_name="events"
    )
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    actor = person_column(_("actor"), models.PROTECT, is_indexed=False)
    created_at = models.DateTimeField(_("time"))

    objects = LimitedManager["ShipmentEvent"]()

    class Meta:
        verbose_name = _("shipment event")
        verbose_name_plural = _("shipment events")
        ordering = ["pk"]
        indexes = [
            # What was canceled in a time: the page of kept promises.
            models.Index(
                name="shipment_event_canceled",
                fields=["created_at"],
                condition=models.Q(kind__in=["CANCELED", "REFUNDED"]),
            ),
            # What a person did: nobody who acted is deleted.
            models.Index(
                name="shipment_event_by_actor",
                fields=["actor"],
                condition=models.Q(actor__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.Kind(self.kind).label}"

    def get_kind_display(self) -> str:  # type: ignore[no-redef]
        """Return the kind in words; what its customer collects is handed over (domain.md §21)."""
        if self.kind == self.Kind.FULFILLED and self.shipment.is_pickup:
            return pgettext("shipment", "Handed over")
        return str(self.Kind(self.kind).label)

    @property
    def reason_in_words(self) -> str:
        """The text of a person, or the cause of an act of the system."""
        return str(OWN_REASONS.get(self.reason, self.reason))

"""Shipments: the parts of an order that leave together, or wait for units."""

from datetime import date
from decimal import Decimal
from typing import Self, TypeAlias, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from core.access_limits import LimitedManager
from core.models.columns import MoneyColumn
from core.models.permanent_rows import NEVER_DELETED
from core.models.row_version import VersionedModel
from fulfillment.models.departure_conditions import TO_SHIP
from fulfillment.models.shipment_indexes import INDEXES
from inventory.models import Source, Stock
from orders.models import Order
from orders.ports import ShipmentState

# A shipment, with what its query adds.
Row = TypeVar("Row", bound="Shipment", covariant=True)


class ShipmentQuerySet(models.QuerySet[Row, Row]):
    def backordered(self) -> Self:
        return self.filter(state=Shipment.State.BACKORDER)

    def in_queue(self) -> Self:
        """Keep what a release run considers, or says why it does not: backorders and promises."""
        return self.filter(state__in=Shipment.QUEUED_STATES)

    def waiting(self) -> Self:
        """Keep what is owed to customers and not set aside, exceptions included."""
        return self.filter(state__in=Shipment.WAITING_STATES)

    def to_ship(self) -> Self:
        """Keep what staff can ship now, as :data:`TO_SHIP`."""
        return self.filter(TO_SHIP)

    def not_collected(self, *, today: date) -> Self:
        """Keep what can be collected, and was kept until a day that is over."""
        return self.filter(state=Shipment.State.READY, is_held=False, collect_by__lt=today)

    def with_names(self) -> Self:
        """Read along the order, channel, stock, sources and person that lists name."""
        return self.select_related("order__channel", "stock", "source", "pickup_source", "assignee")

    def queue_order(self) -> Self:
        """Order by priority (high first), backordered since (old first), id."""
        return self.order_by("-priority", "backordered_since", "pk")

    def locked(self) -> Self:
        """Lock the rows until the transaction ends, always in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",))


class Shipment(VersionedModel):
    """The part of an order that leaves one source together, or waits for units.

    A backorder has no source. ``backordered_since`` is when the shipment, or the first it
    descends from, first waited. ``stock`` repeats the order's, for the queue.
    """

    class State(models.TextChoices):
        READY = ShipmentState.READY, _("Ready")
        BACKORDER = ShipmentState.BACKORDER, _("Backorder")
        FUTURE = ShipmentState.FUTURE, _("Future")
        CUSTOMER_CARE = ShipmentState.CUSTOMER_CARE, _("Customer care")
        REASSIGNED = ShipmentState.REASSIGNED, _("Reassigned")
        FULFILLED = ShipmentState.FULFILLED, _("Fulfilled")
        CANCELED = ShipmentState.CANCELED, pgettext_lazy("shipment", "Canceled")

    class HoldReason(models.TextChoices):
        STAFF = "STAFF", _("Held by staff")
        PAYMENT = "PAYMENT", _("Held for payment")
        CHANGE = "CHANGE", _("Held for an order change")
        REST = "REST", _("Waiting for the rest of the order")

    QUEUED_STATES = (State.BACKORDER, State.FUTURE)
    WAITING_STATES = (State.BACKORDER, State.FUTURE, State.CUSTOMER_CARE)
    OPEN_STATES = (State.READY, *WAITING_STATES)
    TERMINAL_STATES = (State.REASSIGNED, State.FULFILLED, State.CANCELED)

    number = models.CharField(_("number"), max_length=48, unique=True)
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, related_name="shipments",
        verbose_name=_("order"),
    )  # fmt: skip
    stock = models.ForeignKey(
        Stock, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+",
        verbose_name=_("stock"),
    )  # fmt: skip
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, db_index=False, related_name="shipments",
        verbose_name=_("source"),
        help_text=_("The source that ships it. Empty while it is backordered."),
    )  # fmt: skip
    pickup_source = models.ForeignKey(
        Source, models.PROTECT, null=True, db_index=False, related_name="+",
        verbose_name=_("pickup source"),
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=16, choices=State)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, db_constraint=False,
        related_name="children", verbose_name=_("parent"),
    )  # fmt: skip
    is_held = models.BooleanField(_("held"), default=False)
    hold_reason = models.CharField(_("hold reason"), max_length=16, choices=HoldReason, blank=True)
    hold_note = models.CharField(_("hold note"), max_length=500, blank=True)
    awaits_payment = models.BooleanField(
        _("awaits payment"),
        default=False,
        db_default=False,
        help_text=_("The payment must be authorized again before it ships."),
    )
    payment_retry_at = models.DateTimeField(
        _("payment asked again at"),
        null=True,
        blank=True,
        help_text=_(
            "When the payment is requested again. The shipment is not released before. "
            "Empty means that staff decide."
        ),
    )
    payment_refusal_count = models.PositiveIntegerField(
        _("payment refusals"), default=0, db_default=0
    )
    care_reason = models.CharField(_("customer care reason"), max_length=500, blank=True)
    priority = models.IntegerField(_("priority"), default=0)
    backordered_since = models.DateTimeField(_("backordered since"), null=True, blank=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    is_expected_on_fixed = models.BooleanField(
        _("expected date set by staff"),
        default=False,
        help_text=_("Release runs do not change a date set by staff."),
    )
    preorder_on = models.DateField(
        _("pre-order for"),
        null=True,
        blank=True,
        help_text=_("The release date that a pre-order waits for. It is not released before."),
    )
    has_known_supply = models.BooleanField(
        _("known supply for the expected date"),
        default=False,
        db_default=False,
        help_text=_("Known supply covers the shipment by the expected date."),
    )
    missed_promise_count = models.PositiveIntegerField(
        _("missed promises"),
        default=0,
        db_default=0,
        help_text=_("How many expected dates passed before the shipment was sent."),
    )
    spell = models.JSONField(
        _("waiting spell"),
        default=dict,
        db_default=Value({}, models.JSONField()),
        editable=False,
        help_text=_(
            "The rules that acted since the shipment last fell into waiting, each with the day "
            "of its last act."
        ),
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False,
        related_name="+", verbose_name=_("assigned to"),
    )  # fmt: skip
    amount = MoneyColumn(_("value"), default=Decimal("0.00"))
    created_at = models.DateTimeField(_("created at"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    set_aside_at = models.DateTimeField(
        _("set aside at"),
        null=True,
        blank=True,
        help_text=_("When the store had the units ready for the customer to collect."),
    )
    packed_at = models.DateTimeField(
        _("packed at"),
        null=True,
        blank=True,
        help_text=_(
            "When all its units were in the box. It is lost when they must come out again."
        ),
    )
    slip_printed_at = models.DateTimeField(
        _("packing slip printed at"),
        null=True,
        blank=True,
        help_text=_("When the packing slip of its units was last printed."),
    )
    collect_by = models.DateField(
        _("kept until"),
        null=True,
        blank=True,
        help_text=_("The last day on which the store keeps the units for the customer."),
    )
    is_slip_out_of_date = models.BooleanField(
        _("packing slip out of date"),
        default=False,
        db_default=False,
        help_text=_(
            "What the packing slip says has changed since it was printed, or since the shipment "
            "was put on a pick list."
        ),
    )
    fulfilled_at = models.DateTimeField(_("fulfilled at"), null=True, blank=True)
    shipped_to = models.JSONField(
        _("shipped to"),
        null=True,
        editable=False,
        help_text=_("The address that it was shipped to. Changes of the order leave it."),
    )

    objects = LimitedManager.from_queryset(ShipmentQuerySet)()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="shipment_source_only_where_units_are_set_aside",
                condition=Q(state__in=["READY", "FUTURE", "FULFILLED"], source__isnull=False)
                | Q(state__in=["BACKORDER", "CUSTOMER_CARE"], source=None)
                | Q(state__in=["REASSIGNED", "CANCELED"]),
                violation_error_message=_("A shipment that waits has no source; others have one."),
            ),
            models.CheckConstraint(
                name="shipment_waiting_knows_since_when",
                condition=~Q(state__in=["BACKORDER", "FUTURE", "CUSTOMER_CARE"])
                | Q(backordered_since__isnull=False),
                violation_error_message=_("A shipment that waits knows since when."),
            ),
            models.CheckConstraint(
                name="shipment_held_with_a_reason",
                condition=Q(is_held=False, hold_reason="")
                | (Q(is_held=True, state__in=["READY", "BACKORDER", "FUTURE"]) & ~Q(hold_reason=""))
                | Q(is_held=True, state="CUSTOMER_CARE", hold_reason="CHANGE"),
                violation_error_message=_("Only ready, backorder and future shipments are held."),
            ),
            models.CheckConstraint(
                name="shipment_that_waits_for_the_rest_is_ready",
                condition=~Q(hold_reason="REST") | Q(state="READY"),
                violation_error_message=_("Only ready shipments wait for the rest of their order."),
            ),
            models.CheckConstraint(
                name="shipment_customer_care_has_a_reason",
                condition=~Q(state="CUSTOMER_CARE") | ~Q(care_reason=""),
                violation_error_message=_("An exception for customer care needs a reason."),
            ),
            models.CheckConstraint(
                name="shipment_fulfilled_knows_when",
                condition=~Q(state="FULFILLED") | Q(fulfilled_at__isnull=False),
                violation_error_message=_("A fulfilled shipment knows when."),
            ),
            models.CheckConstraint(
                name="shipment_set_aside_is_for_pickup_and_waits_for_no_units",
                condition=Q(set_aside_at=None)
                | (
                    Q(pickup_source__isnull=False)
                    & ~Q(state__in=["BACKORDER", "FUTURE", "CUSTOMER_CARE"])
                ),
                violation_error_message=_("Only ready shipments for pickup are set aside."),
            ),
            models.CheckConstraint(
                name="shipment_kept_for_its_customer_is_set_aside",
                condition=Q(collect_by=None) | Q(set_aside_at__isnull=False),
                violation_error_message=_(
                    "Only shipments that are set aside are kept until a day."
                ),
            ),
            models.CheckConstraint(
                name="shipment_packed_is_ready_or_has_left",
                condition=Q(packed_at=None)
                | Q(state="READY", is_held=False)
                | Q(state="FULFILLED"),
                violation_error_message=_(
                    "Only shipments that are ready and not on hold are packed."
                ),
            ),
            models.CheckConstraint(
                name="shipment_canceled_is_not_expected",
                condition=~Q(state="CANCELED") | Q(expected_on=None),
                violation_error_message=_("A canceled shipment has no expected date."),
            ),
            models.CheckConstraint(
                name="shipment_amount_not_negative",
                condition=Q(amount__gte=0),
                violation_error_message=_("A value is never negative."),
            ),
        ]
        indexes = INDEXES
        triggers = [NEVER_DELETED]

    def __str__(self) -> str:
        return self.number

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """Return the state in words; what its customer collects is handed over (domain.md §21)."""
        if self.state == self.State.FULFILLED and self.is_pickup:
            return pgettext("shipment", "Handed over")
        return str(self.State(self.state).label)

    @property
    def is_pickup(self) -> bool:
        """Whether its customer collects it at a store."""
        return self.pickup_source_id is not None

    @property
    def is_preorder(self) -> bool:
        """Whether it waits for a release date, and is expected on that day (§23)."""
        is_waiting = self.state in (self.State.BACKORDER, self.State.CUSTOMER_CARE)
        return is_waiting and self.preorder_on is not None and self.expected_on == self.preorder_on

    @property
    def may_leave(self) -> bool:
        """Whether it may be picked, packed and shipped: READY, not held, its order paid for.

        What is collected is at its store.

        Rule: Placing an order, payment (§11); picking and shipping (§21).
        """
        is_free = self.state == self.State.READY and not self.is_held and self.is_at_store
        return is_free and self.order.is_paid_for

    @property
    def is_at_store(self) -> bool:
        """Whether its units are where it is collected; so are those of what is not collected."""
        return not self.is_pickup or self.source_id == self.pickup_source_id

    @property
    def is_to_pack(self) -> bool:
        """Whether it may leave, and is neither packed nor set aside for pickup.

        Rule: Picking and shipping (§21).
        """
        return self.may_leave and self.packed_at is None and self.set_aside_at is None

    @property
    def is_terminal(self) -> bool:
        return self.state in self.TERMINAL_STATES


Shipments: TypeAlias = ShipmentQuerySet[Shipment]

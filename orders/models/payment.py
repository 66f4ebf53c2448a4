"""The payments of an order, with the operations sent to their gateways."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.formats import money
from core.models.columns import MoneyColumn
from inventory.options import PaymentAction
from orders.models.change import ChangedLine
from orders.models.order import Order


class Payment(models.Model):
    """One authorization with what was captured and refunded on it.

    An order has one payment, one more for each change that asked for money, and for a short time
    another while funds are authorized again: the new one names the one it ``replaces``; what it
    takes the place of is voided once it has succeeded.
    """

    class State(models.TextChoices):
        PENDING = "PENDING", _("Pending")
        AUTHORIZED = "AUTHORIZED", _("Authorized")
        CAPTURED = "CAPTURED", pgettext_lazy("payment", "Captured")
        REFUNDED = "REFUNDED", pgettext_lazy("payment", "Refunded")
        DECLINED = "DECLINED", pgettext_lazy("payment", "Declined")
        UNKNOWN = "UNKNOWN", _("Outcome unknown")
        VOIDED = "VOIDED", _("Voided")
        EXPIRED = "EXPIRED", _("Expired")

    # Nothing came of these, or not yet.
    ATTEMPTED = (State.PENDING, State.DECLINED, State.UNKNOWN)

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="payments", verbose_name=_("order")
    )
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replacements",
        verbose_name=_("replaces"),
    )
    gateway = models.CharField(_("gateway"), max_length=32)
    token = models.CharField(_("token"), max_length=255, blank=True)
    action = models.CharField(
        _("payment action"), max_length=32, choices=[(a.value, a.value) for a in PaymentAction]
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    currency = models.CharField(_("currency"), max_length=3)
    amount = MoneyColumn(_("amount"))
    captured_amount = MoneyColumn(_("captured"), default=Decimal("0.00"))
    refunded_amount = MoneyColumn(_("refunded"), default=Decimal("0.00"))
    gateway_reference = models.CharField(_("gateway reference"), max_length=255, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects = LimitedManager["Payment"]()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="payment_amounts_add_up",
                condition=Q(amount__gte=0, refunded_amount__gte=0)
                & Q(captured_amount__lte=F("amount"))
                & Q(refunded_amount__lte=F("captured_amount")),
                violation_error_message=_(
                    "No more is captured than authorized, nor refunded than captured."
                ),
            ),
        ]
        indexes = [
            # Authorizations about to expire.
            models.Index(
                name="payment_expiring", fields=["expires_at"], condition=Q(state="AUTHORIZED")
            ),
            # The staff's search by what the gateway calls it.
            models.Index(
                name="payment_by_reference",
                fields=["gateway_reference"],
                condition=~Q(gateway_reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {money(self.amount, self.currency)}"

    @property
    def captures_at_once(self) -> bool:
        """Whether the money is taken with its authorization."""
        return self.action == PaymentAction.AUTHORIZE_AND_CAPTURE


def current_payment(payments: Iterable[Payment]) -> Payment | None:
    """Return the current one of an order's ``payments``, the newest first.

    It is the last that was authorized or captured, whatever became of it; else the last attempt.
    """
    every = list(payments)
    stood = [payment for payment in every if payment.state not in Payment.ATTEMPTED]
    return next(iter(stood or every), None)


class PaymentOperationQuerySet(models.QuerySet["PaymentOperation"]):
    def in_review(self) -> Self:
        """Keep those of which a person must decide what happened, or what is to happen."""
        return self.filter(review_since__isnull=False, reviewed_at=None)

    def to_decide(self) -> Self:
        """Keep those of which a person is asked something, or may say what happened."""
        in_review = Q(review_since__isnull=False, reviewed_at=None)
        states = PaymentOperation.State
        return self.filter(in_review | Q(state__in=[states.UNKNOWN, states.DUE]))

    def due(self, now: datetime) -> Self:
        """Keep those whose outcome is not known, and which are to be asked again by now."""
        return self.filter(state__in=PaymentOperation.UNANSWERED, next_attempt_at__lte=now)


class PaymentOperation(models.Model):
    """One request to a gateway, written before it is sent, so that none is ever sent twice.

    One that was declined after goods or promises had moved, or of which nothing was heard for
    too long, is *in review* from ``review_since`` until a person has decided (``reviewed_at``).
    """

    class Kind(models.TextChoices):
        AUTHORIZE = "AUTHORIZE", pgettext_lazy("payment operation", "Authorize")
        CAPTURE = "CAPTURE", pgettext_lazy("payment operation", "Capture")
        VOID = "VOID", pgettext_lazy("payment operation", "Void")
        REFUND = "REFUND", pgettext_lazy("payment operation", "Refund")

    class State(models.TextChoices):
        PENDING = "PENDING", _("Pending")
        SUCCEEDED = "SUCCEEDED", _("Succeeded")
        DECLINED = "DECLINED", pgettext_lazy("payment operation", "Declined")
        UNKNOWN = "UNKNOWN", _("Outcome unknown")
        # Staff have still to pay it by hand.
        DUE = "DUE", pgettext_lazy("refund", "Due")

    UNANSWERED = (State.PENDING, State.UNKNOWN, State.DUE)

    payment = models.ForeignKey(
        Payment, models.PROTECT, related_name="operations", verbose_name=_("payment")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    amount = MoneyColumn(_("amount"))
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, unique=True)
    gateway_reference = models.CharField(_("gateway reference"), max_length=255, blank=True)
    message = models.CharField(_("message"), max_length=500, blank=True)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(
        _("asked again at"),
        null=True,
        blank=True,
        help_text=_("When the gateway is asked again about the outcome. Empty means never."),
    )
    review_since = models.DateTimeField(
        _("in review since"),
        null=True,
        blank=True,
        help_text=_("Start of the review by staff."),
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    review_note = models.CharField(
        _("review note"), max_length=500, blank=True, default="", db_default=""
    )

    objects = LimitedManager.from_queryset(PaymentOperationQuerySet)()

    class Meta:
        verbose_name = _("payment operation")
        verbose_name_plural = _("payment operations")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="payment_operation_amount_not_negative", condition=Q(amount__gte=0)
            ),
        ]
        indexes = [
            # Operations whose outcome is not known, by when they are asked again.
            models.Index(
                name="payment_operation_unanswered",
                fields=["next_attempt_at"],
                condition=Q(state__in=["PENDING", "UNKNOWN"]),
            ),
            # Those that a person must decide, oldest first.
            models.Index(
                name="payment_operation_in_review",
                fields=["review_since"],
                condition=Q(review_since__isnull=False, reviewed_at=None),
            ),
            # Refunds that staff have still to pay: My work.
            models.Index(
                name="payment_operation_due",
                fields=["created_at", "id"],
                condition=Q(state="DUE"),
            ),
            models.Index(
                name="payment_operation_by_reference",
                fields=["gateway_reference"],
                condition=~Q(gateway_reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {money(self.amount, self.payment.currency)}"


class CaptureLine(ChangedLine):
    """Units of one order line that a capture pays for; they are invoiced when it succeeds."""

    operation = models.ForeignKey(
        PaymentOperation,
        models.CASCADE,
        db_index=False,
        related_name="lines",
        verbose_name=_("operation"),
    )

    class Meta(ChangedLine.Meta):
        verbose_name = _("captured line")
        verbose_name_plural = _("captured lines")
        constraints = [
            models.UniqueConstraint(name="capture_line_once", fields=["operation", "order_line"]),
            models.CheckConstraint(
                name="capture_line_quantity_positive", condition=Q(quantity__gt=0)
            ),
        ]

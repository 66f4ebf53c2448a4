"""What customers have been told."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class OrderEmail(models.Model):
    """One e-mail to a customer, at most one per event, kept with the order.

    Written in the transaction that causes it (so it exists exactly when its cause does); the
    text is made and sent after the commit.
    """

    class Kind(models.TextChoices):
        CONFIRMATION = "CONFIRMATION", _("Order confirmation")
        EXPECTED_DATE_CHANGED = "EXPECTED_DATE_CHANGED", _("Expected date changed")
        RELEASED = "RELEASED", _("Released")
        CANCELED = "CANCELED", _("Canceled")

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Queued")
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        FAILED = "FAILED", _("Failed")

    order = models.ForeignKey(Order, models.PROTECT, related_name="emails", verbose_name=_("order"))
    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    event_key = models.CharField(
        _("event"), max_length=100, help_text=_("Names the event, so that it is told once.")
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.QUEUED)
    language = models.CharField(_("language"), max_length=16)
    recipient = models.EmailField(_("recipient"))
    context = models.JSONField(
        _("facts"), default=dict, help_text=_("What the text is made from when it is sent.")
    )
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("body"), blank=True)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created at"))
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("customer e-mail")
        verbose_name_plural = _("customer e-mails")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="order_email_once_per_event",
                fields=["order", "kind", "event_key"],
                violation_error_message=_("The customer has been told of this event."),
            ),
        ]
        indexes = [
            # What the sender picks up.
            models.Index(
                name="order_email_queued", fields=["next_attempt_at"], condition=Q(state="QUEUED")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.get_kind_display()}"

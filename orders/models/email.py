"""E-mails to customers."""

from django.core.mail import DNS_NAME
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access_limits import LimitedManager
from core.letters import letter_html, offered_language
from core.models.queued_email import QueuedEmail
from orders.models.order import Order


class OrderEmail(QueuedEmail):
    """One e-mail to a customer, at most one per event, kept with the order.

    Written in the transaction that causes it (so it exists exactly when its cause does); the
    text is made and sent after the commit.
    """

    WRITTEN_FROM = ("order",)
    COLLECTED_BY = ("order", "recipient", "language")

    class Kind(models.TextChoices):
        CONFIRMATION = "CONFIRMATION", _("Order confirmation")
        EXPECTED_DATE_CHANGED = "EXPECTED_DATE_CHANGED", _("Expected date changed")
        DELAYED = "DELAYED", _("Delay")
        BEING_PREPARED = "BEING_PREPARED", _("Being prepared")
        DISPATCHED = "DISPATCHED", _("Dispatched")
        TRACKING = "TRACKING", pgettext_lazy("customer e-mail", "Tracking")
        SHIPPING_UNDONE = (
            "SHIPPING_UNDONE",
            pgettext_lazy("customer e-mail", "Shipping undone"),
        )
        READY_TO_COLLECT = "READY_TO_COLLECT", _("Ready to collect")
        COLLECT_REMINDER = "COLLECT_REMINDER", _("Reminder to collect")
        CANCELED = "CANCELED", pgettext_lazy("customer e-mail", "Canceled")
        REFUNDED = "REFUNDED", pgettext_lazy("customer e-mail", "Refunded")
        PAYMENT_NEEDED = "PAYMENT_NEEDED", _("Payment needed")

    class LeftOut(models.TextChoices):
        """Why an e-mail was not sent."""

        OVER = "OVER", _("No longer true when it was written")
        SWITCHED_OFF = "SWITCHED_OFF", _("This kind of e-mail is switched off")

    # Its index is that of the constraint.
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        db_index=False,
        related_name="emails",
        verbose_name=_("order"),
    )
    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    event_key = models.CharField(
        _("event"),
        max_length=100,
        help_text=_("Names the event, so that one e-mail is sent about it."),
    )
    language = models.CharField(_("language"), max_length=16)
    context = models.JSONField(_("facts"), default=dict, help_text=_("The data of the text."))
    created_at = models.DateTimeField(_("created at"))
    collected_in = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="collected",
        verbose_name=_("sent together with"),
    )
    left_out_reason = models.CharField(
        _("left out because"), max_length=16, choices=LeftOut, blank=True, db_default=""
    )
    bounce_id = models.CharField(
        _("bounce"),
        max_length=255,
        blank=True,
        db_default="",
        help_text=_("What the mail provider calls its report."),
    )

    objects = LimitedManager["OrderEmail"]()

    class Meta(QueuedEmail.Meta):
        verbose_name = pgettext_lazy("message", "customer e-mail")
        verbose_name_plural = _("customer e-mails")
        ordering = ["-pk"]
        indexes = [
            *QueuedEmail.Meta.indexes,
            # Read when the provider reports a bounce: the e-mails to an address, newest first.
            models.Index(Lower("recipient"), F("id").desc(), name="order_email_to_address"),
            # What was sent together with an e-mail.
            models.Index(
                name="order_email_by_collector",
                fields=["collected_in"],
                condition=Q(collected_in__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="order_email_once_per_event",
                fields=["order", "kind", "event_key"],
                violation_error_message=_("There is an e-mail about this event already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.get_kind_display()}"

    def headers(self) -> dict[str, str]:
        # A provider that keeps it names the e-mail by it when it reports a bounce.
        begun_at = self.claimed_at or self.created_at
        own = f"<order-email-{self.pk}-{begun_at:%Y%m%d%H%M%S}@{DNS_NAME}>"
        return {**super().headers(), "Content-Language": self.written_in, "Message-ID": own}

    def html(self) -> str:
        return letter_html(self.subject, self.body, language=self.written_in)

    @property
    def written_in(self) -> str:
        """Return the customer's language where the site offers it, else the site's own."""
        return offered_language(self.language)

"""An e-mail that is kept in the database, sent or not yet."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class QueuedEmail(models.Model):
    """One e-mail: queued with its cause, sent at most once unless a person sends it again.

    ``claimed_at`` is when a sender took it; together with the key it names one attempt.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Queued")
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        FAILED = "FAILED", _("Failed")
        # The sender or the connection was lost before the mail server's answer was recorded.
        UNKNOWN = "UNKNOWN", _("Outcome unknown")
        # The provider took it, and could not deliver it.
        BOUNCED = "BOUNCED", pgettext_lazy("e-mail", "Bounced")
        LEFT_OUT = "LEFT_OUT", pgettext_lazy("e-mail", "Left out")

    # A person decides about these: the e-mail did not arrive, or perhaps did not.
    TROUBLED = (State.FAILED, State.UNKNOWN, State.BOUNCED)

    # What its text is made from, beside itself.
    WRITTEN_FROM: tuple[str, ...] = ()

    # What rows have in common that are due together, and sent as one e-mail; without any, each is
    # sent by itself. Rows of such a model name the one that they are sent with: ``collected_in``.
    COLLECTED_BY: tuple[str, ...] = ()

    recipient = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.QUEUED)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    claimed_at = models.DateTimeField(_("last attempt at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        abstract = True
        indexes = [
            # Read by the sender: e-mails that are due, oldest first.
            models.Index(
                name="%(class)s_due", fields=["next_attempt_at", "id"], condition=Q(state="QUEUED")
            ),
            # Read by the sender: how many are on their way, and which were left behind.
            models.Index(
                name="%(class)s_sending", fields=["claimed_at"], condition=Q(state="SENDING")
            ),
            # My work and the dashboard: those that a person looks after.
            models.Index(
                name="%(class)s_troubled",
                fields=["id"],
                condition=Q(state__in=["FAILED", "UNKNOWN", "BOUNCED"]),
            ),
        ]

    def headers(self) -> dict[str, str]:
        """Return the headers of the message beside recipient and subject."""
        return {"Auto-Submitted": "auto-generated"}

    def html(self) -> str:
        """Return the text as HTML, which goes with it; nothing for an e-mail of text alone."""
        return ""

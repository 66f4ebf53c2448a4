"""How often in a row a secret was entered wrong."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FailedAttempts(models.Model):
    """The wrong attempts in a row on one account, from one device of it, or from one address.

    It stands in the database, so that no limit ends when the broker is away. ``subject`` is a
    digest: what people type into the field for the name is at times a password.
    """

    class Scope(models.TextChoices):
        # From devices from which the person has not logged in before.
        ACCOUNT = "ACCOUNT", _("account")
        # From one device from which the person has logged in.
        DEVICE = "DEVICE", _("device of an account")
        # Of who has entered the right password.
        SECOND_FACTOR = "SECOND_FACTOR", _("second factor of an account")
        ADDRESS = "ADDRESS", _("network address")
        KEY_ADDRESS = "KEY_ADDRESS", _("network address of programs")
        # Not wrong, but asked for: each is an e-mail to somebody.
        RESET = "RESET", _("new password by e-mail")
        RESET_ADDRESS = "RESET_ADDRESS", _("network address of new passwords")

    scope = models.CharField(_("scope"), max_length=16, choices=Scope)
    subject = models.CharField(_("subject"), max_length=64)
    # Whose account it is, where there is one.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="failed_attempts",
        verbose_name=_("user"),
    )
    count = models.PositiveIntegerField(_("wrong attempts"), db_default=0)
    last_at = models.DateTimeField(_("last attempt at"))
    # The person has not been informed of the lock yet.
    is_notice_due = models.BooleanField(_("e-mail due"), db_default=False)

    class Meta:
        verbose_name = _("failed attempts")
        verbose_name_plural = _("failed attempts")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="failed_attempts_once_a_subject",
                fields=["scope", "subject"],
                violation_error_message=_("These attempts are counted already."),
            ),
        ]
        indexes = [
            # Read by the job that informs people of locks.
            models.Index(
                name="failed_attempts_notice_due",
                fields=["id"],
                condition=models.Q(is_notice_due=True),
            ),
            # Read when old counts are deleted.
            models.Index(name="failed_attempts_last_at", fields=["last_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.subject[:8]}"

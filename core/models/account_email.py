"""The e-mails that inform people of changes to how they log in."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.queued_email import QueuedEmail


class AccountEmail(QueuedEmail):
    """One e-mail to the person whose password or second factor changed, written with the change."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("written at"))

    class Meta(QueuedEmail.Meta):
        verbose_name = _("account e-mail")
        verbose_name_plural = _("account e-mails")
        ordering = ["-pk"]
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return f"{self.subject} · {self.recipient}"

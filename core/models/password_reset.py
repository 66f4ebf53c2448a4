"""A new password that somebody asked for by e-mail."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PasswordResetRequest(models.Model):
    """An address for which a new password was asked, whether or not an account has it.

    Whose it is, is looked up by the job that sends the e-mail, and so tells nobody by how long the
    answer of the page takes. The link is not kept. The row goes with the e-mail.
    """

    # As it was entered.
    email = models.EmailField(_("e-mail"), unique=True)
    # Of the page on which it was asked.
    language = models.CharField(_("language"), max_length=16)
    requested_at = models.DateTimeField(_("requested at"))
    is_due = models.BooleanField(_("e-mail due"), db_default=True)

    class Meta:
        verbose_name = _("request for a new password")
        verbose_name_plural = _("requests for a new password")
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.email

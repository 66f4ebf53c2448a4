"""E-mails that come each day or week to users, who may unsubscribe from them."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.linked_email import LinkedEmail


class StaffDigest(LinkedEmail):
    """One digest of one day, to a user who has the permission to receive its kind.

    ``ABOUT`` says what the e-mails list, and how often. It is written when it is queued, so that
    a mail server that was down gets what was true then.
    """

    ABOUT: ClassVar[Any]

    day = models.DateField(_("day"))

    class Meta(LinkedEmail.Meta):
        abstract = True

    @classmethod
    def receive_permission(cls) -> str:
        """Return the permission by which a user gets this kind of e-mail."""
        return f"{cls._meta.app_label}.receive_{cls._meta.model_name}"

    @property
    def site(self) -> str:  # type: ignore[override]
        return settings.SITE_URL

    def unsubscribe_address(self) -> str:
        """Return the hidden link that ends these e-mails; empty without ``SITE_URL``."""
        return self.address(self.UNSUBSCRIBE, is_hidden=True) if self.site else ""


class Unsubscription(models.Model):
    """That a user wants none of one kind of digest, which is named by its model."""

    user = models.ForeignKey(
        User, models.CASCADE, db_index=False, related_name="unsubscriptions", verbose_name=_("user")
    )
    digest = models.CharField(_("kind of e-mail"), max_length=100)

    class Meta:
        verbose_name = _("unsubscription")
        verbose_name_plural = _("unsubscriptions")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="unsubscription_once_a_digest",
                fields=["user", "digest"],
                violation_error_message=_("The user is unsubscribed from this e-mail already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.digest}"

"""When each person used the site last."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LastVisit(models.Model):
    """When a person opened a page last, to about a minute."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="last_visit",
        verbose_name=_("user"),
    )
    at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("last seen")
        verbose_name_plural = _("last seen")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

"""The language in which one person reads the pages."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonLanguage(models.Model):
    """The language that a person has chosen; without one, the browser's is used."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("user"),
    )
    language = models.CharField(_("language"), max_length=16)

    class Meta:
        verbose_name = _("language of a person")
        verbose_name_plural = _("languages of people")
        default_permissions = ()

    def __str__(self) -> str:
        return self.language

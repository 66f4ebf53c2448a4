"""The sources or stocks that a person, or a key, is limited to."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.api_key import ApiKey


class AccessLimit(models.Model):
    """What one account, or one key of it, is limited to; without a row, there is no limit.

    The keys of sources and stocks stand here as numbers, so that the row is read together with the
    account. A row whose sources are all gone still limits: then nothing is seen.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="access_limit"
    )
    api_key = models.OneToOneField(ApiKey, models.CASCADE, null=True, related_name="access_limit")
    sources = ArrayField(models.BigIntegerField(), default=list)
    stocks = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        verbose_name = _("limit of access")
        verbose_name_plural = _("limits of access")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="access_limit_of_a_user_or_a_key",
                condition=Q(user=None, api_key__isnull=False) | Q(user__isnull=False, api_key=None),
                violation_error_message=_("A limit is of a user or of an API key."),
            )
        ]

    def __str__(self) -> str:
        return str(self.user or self.api_key)

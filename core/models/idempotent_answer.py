"""What requests with an idempotency key were answered."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotentAnswer(models.Model):
    """The answer to a request, kept so that the same request has the same answer.

    ``fingerprint`` is a digest of the method, the path and the body: the key with another one is
    refused.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,
        related_name="+",
        verbose_name=_("user"),
    )
    key = models.CharField(_("idempotency key"), max_length=200)
    fingerprint = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(_("status"), default=0)
    body = models.JSONField(_("body"), default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("idempotent answer")
        verbose_name_plural = _("idempotent answers")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="idempotent_answer_once_per_key",
                fields=["user", "key"],
                violation_error_message=_("This key was used already."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

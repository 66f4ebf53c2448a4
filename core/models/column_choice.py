"""The columns that a person sees of a list."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ColumnChoice(models.Model):
    """The columns of a list that one person has chosen to see."""

    list_name = models.CharField(_("list"), max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user")
    )
    columns = models.JSONField(_("columns"), default=list)

    class Meta:
        verbose_name = _("columns of a list")
        verbose_name_plural = _("columns of lists")
        ordering = ["list_name", "user"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="chosen_columns_once_per_list_and_user",
                fields=["list_name", "user"],
                violation_error_message=_("The columns of this list were chosen already."),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.columns)

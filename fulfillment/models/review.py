"""Named views of the review, and the columns that a person has chosen."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewView(models.Model):
    """A filter of the backorder review under a name, with the columns and the order shown."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="review_views",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=60)
    is_shared = models.BooleanField(
        _("shared"), default=False, help_text=_("Everybody who may open the review sees it.")
    )
    querystring = models.TextField(_("filter and order"), blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)

    class Meta:
        verbose_name = _("review view")
        verbose_name_plural = _("review views")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="review_view_name_once_per_owner",
                fields=["owner", "name"],
                violation_error_message=_("You already have a view with this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReviewColumns(models.Model):
    """The columns that one person has chosen to see."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("user"),
    )
    columns = models.JSONField(_("columns"), default=list)

    class Meta:
        verbose_name = _("columns of the review")
        verbose_name_plural = _("columns of the review")
        ordering = ["user"]

    def __str__(self) -> str:
        return ", ".join(self.columns)

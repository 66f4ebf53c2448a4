"""Named views of lists."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A filter of a list under a name, with the columns and the order shown.

    ``list_name`` says of which list: the name of its page's address.
    """

    list_name = models.CharField(_("list"), max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="saved_views",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=60)
    is_shared = models.BooleanField(
        _("shared"), default=False, help_text=_("Everybody who may open the list sees it.")
    )
    querystring = models.TextField(_("filter and order"), blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["list_name", "name", "pk"]
        # They belong to the list: who may open it may keep views of it.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="saved_view_name_once_per_list_and_owner",
                fields=["list_name", "owner", "name"],
                violation_error_message=_("You already have a view with this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

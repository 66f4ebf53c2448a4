"""Carriers, which take parcels to customers."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.models.history import keep_history
from fulfillment.tracking import TrackingError, check_template
from inventory.models.source import code_column

LONGEST_LINK = 300


def refuse_wrong_link(template: str) -> None:
    """Refuse what no link of a carrier may be.

    :raises ValidationError: with what would be right.
    """
    try:
        check_template(template)
    except TrackingError as error:
        raise ValidationError(gettext(error.message) % error.values, "invalid") from error


class Carrier(models.Model):
    """Who takes parcels; disabled, never deleted, once one of its parcels is known."""

    code = code_column(_("Names the carrier in files and over the API; fixed after creation."))
    name = models.CharField(_("name"), max_length=100, help_text=_("The name that customers read."))
    tracking_url = models.CharField(
        _("tracking link"),
        max_length=LONGEST_LINK,
        blank=True,
        validators=[refuse_wrong_link],
        help_text=_(
            "The https address that shows where a parcel is, with {number} in place of the "
            "tracking number. Empty: customers get the number without a link."
        ),
    )
    is_enabled = models.BooleanField(
        pgettext_lazy("carrier", "enabled"),
        default=True,
        help_text=_("A disabled carrier is not offered for new parcels."),
    )

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


keep_history(Carrier)

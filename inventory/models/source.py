"""Sources, which hold units to ship."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.access_limits import LimitedManager
from core.countries import UNKNOWN, country_code, has_postcodes, is_country
from core.public_holidays import has_public_holidays
from inventory.models.product import (
    LEAD_TIME_ERROR,
    LONGEST_LEAD_TIME,
    lead_time_column,
)
from inventory.work_calendar import WEEK, Weekday

DEFAULT_CODE = "default"
# Codes compare by code point, whatever the database's own collation is.
BY_CODE_POINT = "C"

code_validator = RegexValidator(
    r"^[A-Za-z0-9_-]+\Z", _("Use letters A to Z, digits, hyphen and underscore only.")
)

WEEKDAYS = [
    (Weekday.MON.value, pgettext_lazy("choice", "Monday")),
    (Weekday.TUE.value, pgettext_lazy("choice", "Tuesday")),
    (Weekday.WED.value, pgettext_lazy("choice", "Wednesday")),
    (Weekday.THU.value, pgettext_lazy("choice", "Thursday")),
    (Weekday.FRI.value, pgettext_lazy("choice", "Friday")),
    (Weekday.SAT.value, pgettext_lazy("choice", "Saturday")),
    (Weekday.SUN.value, pgettext_lazy("choice", "Sunday")),
]
MOST_CLOSED_DAYS = 366


def every_day() -> list[str]:
    """Return the days of the week on which a source works unless it says otherwise: all."""
    return [day.value for day in WEEK]


def code_column(help_text: Any = "") -> "models.CharField[str, str]":
    """Return the column of the code that names a row."""
    return models.CharField(
        _("code"),
        max_length=64,
        unique=True,
        db_collation=BY_CODE_POINT,
        validators=[code_validator],
        help_text=help_text,
    )


def degrees_column(label: Any, *, most: int) -> "models.DecimalField[Any, Any]":
    """Return the column of a coordinate from minus to plus ``most``."""
    return models.DecimalField(
        label,
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-most), MaxValueValidator(most)],
    )


class Source(models.Model):
    """A place that holds and ships units. Disabled, never deleted, once it has history."""

    code = code_column(_("Names the source in files and over the API; fixed after creation."))
    name = models.CharField(_("name"), max_length=200)
    is_enabled = models.BooleanField(
        pgettext_lazy("source", "enabled"),
        default=True,
        help_text=_("A disabled source sells and ships no new orders."),
    )
    description = models.TextField(_("description"), blank=True)
    ships_to_home = models.BooleanField(
        _("ships to home"), default=True, help_text=_("Orders sent to an address may leave here.")
    )
    is_pickup_location = models.BooleanField(
        _("is pickup location"),
        default=False,
        help_text=_("Customers may collect here; needs street, city and phone."),
    )
    contact_name = models.CharField(_("contact name"), max_length=200, blank=True)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Receives the daily low-stock digest of this source.")
    )
    phone = models.CharField(_("phone"), max_length=64, blank=True)
    opening_hours = models.CharField(
        _("opening hours"),
        max_length=300,
        blank=True,
        db_default="",
        help_text=_("Customers who collect read this in e-mails, for example Mon–Fri 10–18."),
    )
    street = models.CharField(_("street"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    postcode = models.CharField(
        _("postcode"),
        max_length=32,
        blank=True,
        help_text=_("Needed where the country has postcodes."),
    )
    country = models.CharField(
        _("country"), max_length=100, help_text=_("The ISO 3166 code of the country, such as SE.")
    )
    latitude = degrees_column(_("latitude"), most=90)
    longitude = degrees_column(_("longitude"), most=180)
    lead_time_days = lead_time_column(
        _("Days from an order to its arrival here, for products without a lead time of their own.")
    )
    work_days = ArrayField(
        models.CharField(max_length=3, choices=WEEKDAYS),
        verbose_name=_("working days"),
        default=every_day,
        db_default=every_day(),
        help_text=_("Orders leave on these days. Expected dates fall on them."),
    )
    is_closed_on_holidays = models.BooleanField(
        _("closed on public holidays"),
        default=False,
        db_default=False,
        help_text=_("On the nationwide holidays of the country of the source."),
    )
    closed_days = ArrayField(
        models.DateField(),
        verbose_name=_("other closed days"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_("Days on which nothing leaves, such as an inventory day."),
    )
    cut_off_time = models.TimeField(
        _("cut-off time"),
        null=True,
        blank=True,
        help_text=_("From this time on, days are counted from the next working day."),
    )

    objects = LimitedManager["Source"]()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="source_default_stays_enabled",
                condition=~Q(code=DEFAULT_CODE) | Q(is_enabled=True),
                violation_error_message=_("The default source cannot be disabled."),
            ),
            models.CheckConstraint(
                name="source_pickup_location_has_address_and_phone",
                condition=Q(is_pickup_location=False)
                | (~Q(street="") & ~Q(city="") & ~Q(phone="")),
                violation_error_message=_("A pickup location needs a street, a city and a phone."),
            ),
            models.CheckConstraint(
                name="source_has_both_coordinates_or_none",
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False),
                violation_error_message=_("Give both latitude and longitude, or neither."),
            ),
            models.CheckConstraint(
                name="source_lead_time_within_years",
                condition=Q(lead_time_days=None)
                | Q(lead_time_days__gte=0, lead_time_days__lte=LONGEST_LEAD_TIME),
                violation_error_message=LEAD_TIME_ERROR,
            ),
            models.CheckConstraint(
                name="source_works_on_some_day",
                condition=Q(work_days__len__gt=0),
                violation_error_message=_("Select at least one working day."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Take a country by its name for its code; one from before that is none stays.

        Days are kept in order, each once.

        :raises ValidationError: for what is no country, where a postcode is missing, and where the
            holidays of the country are not known.

        Rule: §1, source.
        """
        self.work_days = [day.value for day in WEEK if day.value in self.work_days]
        self.closed_days = sorted({*self.closed_days})
        if len(self.closed_days) > MOST_CLOSED_DAYS:
            sentence = gettext("Enter at most %(most)s days.") % {"most": MOST_CLOSED_DAYS}
            raise ValidationError({"closed_days": ValidationError(sentence, "too_many")})
        country = self.country
        self.country = country_code(country) or country
        is_known = is_country(self.country)
        if country and not is_known and not self._is_stored_with(country):
            sentence = gettext(UNKNOWN) % {"value": country}
            raise ValidationError({"country": ValidationError(sentence, "invalid")})
        if is_known and not self.postcode.strip() and has_postcodes(self.country):
            sentence = gettext("Addresses in this country need a postcode.")
            raise ValidationError({"postcode": ValidationError(sentence, "missing")})
        if self.is_closed_on_holidays and not has_public_holidays(self.country):
            sentence = gettext(
                "The public holidays of this country are not known. Enter them as other closed "
                "days."
            )
            raise ValidationError({"is_closed_on_holidays": ValidationError(sentence, "unknown")})

    def _is_stored_with(self, country: str) -> bool:
        return Source.objects.filter(pk=self.pk, country=country).exists()

"""The time zone of the site, and its date today."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def site_zone() -> ZoneInfo:
    """Return the site's time zone."""
    return ZoneInfo(settings.SITE_TIME_ZONE)


def today() -> date:
    """Return the date in the site's time zone."""
    return timezone.localdate(timezone=site_zone())

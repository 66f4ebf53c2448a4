"""The day it is for the merchant."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """Return the date in the site's time zone."""
    return timezone.localdate(timezone=ZoneInfo(settings.SITE_TIME_ZONE))

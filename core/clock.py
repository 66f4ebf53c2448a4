"""The clock of the site: its time zone, its date, the moment of a request or a job."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is asked for or done, and the time zone whose date it then is."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """Return the date in the zone."""
        return self.now.astimezone(self.zone).date()


def this_moment() -> Moment:
    """Read the clock, in the site's time zone; the interface does so once per request."""
    return Moment(timezone.now(), site_zone())


def site_zone() -> ZoneInfo:
    """Return the site's time zone."""
    return ZoneInfo(settings.SITE_TIME_ZONE)


def today() -> date:
    """Return the date in the site's time zone."""
    return timezone.localdate(timezone=site_zone())

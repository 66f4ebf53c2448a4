"""What list, page and board show of a row of the schedule."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from fulfillment.admin.scheduled.wording import STANDINGS, fault_in_words, label_of, rhythm_in_words
from fulfillment.queries.product_jobs import JOB_OF, RELEASE_TASK
from fulfillment.queries.schedule import ScheduledTask, Standing

COLORS = {
    Standing.ON: "good",
    Standing.PAUSED: "warning",
    Standing.ENDED: "warning",
    Standing.FAULTY: "bad",
}


def entry_of(row: ScheduledTask, *, now: datetime) -> dict[str, Any]:
    """Return the words, times and buttons of a row, in the site's time zone."""
    zone = ZoneInfo(settings.SITE_TIME_ZONE)
    standing = row.standing(now=now)
    next_at = next(iter(row.next_times(now=now, count=1)), None)
    job = JOB_OF.get(row.task)
    limits = row.timing if row.timing is not None and not row.is_done else None
    return {
        "row": row,
        "label": label_of(row),
        "does": row.description if job is None else job.does,
        "rhythm": rhythm_in_words(row, zone=zone),
        "standing": STANDINGS[standing],
        "color": COLORS[standing],
        "fault": "" if row.fault is None else fault_in_words(row.fault),
        "start": _at(None if limits is None else limits.start, zone),
        "end": _at(None if limits is None else limits.end, zone),
        "is_one_off": row.timing is not None and row.timing.is_one_off,
        "last_run_at": _at(row.last_run_at, zone),
        "next_at": _at(next_at, zone),
        "address": ""
        if row.pk is None
        else reverse("admin:fulfillment_scheduledwork_change", args=[row.pk]),
        "is_on": row.is_enabled and standing is not Standing.ENDED,
        "is_release": row.task == RELEASE_TASK,
        "zone": zone.key,
    }


def _at(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)

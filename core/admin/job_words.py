"""What becomes of a job, in sentences."""

from decimal import Decimal

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext, ngettext

from core.models import Job

MINUTE, HOUR = 60, 3600


def state_in_words(job: Job) -> str:
    """Return one sentence on where the job stands."""
    counts = {"done": intcomma(job.done_count), "total": intcomma(job.total_count)}
    match job.state:
        case Job.State.QUEUED:
            return gettext("A worker begins with it soon.")
        case Job.State.RUNNING if job.is_cancel_requested:
            return gettext("It stops soon. %(done)s of %(total)s rows are done.") % counts
        case Job.State.RUNNING:
            return gettext("%(done)s of %(total)s rows are done.") % counts
        case Job.State.COMPLETED:
            return gettext("All %(total)s rows are done.") % counts
        case Job.State.SKIPPED:
            return gettext("It was skipped.")
        case Job.State.CANCELED:
            return gettext("It was stopped after %(done)s of %(total)s rows.") % counts
        case _:
            return gettext("It failed after %(done)s of %(total)s rows.") % counts


def pace_in_words(job: Job) -> str:
    """Return how fast it goes and how long it takes still; empty when nobody can tell."""
    pace = job.rows_per_second
    if pace is None:
        return ""
    words = gettext("%(count)s rows per second.") % {"count": intcomma(rounded(pace))}
    seconds = job.seconds_left
    return words if seconds is None else f"{words} {left_in_words(seconds)}"


def rounded(pace: Decimal) -> str:
    """Return a pace as people read it: whole from ten up, one decimal below."""
    return f"{pace:.0f}" if pace >= 10 else f"{pace:.1f}"


def left_in_words(seconds: int) -> str:
    if seconds < MINUTE:
        return gettext("Less than a minute left.")
    if seconds < HOUR:
        minutes = round(seconds / MINUTE)
        told = ngettext("About %(count)d minute left.", "About %(count)d minutes left.", minutes)
        return told % {"count": minutes}
    hours = round(seconds / HOUR)
    told = ngettext("About %(count)d hour left.", "About %(count)d hours left.", hours)
    return told % {"count": hours}

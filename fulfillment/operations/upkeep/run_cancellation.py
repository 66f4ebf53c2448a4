"""Asks a release run to stop."""

from fulfillment.models import ReleaseRun


def request_cancel(run_id: int) -> bool:
    """Ask a run to stop before its next batch; what it committed stays.

    Return whether there was anything to stop.
    """
    unfinished = ReleaseRun.objects.filter(pk=run_id, state__in=ReleaseRun.UNFINISHED_STATES)
    return bool(unfinished.update(is_cancel_requested=True))

"""What came of a move that a worker made, on the page of its job."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin.job_pages import show_result, tell_result
from core.models import Job
from fulfillment.admin.review.actions import BY_CODE
from fulfillment.admin.review.outcomes import (
    changed_line,
    outdated_line,
    passed_over_line,
    unchanged_line,
)
from fulfillment.admin.review.page import NAME
from fulfillment.review.bulk_job import KIND
from fulfillment.review.effect_words import sentence_together
from fulfillment.review.tally import MoveTally


def list_of_job(job: Job) -> str:
    """Return the address of the list that the shipments were chosen from."""
    return f"{reverse(NAME)}?{job.parameters.get('back', '')}"


def told(job: Job) -> list[str]:
    """Say how many were changed, and how many stay as they are for which reason."""
    tally = MoveTally.from_json(job.result)
    action = BY_CODE[job.parameters["change"]["action"]].label
    lines = [changed_line(action, tally.changed)]
    lines += [
        unchanged_line(count, sentence_together(code, dict(values)))
        for (code, values), count in tally.most_common
    ]
    if tally.outdated:
        lines.append(outdated_line(tally.outdated))
    passed_over = job.total_count - tally.done
    if job.state == Job.State.COMPLETED and passed_over > 0:
        lines.append(passed_over_line(passed_over))
    return lines


show_result(KIND, _("Back to the list"), list_of_job)
tell_result(KIND, told)

"""What came of a move for many shipments, in sentences."""

from collections.abc import Sequence
from datetime import date

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin.job_pages import show_result
from core.models import Job
from fulfillment.admin.review.actions import BY_CODE
from fulfillment.admin.review.page import NAME
from fulfillment.models import Shipment
from fulfillment.review.bulk_job import KIND, MoveTally
from fulfillment.review.effect_words import sentence_together
from fulfillment.review.selection import differing_values
from inventory.models import Source


def changed_line(action: str | Promise, count: int) -> str:
    """Say how many were changed."""
    sentence = ngettext(
        "%(action)s: %(count)s shipment changed.", "%(action)s: %(count)s shipments changed.", count
    )
    return sentence % {"action": action, "count": intcomma(count)}


def unchanged_line(count: int, why: str) -> str:
    """Say how many stay as they are, and why."""
    sentence = ngettext(
        "%(count)s shipment stays as it is. %(why)s",
        "%(count)s shipments stay as they are. %(why)s",
        count,
    )
    return sentence % {"count": intcomma(count), "why": why}


def outdated_line(numbers: Sequence[str]) -> str:
    """Name the shipments that stay as they are because they changed after the preview."""
    sentence = gettext("Changed after the preview, and left as they are: %(numbers)s")
    return sentence % {"numbers": ", ".join(numbers)}


def change_in_words(action: str, shown: str | None, now: str | None) -> str:
    """Say both values of what changed of a shipment that was ``shown``, and came or went."""
    if shown is None:
        return gettext("not shown before")
    if now is None:
        return gettext("no longer matches")
    labels = {field.attname: field.verbose_name for field in Shipment._meta.concrete_fields}
    return "; ".join(
        gettext("%(label)s: %(shown)s shown, %(now)s now")
        % {
            "label": capfirst(labels[name]),
            "shown": _value(name, former),
            "now": _value(name, value),
        }
        for name, former, value in differing_values(action, shown, now)
    )


def _value(name: str, text: str) -> str:
    if not text:
        return "–"
    match name:
        case "state":
            return str(Shipment.State(text).label)
        case "hold_reason":
            return str(Shipment.HoldReason(text).label)
        case "expected_on":
            return date_format(date.fromisoformat(text), "DATE_FORMAT")
        case "is_expected_on_fixed":
            return gettext("Yes") if text == "true" else gettext("No")
        case "source_id":
            return Source.objects.get(pk=text).code
    return text


def passed_over_line(count: int) -> str:
    """Say how many were chosen, and were not there any more when it was their turn."""
    sentence = ngettext(
        "%(count)s shipment no longer matched when it was its turn, and was left alone.",
        "%(count)s shipments no longer matched when it was their turn, and were left alone.",
        count,
    )
    return sentence % {"count": intcomma(count)}


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


show_result(KIND, _("Back to the list"), list_of_job, told)

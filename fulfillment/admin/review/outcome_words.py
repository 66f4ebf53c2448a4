"""What came of a move for many, in sentences."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.functional import Promise
from django.utils.translation import ngettext


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


def passed_over_line(count: int) -> str:
    """Say how many were chosen, and were not there any more when it was their turn."""
    sentence = ngettext(
        "%(count)s shipment no longer matched when it was its turn, and was left alone.",
        "%(count)s shipments no longer matched when it was their turn, and were left alone.",
        count,
    )
    return sentence % {"count": intcomma(count)}

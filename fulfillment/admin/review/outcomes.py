"""What comes of a move for many shipments, in words."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from core.admin.bulk.actions import ACTIONS
from core.formats import filled, series, whole
from core.models import BulkChange
from core.operations.bulk.apply import CHANGED
from core.operations.bulk.row_plans import Shift
from fulfillment.models import Shipment
from fulfillment.review import effect_words
from fulfillment.review.bulk_change import differing_values
from fulfillment.review.effect_words import Code, sentence_of, sentence_together, together
from inventory.models import Source

# As many shipments that changed after they were shown are named.
NAMED = 200
LABELS = {field.attname: field.verbose_name for field in Shipment._meta.concrete_fields}
CODES = set(Code)


def label_of(name: str) -> str:
    """Return what a value of a shipment is called."""
    return str(capfirst(LABELS[name]))


def value_in_words(shift: Shift, value: Any) -> str:
    """Return a value of a shipment, as a preview keeps it."""
    if value and shift.name == "is_expected_on_fixed":
        return gettext("Yes") if value == "true" else gettext("No")
    if value and shift.name == "source_id":
        return Source.objects.get(pk=value).code
    if value and shift.name == "assignee_id":
        return str(User.objects.get(pk=value).get_username())
    return effect_words.value_in_words(shift.name, value)


def sentence_in_words(message: str, values: Mapping[str, str]) -> str:
    """Return what a shipment gets, or why it stays as it is."""
    if message in CODES:
        return sentence_of(Code(message), values)
    return filled(message, values)


def differences(action: str, texts: Mapping[int, tuple[str | None, str | None]]) -> list[str]:
    """Return both values of what changed of shipments, or that they came or went."""
    numbers = Shipment.objects.filter(pk__in=texts).queue_order().values_list("pk", "number")
    return [
        gettext("%(row)s (%(change)s)")
        % {"row": number, "change": _change_in_words(action, *texts[key])}
        for key, number in numbers
    ]


def _change_in_words(action: str, shown: str | None, now: str | None) -> str:
    if shown is None:
        return gettext("not shown before")
    if now is None:
        return gettext("no longer matches")
    shifts = (Shift(*found) for found in differing_values(action, shown, now))
    return series(
        gettext("%(label)s: %(shown)s shown, %(now)s now")
        % {
            "label": label_of(shift.name),
            "shown": value_in_words(shift, shift.before),
            "now": value_in_words(shift, shift.after),
        }
        for shift in shifts
    )


def outcome_of(change: BulkChange) -> list[str]:
    """Say how many were changed, and how many stay as they are for which reason."""
    lines = [_changed_line(change)]
    reasons: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
    counted = change.refusals.order_by().values_list("message", "values").annotate(Count("pk"))
    for message, values, count in counted:
        kept = together(Code(message), values) if message in CODES else ()
        reasons[message, kept] += count
    for (message, kept), count in sorted(reasons.items(), key=lambda one: (-one[1], one[0])):
        is_known = message in CODES
        why = sentence_together(Code(message), dict(kept)) if is_known else gettext(message)
        lines.append(_unchanged_line(count, why))
    later = (CHANGED.message, Code.CHANGED_MEANWHILE)
    changed = change.refusals.filter(message__in=later).order_by("pk")
    if names := [names[0] for names in changed.values_list("names", flat=True)[:NAMED]]:
        sentence = gettext("Changed after the preview, and left as they are: %(numbers)s")
        lines.append(sentence % {"numbers": ", ".join(names)})
    return lines


def _changed_line(change: BulkChange) -> str:
    count = change.changed_count
    sentence = ngettext(
        "%(action)s: %(count)s shipment changed.", "%(action)s: %(count)s shipments changed.", count
    )
    return sentence % {"action": ACTIONS[change.action].label, "count": whole(count)}


def _unchanged_line(count: int, why: str) -> str:
    sentence = ngettext(
        "%(count)s shipment stays as it is. %(why)s",
        "%(count)s shipments stay as they are. %(why)s",
        count,
    )
    return sentence % {"count": whole(count), "why": why}

"""Rows of a bulk plan as people read them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, ngettext

from core import formats
from core.acts import Act
from core.admin.bulk.actions import ListAction, Words
from core.operations.bulk.apply import BulkRequest
from core.operations.bulk.preview import texts_of
from core.operations.bulk.row_plans import BulkRow, Shift
from core.text import Sentence

# As many rows that changed meanwhile are named.
NAMED = 20


def row_in_words(row: BulkRow, words: Words) -> dict[str, Any]:
    """Return one row of the preview: of what, from what to what, and why not."""

    def said(sentence: Sentence | None) -> str:
        return (
            "" if sentence is None else words.sentence_in_words(sentence.message, sentence.values)
        )

    return {
        "key": row.key,
        "names": row.names,
        "details": row.details,
        "is_change": row.is_change,
        "shifts": [
            {
                "label": words.label_of(shift.name),
                "before": words.value_in_words(shift, shift.before),
                "after": words.value_in_words(shift, shift.after),
            }
            for shift in row.shifts
            # What stays as it is is not said beside what the row comes to.
            if row.effect is None or shift.before != shift.after
        ],
        "effect": said(row.effect),
        "refusal": said(row.refusal),
    }


def changed_in_words(
    action: ListAction, bulk: BulkRequest, shown: Mapping[int, str] | None, act: Act
) -> str:
    """Return the message about rows that changed after they were ``shown``, naming the first."""
    if shown is None:
        return gettext("The preview is no longer up to date. Nothing was done. Review it again.")
    keys = list(shown)[:NAMED]
    now = texts_of(bulk.action, keys, bulk.values, act)
    pairs = {key: (shown[key] or None, now.get(key) if key in bulk.keys else None) for key in keys}
    names = action.words.differences(bulk.action, pairs)
    return ngettext(
        "%(count)s row was changed after this page was opened: %(names)s. Nothing was done. "
        "Review it again.",
        "%(count)s rows were changed after this page was opened: %(names)s. Nothing was done. "
        "Review them again.",
        len(shown),
    ) % {"count": len(shown), "names": ", ".join([*names, *["…"][: len(shown) > NAMED]])}


def rows_in(text: str | None) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a plan that was kept, as JSON keeps them."""
    rows: list[dict[str, Any]] = json.loads(text or "[]")
    return rows


def planned_differences(
    words: Words, texts: Mapping[int, tuple[str | None, str | None]]
) -> Iterator[str]:
    """Yield what is another now of rows that were planned: their names, and both values."""
    for shown, now in texts.values():
        before = {tuple(row["names"]): row for row in rows_in(shown)}
        after = {tuple(row["names"]): row for row in rows_in(now)}
        for names in dict.fromkeys([*before, *after]):
            if before.get(names) != after.get(names):
                yield gettext("%(row)s (%(change)s)") % {
                    "row": " @ ".join(filter(None, names)),
                    "change": _change_in_words(words, before.get(names), after.get(names)),
                }


def _change_in_words(
    words: Words, shown: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> str:
    """Return both values of what differs: what stood there, else what it would become.

    What is not taken back any more says what the change left there, and what is there now.
    """
    if shown is None:
        return gettext("not shown before")
    if now is None:
        return gettext("no longer there")
    known = {shift["name"]: shift for shift in shown["shifts"]}
    pairs = [(known[shift["name"]], shift) for shift in now["shifts"] if shift["name"] in known]
    for side in ("before", "after"):
        is_refused = side == "after" and now["refusal"] is not None
        told = [
            gettext("%(label)s: %(shown)s shown, %(now)s now")
            % {
                "label": words.label_of(one["name"]),
                "shown": _kept(words, two, "before") if is_refused else _kept(words, one, side),
                "now": _kept(words, two, side),
            }
            for one, two in pairs
            if one[side] != two[side]
        ]
        if told:
            return formats.series(told)
    if now["refusal"] is None:
        return gettext("can be changed now")
    return words.sentence_in_words(now["refusal"]["message"], now["refusal"]["values"])


def _kept(words: Words, shift: Mapping[str, Any], side: str) -> str:
    return words.value_in_words(Shift(shift["name"], None, None), shift[side])

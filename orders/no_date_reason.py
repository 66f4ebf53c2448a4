"""Why nobody can name a date for units, as their customer reads it."""

from collections.abc import Collection
from enum import StrEnum

from django.utils.translation import gettext

from core.text import gettext_noop


class NoDateReason(StrEnum):
    """Why there is no date yet: no known supply covers them, they are ready, they are held."""

    SUPPLY = "SUPPLY"
    READY = "READY"
    HELD = "HELD"


SENTENCES = {
    NoDateReason.SUPPLY: gettext_noop("Not all units of your order are available yet."),
    NoDateReason.READY: gettext_noop("They are here, but have not left yet."),
    NoDateReason.HELD: gettext_noop("We have to check something about your order first."),
}


def common_reason(each: Collection[NoDateReason]) -> NoDateReason:
    """Return why several parts together have no date: ready where all are, held where one is.

    Rule: Delays, no date yet with the reason in words (§18a).
    """
    if each and set(each) == {NoDateReason.READY}:
        return NoDateReason.READY
    return NoDateReason.HELD if NoDateReason.HELD in each else NoDateReason.SUPPLY


def sentence_of(reason: str) -> str:
    """Return a reason in the active language; what was written before reasons names the supply."""
    code = reason if reason in set(NoDateReason) else NoDateReason.SUPPLY
    return gettext(SENTENCES[NoDateReason(code)])

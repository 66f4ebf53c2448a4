"""Why nobody can name a date for units, as their customer reads it."""

from enum import StrEnum

from django.utils.translation import gettext

from core.text import gettext_noop


class NoDateReason(StrEnum):
    """Why there is no date yet: no known supply covers them, they are ready, they are held."""

    SUPPLY = "SUPPLY"
    READY = "READY"
    HELD = "HELD"


SENTENCES = {
    NoDateReason.SUPPLY: gettext_noop("No delivery from our supplier is confirmed for them."),
    NoDateReason.READY: gettext_noop("They are here, but have not left yet."),
    NoDateReason.HELD: gettext_noop("We have to check something about your order first."),
}


def reason_of(*, is_ready: bool, is_held: bool) -> NoDateReason:
    """Return why units have no date: ``is_ready`` to leave, ``is_held`` by staff or for payment.

    Ready units that wait for the rest of their order are not ready to leave.

    Rule: Delays, no date yet with the reason in words (§18a).
    """
    if is_ready:
        return NoDateReason.READY
    return NoDateReason.HELD if is_held else NoDateReason.SUPPLY


def sentence_of(reason: str) -> str:
    """Return a reason in the active language; what was written before reasons names the supply."""
    code = reason if reason in set(NoDateReason) else NoDateReason.SUPPLY
    return gettext(SENTENCES[NoDateReason(code)])

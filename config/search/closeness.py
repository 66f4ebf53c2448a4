"""How closely a question matches the phrases by which people call a page."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from core.folding import folded
from core.queries.search import Match

# Two words are one where the shorter begins the longer: "order" and "orders".
LEAST_STEM = 4
# Shorter words of several phrases together say nothing.
LEAST_SIMILAR = 3


def words_in(text: str) -> list[str]:
    """Return the words of a text, without case, accents and signs."""
    return re.findall(r"[^\W_]+", folded(text))


@lru_cache(maxsize=1_000)
def phrases_in(text: str) -> Sequence[Sequence[str]]:
    """Return the words of each phrase of a text, which commas part; read once for all questions."""
    return [words_in(phrase) for phrase in text.split(",")]


def match_of(asked: Sequence[str], phrases: Iterable[Sequence[str]]) -> Match | None:
    """Return the closest match of what is ``asked`` with one of the phrases; None for none.

    Every word asked must be of the page; the last may be a beginning, as it is being typed.
    """
    found: Match | None = None
    every_word: set[str] = set()
    for phrase in phrases:
        every_word.update(phrase)
        match = _match(asked, phrase)
        if match is not None:
            found = match if found is None else min(found, match)
    is_telling = min(map(len, asked), default=0) >= LEAST_SIMILAR
    if found is None and is_telling and _are_all_in(asked, every_word):
        return Match.SIMILAR
    return found


def _match(asked: Sequence[str], phrase: Sequence[str]) -> Match | None:
    if len(asked) == len(phrase) and all(map(_is_same, asked, phrase)):
        return Match.EXACT
    if " ".join(phrase).startswith(" ".join(asked)):
        return Match.BEGINNING
    return Match.WORDS if _are_all_in(asked, phrase) else None


def _are_all_in(asked: Iterable[str], words: Iterable[str]) -> bool:
    known = list(words)
    return all(
        any(word.startswith(sought) or _is_same(sought, word) for word in known) for sought in asked
    )


def _is_same(sought: str, word: str) -> bool:
    short, long = (sought, word) if len(sought) <= len(word) else (word, sought)
    return short == long or (
        len(short) >= LEAST_STEM and long.startswith(short) and len(long) - len(short) <= 3
    )

"""What a question finds that the user may open, the best first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from config.search.closeness import words_in
from config.search.kinds import KINDS, RowKind
from config.search.pages import pages_matching
from core.queries.search import Match, first_found

# So many of one kind, and in all.
OF_A_KIND = 8
AT_MOST = 20
RECENT = 4
LONGEST_QUESTION = 100


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the answer: ``kind`` is what it is in words, ``facts`` what to know of it."""

    kind: str
    icon: str
    title: str
    facts: str
    link: str


def question_of(request: HttpRequest) -> str:
    """Return what the address asks for, without what is too long or only space."""
    return " ".join(request.GET.get("q", "").split())[:LONGEST_QUESTION].rstrip()


def results_of(request: HttpRequest, text: str) -> list[Result]:
    """Return what ``text`` finds, the closest first; pages come before rows as close."""
    found: list[tuple[Match, Result]] = []
    for page in pages_matching(request, text):
        words = gettext("Action") if page.is_action else gettext("Page")
        found.append((page.match, Result(words, page.icon, page.title, "", page.link)))
    kinds = [kind for kind in KINDS if kind.is_open_to(request)]
    named = {kind: rest for kind in kinds if (rest := _after_name(kind, text))}
    asked = named or dict.fromkeys(kinds, text.lstrip("#").strip() or text)
    for kind, sought in asked.items():
        ways = kind.ways(request, sought)
        found += [(match, _result(kind, row)) for match, row in first_found(ways, limit=OF_A_KIND)]
    is_close = any(match < Match.SIMILAR for match, _line in found)
    found = [pair for pair in found if pair[0] < Match.SIMILAR or not is_close]
    return [line for _match, line in sorted(found, key=lambda pair: pair[0])][:AT_MOST]


def recent_results(request: HttpRequest) -> list[Result]:
    """Return the newest rows of each kind that the user may open."""
    return list(_recent(request))


def _recent(request: HttpRequest) -> Iterator[Result]:
    for kind in KINDS:
        if kind.recent is not None and kind.is_open_to(request):
            for row in kind.recent()[:RECENT]:
                yield _result(kind, row)


def _after_name(kind: RowKind, text: str) -> str:
    """Return what ``text`` seeks where it begins with the name of a kind; "" where it does not."""
    words = text.split()
    folded = [" ".join(words_in(word)) for word in words]
    rests = [""]
    for name in str(kind.names).split(","):
        parts = words_in(name)
        if folded[: len(parts)] == parts:
            rests.append(" ".join(words[len(parts) :]).lstrip("#:").strip())
    return min(filter(None, rests), key=len, default="")


def _result(kind: RowKind, row: Any) -> Result:
    title, facts = kind.described(row)
    meta = kind.model._meta
    return Result(
        capfirst(str(meta.verbose_name)),
        kind.icon,
        title,
        " · ".join(str(fact) for fact in facts if fact),
        reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]),
    )

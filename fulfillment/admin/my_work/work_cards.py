"""Cards of work to do: a count, its first rows, a link to the list of all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Model, QuerySet
from django.urls import reverse

from core.formats import whole

# As many rows are shown, and as many are counted: a page counts no queue to its end.
ROWS = 5
MOST = 1000
# What no index finds is looked for once in so many seconds, for everybody.
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One thing to do: its name, its page, and what is to know of it."""

    name: str
    link: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class WorkCard:
    """What is to do of one kind: how much ("" where nothing is), the first rows, and its list.

    ``rows`` of a card without a count are the last of a record. ``clear`` is said where there are
    none: by default that all is clear.
    """

    title: str
    remark: str
    link: str
    count: str = ""
    rows: Sequence[WorkRow] = ()
    clear: str = ""


Words = Callable[[Any], WorkRow]


def card_of(title: str, remark: str, link: str, rows: "QuerySet[Any]", words: Words) -> WorkCard:
    """Return a card of the rows in their order; two statements at most, however many there are."""
    found = list(rows[:ROWS])
    count = len(found) if len(found) < ROWS else counted(rows)
    return WorkCard(title, remark, link, written(count), tuple(map(words, found)))


def kept_card(
    key: str, title: str, remark: str, link: str, rows: "QuerySet[Any]", words: Words
) -> WorkCard:
    """Return a card of rows that no index finds: looked for once in five minutes.

    Rows that are mended meanwhile are left out at once.
    """
    count, keys = cache.get_or_set(
        key, lambda: (counted(rows), list(rows.values_list("pk", flat=True)[:ROWS])), KEPT_SECONDS
    ) or (0, [])
    found = list(rows.filter(pk__in=keys)) if keys else []
    return WorkCard(title, remark, link, written(count) if found else "", tuple(map(words, found)))


def counted(rows: "QuerySet[Any]") -> int:
    """Return how many there are, counting no further than :data:`MOST`."""
    return rows.order_by().values("pk")[:MOST].count()


def written(count: int) -> str:
    """Return a count as a card shows it: nothing for 0, and no more than 999+."""
    if count >= MOST:
        return f"{whole(MOST - 1)}+"
    return whole(count) if count else ""


def page_of(row: Model) -> str:
    """Return the address of the page of a row."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])

"""The limits of who asks: of a person, or a key, that sees some sources or stocks alone.

One rule for each model says which of its rows lie within. While a page is read the managers of the
models apply it, so that a list, a count and a chart need not think of it; what is written finds its
rows by :func:`seen`, because a write has to keep the books of all.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

Row = TypeVar("Row", bound=models.Model)
Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a limited person sees: the keys of sources and of stocks, and what is the person's own.

    Somebody without limits has no reach (None).
    """

    user_id: int
    sources: frozenset[int]
    stocks: frozenset[int]


Rule = Callable[[Reach], Q]
Find = Callable[[], Reach | None]
_rules: dict[type[models.Model], Rule] = {}
_people: dict[str, Callable[[Any, Any], Reach | None]] = {}


class _Question:
    """Who asks, found when something first wants to know; ``is_reading``: nothing is written."""

    def __init__(self, find: Find, *, is_reading: bool) -> None:
        self.is_reading = is_reading
        self._find: Find | None = find
        self._reach: Reach | None = None

    @property
    def reach(self) -> Reach | None:
        if self._find is not None:
            # Reading who asks needs rows itself, which are read without limits.
            find, self._find = self._find, None
            self._reach = find()
        return self._reach


_asked: ContextVar[_Question | None] = ContextVar("access_limits", default=None)


@contextmanager
def asking(find: Find, *, is_reading: bool) -> Iterator[None]:
    """Have all that is done inside keep the limits that ``find`` returns."""
    token = _asked.set(_Question(find, is_reading=is_reading))
    try:
        yield
    finally:
        _asked.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """Have what is done inside find the rows of all, as whatever is written does: who asks is the
    same."""
    reach = current()
    with asking(lambda: reach, is_reading=False):
        yield


def read_from_now() -> None:
    """Have what follows be read, to the end of :func:`asking`: what there was to write is written,
    and the answer shows what who asks may see."""
    reach = current()
    if reach is not None:
        _asked.set(_Question(lambda: reach, is_reading=True))


def current() -> Reach | None:
    """Return the reach of who asks; None for somebody without limits, and for the system."""
    asked = _asked.get()
    return None if asked is None else asked.reach


def register(model: type[models.Model], rule: Rule) -> None:
    """Say which rows of a model lie within a reach; called when the apps are ready."""
    _rules[model] = rule


def find_people_by(find: Callable[[Any, Any], Reach | None]) -> None:
    """Say how the reach of a person, or of a key, is found; called when the apps are ready."""
    _people["find"] = find


def reach_of(person: Any, key: Any = None) -> Reach | None:
    """Return the reach of a person, with a key that of the key; None for the system."""
    return None if person is None else _people["find"](person, key)


def ask_as(person: Any, key: Any, *, is_reading: bool) -> None:
    """Put the person who sent a key in the place of who asks, to the end of :func:`asking`."""
    _asked.set(_Question(lambda: reach_of(person, key), is_reading=is_reading))


def has_rule(model: type[models.Model]) -> bool:
    """Whether there is a rule for the rows of a model."""
    return model._meta.concrete_model in _rules


def rows_within(model: type[models.Model], reach: Reach) -> "models.QuerySet[Any]":
    """Return the rows of a model that has a rule within a reach."""
    return model._base_manager.filter(_rules[model](reach))


def seen(rows: Rows) -> Rows:
    """Return those of ``rows`` that who asks may see; all where there are no limits, or no rule."""
    reach = current()
    rule = _rules.get(rows.model._meta.concrete_model)
    return rows if reach is None or rule is None else rows.filter(rule(reach))


class LimitedManager(models.Manager[Row]):
    """Leaves out, while a page is read, the rows that who reads it may not see."""

    def get_queryset(self) -> "models.QuerySet[Row]":
        rows = super().get_queryset()
        asked = _asked.get()
        return seen(rows) if asked is not None and asked.is_reading else rows

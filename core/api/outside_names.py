"""Refuses a body that names what lies outside the limits of who sends it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext

from core.access_limits import current, seen
from core.api.problems import Fault, below, refused

# The members of bodies that name a row: its model, and the column it is named by.
_members: dict[str, tuple[type[Model], str]] = {}


def register_member(name: str, model: type[Model], column: str) -> None:
    """Say what members called ``name`` name, in whatever body; called when the apps are ready."""
    _members[name] = (model, column)


def members_that_name() -> frozenset[str]:
    """Return the names of the members by which bodies name rows."""
    return frozenset(_members)


def refuse_outside(body: Any) -> None:
    """Refuse a body that names a row that its sender may not see, as if there were no such row.

    :raises core.api.problems.ProblemError: 422 with a fault for each.
    """
    if current() is None:
        return
    named: defaultdict[tuple[type[Model], str], list[tuple[str, Any]]] = defaultdict(list)
    for name, pointer, value in _named(body, ""):
        named[_members[name]].append((pointer, value))
    faults = [fault for key, named_at in named.items() for fault in _faults(*key, named_at)]
    if faults:
        raise refused("UNKNOWN", gettext("Something that is named does not exist."), faults)


def _faults(model: type[Model], column: str, named_at: list[tuple[str, Any]]) -> Iterator[Fault]:
    wanted = {value for _pointer, value in named_at}
    rows = model._base_manager.filter(**{f"{column}__in": wanted})
    every = set(rows.values_list(column, flat=True))
    outside = every - set(seen(rows).values_list(column, flat=True))
    detail = gettext("There is nothing with this name.")
    for pointer, value in named_at:
        if value in outside:
            yield Fault(pointer, "UNKNOWN", detail)


def _named(body: Any, pointer: str) -> Iterator[tuple[str, str, Any]]:
    """Yield the members that name a row: their name, where they stand, what they name."""
    if isinstance(body, list):
        for position, part in enumerate(body):
            yield from _named(part, below(pointer, position))
    elif isinstance(body, dict):
        for name, value in body.items():
            member_pointer = below(pointer, name)
            if name in _members:
                yield from _values(name, member_pointer, value)
            yield from _named(value, member_pointer)


def _values(name: str, pointer: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    _model, column = _members[name]
    kind = int if column == "pk" else str
    parts = value if isinstance(value, list) else [value]
    for position, part in enumerate(parts):
        if type(part) is kind:
            yield name, below(pointer, position) if isinstance(value, list) else pointer, part

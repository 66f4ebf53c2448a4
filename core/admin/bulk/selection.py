"""The selected rows of a list: some by their keys, or all that match its filter."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

IDS, FILTER, ALL = "ids", "filter", "all_matching"


@dataclass(frozen=True, slots=True)
class RowSelection:
    """What an address says was chosen. ``filter`` is the list's own query string.

    ``marks`` are what the list adds, to find the same rows again.
    """

    ids: tuple[int, ...]
    filter: str
    takes_all: bool
    marks: tuple[tuple[str, str], ...] = ()

    def query(self, *, takes_all: bool) -> str:
        """Return the address that makes this selection."""
        chosen = QueryDict(mutable=True)
        chosen[IDS] = ",".join(map(str, self.ids))
        chosen[FILTER] = self.filter
        if takes_all:
            chosen[ALL] = "1"
        chosen.update(dict(self.marks))
        return chosen.urlencode()

    def filters(self, *others: str) -> QueryDict:
        """Return the parts of the filter that choose rows: all but ``others``."""
        parameters = QueryDict(self.filter, mutable=True)
        for name in others:
            parameters.pop(name, None)
        return parameters


def keys_in(texts: list[str]) -> tuple[int, ...]:
    """Return the keys among texts, each once; what is no key is passed over."""
    keys = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 18)
    return tuple(dict.fromkeys(keys))


def selection_from(parameters: QueryDict, **marks: Any) -> RowSelection:
    """Read a selection from an address."""
    return RowSelection(
        keys_in(parameters.get(IDS, "").split(",")),
        parameters.get(FILTER, ""),
        parameters.get(ALL) == "1",
        tuple((name, str(value)) for name, value in marks.items()),
    )

"""The selected rows of a list: some by their keys, or all that match its filter."""

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

IDS, FILTER, ALL = "ids", "filter", "all_matching"
# Parts of the list's address that choose no rows.
NOT_FILTERS = ("p", "all")


@dataclass(frozen=True, slots=True)
class RowSelection:
    """What an address says was chosen. ``filter`` is the list's own query string."""

    ids: tuple[int, ...]
    filter: str
    takes_all: bool

    def query(self, *, takes_all: bool) -> str:
        """Return the address that makes this selection."""
        chosen = QueryDict(mutable=True)
        chosen[IDS] = ",".join(map(str, self.ids))
        chosen[FILTER] = self.filter
        if takes_all:
            chosen[ALL] = "1"
        return chosen.urlencode()


def selection_from(parameters: QueryDict) -> RowSelection:
    """Read a selection from an address; what is no key is passed over."""
    parts = parameters.get(IDS, "").split(",")
    ids = tuple(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 18)
    return RowSelection(ids, parameters.get(FILTER, ""), parameters.get(ALL) == "1")


def matching_rows(admin: Any, request: HttpRequest, selection: RowSelection) -> QuerySet[Any]:
    """Return all rows that match the filter of the list, in its order.

    :raises django.contrib.admin.options.IncorrectLookupParameters: if it is not understood.
    """
    parameters = QueryDict(selection.filter, mutable=True)
    for name in NOT_FILTERS:
        parameters.pop(name, None)
    asking = copy(request)
    asking.GET = parameters  # type: ignore[assignment]  # The type is of one that came.
    rows: QuerySet[Any] = admin.get_changelist_instance(asking).get_queryset(asking)
    return rows


def selected_rows(admin: Any, request: HttpRequest, selection: RowSelection) -> QuerySet[Any]:
    """Return the rows that were chosen."""
    if selection.takes_all:
        return matching_rows(admin, request, selection)
    rows: QuerySet[Any] = admin.get_queryset(request).filter(pk__in=selection.ids)
    return rows.order_by(*admin.get_ordering(request))

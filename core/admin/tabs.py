"""Lists with tabs: a few parts of a list by name, each one click away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.admin.list_page.layout import VIEW
from core.admin.lists import ChangeList

# What the address of a list says of its tab.
TAB = "tab"
# These say nothing about which rows a tab shows, or name a position in the list of another tab.
OF_ONE_TAB = (TAB, VIEW, "p")


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of a list: its name in the address, its label, and how it narrows the rows."""

    name: str
    label: str | Promise
    narrow: Callable[[QuerySet[Any]], QuerySet[Any]]


ALL = Tab("", _("All"), lambda rows: rows)


class TabbedChangeList(ChangeList):
    """A list narrowed by the tab that the address names, and by everything else as before."""

    own_parameters = (TAB, VIEW)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        tabbed: Any = self.model_admin
        return tab_of(request, tabbed.tabs).narrow(rows)


def tab_of(request: HttpRequest, tabs: Sequence[Tab]) -> Tab:
    """Return the tab that the address names; all rows where it names none of ``tabs``."""
    named = request.GET.get(TAB, "")
    return next((tab for tab in tabs if tab.name == named), ALL)


def tab_links(request: HttpRequest, tabs: Sequence[Tab]) -> list[Mapping[str, Any]]:
    """Return each tab with its address, which keeps what else the list is narrowed by."""
    opened = tab_of(request, tabs)
    kept = request.GET.copy()
    for name in OF_ONE_TAB:
        kept.pop(name, None)
    found: list[Mapping[str, Any]] = []
    for tab in (ALL, *tabs):
        address = kept.copy()
        if tab.name:
            address[TAB] = tab.name
        found.append(
            {"label": tab.label, "url": f"?{address.urlencode()}", "is_open": tab == opened}
        )
    return found

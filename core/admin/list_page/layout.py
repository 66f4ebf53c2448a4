"""What a list shows of itself: its columns, its named views."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from core.admin.list_page.address import without_blanks
from core.column_limits import row_key
from core.models import SavedView
from core.operations import saved_views

# The part of an address that names the view in use.
VIEW = "view"


@dataclass(frozen=True, slots=True)
class ListLayout:
    """The columns that a list has, by name, and those that it usually shows.

    ``name`` is that of its page's address, without the site; ``page`` is the whole name.
    """

    name: str
    page: str
    labels: Mapping[str, str | Promise]
    usual: Sequence[str]

    def known(self, names: Iterable[object]) -> list[str]:
        """Return the columns of ``names`` that there are, each once, in the order of the list."""
        chosen = set(names) if isinstance(names, (list, tuple)) else set()
        return [name for name in self.labels if name in chosen]


@dataclass(frozen=True, slots=True)
class ShownLayout:
    """The layout of a list as one person sees it at one address."""

    layout: ListLayout
    views: list[SavedView]
    in_use: SavedView | None
    columns: list[str]

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the head of the list shows."""
        layout, view = self.layout, self.in_use
        own = view if view is not None and view.owner_id == request.user.pk else None
        delete = f"admin:{layout.name}_delete_view"
        return {
            "views": [
                {
                    "name": view.name,
                    "address": f"?{view.querystring}&{urlencode({VIEW: view.pk})}".replace(
                        "?&", "?"
                    ),
                    "is_chosen": view == self.in_use,
                    "shared_by": ""
                    if view.owner_id == request.user.pk
                    else view.owner.get_username(),
                }
                for view in self.views
            ],
            "is_in_view": view is not None,
            "own_view": own,
            "delete_address": reverse(delete, args=[own.pk]) if own else "",
            "columns": [
                (name, label, name in self.columns) for name, label in layout.labels.items()
            ],
            "columns_address": reverse(f"admin:{layout.name}_columns"),
            "save_address": reverse(f"admin:{layout.name}_save_view"),
            "current": without_blanks(request.GET).urlencode(),
        }


def shown_layout(layout: ListLayout, request: HttpRequest) -> ShownLayout:
    """Return the columns of the view in use, else those that the person chose, else the usual."""
    user_id = int(request.user.pk or 0)
    views = list(saved_views.views_for(user_id, list_name=layout.name))
    wanted = row_key(request.GET.get(VIEW, ""))
    in_use = next((view for view in views if view.pk == wanted), None)
    columns = layout.known(in_use.columns) if in_use else []
    if not columns:
        columns = layout.known(saved_views.chosen_columns(user_id, list_name=layout.name))
    return ShownLayout(layout, views, in_use, columns or layout.known(list(layout.usual)))


def parameters_of(current: str) -> QueryDict:
    """Return the parameters that a form kept of the address of its list."""
    return without_blanks(QueryDict(current))

"""Lists with bulk actions: each leads to a page of its own before anything changes."""

from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from core.admin import theme
from core.admin.bulk.actions import ListAction, allowed_actions
from core.admin.bulk.pages import bulk_page, page_of_change
from core.admin.bulk.selection import RowSelection, keys_in
from core.models import BulkChange

# Parts of a list's address that choose no rows.
NOT_FILTERS = ("p", "all")


class BulkList(theme.ModelAdmin):
    """Adds the ``bulk_actions`` that a person may take to a list."""

    bulk_actions: Sequence[ListAction] = ()

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            *(
                path(
                    self.bulk_route(action),
                    wrap(partial(bulk_page, self, action)),
                    name=self._name(action),
                )
                for action in self.bulk_actions
            ),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        for action in allowed_actions(request, self.bulk_actions_of_list()):
            name = f"bulk_{action.slug}"
            actions[name] = (partial(redirect_to_action, action=action), name, action.label)
        return actions

    def bulk_route(self, action: ListAction) -> str:
        """Return where the page of an action is, below the list."""
        return f"bulk/{action.slug}/"

    def bulk_actions_of_list(self) -> Sequence[ListAction]:
        """Return the actions that the list itself offers; pages beside it may offer others."""
        return self.bulk_actions

    def bulk_marks_of_list(self) -> dict[str, Any]:
        """Return what to keep with a selection that was made on the list itself."""
        return {}

    def bulk_marks(self, request: HttpRequest) -> dict[str, Any]:
        """Return what to keep with a selection, so that it stays the same."""
        return {}

    def bulk_rows(self, request: HttpRequest, selection: RowSelection) -> QuerySet[Any]:
        """Return the rows that were chosen.

        :raises django.contrib.admin.options.IncorrectLookupParameters: of a filter that is not
            understood.
        """
        if selection.takes_all:
            return self.bulk_matching(request, selection)
        rows: QuerySet[Any] = self.get_queryset(request).filter(pk__in=selection.ids)
        return rows.order_by(*self.get_ordering(request))

    def bulk_matching(self, request: HttpRequest, selection: RowSelection) -> QuerySet[Any]:
        """Return all rows that match the filter of the list, in its order; as :meth:`bulk_rows`."""
        asking = copy(request)
        asking.GET = selection.filters(*NOT_FILTERS)  # type: ignore[assignment]  # As one that came.
        rows: QuerySet[Any] = self.get_changelist_instance(asking).get_queryset(asking)
        return rows

    def bulk_listed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with what their names need."""
        related = self.list_select_related
        return rows if isinstance(related, bool) else rows.select_related(*related)

    def bulk_list_address(self, selection: RowSelection) -> str:
        """Return the address of the list as it was filtered."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return f"{address}?{selection.filter}" if selection.filter else address

    def bulk_address(self, action: ListAction) -> str:
        """Return the address of the page of an action."""
        return reverse(f"admin:{self._name(action)}")

    def bulk_done(self, request: HttpRequest, change: BulkChange) -> HttpResponse:
        """Answer when a change was confirmed."""
        return HttpResponseRedirect(page_of_change(change))

    def _name(self, action: ListAction) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_bulk_{action.slug}"


def redirect_to_action(
    admin: BulkList, request: HttpRequest, _chosen: QuerySet[Any], *, action: ListAction
) -> HttpResponse:
    """Lead to the page of the action, for the selected rows or for all that match."""
    selection = RowSelection(
        ids=keys_in(request.POST.getlist(ACTION_CHECKBOX_NAME)),
        filter=request.GET.urlencode(),
        takes_all=request.POST.get("select_across") == "1",
        marks=tuple(admin.bulk_marks_of_list().items()),
    )
    query = selection.query(takes_all=selection.takes_all)
    return HttpResponseRedirect(f"{admin.bulk_address(action)}?{query}")

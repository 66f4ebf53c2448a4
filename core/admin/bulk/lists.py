"""Lists with bulk actions: each leads to a page of its own before anything changes."""

from functools import partial
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from core.admin import theme
from inventory.admin.bulk.actions import ListAction, allowed_actions
from core.admin.bulk.pages import bulk_page
from core.admin.bulk.selection import RowSelection


class BulkList(theme.ModelAdmin):
    """Adds the ``bulk_actions`` that a person may take to a list."""

    bulk_actions: tuple[ListAction, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            *(
                path(
                    f"bulk/{action.slug}/",
                    wrap(partial(bulk_page, self, action)),
                    name=self._name(action),
                )
                for action in self.bulk_actions
            ),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        for action in allowed_actions(request, self.bulk_actions):
            name = f"bulk_{action.slug}"
            actions[name] = (partial(redirect_to_action, action=action), name, action.label)
        return actions

    def bulk_address(self, action: ListAction) -> str:
        """Return the address of the page of an action."""
        return reverse(f"admin:{self._name(action)}")

    def _name(self, action: ListAction) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_bulk_{action.slug}"


def redirect_to_action(
    admin: BulkList, request: HttpRequest, _chosen: QuerySet[Any], *, action: ListAction
) -> HttpResponse:
    """Lead to the page of the action, for the selected rows or for all that match."""
    selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
    selection = RowSelection(
        ids=tuple(int(key) for key in selected if key.isascii() and key.isdigit()),
        filter=request.GET.urlencode(),
        takes_all=request.POST.get("select_across") == "1",
    )
    query = selection.query(takes_all=selection.takes_all)
    return HttpResponseRedirect(f"{admin.bulk_address(action)}?{query}")

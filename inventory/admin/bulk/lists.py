"""Lists with bulk actions: each leads to a page of its own before anything changes."""

from functools import partial
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from core.admin import theme
from inventory.admin.bulk.actions import ListAction, allowed_actions
from inventory.admin.bulk.pages import bulk_page
from inventory.admin.bulk.selection import RowSelection


class BulkList(theme.ModelAdmin):
    """Adds ``bulk_actions`` to a list, for those who may take them."""

    bulk_actions: tuple[ListAction, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            *(
                path(
                    f"bulk/{offered.slug}/",
                    wrap(partial(bulk_page, self, offered)),
                    name=self._name(offered),
                )
                for offered in self.bulk_actions
            ),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        for offered in allowed_actions(request, self.bulk_actions):
            name = f"bulk_{offered.slug}"
            actions[name] = (partial(lead, offered=offered), name, offered.label)
        return actions

    def bulk_address(self, offered: ListAction) -> str:
        """Return the address of the page of an action."""
        return reverse(f"admin:{self._name(offered)}")

    def _name(self, offered: ListAction) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_bulk_{offered.slug}"


def lead(
    admin: BulkList, request: HttpRequest, _chosen: QuerySet[Any], *, offered: ListAction
) -> HttpResponse:
    """Lead to the page of the action, for what was ticked or for all that match."""
    ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
    selection = RowSelection(
        ids=tuple(int(key) for key in ticked if key.isascii() and key.isdigit()),
        filter=request.GET.urlencode(),
        takes_all=request.POST.get("select_across") == "1",
    )
    query = selection.query(takes_all=selection.takes_all)
    return HttpResponseRedirect(f"{admin.bulk_address(offered)}?{query}")

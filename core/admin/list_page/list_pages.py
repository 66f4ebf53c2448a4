"""Change lists with tabs, columns to choose, named views."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import label_for_field
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext

from core.admin.list_page.layout import ListLayout, ShownLayout, shown_layout
from core.admin.list_page.layout_pages import layout_pages
from core.admin.lists import ChangeList
from core.admin.pages import page_paths
from core.admin.tabs import ALL, TAB, Tab, TabbedChangeList, tab_links
from core.admin.theme import ModelAdmin


class ListPage(ModelAdmin):
    """A list to work in all day.

    ``tabs`` are its parts; a search and filters stay when another tab is opened.
    ``more_columns`` may be chosen beside those of ``list_display``. The first column always
    stays. On a phone a card shows the first column and, without ``card_facts``, the three after it.
    """

    card_facts: Sequence[str] = ()
    tabs: Sequence[Tab] = ()
    more_columns: Sequence[str] = ()

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        pages = layout_pages(name, "list/", lambda admin, request: admin.list_layout(request))
        return [*page_paths(self, pages), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TabbedChangeList

    def list_layout(self, request: HttpRequest) -> ListLayout:
        """Return the columns that this list has."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        usual = [str(column) for column in super().get_list_display(request)]
        labels = {
            column: capfirst(str(label_for_field(column, self.model, self)))
            for column in dict.fromkeys([*usual[1:], *self.more_columns])
        }
        return ListLayout(name, f"admin:{name}_changelist", labels, usual[1:])

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        first, *_others = super().get_list_display(request)
        return [first, *self._shown(request).columns]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.GET.get(TAB, "") not in [tab.name for tab in (ALL, *self.tabs)]:
            messages.warning(request, gettext("The list has no such tab. All rows are shown."))
        context = {
            "list_head": self._shown(request).context(request),
            "tabs": tab_links(request, self.tabs),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def _shown(self, request: HttpRequest) -> ShownLayout:
        """Return the layout of a request, which asks for it several times, read once."""
        if not isinstance(shown := getattr(request, "_shown_layout", None), ShownLayout):
            shown = shown_layout(self.list_layout(request), request)
            setattr(request, "_shown_layout", shown)  # noqa: B010
        return shown

"""The pages that keep the columns or a named view of a list."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin.bases import AnyPage
from core.admin.list_page.layout import VIEW, ListLayout, parameters_of
from core.admin.pages import AdminPage, answer
from core.models import SavedView
from core.operations import saved_views

# A view begins at the first page, with nothing opened beside it.
NOT_KEPT = ("page", "p", "open", VIEW)
# Columns of a change list are sorted by their position, which another choice of columns moves.
ORDERING = "o"

LayoutOf = Callable[[Any, HttpRequest], ListLayout]


class ColumnsForm(forms.Form):
    columns = forms.MultipleChoiceField(required=False)
    current = forms.CharField(required=False)

    def __init__(self, *args: Any, layout: ListLayout, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layout = layout
        self.fields["columns"] = forms.MultipleChoiceField(
            choices=list(layout.labels.items()), required=False
        )


class ViewForm(ColumnsForm):
    name = forms.CharField(max_length=60)
    is_shared = forms.BooleanField(required=False)


def layout_pages(name: str, route: str, layout_of: LayoutOf) -> tuple[AdminPage, ...]:
    """Return the pages of a list at ``route``; ``name`` is that of its page's address."""
    return (
        AdminPage(
            f"{route}columns/", partial(choose_columns, layout_of), f"{name}_columns", "POST"
        ),
        AdminPage(f"{route}views/", partial(save_view, layout_of), f"{name}_save_view", "POST"),
        AdminPage(
            f"{route}views/<int:view_id>/delete/",
            partial(delete_view, layout_of),
            f"{name}_delete_view",
        ),
    )


def choose_columns(layout_of: LayoutOf, admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Keep the columns that this person wants to see."""
    layout = layout_of(admin, request)
    form = ColumnsForm(request.POST, layout=layout)
    if not form.is_valid():
        messages.error(request, _("Columns that the list does not have were not kept."))
        return redirect(layout.page)
    chosen = layout.known(form.cleaned_data["columns"])
    saved_views.choose_columns(int(request.user.pk or 0), chosen, list_name=layout.name)
    # A view has columns of its own; other columns are of no view.
    return redirect(_address(layout, form.cleaned_data["current"], VIEW, ORDERING))


def save_view(layout_of: LayoutOf, admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Keep what is shown under a name."""
    layout = layout_of(admin, request)
    form = ViewForm(request.POST, layout=layout)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of 60 characters at most."))
        return redirect(_address(layout, request.POST.get("current", "")))
    parameters = parameters_of(form.cleaned_data["current"])
    for name in NOT_KEPT:
        parameters.pop(name, None)
    view = saved_views.save_view(
        list_name=layout.name,
        owner_id=int(request.user.pk or 0),
        name=form.cleaned_data["name"],
        querystring=parameters.urlencode(),
        columns=layout.known(form.cleaned_data["columns"]),
        is_shared=form.cleaned_data["is_shared"],
    )
    messages.success(request, _("Saved the view “%(name)s”.") % {"name": view.name})
    parameters[VIEW] = str(view.pk)
    return redirect(f"{reverse(layout.page)}?{parameters.urlencode()}")


def delete_view(
    layout_of: LayoutOf, admin: AnyPage, request: HttpRequest, view_id: int
) -> HttpResponse:
    """Ask, and delete a view of one's own."""
    layout = layout_of(admin, request)
    own = SavedView.objects.filter(
        pk=view_id, list_name=layout.name, owner=request.user.pk or 0
    ).first()
    if own is None:
        raise PermissionDenied
    if request.method == "POST":
        saved_views.delete_view(own.pk, list_name=layout.name, owner_id=own.owner_id)
        messages.success(request, _("Deleted the view “%(name)s”.") % {"name": own.name})
        return redirect(layout.page)
    back = f"{reverse(layout.page)}?{own.querystring}&{VIEW}={own.pk}".replace("?&", "?")
    context = {"view": own, "back": back, "opts": None}
    title = _("Delete the view “%(name)s”") % {"name": own.name}
    return answer(admin, request, "core/list/delete_view.html", title, context)


def _address(layout: ListLayout, current: str, *names: str) -> str:
    parameters = parameters_of(current)
    for name in names:
        parameters.pop(name, None)
    address = reverse(layout.page)
    return f"{address}?{parameters.urlencode()}" if parameters else address

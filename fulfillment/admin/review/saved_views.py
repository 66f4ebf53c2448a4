"""Columns and named views, kept from the review and taken up again."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin.bases import AnyPage
from fulfillment.admin.review.request import OPEN, PAGE, VIEW, without_blanks
from fulfillment.admin.review.selection import NAME
from fulfillment.review import saved_views
from fulfillment.review.saved_views import COLUMN_LABELS


class ColumnsForm(forms.Form):
    columns = forms.MultipleChoiceField(choices=list(COLUMN_LABELS.items()), required=False)
    current = forms.CharField(required=False)


class ViewForm(ColumnsForm):
    name = forms.CharField(max_length=60)
    is_shared = forms.BooleanField(required=False)


def choose_columns(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Keep the columns that this person wants to see."""
    form = ColumnsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Columns that the review does not have were not kept."))
        return redirect(NAME)
    saved_views.choose_columns(int(request.user.pk or 0), form.cleaned_data["columns"])
    parameters = _parameters(form.cleaned_data["current"])
    # A view has columns of its own; other columns are of no view.
    parameters.pop(VIEW, None)
    return redirect(f"{reverse(NAME)}?{parameters.urlencode()}")


def save_view(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Keep what is shown under a name."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of 60 characters at most."))
        parameters = _parameters(request.POST.get("current", ""))
        return redirect(f"{reverse(NAME)}?{parameters.urlencode()}")
    parameters = _parameters(form.cleaned_data["current"])
    for name in (PAGE, OPEN, VIEW):
        parameters.pop(name, None)
    view = saved_views.save_view(
        owner_id=int(request.user.pk or 0),
        name=form.cleaned_data["name"],
        querystring=parameters.urlencode(),
        columns=form.cleaned_data["columns"],
        is_shared=form.cleaned_data["is_shared"],
    )
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    parameters[VIEW] = str(view.pk)
    return redirect(f"{reverse(NAME)}?{parameters.urlencode()}")


def delete_view(admin: AnyPage, request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete a view of one's own."""
    if not saved_views.delete_view(view_id, owner_id=int(request.user.pk or 0)):
        raise PermissionDenied
    messages.success(request, _("The view is deleted."))
    return redirect(NAME)


def _parameters(current: str) -> QueryDict:
    return without_blanks(QueryDict(current))

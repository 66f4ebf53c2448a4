"""Releasing what was chosen: a page that says what each would get, and the run."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from fulfillment.admin.review import release
from fulfillment.admin.review.bulk_form import ReleaseForm
from fulfillment.admin.review.page import NAME
from fulfillment.admin.review.previewed import difference
from fulfillment.admin.review.request import Moment
from fulfillment.admin.review.selection import ChosenShipments, previewed_by

# Of more than this a dry run says what each would get.
SHOWN = 50


def dry_run(request: HttpRequest, choice: ChosenShipments, moment: Moment) -> HttpResponse:
    """Have a worker say what each would get: that is a preview itself."""
    run = release.start(choice.selection, moment, by_id=request.user.pk, is_dry_run=True)
    return redirect("admin:fulfillment_releaserun_change", run.pk)


def released(
    admin: ModelAdmin,
    request: HttpRequest,
    choice: ChosenShipments,
    moment: Moment,
) -> HttpResponse:
    """Start a run over what was shown; its page shows how far it is, and what each gets."""
    shown = previewed_by(request, choice)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return release_page(admin, request, choice, form, moment)
    why_not = difference(shown, None)
    if shown is None or why_not:
        messages.warning(request, why_not)
        return release_page(admin, request, choice, form, moment)
    run = release.start(
        shown.selection,
        moment,
        by_id=request.user.pk,
        is_dry_run=False,
        reason=form.cleaned_data["reason"],
    )
    return redirect("admin:fulfillment_releaserun_change", run.pk)


def release_page(
    admin: ModelAdmin,
    request: HttpRequest,
    choice: ChosenShipments,
    form: ReleaseForm,
    moment: Moment,
) -> HttpResponse:
    """Say what each of a few would get; of many, offer a dry run that says so."""
    outlooks = release.outlooks(choice.selection, moment) if choice.count <= SHOWN else []
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "title": choice.offered.label,
        "choice": choice,
        "form": form,
        "previewed": choice.previewed(request.user.pk, None, now=moment.now).signed(),
        "outlooks": outlooks,
        "can_be_released": not outlooks or any(outlook.is_released for outlook in outlooks),
        "list_address": f"{reverse(NAME)}?{choice.back}",
        "apply_address": reverse(f"{NAME}_bulk_apply"),
    }
    return TemplateResponse(request, "fulfillment/review/release.html", context)

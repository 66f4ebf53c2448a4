"""Releasing selected shipments: the preview of what each would get, and the run."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.admin.bases import AnyPage
from fulfillment.admin.reasons import sentences
from fulfillment.admin.review.actions import ReleaseForm
from fulfillment.admin.review.page import NAME
from fulfillment.admin.review.request import Moment
from fulfillment.admin.review.selection import ChosenShipments, difference, previewed_by
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.release.explanation import explain
from fulfillment.release.runs.engine import request_run
from fulfillment.release.runs.scope import RunScope
from fulfillment.review.selection import ShipmentSelection


def start_run(
    selection: ShipmentSelection,
    moment: Moment,
    *,
    by_id: int | None,
    is_dry_run: bool,
    reason: str = "",
) -> ReleaseRun:
    """Have a worker release what was chosen, or say what that would do; the run keeps why."""
    return request_run(
        trigger=ReleaseRun.Trigger.STAFF,
        now=moment.now,
        by_id=by_id,
        is_dry_run=is_dry_run,
        scope=_scope(selection),
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a release would give a shipment now, a sentence each."""

    shipment: Shipment
    is_released: bool
    sentences: list[str]


def outlooks_of(selection: ShipmentSelection, moment: Moment) -> list[Outlook]:
    """Return what a release would give each shipment chosen, in queue order; for a few."""
    shipments = list(selection.shipments().select_related("order").queue_order())
    found = explain([shipment.pk for shipment in shipments], now=moment.now, zone=moment.zone)
    return [
        Outlook(
            shipment,
            shipment.pk in found
            and found[shipment.pk].outcome != ReleaseDecision.Outcome.WAITING.value,
            sentences(found[shipment.pk].detail) if shipment.pk in found else [],
        )
        for shipment in shipments
    ]


def _scope(selection: ShipmentSelection) -> RunScope:
    if not selection.ticked:
        return RunScope(filter=selection.filter)
    numbers = selection.shipments().order_by("pk").values_list("number", flat=True)
    return RunScope(shipments=tuple(numbers))


# Of more than this a dry run says what each would get.
SHOWN = 50


def dry_run(request: HttpRequest, choice: ChosenShipments, moment: Moment) -> HttpResponse:
    """Have a worker say what each would get: that is a preview itself."""
    run = start_run(choice.selection, moment, by_id=request.user.pk, is_dry_run=True)
    return redirect("admin:fulfillment_releaserun_change", run.pk)


def released(
    admin: AnyPage,
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
    run = start_run(
        shown.selection,
        moment,
        by_id=request.user.pk,
        is_dry_run=False,
        reason=form.cleaned_data["reason"],
    )
    return redirect("admin:fulfillment_releaserun_change", run.pk)


def release_page(
    admin: AnyPage,
    request: HttpRequest,
    choice: ChosenShipments,
    form: ReleaseForm,
    moment: Moment,
) -> HttpResponse:
    """Say what each of a few would get; of many, offer a dry run that says so."""
    outlooks = outlooks_of(choice.selection, moment) if choice.count <= SHOWN else []
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

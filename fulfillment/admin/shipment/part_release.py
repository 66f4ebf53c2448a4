"""Releasing what is there of one waiting shipment: what would become ready, then its release."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.pages import AdminPage, answer
from core.admin.theme import SELECT_CLASS
from core.clock import site_zone
from core.column_limits import row_key
from fulfillment.admin.reasons import sentences
from fulfillment.admin.shipment.action_results import ActionResult, result_in_words
from fulfillment.admin.shipment.actions import RELEASE
from fulfillment.admin.shipment.forms import ReasonForm
from fulfillment.admin.shipment.page import problem_of
from fulfillment.models import ReleaseRun, Shipment, ShipmentEvent
from fulfillment.operations.moves.given_units import AllocatedShipment
from fulfillment.operations.shipments.locking import ShipmentError, StaleShipmentError
from fulfillment.release.runs.one_shipment import NothingReleasedError
from fulfillment.release.runs.part_release import PartPreview, preview_part, release_part
from fulfillment.release.shipment_actions import RUN
from inventory.options import ReleaseMode

NAME = "fulfillment_shipment_part"
TEMPLATE = "fulfillment/shipment/part_release.html"


class PartForm(forms.Form):
    """How much of the shipment leaves."""

    mode = forms.ChoiceField(
        label=_("Units to release"),
        choices=[
            (ReleaseMode.BY_QUANTITY.value, _("All available units")),
            (ReleaseMode.BY_LINE.value, _("Only lines that are complete")),
        ],
        widget=forms.Select(attrs={"class": SELECT_CLASS}),
    )


def part_page(model_admin: AnyPage, request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Show what would become ready (GET), or release it as shown (POST)."""
    shipment = get_object_or_404(Shipment.objects.with_names(), pk=shipment_id)
    is_confirmed = request.method == "POST"
    given = request.POST if is_confirmed else request.GET
    start = {"mode": ReleaseMode.BY_QUANTITY.value}
    form = PartForm(given if "mode" in given else start)
    reason = ReasonForm(request.POST if is_confirmed else None, shipment=shipment)
    problem = ""
    if form.is_valid():
        mode = ReleaseMode(form.cleaned_data["mode"])
        if is_confirmed and reason.is_valid():
            try:
                return _release(request, shipment, mode, reason.cleaned_data["reason"])
            except (ShipmentError, NothingReleasedError) as error:
                problem = _problem(error)
                shipment.refresh_from_db()
        elif is_confirmed:
            problem = gettext("Correct the marked fields.")
    context: dict[str, Any] = {
        "shipment": shipment,
        "version": shipment.version,
        "form": form,
        "reason": reason,
        "problem": problem,
    }
    if form.is_valid():
        context |= _previewed(shipment, ReleaseMode(form.cleaned_data["mode"]))
    title = gettext("Release available units of %(shipment)s") % {"shipment": shipment}
    return answer(model_admin, request, TEMPLATE, title, context)


def _release(
    request: HttpRequest, shipment: Shipment, mode: ReleaseMode, reason: str
) -> HttpResponse:
    made = release_part(
        shipment.pk,
        Act(timezone.now(), request.user.pk, reason),
        zone=site_zone(),
        mode=mode,
        expected_version=row_key(request.POST.get("version", "")) or 0,
        shown=request.POST.get("shown", ""),
    )
    if isinstance(made, ReleaseRun) and not made.is_finished:
        return redirect("admin:fulfillment_releaserun_change", made.pk)
    code, result = RELEASE, ActionResult(shipment, AllocatedShipment(shipment, _ready(made)), {})
    messages.success(request, result_in_words(code, result))
    return redirect("admin:fulfillment_shipment_change", shipment.pk)


def _ready(made: ReleaseRun | Shipment) -> tuple[Shipment, ...]:
    """Return the shipments that became READY."""
    if isinstance(made, Shipment):
        return (made,)
    released = ShipmentEvent.objects.filter(
        kind=ShipmentEvent.Kind.RELEASED,
        detail__run=made.pk,
        shipment__order__shipments__number__in=made.scope["shipments"],
    )
    return tuple(event.shipment for event in released.order_by("pk").select_related("shipment"))


def _previewed(shipment: Shipment, mode: ReleaseMode) -> dict[str, Any]:
    try:
        preview = preview_part(shipment, mode=mode, now=timezone.now(), zone=site_zone())
    except ShipmentError as error:
        return {"refusal": problem_of(error)}
    return {
        "releases_any": preview.releases_any,
        "ready": sentences({"children": preview.detail["children"]}),
        "waiting": [
            *sentences({**preview.detail, "children": ()}),
            *_promised_in_words(preview),
        ],
        "shown": preview.shown,
        "waits_for_rest": preview.waits_for_rest,
    }


def _promised_in_words(preview: PartPreview) -> list[str]:
    return [
        gettext("%(quantity)s × %(sku)s promised for %(date)s")
        % {
            "quantity": formats.quantity(row["quantity"]),
            "sku": row["sku"],
            "date": formats.day(row["expected_on"]),
        }
        if row["expected_on"] is not None
        else gettext("%(quantity)s × %(sku)s received, of a line that waits for more")
        % {"quantity": formats.quantity(row["quantity"]), "sku": row["sku"]}
        for row in preview.promised
    ]


def _problem(error: Exception) -> str:
    if isinstance(error, StaleShipmentError):
        return gettext("This has changed since. Nothing was released. Review it again.")
    return problem_of(error)


PART_PAGE = AdminPage("<int:shipment_id>/release-part/", part_page, NAME, permission=RUN)

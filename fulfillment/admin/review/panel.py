"""The explanation of one shipment, beside the list or on a page of its own."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from fulfillment.admin.reasons import what_and_why
from fulfillment.admin.review import wording
from fulfillment.admin.review.asked import Moment, this_moment
from fulfillment.models import ReleaseDecision, Shipment
from fulfillment.review.columns import COLUMN_LABELS
from fulfillment.review.rows import rows_of

FACTS = ("state", "age", "expected", "value", "missing", "next_supply", "expires", "priority")


def panel_context(shipment_id: int, moment: Moment) -> dict[str, Any]:
    """Return what the panel says of a shipment."""
    shipments = Shipment.objects.select_related(
        "order__channel", "stock", "source", "pickup_source"
    )
    shipment = get_object_or_404(shipments, pk=shipment_id)
    row = rows_of([shipment], now=moment.now, zone=moment.zone)[0]
    decision = (
        ReleaseDecision.objects.filter(shipment=shipment_id)
        .select_related("run")
        .order_by("-pk")
        .first()
    )
    return {
        "shipment": shipment,
        "row": row,
        "facts": [(COLUMN_LABELS[name], wording.lines_of(row, name)) for name in FACTS],
        "why": wording.lines_of(row, "why"),
        "decision": decision,
        "sentences": what_and_why(decision.detail) if decision else "",
    }


def explanation_fragment(admin: ModelAdmin, request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Answer with the panel alone, for the list to show."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    context = {"panel": panel_context(shipment_id, this_moment())}
    return TemplateResponse(request, "fulfillment/review/panel.html", context)

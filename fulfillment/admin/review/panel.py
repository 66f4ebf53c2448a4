"""The explanation of one shipment, beside the list or on a page of its own."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext

from core.admin.bases import AnyPage
from core.clock import Moment, this_moment
from core.formats import quantity
from fulfillment.admin.reasons import asks_for_more, stock_sentence, what_and_why
from fulfillment.admin.remedies import User, shown_remedies
from fulfillment.admin.review import cell_texts
from fulfillment.models import ReleaseDecision, Shipment
from fulfillment.release.explanation import explain
from fulfillment.review.list_columns import COLUMN_LABELS
from fulfillment.review.reasons import REASON_LABELS
from fulfillment.review.review_rows import rows_of

FACTS = (
    "state",
    "age",
    "expected",
    "promised",
    "informed",
    "agreed",
    "request",
    "answer_by",
    "missed",
    "value",
    "missing",
    "next_supply",
    "expires",
    "priority",
)


def panel_context(
    shipment_id: int, moment: Moment, user: User, *, facts_shown: Sequence[str] = FACTS
) -> dict[str, Any]:
    """Return what the panel says of a shipment, with the links that ``user`` may follow."""
    shipment = get_object_or_404(Shipment.objects.with_names(), pk=shipment_id)
    row = rows_of([shipment], now=moment.now, zone=moment.zone)[0]
    why = _why(shipment, moment, user)
    # What is missing now is said once, whatever the last run found.
    if (short := why.get("short")) is not None:
        row = replace(row, missing=tuple(part for part in row.missing if part.sku in short))
    facts = {name: cell_texts.lines_of(row, name) for name in facts_shown}
    facts.update({name: why[name] for name in why.keys() & facts.keys()})
    return {
        "shipment": shipment,
        "row": row,
        "facts": [(COLUMN_LABELS[name], lines) for name, lines in facts.items()],
        **why,
    }


def _why(shipment: Shipment, moment: Moment, user: User) -> dict[str, Any]:
    """Return why it waits now, for a person too; else what the last run decided.

    ``short`` are the units missing by SKU; None of what has been promised its units.
    """
    if shipment.state == Shipment.State.CUSTOMER_CARE:
        # The system's own reasons have translations, what staff wrote stays as it is.
        asked = format_html("<div>{}</div>", gettext(shipment.care_reason))
        return {"why": [shipment.get_state_display()], "sentences": asked}
    explanation = explain([shipment.pk], now=moment.now, zone=moment.zone, with_remedies=True).get(
        shipment.pk
    )
    if explanation is not None:
        shortages = explanation.detail.get("shortages", ())
        reasons = dict.fromkeys(reason for shortage in shortages for reason in shortage["reasons"])
        short = {shortage["sku"]: Decimal(shortage["missing"]) for shortage in shortages}
        return {
            "why": [REASON_LABELS[reason] for reason in reasons],
            "missing": [
                f"{quantity(Decimal(shortage['missing']))} × {shortage['sku']}"
                for shortage in shortages
            ],
            "short": None if shipment.state == Shipment.State.FUTURE else short,
            "sentences": what_and_why({**explanation.detail, "expected_on": None}),
            "earliest": explanation.detail["expected_on"],
            "is_waiting": explanation.outcome != ReleaseDecision.Outcome.RELEASED,
            "stock": [stock_sentence(stock) for stock in explanation.stock],
            "is_released_next": explanation.outcome != ReleaseDecision.Outcome.WAITING,
            "remedies": shown_remedies(explanation.remedies, shipment, user),
            "asks_for_more": asks_for_more(explanation.remedies, short),
        }
    decisions = ReleaseDecision.objects.filter(shipment=shipment.pk).select_related("run")
    decision = decisions.order_by("-pk").first()
    return {
        "why": [],
        "decision": decision,
        "sentences": what_and_why(decision.detail) if decision else "",
    }


def explanation_fragment(admin: AnyPage, request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Answer with the panel alone, for the list to show."""
    context = {"panel": panel_context(shipment_id, this_moment(), request.user)}
    return TemplateResponse(request, "fulfillment/review/panel.html", context)

"""How promises of backordered units were kept, with the formula of each figure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.admin.bases import AnyPage
from core.admin.pages import AdminPage, answer
from core.clock import site_zone
from fulfillment.admin.dashboard_cards import percent
from fulfillment.queries.kept_promises import (
    MOST_ROWS,
    FigureRows,
    PromiseFigures,
    promise_figures,
)

# Days back that can be looked at, and those that are shown first.
PERIODS = (30, 90, 365)
USUAL = 90


def kept_promises_view(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Show the figures of some days: of all units, and by product, source and supply."""
    now, zone = datetime.now(UTC), site_zone()
    days = _days(request)
    since = now - timedelta(days=days)

    def figures(rows: FigureRows) -> list[dict[str, Any]]:
        return [_shown(row) for row in promise_figures(rows, since=since, now=now, zone=zone)]

    context = {
        "days": days,
        "periods": PERIODS,
        "total": next(iter(figures(FigureRows.ALL)), None),
        "tables": [
            (_("By product"), _("Product"), figures(FigureRows.PRODUCT)),
            (_("By source"), _("Source"), figures(FigureRows.SOURCE)),
            (_("By supplier reference"), _("Reference"), figures(FigureRows.REFERENCE)),
        ],
        "most": MOST_ROWS,
    }
    template = "fulfillment/demand/kept_promises.html"
    return answer(admin, request, template, _("Kept promises"), context)


KEPT_PROMISES = AdminPage(
    "demand/kept-promises/",
    kept_promises_view,
    "fulfillment_demand_kept_promises",
    "GET",
    "fulfillment.view_shipment",
)


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return next((days for days in PERIODS if str(days) == asked), USUAL)


def _shown(row: PromiseFigures) -> dict[str, Any]:
    return {"row": row, "percent": percent(row.kept_share)}

"""The first page of the admin, from figures that are kept."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from core.access_limits import current
from core.clock import site_zone
from core.formats import whole
from fulfillment.admin.dashboard_cards import cards, exceptions
from fulfillment.admin.dashboard_charts import (
    age_chart,
    fill_rate_chart,
    release_chart,
    supply_chart,
    waiting_chart,
)
from fulfillment.admin.list_links import ListLinks
from fulfillment.queries.figures import figures_since, outlook, waiting_by_day, waiting_on

RANGES = (7, 30, 90)
USUAL_RANGE = 30
RANGE = "days"
OLD_AFTER = timedelta(minutes=5)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the dashboard to the context of the index, for people who may view figures.

    The number of queries does not depend on how much there is.
    """
    may_see = request.user.has_perm("fulfillment.view_dailyfigures")
    # The figures are of all sources together.
    context["is_limited"] = may_see and current() is not None
    context["may_see_figures"] = may_see and not context["is_limited"]
    if not context["may_see_figures"]:
        return context
    zone = site_zone()
    now = timezone.now()
    today = now.astimezone(zone).date()
    span = _range_of(request)
    days = figures_since(today - timedelta(days=span - 1))
    if not days:
        return context
    latest = days[-1]
    length = (latest.on - days[0].on).days + 1
    every_day = [days[0].on + timedelta(days=number) for number in range(length)]
    links = ListLinks(request, zone)
    waiting = waiting_on(latest.on)
    charts = [
        age_chart(waiting, links=links),
        waiting_chart(waiting_by_day(days[0].on), every_day, links=links, span=span),
        release_chart(days, links=links, span=span),
        fill_rate_chart(days, links=links, span=span),
        supply_chart(outlook(), links=links, today=latest.on),
    ]
    return context | {
        "counted_at": latest.refreshed_at,
        "is_old": now - latest.refreshed_at > OLD_AFTER,
        "ranges": [(f"?{RANGE}={length}", _days(length), length == span) for length in RANGES],
        "cards": cards(days, waiting, links=links, today=today, zone=zone, span=span),
        "exceptions": exceptions(latest, waiting, links=links),
        "charts": charts,
    }


def _range_of(request: HttpRequest) -> int:
    """Return how many days the charts show; the usual ones for what is no range."""
    asked = request.GET.get(RANGE, "")
    return int(asked) if asked in map(str, RANGES) else USUAL_RANGE


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": whole(count)}

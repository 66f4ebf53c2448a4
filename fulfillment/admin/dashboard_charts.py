"""The dashboard's charts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import EMPTY, day, quantity, short_day, whole
from core.quantities import ZERO
from fulfillment.admin.charts import Cell, Chart, Point, highest
from fulfillment.admin.dashboard_cards import percent, released_on, share, values
from fulfillment.admin.list_links import ListLinks
from fulfillment.models import DailyFigures, SupplyOutlook, WaitingFigures

WEEK = timedelta(days=6)
DAYS_NAMED = 7
Period = SupplyOutlook.Period


def age_chart(waiting: Sequence[WaitingFigures], *, links: ListLinks) -> Chart:
    """Return the number of waiting shipments and their value, by age."""
    points = []
    for band in WaitingFigures.Band:
        rows = [row for row in waiting if row.band == band]
        count = sum(row.count for row in rows)
        value, *more = values(rows, links=links, age=band.value)
        cells = (Cell(whole(count), links.review(age=band.value)), replace(value, more=tuple(more)))
        points.append(Point(str(band.label), str(band.label), (Decimal(count),), cells))
    return Chart(
        key="age",
        title=_("Backorders by age"),
        summary=_("%(old)s of %(total)s waiting shipments have waited for more than 30 days.")
        % {"old": whole(points[-1].values[0]), "total": whole(_sum(points))},
        axis=_("Age"),
        columns=(_("Shipments"), _("Value")),
        points=points,
    )


def waiting_chart(
    counts: Mapping[date, int], days: Sequence[date], *, links: ListLinks, span: int
) -> Chart:
    """Return how many shipments waited at the end of each day."""
    latest = counts.get(days[-1], 0)
    lists = {days[-1]: links.review()}
    points = _daily(
        (
            on,
            Decimal(counts.get(on, 0)),
            (Cell(whole(counts[on]) if on in counts else EMPTY, lists.get(on, "")),),
        )
        for on in days
    )
    return Chart(
        key="waiting",
        title=_("Waiting, day by day"),
        summary=ngettext(
            "%(count)s shipment waits now. The most in the last %(days)s days: %(most)s.",
            "%(count)s shipments wait now. The most in the last %(days)s days: %(most)s.",
            latest,
        )
        % {"count": whole(latest), "most": whole(highest(points)), "days": whole(span)},
        axis=_("Day"),
        columns=(_("Shipments at the end of the day"),),
        points=points,
        caption=_(
            "Past days keep only the number of waiting shipments. Only the last day "
            "links to its list."
        ),
    )


def release_chart(days: Sequence[DailyFigures], *, links: ListLinks, span: int) -> Chart:
    """Return how many shipments were released, day by day."""
    points = _daily(
        (row.on, Decimal(row.released_count), (released_on(row, links),)) for row in days
    )
    return Chart(
        key="releases",
        title=_("Releases per day"),
        summary=ngettext(
            "%(count)s shipment was released in the last %(days)s days.",
            "%(count)s shipments were released in the last %(days)s days, at most %(most)s on one.",
            int(_sum(points)),
        )
        % {"count": whole(_sum(points)), "most": whole(highest(points)), "days": whole(span)},
        axis=_("Day"),
        columns=(_("Shipments released"),),
        points=points,
    )


def fill_rate_chart(days: Sequence[DailyFigures], *, links: ListLinks, span: int) -> Chart:
    """Return the part of the units ordered that were on hand at once, day by day."""
    rows = []
    for row in days:
        placed = links.days("placed_at", row.on, row.on)
        link = links.to("orders.order", placed)
        backordered = links.to("orders.order", placed | {"backordered": "placed"})
        part = share([row])
        cells = (
            Cell(percent(part), link),
            Cell(quantity(row.ordered_quantity), link),
            Cell(quantity(row.backordered_quantity), backordered),
        )
        rows.append((row.on, part or ZERO, cells))
    return Chart(
        key="fill-rate",
        title=_("Fill rate"),
        summary=_("%(rate)s of the units ordered in the last %(days)s days were in stock.")
        % {"rate": percent(share(days)), "days": whole(span)},
        axis=_("Day"),
        columns=(_("Fill rate"), _("Units ordered"), _("Units backordered")),
        points=_daily(rows),
        words=percent,
        limit=Decimal(1),
    )


def supply_chart(rows: Sequence[SupplyOutlook], *, links: ListLinks, today: date) -> Chart:
    """Return incoming units beside backordered units, week by week."""
    points = []
    for row in rows:
        supply, demand = _filters(row, today)
        incoming = links.to("inventory.futuresupply", {"state__exact": "OPEN", **supply})
        cells = (
            Cell(quantity(row.incoming_quantity), incoming),
            Cell(quantity(row.waiting_quantity), links.waiting(**demand)),
        )
        name = tick = row.get_period_display()
        if row.begins_on is not None and row.period == Period.WEEK:
            name = _("Week from %(date)s") % {"date": day(row.begins_on)}
            tick = short_day(row.begins_on)
        points.append(Point(name, tick, (row.incoming_quantity, row.waiting_quantity), cells))
    return Chart(
        key="supply",
        title=_("Incoming supply and backordered units"),
        summary=_("%(incoming)s incoming units, %(waiting)s backordered units.")
        % {
            "incoming": quantity(_sum(points)),
            "waiting": quantity(_sum(points, of=1)),
        },
        axis=_("Expected"),
        columns=(_("Incoming units"), _("Backordered units")),
        points=points,
        words=quantity,
    )


def _filters(row: SupplyOutlook, today: date) -> tuple[dict[str, str], dict[str, str]]:
    """Return the filters of future supply, and of shipments, that ``row`` counts."""
    if row.period == Period.PAST:
        return {"overdue": "yes"}, {"expected_on__lt": today.isoformat()}
    if row.begins_on is None:
        found = {"expected_on__isnull": "True"}
        return found, found
    found = {"expected_on__gte": max(row.begins_on, today).isoformat()}
    if row.period == Period.WEEK:
        found["expected_on__lte"] = (row.begins_on + WEEK).isoformat()
    return found, found


def _daily(rows: Iterable[tuple[date, Decimal, tuple[Cell, ...]]]) -> list[Point]:
    """Return a point for each day, value and cells.

    The axis names each day of a week, and five days of more, at equal distances: more would not fit
    a phone.
    """
    rows = list(rows)
    last = len(rows) - 1
    named = {round(last * part / 4) for part in range(5)} if last >= DAYS_NAMED else range(last + 1)
    return [
        Point(
            day(on),
            short_day(on) if number in named else "",
            (value,),
            cells,
        )
        for number, (on, value, cells) in enumerate(rows)
    ]


def _sum(points: Sequence[Point], of: int = 0) -> Decimal:
    return sum((point.values[of] for point in points), ZERO)

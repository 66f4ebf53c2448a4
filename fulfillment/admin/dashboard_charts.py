"""The dashboard's charts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.quantities import format_quantity
from fulfillment.admin.charts import Cell, Chart, Point
from fulfillment.admin.dashboard_cards import percent, share, values
from fulfillment.admin.list_links import ListLinks
from fulfillment.models import DailyFigures, SupplyOutlook, WaitingFigures

WEEK = timedelta(days=6)


def age_chart(waiting: Sequence[WaitingFigures], *, links: ListLinks) -> Chart:
    """Return how many shipments wait, and what they are worth, by age."""
    points = []
    for band in WaitingFigures.Band:
        rows = [row for row in waiting if row.band == band]
        count = sum(row.count for row in rows)
        link = links.review(age=band.value)
        value, *more = values(rows, links=links, age=band.value)
        cells = (Cell(_whole(count), link), replace(value, more=tuple(more)))
        points.append(Point(str(band.label), str(band.label), (Decimal(count),), cells))
    total, old = _sum(points), points[-1].values[0]
    return Chart(
        key="age",
        title=_("Age of what waits"),
        summary=_("%(old)s of %(total)s waiting shipments have waited for more than 30 days.")
        % {"old": _whole(old), "total": _whole(total)},
        axis=_("Age"),
        series=(_("Shipments"),),
        columns=(_("Shipments"), _("Value")),
        points=points,
        top=_top(points),
    )


def waiting_chart(counts: Mapping[date, int], days: Sequence[date], *, links: ListLinks) -> Chart:
    """Return how many shipments waited at the end of each day."""
    lists = {days[-1]: links.review()}
    points = [
        Point(
            _day(day),
            _tick(number, len(days), day),
            (Decimal(counts.get(day, 0)),),
            (Cell(_whole(counts[day]) if day in counts else "–", lists.get(day, "")),),
        )
        for number, day in enumerate(days)
    ]
    return Chart(
        key="waiting",
        title=_("Waiting, day by day"),
        summary=ngettext(
            "%(count)s shipment waits now; the most in these 30 days were %(most)s.",
            "%(count)s shipments wait now; the most in these 30 days were %(most)s.",
            counts.get(days[-1], 0),
        )
        % {"count": _whole(counts.get(days[-1], 0)), "most": _top(points)},
        axis=_("Day"),
        series=(_("Shipments"),),
        columns=(_("Shipments at the end of the day"),),
        points=points,
        top=_top(points),
        caption=_(
            "Of a day that is over, how many waited is kept, not which: only the last leads to "
            "its list."
        ),
    )


def release_chart(days: Sequence[DailyFigures], *, links: ListLinks) -> Chart:
    """Return how many shipments were released, day by day."""
    points = [
        Point(
            _day(day.on),
            _tick(number, len(days), day.on),
            (Decimal(day.released_count),),
            (
                Cell(
                    _whole(day.released_count),
                    links.shipments(**links.days("released_at", day.on, day.on)),
                ),
            ),
        )
        for number, day in enumerate(days)
    ]
    return Chart(
        key="releases",
        title=_("Releases per day"),
        summary=ngettext(
            "%(count)s shipment was released in 30 days.",
            "%(count)s shipments were released in 30 days, at most %(most)s on one.",
            int(_sum(points)),
        )
        % {"count": _whole(_sum(points)), "most": _top(points)},
        axis=_("Day"),
        series=(_("Shipments"),),
        columns=(_("Shipments released"),),
        points=points,
        top=_top(points),
    )


def fill_rate_chart(days: Sequence[DailyFigures], *, links: ListLinks) -> Chart:
    """Return which part of the units ordered was there at once, day by day."""
    points = []
    for number, day in enumerate(days):
        placed = links.days("placed_at", day.on, day.on)
        link = links.to("orders.order", placed)
        backordered = links.to("orders.order", placed | {"backordered": "placed"})
        part = share([day])
        cells = (
            Cell(percent(part), link),
            Cell(format_quantity(day.ordered_quantity), link),
            Cell(format_quantity(day.backordered_quantity), backordered),
        )
        points.append(
            Point(_day(day.on), _tick(number, len(days), day.on), (part or Decimal(0),), cells)
        )
    return Chart(
        key="fill-rate",
        title=_("Fill rate"),
        summary=_("%(rate)s of the units ordered in 30 days were there at once.")
        % {"rate": percent(share(days))},
        axis=_("Day"),
        series=(_("Fill rate"),),
        columns=(_("Fill rate"), _("Units ordered"), _("Units backordered")),
        points=points,
        top=percent(Decimal(1)),
        limit=Decimal(1),
    )


def supply_chart(rows: Sequence[SupplyOutlook], *, links: ListLinks, today: date) -> Chart:
    """Return the units to come beside the units waited for, week by week."""
    points = []
    for row in rows:
        supply, demand = _period(row, today)
        cells = (
            Cell(
                format_quantity(row.incoming_quantity),
                links.to("inventory.futuresupply", {"state__exact": "OPEN", **supply}),
            ),
            Cell(format_quantity(row.waiting_quantity), links.waiting(**demand)),
        )
        values = (row.incoming_quantity, row.waiting_quantity)
        points.append(Point(_period_name(row), _period_tick(row), values, cells))
    incoming, waiting = (sum((row.values[n] for row in points), Decimal(0)) for n in (0, 1))
    series = (_("Incoming units"), _("Units waited for"))
    return Chart(
        key="supply",
        title=_("Incoming supply against what is waited for"),
        summary=_("%(incoming)s units are to come; %(waiting)s are waited for.")
        % {"incoming": format_quantity(incoming), "waiting": format_quantity(waiting)},
        axis=_("Expected"),
        series=series,
        columns=series,
        points=points,
        top=format_quantity(max((max(point.values) for point in points), default=Decimal(0))),
    )


def _period(row: SupplyOutlook, today: date) -> tuple[dict[str, str], dict[str, str]]:
    """Return the filters of future supply, and of shipments, that ``row`` counts."""
    if row.period == SupplyOutlook.Period.PAST:
        return {"overdue": "yes"}, {"expected_on__lt": today.isoformat()}
    if row.begins_on is None:
        found = {"expected_on__isnull": "True"}
        return found, found
    found = {"expected_on__gte": max(row.begins_on, today).isoformat()}
    if row.period == SupplyOutlook.Period.WEEK and row.begins_on is not None:
        found["expected_on__lte"] = (row.begins_on + WEEK).isoformat()
    return found, found


def _period_name(row: SupplyOutlook) -> str:
    if row.period == SupplyOutlook.Period.WEEK and row.begins_on is not None:
        return _("Week from %(date)s") % {"date": _day(row.begins_on)}
    return row.get_period_display()


def _period_tick(row: SupplyOutlook) -> str:
    if row.period == SupplyOutlook.Period.WEEK and row.begins_on is not None:
        return date_format(row.begins_on, "j M")
    return row.get_period_display()


def _day(day: date | None) -> str:
    return "" if day is None else date_format(day)


def _tick(number: int, count: int, day: date) -> str:
    """Name the first, the middle and the last place alone: more would not fit a phone."""
    return date_format(day, "MONTH_DAY_FORMAT") if number in {0, count // 2, count - 1} else ""


def _sum(points: Sequence[Point]) -> Decimal:
    return sum((point.values[0] for point in points), Decimal(0))


def _top(points: Sequence[Point]) -> str:
    return _whole(max((point.values[0] for point in points), default=Decimal(0)))


def _whole(count: Decimal | int) -> str:
    return number_format(int(count), force_grouping=True)

"""The dashboard's single figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfillment.admin.charts import Cell
from fulfillment.admin.list_links import ListLinks
from fulfillment.models import DailyFigures, Shipment, WaitingFigures
from fulfillment.queries.figures import amount_by_currency, oldest_since

UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Card:
    """A figure, or one for each currency, with a name and a remark; each leads to its list."""

    title: str
    figures: tuple[Cell, ...]
    remark: Cell | None = None
    is_alarming: bool = False


def cards(
    days: Sequence[DailyFigures],
    waiting: Sequence[WaitingFigures],
    *,
    links: ListLinks,
    today: date,
    zone: ZoneInfo,
) -> list[Card]:
    """Return what waits, since when, what was released today, and the fill rate."""
    held = sum(row.held_count for row in waiting)
    return [
        Card(
            title=_("Shipments waiting"),
            figures=(Cell(_whole(sum(row.count for row in waiting)), links.review()),),
            remark=Cell(
                ngettext("%(count)s held", "%(count)s held", held) % {"count": _whole(held)},
                links.review(held="true"),
            ),
        ),
        Card(
            title=_("Value waiting"),
            figures=values(waiting, links=links),
            remark=Cell(_("What customers ordered and have not been sent")),
        ),
        _oldest(waiting, links=links, today=today, zone=zone),
        _released(days, links=links),
        _fill_rate(days, links=links),
    ]


def exceptions(
    day: DailyFigures, waiting: Iterable[WaitingFigures], *, links: ListLinks
) -> list[Card]:
    """Return what a person must look at, each with the list to do so."""
    care = sum(row.count for row in waiting if row.state == Shipment.State.CUSTOMER_CARE)
    counted = (
        (
            _("Customer care"),
            care,
            _("Shipments that a person must decide on"),
            links.review(state="CUSTOMER_CARE"),
        ),
        (
            _("Held for payment"),
            day.payment_hold_count,
            _("Shipments without money behind them"),
            links.shipments(is_held__exact="1", hold_reason__exact="PAYMENT"),
        ),
        (
            _("Payments of unknown outcome"),
            day.unknown_payment_count,
            _("The gateway did not say what it did"),
            links.to("orders.payment", {"state__exact": "UNKNOWN"}),
        ),
        (
            _("Overdue supply"),
            day.overdue_supply_count,
            _("Expected before today, and not received"),
            links.to("inventory.futuresupply", {"overdue": "yes"}),
        ),
        (
            _("Low stock"),
            day.low_item_count,
            _("Source items below their notify quantity"),
            links.to("inventory.sourceitem", {"low": "yes"}),
        ),
        (
            _("E-mails not sent"),
            day.failed_email_count,
            _("Failed, or with an unknown outcome"),
            links.to("orders.orderemail", {"state__in": "FAILED,UNKNOWN"}),
        ),
    )
    return [
        Card(title, (Cell(_whole(count), link),), Cell(remark), is_alarming=count > 0)
        for title, count, remark, link in counted
    ]


def values(
    waiting: Sequence[WaitingFigures], *, links: ListLinks, **filters: str
) -> tuple[Cell, ...]:
    """Return what is waited for in each currency, with the review of what ``filters`` choose."""
    return tuple(
        Cell(f"{money(amount)} {code}", links.review(currency=code, **filters))
        for code, amount in amount_by_currency(waiting).items()
    ) or (Cell(_whole(0), links.review(**filters)),)


def money(amount: Decimal) -> str:
    """Return an amount as people read it."""
    return number_format(amount, decimal_pos=2, force_grouping=True)


def share(days: Iterable[DailyFigures]) -> Decimal | None:
    """Return which part of the units ordered was there at once, from 0 to 1.

    ``None`` where nothing was ordered.
    """
    ordered = backordered = Decimal(0)
    for day in days:
        ordered += day.ordered_quantity
        backordered += day.backordered_quantity
    return (ordered - backordered) / ordered if ordered else None


def percent(part: Decimal | None) -> str:
    """Return a part of one as people read it; never 100 % for less than all."""
    if part is None:
        return UNKNOWN
    tenths = int(part * 1000)
    number = number_format(Decimal(tenths) / 10, decimal_pos=1 if tenths % 10 else 0)
    return _("%(number)s %%") % {"number": number}


def _oldest(
    waiting: Sequence[WaitingFigures], *, links: ListLinks, today: date, zone: ZoneInfo
) -> Card:
    since = oldest_since(waiting)
    if since is None:
        return Card(_("Oldest waiting"), (Cell(UNKNOWN),), remark=Cell(_("Nothing waits.")))
    on = since.astimezone(zone).date()
    days = (today - on).days
    return Card(
        title=_("Oldest waiting"),
        figures=(
            Cell(
                ngettext("%(days)s day", "%(days)s days", days) % {"days": _whole(days)},
                links.waiting(backordered_since__lte=since.isoformat()),
            ),
        ),
        remark=Cell(_("Since %(date)s") % {"date": date_format(on)}),
        is_alarming=days > 30,
    )


def _released(days: Sequence[DailyFigures], *, links: ListLinks) -> Card:
    day = days[-1]
    yesterday = day.on - timedelta(days=1)
    before = next((row.released_count for row in days if row.on == yesterday), None)
    return Card(
        title=_("Released today"),
        figures=(Cell(_whole(day.released_count), _released_on(day.on, links)),),
        remark=Cell(_("Yesterday %(count)s") % {"count": UNKNOWN})
        if before is None
        else Cell(
            _("Yesterday %(count)s") % {"count": _whole(before)}, _released_on(yesterday, links)
        ),
    )


def _released_on(day: date, links: ListLinks) -> str:
    return links.shipments(**links.days("released_at", day, day))


def _fill_rate(days: Sequence[DailyFigures], *, links: ListLinks) -> Card:
    return Card(
        title=_("Fill rate"),
        figures=(
            Cell(
                percent(share(days)),
                links.to("orders.order", links.days("placed_at", days[0].on, days[-1].on)),
            ),
        ),
        remark=Cell(_("Units there at once, of those ordered in 30 days")),
    )


def _whole(count: int) -> str:
    return number_format(count, force_grouping=True)

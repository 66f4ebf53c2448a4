"""The dashboard's single figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import EMPTY, day, fixed, money, whole
from core.quantities import ZERO
from fulfillment.admin.charts import Cell
from fulfillment.admin.list_links import ListLinks
from fulfillment.models import DailyFigures, Shipment, WaitingFigures
from fulfillment.queries.figures import amount_by_currency, oldest_since


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
    span: int,
) -> list[Card]:
    """Return the cards of waiting shipments, their value and age, releases and fill rate.

    ``span`` is how many days the fill rate is about.
    """
    held = sum(row.held_count for row in waiting)
    return [
        Card(
            title=_("Shipments waiting"),
            figures=(Cell(whole(sum(row.count for row in waiting)), links.review()),),
            remark=Cell(
                ngettext("%(count)s held", "%(count)s held", held) % {"count": whole(held)},
                links.review(held="true"),
            ),
        ),
        Card(
            title=_("Value waiting"),
            figures=values(waiting, links=links),
            remark=Cell(_("Ordered and not yet shipped")),
        ),
        _oldest(waiting, links=links, today=today, zone=zone),
        _released(days, links=links),
        _fill_rate(days, links=links, span=span),
    ]


def exceptions(
    latest: DailyFigures, waiting: Iterable[WaitingFigures], *, links: ListLinks
) -> list[Card]:
    """Return the exceptions that need a person, each with its list."""
    care = sum(row.count for row in waiting if row.state == Shipment.State.CUSTOMER_CARE)
    counted = (
        (
            _("Customer care"),
            care,
            _("Shipments for staff to decide"),
            links.review(state=Shipment.State.CUSTOMER_CARE.value),
        ),
        (
            _("Held for payment"),
            latest.payment_hold_count,
            _("Shipments without a valid payment"),
            links.shipments(
                is_held__exact="1", hold_reason__exact=Shipment.HoldReason.PAYMENT.value
            ),
        ),
        (
            _("Payments with an unknown outcome"),
            latest.unknown_payment_count,
            _("The gateway did not say what it did"),
            links.to("orders.payment", {"state__exact": "UNKNOWN"}),
        ),
        (
            _("Overdue supply"),
            latest.overdue_supply_count,
            _("Expected before today, and not received"),
            links.to("inventory.futuresupply", {"overdue": "yes"}),
        ),
        (
            _("Low stock"),
            latest.low_item_count,
            _("Source items below their notify quantity"),
            links.to("inventory.sourceitem", {"low": "yes"}),
        ),
        (
            _("E-mails not sent"),
            latest.failed_email_count,
            _("Failed, or with an unknown outcome"),
            links.to("orders.orderemail", {"state__in": "FAILED,UNKNOWN"}),
        ),
    )
    return [
        Card(title, (Cell(whole(count), link),), Cell(remark), is_alarming=count > 0)
        for title, count, remark, link in counted
    ]


def values(
    waiting: Sequence[WaitingFigures], *, links: ListLinks, **filters: str
) -> tuple[Cell, ...]:
    """Return the waiting value in each currency, each with the review narrowed by ``filters``."""
    return tuple(
        Cell(money(amount, code), links.review(currency=code, **filters))
        for code, amount in amount_by_currency(waiting).items()
    ) or (Cell(whole(0), links.review(**filters)),)


def share(days: Sequence[DailyFigures]) -> Decimal | None:
    """Return the part of the units ordered that were on hand at once, from 0 to 1.

    ``None`` where nothing was ordered.
    """
    ordered = sum((row.ordered_quantity for row in days), ZERO)
    backordered = sum((row.backordered_quantity for row in days), ZERO)
    return (ordered - backordered) / ordered if ordered else None


def percent(part: Decimal | None) -> str:
    """Return a part of one as people read it; never 100 % for less than all."""
    if part is None:
        return EMPTY
    tenths = int(part * 1000)
    number = fixed(Decimal(tenths) / 10, 1 if tenths % 10 else 0)
    return _("%(number)s %%") % {"number": number}


def released_on(row: DailyFigures, links: ListLinks) -> Cell:
    """Return how many shipments were released on a day, with their list."""
    released = links.days("released_at", row.on, row.on)
    return Cell(whole(row.released_count), links.shipments(**released))


def _oldest(
    waiting: Sequence[WaitingFigures], *, links: ListLinks, today: date, zone: ZoneInfo
) -> Card:
    since = oldest_since(waiting)
    if since is None:
        return Card(
            _("Oldest waiting"), (Cell(EMPTY),), remark=Cell(_("No shipments are waiting."))
        )
    on = since.astimezone(zone).date()
    days = (today - on).days
    age = ngettext("%(days)s day", "%(days)s days", days) % {"days": whole(days)}
    return Card(
        title=_("Oldest waiting"),
        figures=(Cell(age, links.waiting(backordered_since__lte=since.isoformat())),),
        remark=Cell(_("Since %(date)s") % {"date": day(on)}),
        is_alarming=days > 30,
    )


def _released(days: Sequence[DailyFigures], *, links: ListLinks) -> Card:
    latest = days[-1]
    yesterday = latest.on - timedelta(days=1)
    before = next((released_on(row, links) for row in days if row.on == yesterday), Cell(EMPTY))
    sentence = _("Yesterday %(count)s") % {"count": before.text}
    return Card(_("Released today"), (released_on(latest, links),), replace(before, text=sentence))


def _fill_rate(days: Sequence[DailyFigures], *, links: ListLinks, span: int) -> Card:
    placed = links.to("orders.order", links.days("placed_at", days[0].on, days[-1].on))
    return Card(
        title=_("Fill rate"),
        figures=(Cell(percent(share(days)), placed),),
        remark=Cell(
            _("Units in stock when ordered, in the last %(days)s days") % {"days": whole(span)}
        ),
    )

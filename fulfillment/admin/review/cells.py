"""The cells of the review as text, for the page and for the file."""

from datetime import date

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from core.quantities import format_quantity
from fulfillment.review.reasons import REASON_LABELS
from fulfillment.review.rows import ExpectedSupply, ReviewRow
from orders.models import FulfillmentMethod


def lines_of(row: ReviewRow, column: str) -> list[str]:
    """Return what ``column`` says of a row, a line each; none if it says nothing."""
    shipment = row.shipment
    match column:
        case "order":
            return [shipment.order.number]
        case "customer":
            return [shipment.order.customer_name]
        case "state":
            held = [shipment.get_hold_reason_display()] if shipment.is_held else []
            return [shipment.get_state_display(), *held]
        case "age":
            return [] if row.age_days is None else [days(row.age_days)]
        case "expected":
            return [day(shipment.expected_on)] if shipment.expected_on else []
        case "value":
            return [f"{shipment.amount} {shipment.order.currency}"]
        case "missing":
            return [f"{format_quantity(part.quantity)} × {part.sku}" for part in row.missing]
        case "why":
            return [str(REASON_LABELS[reason]) for reason in row.reasons]
        case "next_supply":
            several = len(row.missing) > 1
            return [
                f"{part.sku}: {supply_line(part.supply)}" if several else supply_line(part.supply)
                for part in row.missing
                if part.supply is not None
            ]
        case "expires":
            return (
                [date_format(localtime(row.expires_at), "DATETIME_FORMAT")]
                if row.expires_at
                else []
            )
        case "priority":
            return [str(shipment.priority)]
        case "channel":
            return [shipment.order.channel.code]
        case "stock":
            return [shipment.stock.code]
        case "method":
            return [str(FulfillmentMethod(shipment.order.fulfillment_method).label)]
        case "source":
            source = shipment.source or shipment.pickup_source
            return [source.code] if source else []
    raise KeyError(column)


def days(count: int) -> str:
    """Return an age in days, in words."""
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def day(moment: date) -> str:
    """Return a date as the reader's language writes it."""
    return date_format(moment, "DATE_FORMAT")


def supply_line(supply: ExpectedSupply) -> str:
    """Return what is to come, where, and when."""
    values = {
        "quantity": format_quantity(supply.quantity),
        "source": supply.source,
        "date": day(supply.expected_on) if supply.expected_on else "",
    }
    if supply.expected_on is None:
        return gettext("%(quantity)s to %(source)s, no date") % values
    if supply.is_overdue:
        return gettext("%(quantity)s to %(source)s, overdue since %(date)s") % values
    return gettext("%(quantity)s to %(source)s on %(date)s") % values

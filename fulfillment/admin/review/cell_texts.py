"""The cells of the review as text, the same on the page as in the file."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext, ngettext

from core import formats
from core.formats import day, labelled, moment, money
from fulfillment.models import DelayRequest
from fulfillment.review.promises import CustomerPromise
from fulfillment.review.reasons import REASON_LABELS
from fulfillment.review.review_rows import ExpectedSupply, ReviewRow
from orders.models import FulfillmentMethod


def lines_of(row: ReviewRow, column: str) -> list[str]:
    """Return what ``column`` says of a row, a line each; none if it says nothing."""
    return LINES[column](row)


def _state(row: ReviewRow) -> list[str]:
    shipment = row.shipment
    held = [shipment.get_hold_reason_display()] if shipment.is_held else []
    preorder = [gettext("Pre-order")] if shipment.is_preorder else []
    return [shipment.get_state_display(), *held, *preorder]


def _next_supply(row: ReviewRow) -> list[str]:
    several = len(row.missing) > 1
    return [
        labelled(part.sku, supply_line(part.supply)) if several else supply_line(part.supply)
        for part in row.missing
        if part.supply is not None
    ]


def _expires(row: ReviewRow) -> list[str]:
    expires_at = row.expires_at
    return [moment(expires_at)] if expires_at else []


def _source(row: ReviewRow) -> list[str]:
    source = row.shipment.source or row.shipment.pickup_source
    return [source.code] if source else []


def _assignee(row: ReviewRow) -> list[str]:
    assignee = row.shipment.assignee
    return [assignee.get_username()] if assignee else []


def promised_in_words(promise: CustomerPromise | None) -> str:
    """Return the date that the customer was last given; nothing where nothing was said."""
    if promise is None:
        return ""
    return gettext("No date yet") if promise.promised_on is None else day(promise.promised_on)


def _promised(row: ReviewRow) -> list[str]:
    return [promised_in_words(row.promise)] if row.promise else []


def _informed(row: ReviewRow) -> list[str]:
    return [moment(row.promise.told_at)] if row.promise else []


def _agreed(row: ReviewRow) -> list[str]:
    return [day(row.agreement.agreed_on)] if row.agreement else []


def _request(row: ReviewRow) -> list[str]:
    request = _last_request(row)
    if request is None:
        return []
    late = [gettext("Asked too late")] if request.is_asked_too_late else []
    return [request.get_state_display(), *late]


def _request_number(row: ReviewRow) -> list[str]:
    request = _last_request(row)
    return [formats.whole(request.ordinal)] if request else []


def _answer_by(row: ReviewRow) -> list[str]:
    """Return the last day of an answer while the request is open."""
    request = _last_request(row)
    is_open = request is not None and request.state == DelayRequest.State.OPEN
    return [day(request.answer_by)] if request and is_open else []


def _last_request(row: ReviewRow) -> DelayRequest | None:
    return row.agreement.request if row.agreement else None


def _missed(row: ReviewRow) -> list[str]:
    count = row.shipment.missed_promise_count
    return [formats.whole(count)] if count else []


def days(count: int) -> str:
    """Return an age in days, in words."""
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def supply_line(supply: ExpectedSupply) -> str:
    """Return what is to come, where, and when."""
    values = {
        "quantity": formats.quantity(supply.quantity),
        "source": supply.source,
        "date": day(supply.expected_on),
    }
    if supply.expected_on is None:
        return gettext("%(quantity)s to %(source)s, no date") % values
    if supply.is_overdue:
        return gettext("%(quantity)s to %(source)s, overdue since %(date)s") % values
    return gettext("%(quantity)s to %(source)s on %(date)s") % values


LINES: Mapping[str, Callable[[ReviewRow], list[str]]] = {
    "order": lambda row: [row.shipment.order.number],
    "customer": lambda row: [row.shipment.order.customer_name],
    "state": _state,
    "age": lambda row: [] if row.age_days is None else [days(row.age_days)],
    "expected": lambda row: [day(row.shipment.expected_on)] if row.shipment.expected_on else [],
    "promised": _promised,
    "informed": _informed,
    "agreed": _agreed,
    "request": _request,
    "request_number": _request_number,
    "answer_by": _answer_by,
    "missed": _missed,
    "value": lambda row: [money(row.shipment.amount, row.shipment.order.currency)],
    "missing": lambda row: [
        f"{formats.quantity(part.quantity)} × {part.sku}" for part in row.missing
    ],
    "why": lambda row: [str(REASON_LABELS[reason]) for reason in row.reasons],
    "next_supply": _next_supply,
    "expires": _expires,
    "priority": lambda row: [str(row.shipment.priority)],
    "channel": lambda row: [row.shipment.order.channel.code],
    "stock": lambda row: [row.shipment.stock.code],
    "method": lambda row: [str(FulfillmentMethod(row.shipment.order.fulfillment_method).label)],
    "source": _source,
    "assignee": _assignee,
}

"""Whether a request is valid in itself, before stock is read; PURE."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from core.currencies import amount_error, smallest_unit
from core.quantities import DECIMALS, MAX_QUANTITY
from core.text import gettext_noop
from orders.money import EXACT, rounded
from orders.placing.request import (
    PICKUP,
    SHIP_TO_HOME,
    Address,
    Customer,
    LineRequest,
    OrderRequest,
)

MAXIMUM_LINES = 10_000
LARGEST_PRIORITY = 2**31 - 1
FIRST_YEAR = 2000
# Clocks of shops may be a little ahead of ours.
CLOCKS_DIFFER_BY = timedelta(minutes=10)
NUMBER = re.compile(r"[A-Za-z0-9_.-]{1,32}\Z")
CURRENCY = re.compile(r"[A-Z]{3}\Z")
# The most characters of each free text of a request, by its path.
LONGEST_TEXTS = {
    "customer/name": 200,
    "customer/email": 254,
    "customer/language": 16,
    "address/recipient": 200,
    "address/street": 200,
    "address/city": 100,
    "address/region": 100,
    "address/postcode": 32,
    "address/country": 100,
    "payment/token": 255,
}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
PICKUP_SOURCE_WANTED = gettext_noop("A pickup order names its source; no other does.")
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """One reason why an order is refused; ``line`` counts from 1, empty for the order itself.

    ``message`` is a sentence to translate, with named gaps that ``values`` fill.
    """

    code: str
    message: str
    line: int | None = None
    path: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


def problems_of(request: OrderRequest) -> list[OrderProblem]:
    """Return everything that is wrong with ``request`` in itself, the order's problems first."""
    problems = [*_order_problems(request)]
    if not request.lines:
        problems.append(
            OrderProblem("NO_LINES", gettext_noop("An order has at least one line."), path="lines")
        )
    if len(request.lines) > MAXIMUM_LINES:
        message = gettext_noop("An order has at most 10,000 lines.")
        return [*problems, OrderProblem("TOO_MANY_LINES", message, path="lines")]
    for number, line in enumerate(request.lines, start=1):
        problems.extend(line_problems(number, line, request.currency))
    return problems


def is_in_the_future(request: OrderRequest, *, now: datetime) -> bool:
    """Whether the request names a time of the order in the future."""
    placed_at = request.placed_at
    if placed_at is None or placed_at.tzinfo is None:
        return False
    return placed_at > now + CLOCKS_DIFFER_BY


def line_total(line: LineRequest, unit_price: Decimal, currency: str) -> Decimal:
    """Return quantity x price - discount + tax, in whole smallest units of ``currency``.

    An amount too large to be kept, or below zero, is for the caller to refuse.
    """
    with localcontext(prec=EXACT):
        total = line.quantity * unit_price - line.discount + line.tax
    return rounded(total, smallest_unit(currency))


def customer_problems(customer: Customer) -> Iterator[OrderProblem]:
    """Yield what is wrong with what is known of a customer."""
    if not EMAIL.match(customer.email):
        message = gettext_noop("Give the customer's e-mail address.")
        yield OrderProblem("INVALID_EMAIL", message, path="customer/email")
    if not customer.name.strip():
        message = gettext_noop("Give the customer's name.")
        yield OrderProblem("INVALID_NAME", message, path="customer/name")
    yield from _text_problems("customer", asdict(customer))


def address_text_problems(address: Address) -> Iterator[OrderProblem]:
    """Yield what is wrong with the texts and the coordinates of an address."""
    yield from _text_problems("address", asdict(address))
    pairs = [(address.latitude, 90), (address.longitude, 180)]
    given = [(degrees, limit) for degrees, limit in pairs if degrees is not None]
    if len(given) == 1 or any(
        not degrees.is_finite() or abs(degrees) > limit for degrees, limit in given
    ):
        message = gettext_noop("Give both latitude (-90 to 90) and longitude (-180 to 180).")
        yield OrderProblem("INVALID_COORDINATES", message, path="address/latitude")


def _text_problems(member: str, values: Mapping[str, object]) -> Iterator[OrderProblem]:
    """Yield the texts of a member of a request that are too long, or hold control characters."""
    for name, text in values.items():
        longest = LONGEST_TEXTS.get(f"{member}/{name}")
        if longest and isinstance(text, str) and (len(text) > longest or CONTROL.search(text)):
            message = gettext_noop("Use at most %(longest)s characters, none of them for control.")
            at = {"longest": str(longest)}
            yield OrderProblem("INVALID_TEXT", message, path=f"{member}/{name}", values=at)


def _order_problems(request: OrderRequest) -> Iterator[OrderProblem]:
    if request.number is not None and not NUMBER.match(request.number):
        message = gettext_noop("Use up to 32 letters, digits, hyphens, dots and underscores.")
        yield OrderProblem("INVALID_NUMBER", message, path="number")
    if not CURRENCY.match(request.currency):
        message = gettext_noop("Use the three-letter ISO code of the currency.")
        yield OrderProblem("INVALID_CURRENCY", message, path="currency")
    if abs(request.priority) > LARGEST_PRIORITY:
        message = gettext_noop("The priority is too large.")
        yield OrderProblem("INVALID_PRIORITY", message, path="priority")
    if request.placed_at is not None and request.placed_at.tzinfo is None:
        message = gettext_noop("Give the time with its time zone.")
        yield OrderProblem("INVALID_TIME", message, path="placed_at")
    elif request.placed_at is not None and request.placed_at.year < FIRST_YEAR:
        message = gettext_noop("Orders are placed from the year 2000 on.")
        yield OrderProblem("INVALID_TIME", message, path="placed_at")
    yield from customer_problems(request.customer)
    yield from address_text_problems(request.address)
    yield from _text_problems("payment", {"token": request.payment.token})
    yield from _method_problems(request)


def _method_problems(request: OrderRequest) -> Iterator[OrderProblem]:
    if request.fulfillment_method not in (SHIP_TO_HOME, PICKUP):
        message = gettext_noop("The fulfillment method is SHIP_TO_HOME or PICKUP.")
        yield OrderProblem("INVALID_METHOD", message, path="fulfillment_method")
    elif (request.fulfillment_method == PICKUP) != (request.pickup_source is not None):
        yield OrderProblem("INVALID_PICKUP_SOURCE", PICKUP_SOURCE_WANTED, path="pickup_source")


def line_problems(number: int, line: LineRequest, currency: str) -> Iterator[OrderProblem]:
    """Yield what is wrong with a line in itself, by its number in the request."""
    message = None
    if not line.quantity.is_finite() or line.quantity <= 0:
        message = gettext_noop("The quantity is a number greater than 0.")
    elif line.quantity > MAX_QUANTITY:
        message = gettext_noop("The quantity is at most 999,999,999,999.9999.")
    elif significant_decimals(line.quantity) > DECIMALS:
        message = gettext_noop("The quantity has at most 4 decimal places.")
    if message:
        yield OrderProblem("INVALID_QUANTITY", message, line=number, path="quantity")
    for name in ("unit_price", "discount", "tax"):
        amount = getattr(line, name)
        if amount is not None and (error := amount_error(amount, currency)):
            yield OrderProblem(error.code, error.message, number, name, error.values)


def significant_decimals(number: Decimal) -> int:
    """Return how many decimals a finite number needs; 1.50 needs one."""
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or exponent >= 0 or number == 0:
        return 0
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -exponent - zeros)

"""What the page shows of an order: no e-mail address, no name, no street."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from core.countries import country_name, locality_lines
from core.formats import day
from orders import ports
from orders.asked_delay import AskedDelay, SharedAnswers
from orders.models import Order, OrderLine
from orders.ports import OrderShipment
from orders.queries.order_money import money_of
from orders.shipment_content import ShippedParcel
from orders.status_page.back_in_stock import lines_to_ask_about
from orders.status_page.cancellation import may_cancel

# The code of the answer that cancels late units.
CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class ShownUnits:
    """Units of a line on a shipment; ``expected`` is empty where nothing is waited for."""

    name: str
    quantity: Decimal
    expected: str = ""


@dataclass(frozen=True, slots=True)
class CustomerShipment:
    """A shipment as customers see it."""

    number: str
    state: str
    parcels: Sequence[ShippedParcel]
    units: Sequence[ShownUnits]
    can_be_canceled: bool


def status_of(order: Order, *, today: date) -> dict[str, Any]:
    """Return what the page shows, in the current language, in a fixed number of statements.

    Rule: Order status page (§18b).
    """
    lines = {line.pk: line for line in order.lines.in_force().order_by("number")}
    payments = list(order.payments.order_by("pk"))
    is_offered = order.is_paid_for and may_cancel()
    delays = ports.current().asked_delays(order.pk, today=today)
    shared = SharedAnswers.of(delays)
    shipments = ports.current().shipments_of(order.pk)
    return {
        "order": order,
        "is_canceled": order.status == Order.Status.CANCELED,
        "lines": list(lines.values()),
        "delays": [(delay, named_units([delay], lines)) for delay in delays],
        "shared": shared,
        "shared_units": named_units(shared.delays, lines) if shared else [],
        "shipments": [
            CustomerShipment(
                number=shipment.number,
                state=shipment.customer_words,
                parcels=[parcel for parcel in shipment.parcels if parcel.number],
                units=list(units_of(shipment, lines, today=today)),
                can_be_canceled=is_offered
                and shipment.can_be_canceled
                and not any(_asks_to_cancel(delay, shipment) for delay in delays),
            )
            for shipment in shipments
            if shipment.units.keys() & lines.keys()
        ],
        "leaves_together": order.ship_complete
        and any((one.waits or one.waits_for_rest) and one.units for one in shipments),
        "has_left_in_part": any(one.has_left for one in shipments),
        "out_of_stock": lines_to_ask_about(order, lines.values(), today=today),
        "money": money_of(order, payments),
        "destination": _destination(order),
    }


def _asks_to_cancel(delay: AskedDelay, shipment: OrderShipment) -> bool:
    """Return whether the units of a shipment, all of them, can be canceled as late ones."""
    return CANCEL in delay.answers and delay.units_on.get(shipment.shipment_id) == shipment.units


def units_of(
    shipment: OrderShipment, lines: Mapping[int, OrderLine], *, today: date
) -> Iterator[ShownUnits]:
    """Yield the units on a shipment in the order of the lines."""
    for pk, line in lines.items():
        if pk in shipment.units:
            expected = _expected(shipment.promises.get(pk), today) if shipment.waits else ""
            yield ShownUnits(line.name, shipment.units[pk], expected)


def named_units(delays: Iterable[AskedDelay], lines: Mapping[int, OrderLine]) -> list[ShownUnits]:
    """Return the late units in the order of the lines, on all shipments together."""
    found: defaultdict[int, Decimal] = defaultdict(Decimal)
    for delay in delays:
        for units in delay.units_on.values():
            for pk, quantity in units.items():
                found[pk] += quantity
    return [ShownUnits(lines[pk].name, found[pk]) for pk in lines if pk in found]


def _expected(promised_on: date | None, today: date) -> str:
    """Return the promise in words; one that has passed is not repeated as if it held."""
    if promised_on is None:
        return gettext("No date yet")
    if promised_on < today:
        return gettext("Was expected by %(day)s. No new date yet") % {"day": day(promised_on)}
    return gettext("Expected by %(day)s") % {"day": day(promised_on)}


def _destination(order: Order) -> str:
    """Return where the order goes: the store, or the customer's city and country."""
    if order.pickup_source is not None:
        store = order.pickup_source
        locality = locality_lines(
            store.country, city=store.city, region=store.region, postcode=store.postcode
        )
        parts = [store.name, store.street, *locality]
    else:
        parts = [order.city, country_name(order.country)]
    return ", ".join(filter(None, parts))

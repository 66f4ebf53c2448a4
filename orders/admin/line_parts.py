"""What happens to the units of an order's lines, in words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.formats import day
from core.quantities import ZERO
from orders.admin.wording import color, units
from orders.models import Order, OrderLine
from orders.ports import OrderShipment, ShipmentState

# Units that are ready, and do not leave before a hold is lifted.
HELD = "HELD"
# Units that are ready, and leave with the rest of their order.
REST = "REST"
# Units that their customer has collected.
HANDED_OVER = "HANDED_OVER"
# By the outcome of the shipment that has the units, in the order in which they are shown.
ON_SHIPMENTS = {
    ShipmentState.FULFILLED: _("%(units)s shipped from %(source)s"),
    HANDED_OVER: _("%(units)s handed over at %(source)s"),
    ShipmentState.READY: _("%(units)s ready at %(source)s"),
    ShipmentState.FUTURE: _("%(units)s promised from supply at %(source)s"),
    ShipmentState.BACKORDER: _("%(units)s waiting"),
    ShipmentState.CUSTOMER_CARE: _("%(units)s with customer care"),
}
IN_ALL = {
    ShipmentState.FULFILLED: _("%(units)s of %(ordered)s units shipped"),
    HANDED_OVER: _("%(units)s of %(ordered)s units handed over"),
    ShipmentState.READY: _("%(units)s ready to ship"),
    REST: _("%(units)s ready, waiting for the rest"),
    HELD: _("%(units)s ready, but on hold"),
    ShipmentState.FUTURE: _("%(units)s promised from supply"),
    ShipmentState.BACKORDER: _("%(units)s waiting"),
    ShipmentState.CUSTOMER_CARE: _("%(units)s with customer care"),
}


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units that share an outcome: in words, with what else is known, and the color of a dot."""

    words: str
    color: str
    detail: str = ""


def parts_of(line: OrderLine, shipments: Sequence[OrderShipment]) -> list[UnitGroup]:
    """Return what happens to the units of a line: what has left first, what ended last."""
    found: defaultdict[tuple[str, str, str, date | None], Decimal] = defaultdict(Decimal)
    for state in ON_SHIPMENTS:
        for shipment in shipments:
            if _outcome(shipment) == state and line.pk in shipment.units:
                expected = shipment.expected_on if shipment.waits else None
                key = (state, shipment.source, shipment.hold, expected)
                found[key] += shipment.units[line.pk]
    on_shipments = [
        UnitGroup(
            str(ON_SHIPMENTS[state]) % {"units": units(quantity), "source": source},
            color(state),
            " · ".join(filter(None, [expected_in_words(expected), hold])),
        )
        for (state, source, hold, expected), quantity in found.items()
    ]
    waiting = sum(
        (shipment.units.get(line.pk, ZERO) for shipment in shipments if shipment.waits),
        ZERO,
    )
    return [*on_shipments, *_beside_shipments(line, waiting=waiting)]


def parts_of_order(order: Order, shipments: Sequence[OrderShipment]) -> list[UnitGroup]:
    """Return how an order stands: its units by state, and by when the last are expected."""
    if not order.is_paid_for:
        return [UnitGroup(order.get_status_display(), color(order.status))]
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for shipment in shipments:
        found[_standing(shipment)] += sum(shipment.units.values(), ZERO)
    days = [shipment.expected_on for shipment in shipments if shipment.waits]
    ordered = units(sum((found[state] for state in IN_ALL), ZERO))
    parts = [
        UnitGroup(str(words) % {"units": units(found[state]), "ordered": ordered}, color(state))
        for state, words in IN_ALL.items()
        if found[state]
    ]
    known = [on for on in days if on is not None]
    if known and len(known) == len(days):
        parts.append(UnitGroup(expected_in_words(max(known)), "neutral"))
    elif days:
        parts.append(UnitGroup(gettext("no date known"), "neutral"))
    return parts


def _standing(shipment: OrderShipment) -> str:
    """Return the state of a shipment, or what keeps it from leaving though it is ready."""
    if shipment.waits_for_rest:
        return REST
    is_held = shipment.state == ShipmentState.READY and shipment.hold
    return HELD if is_held else _outcome(shipment)


def _outcome(shipment: OrderShipment) -> str:
    """Return the state of a shipment; what its customer collected was handed over."""
    return HANDED_OVER if shipment.has_left and shipment.is_pickup else shipment.state


def expected_in_words(expected: date | None) -> str:
    """Return when units are expected; nothing where no day is known."""
    return gettext("expected %(day)s") % {"day": day(expected)} if expected else ""


def _beside_shipments(line: OrderLine, *, waiting: Decimal) -> Iterator[UnitGroup]:
    """Yield what became of units that are on no shipment, and what no longer waits as placed."""
    if line.is_virtual:
        yield from _parts(gettext("%(units)s invoiced"), "success", line.invoiced_quantity)
        yield from _parts(gettext("%(units)s not invoiced yet"), "warning", line.open_quantity)
    yield from _parts(gettext("%(units)s canceled"), "neutral", line.canceled_quantity)
    yield from _parts(gettext("%(units)s returned"), "neutral", line.returned_quantity)
    yield from _parts(gettext("%(units)s exchanged"), "neutral", line.exchanged_quantity)
    yield from _parts(gettext("%(units)s refunded"), "neutral", line.paid_back_quantity)
    if line.backordered_quantity != waiting:
        words = gettext("%(units)s backordered when placed")
        yield from _parts(words, "neutral", line.backordered_quantity)


def _parts(words: str, kind: str, quantity: Decimal) -> Iterator[UnitGroup]:
    if quantity:
        yield UnitGroup(words % {"units": units(quantity)}, kind)

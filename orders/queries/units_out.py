"""Units that left without coming back, by the shipment with which they left."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from orders import ports
from orders.models import OrderLine, ReturnLine
from orders.shipment_content import ShippedUnits


def units_out(lines: Iterable[OrderLine]) -> dict[int, list[ShippedUnits]]:
    """Return what left and has not come back, by line id, in the order in which it left.

    A return names the shipment that its units left with. A refund that returned units to stock
    names none: it brought back what had left first.

    Rule: Picking and shipping, returns (§21).
    """
    unnamed = {line.pk: line.returned_quantity for line in lines if not line.is_virtual}
    named: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    if any(unnamed.values()):
        returned = ReturnLine.objects.filter(order_line__in=unnamed).order_by("pk")
        for pk, number, quantity in returned.values_list(
            "order_line_id", "shipment_number", "quantity"
        ):
            named[pk, number] += quantity
            unnamed[pk] -= quantity
    out: dict[int, list[ShippedUnits]] = {}
    for pk, parts in ports.current().shipped_from(unnamed).items():
        left = []
        for part in parts:
            here = part.quantity - named[pk, part.shipment_number]
            passed = min(here, unnamed[pk])
            unnamed[pk] -= passed
            left.append(replace(part, quantity=here - passed))
        out[pk] = [part for part in left if part.quantity]
    return out

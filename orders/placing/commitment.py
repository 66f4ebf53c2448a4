"""Commits stock to the units of an order that was routed.

Every function runs inside the caller's transaction, the source items of the products locked.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.db.models import Q

from core.acts import Act
from core.currencies import smallest_unit
from core.quantities import ZERO
from core.sql import pipelined
from core.text import gettext_noop
from inventory.models import Product, Reservation
from inventory.operations import ledger, units
from inventory.operations.whole_units import hold_products
from orders import ports
from orders.cancellation import write_cancellation
from orders.models import Cancellation
from orders.money import share
from orders.placing.request import LineRequest
from orders.routed_order import AssessedOrder, RoutedOrder, WrittenOrder

UNASSIGNED_REASON = gettext_noop("Not available when the order was placed")
# Units with what they are worth, by line number.
Worth = Mapping[int, tuple[Decimal, Decimal]]


def hold_products_of(lines: Sequence[LineRequest]) -> None:
    """Hold the products of which fractions are ordered, and those with a release date.

    Whether fractions are sold, and the date, are read once nobody can change them.
    """
    skus = {line.sku for line in lines}
    fractions = {line.sku for line in lines if line.quantity % 1}
    products = Product.objects.filter(
        Q(sku__in=fractions) | Q(sku__in=skus, release_on__isnull=False)
    )
    hold_products(set(products.values_list("pk", flat=True)))


def units_not_assigned(assessed: AssessedOrder, routed: RoutedOrder) -> Worth:
    """Return the units that the after-action cancels at once, with what they are worth."""
    unit = smallest_unit(assessed.currency)
    return {
        line.number: (quantity, share(line.total, quantity, line.quantity, unit=unit))
        for line in assessed.lines
        if (quantity := routed.canceled.get(line.number))
    }


def amount_due(assessed: AssessedOrder, canceled: Worth) -> Decimal:
    """Return what is to be paid for the lines, without what is canceled at once."""
    due = sum((line.total for line in assessed.lines), ZERO)
    return due - sum((amount for _quantity, amount in canceled.values()), ZERO)


def commit_units(
    written: WrittenOrder, assessed: AssessedOrder, routed: RoutedOrder, canceled: Worth, act: Act
) -> Cancellation | None:
    """Set routed units aside, write their shipments, and reserve them in the ledger.

    Return the record of what is canceled at once, if anything is.

    Rule: Placing an order.
    """
    units.allocate(routed.allocated)
    with pipelined():
        ports.current().write_routed_order(written, assessed, routed, act)
        cancellation = None
        if canceled:
            by_id = {written.line_ids[number]: worth for number, worth in canceled.items()}
            unassigned = replace(act, reason=UNASSIGNED_REASON, key=None)
            cancellation = write_cancellation(written.order_id, by_id, unassigned)
        _record_reservations(written, assessed, routed, cancellation, act)
    return cancellation


def _record_reservations(
    written: WrittenOrder,
    assessed: AssessedOrder,
    routed: RoutedOrder,
    cancellation: Cancellation | None,
    act: Act,
) -> None:
    """Write the ledger and move the balances: the last statements before the commit."""
    entries = []
    for line in assessed.lines:
        if not line.is_reserving:
            continue
        entry = ledger.Entry(
            stock_id=assessed.context.stock_id,
            product_id=line.product.product_id,
            quantity=-line.quantity,
            event=Reservation.Event.PLACED,
            order_line_id=written.line_ids[line.number],
            order_number=written.number,
        )
        entries.append(entry)
        canceled = routed.canceled.get(line.number, ZERO)
        if canceled and cancellation is not None:
            event = Reservation.Event.CANCELED
            end = entry._replace(quantity=canceled, event=event, sequence=cancellation.pk)
            entries.append(end)
    products = {item.item_id: item.product_id for item in assessed.items}
    allocated: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for item_id, quantity in routed.allocated.items():
        allocated[assessed.context.stock_id, products[item_id]] += quantity
    ledger.record(entries, act, allocated=allocated)

"""Ends allocations of virtual lines, which have no shipment."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from django.db.models import F

from fulfillment.models import Allocation


class NotAllocatedError(Exception):
    """A virtual line holds fewer units than were to be ended."""


def end_virtual_allocations(quantities: Mapping[int, Decimal]) -> dict[tuple[int, int], Decimal]:
    """End allocations of virtual lines, by order line id; return the units that ended.

    These are by (order line id, source item id), taken off the allocations in key order. The
    source items themselves are for the caller to deduct or deallocate. Runs inside the caller's
    transaction, the order locked.

    :raises NotAllocatedError: when a line holds less.
    """
    left = dict(quantities)
    ended: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    held = Allocation.objects.filter(order_line_id__in=left, shipment_line=None).order_by("pk")
    for allocation in held:
        taken = min(allocation.quantity, left[allocation.order_line_id])
        if not taken or allocation.source_item_id is None:
            continue
        left[allocation.order_line_id] -= taken
        ended[allocation.order_line_id, allocation.source_item_id] += taken
        if taken == allocation.quantity:
            allocation.delete()
        else:
            Allocation.objects.filter(pk=allocation.pk).update(quantity=F("quantity") - taken)
    if any(left.values()):
        raise NotAllocatedError(f"Virtual lines hold too little: {left}")
    return dict(ended)

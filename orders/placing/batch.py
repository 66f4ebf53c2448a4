"""Places many orders in one transaction: all of them, or none."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction

from core.acts import Act
from core.trials import trial
from inventory.models import SourceItem
from orders.models import OrderLine
from orders.payments.settlement import authorize, follow_orders
from orders.placing.commitment import hold_products_of
from orders.placing.errors import OrderRefusedError
from orders.placing.place import place_in_books
from orders.placing.request import OrderRequest
from orders.placing.validation import OrderProblem


@dataclass(frozen=True, slots=True)
class PreviewedOrder:
    """The preview of an order: the problems that refuse it, or its backordered units by line."""

    problems: tuple[OrderProblem, ...] = ()
    backordered: tuple[Decimal, ...] = ()


def preview_orders(requests: Sequence[OrderRequest], *, now: datetime) -> list[PreviewedOrder]:
    """Return the preview of each order, placed after those before it.

    They are placed in a transaction that is rolled back; no gateway is asked, no e-mail is sent.
    """
    with trial():
        hold_items(requests)
        placed = [_preview(request, now=now) for request in requests]
        keys = [key for key in placed if isinstance(key, int)]
        backordered = _backordered(keys)
    return [
        PreviewedOrder(backordered=tuple(backordered[key]))
        if isinstance(key, int)
        else PreviewedOrder(key)
        for key in placed
    ]


def place_orders(requests: Sequence[OrderRequest], act: Act) -> list[int]:
    """Place orders one after the other, in the caller's transaction; return their ids.

    Their money is asked for when it commits. Orders with a time of their own are of the past:
    no e-mails are sent about them.

    :raises orders.placing.errors.OrderRefusedError: for the first that is refused.
    :raises django.db.IntegrityError: when another order has just taken a number.
    """
    hold_items(requests)
    placed = []
    waiting = []
    for request in requests:
        order, pending = place_in_books(request, act, tells_customer=request.placed_at is None)
        placed.append(order.order_id)
        if pending is None:
            continue
        if pending.waits:
            waiting.append(order.order_id)
        # What waits of all of them is looked at once, when all were answered.
        own = replace(pending, waits=False)
        transaction.on_commit(partial(authorize, own, now=act.at), robust=True)
    if waiting:
        transaction.on_commit(partial(follow_orders, waiting, now=act.at), robust=True)
    return placed


def hold_items(requests: Sequence[OrderRequest]) -> None:
    """Lock every item that the orders may take from, in key order: each order then finds it held,
    and two files, or a file and a buyer, cannot deadlock. Products of which fractions
    are ordered, and those with a release date, come first."""
    lines = [line for request in requests for line in request.lines]
    hold_products_of(lines)
    skus = {line.sku for line in lines}
    list(SourceItem.objects.filter(product__sku__in=skus).locked().values_list("pk"))


def _backordered(order_ids: Sequence[int]) -> dict[int, list[Decimal]]:
    """Return the backordered units of the lines of each order, in their sequence, by order id."""
    found: defaultdict[int, list[Decimal]] = defaultdict(list)
    lines = OrderLine.objects.filter(order__in=order_ids).order_by("order", "number")
    for order_id, quantity in lines.values_list("order", "backordered_quantity"):
        found[order_id].append(quantity)
    return found


def _preview(request: OrderRequest, *, now: datetime) -> int | tuple[OrderProblem, ...]:
    """Place an order; return its key, or why it is refused, before anything of it is written."""
    try:
        order, _pending = place_in_books(request, Act(now), tells_customer=False)
    except OrderRefusedError as error:
        return error.problems
    return order.order_id

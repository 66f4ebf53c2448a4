"""Exchanges returned units: new lines of the same amount, which no gateway is asked to pay."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal

from django.utils import timezone

from core.acts import Act
from core.quantities import ZERO
from core.text import gettext_noop
from inventory.models import Product, SourceItem
from inventory.operations.missing_items import make_items
from orders.books import OrderBooks, add_to_lines
from orders.changes.change import ChangeRefusedError
from orders.changes.new_lines import NewLines, add_lines, assess_new_lines, line_of_worth
from orders.changes.refund import record_refund
from orders.changes.return_request import NewUnits
from orders.models import OrderChange, Return
from orders.placing.validation import OrderProblem

EXCHANGE = "exchange"
EXCHANGE_REASON = gettext_noop("Exchange of returned units")
NOT_ALL = gettext_noop("Not all of these units can be sent, and an exchange is not made in part.")


def lock_items(keys: Collection[tuple[int, int]], skus: Collection[str]) -> None:
    """Lock the source items of returned units, by (product id, source id), and of new ones.

    They are locked together, in key order, before any of them is written.
    """
    make_items(keys)
    products = {product_id for product_id, _source in keys}
    products |= set(Product.objects.filter(sku__in=skus).values_list("pk", flat=True))
    list(SourceItem.objects.filter(product__in=products).locked().values_list("pk"))


def exchange(
    books: OrderBooks,
    written: Return,
    new: Mapping[int, NewUnits],
    money: tuple[Mapping[int, Decimal], Mapping[int, Decimal]],
    act: Act,
) -> None:
    """Add lines to a locked order that the units of a return pay for, and settle the return.

    ``new`` takes the place of the units of each line, by line id; ``money`` are those units and
    what they are worth. The price in all is the same, to the smallest unit.

    :raises ChangeRefusedError: with every reason why the new units cannot be had.

    Rule: Picking and shipping, exchanges (§21).
    """
    units, worth = money
    lines = tuple(
        line_of_worth(books.lines[pk], units[pk], worth[pk], new[pk].sku, new[pk].quantity)
        for pk in new
    )
    try:
        assessed = assess_new_lines(books.order, lines, today=timezone.localdate(act.at))
    except ChangeRefusedError as error:
        raise ChangeRefusedError(error.problems, EXCHANGE) from error
    _refuse_parts(assessed)
    written.refund = record_refund(
        books, {}, units, replace(act, key=None), is_returned_to_stock=False, worth=worth
    )
    add_to_lines("exchanged_quantity", units)
    change = OrderChange.objects.create(
        order=books.order,
        decided_at=act.at,
        **replace(act, key=None, reason=act.reason or EXCHANGE_REASON).columns(),
    )
    written.exchange, written.state = change, Return.State.EXCHANGED
    written.save(update_fields=["refund", "exchange", "state"])
    add_lines(books.order, change, assessed, None, act)


def _refuse_parts(new: NewLines) -> None:
    """Refuse units that the after-action would cancel at once."""
    problems = [
        OrderProblem("NOT_ENOUGH_ITEMS", NOT_ALL, line=number, path="quantity")
        for number, line in enumerate(new.assessed.lines, start=1)
        if new.canceled.get(line.number, (ZERO, ZERO))[0]
    ]
    if problems:
        raise ChangeRefusedError(problems, EXCHANGE)

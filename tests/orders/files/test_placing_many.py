"""Many orders in one transaction: two of them never wait for each other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection, transaction

from core.acts import Act
from orders.models import Order
from orders.placing.batch import place_orders
from tests.factories.inventory import SalesChannelFactory, SourceFactory, StockFactory
from tests.invariants import assert_invariants
from tests.orders.test_placement_concurrency import NOW, order, stock_product

pytestmark = pytest.mark.django_db(transaction=True)


class InterruptionError(list[Any]):
    """Orders that are read once at a go; read again, the second comes when both sides are there."""

    def __init__(self, orders: Any, meeting: Barrier) -> None:
        super().__init__(orders)
        self.meeting = meeting
        self.is_read = False

    def __iter__(self) -> Iterator[Any]:
        orders = super().__iter__()
        if not self.is_read:
            self.is_read = True
            yield from orders
            return
        yield next(orders)
        try:
            self.meeting.wait(timeout=1)
        except BrokenBarrierError:
            # The other side waits for its units already, as it should.
            self.is_read = True
        yield from orders


def test_files_with_the_same_products_in_another_sequence_wait_without_a_deadlock() -> None:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    for sku in ("A", "B"):
        stock_product(sku, [source], 10)
    meeting = Barrier(2)

    def bring_in(skus: Any) -> int:
        try:
            with transaction.atomic():
                orders = InterruptionError([order("web", sku) for sku in skus], meeting)
                return len(place_orders(orders, Act(NOW)))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(bring_in, ["AB", "BA"]))

    assert counts == [2, 2]
    assert list(Order.objects.values_list("status", flat=True)) == ["PROCESSING"] * 4
    assert_invariants()

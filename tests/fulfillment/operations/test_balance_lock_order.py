"""What gives its units back waits for balances as everybody does: in key order."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from psycopg import Connection

from core.acts import Act
from fulfillment.models import Shipment, WaitingBalance
from fulfillment.operations.moves.customer_care import send_to_care
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.operations.shipments.locking import lock_shipments
from inventory.models import StockBalance
from tests.beside import beside
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.fulfillment.review.shipment_page import NOW
from tests.invariants import assert_invariants
from tests.rows import is_free

pytestmark = pytest.mark.django_db(transaction=True)
BALANCES = (StockBalance, WaitingBalance)


@pytest.fixture
def ready() -> Any:
    """Two shipments that are READY at berlin, each with a product of its own."""
    source = SourceFactory(code="berlin")
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    shipments = []
    for _number in range(2):
        product = ProductFactory()
        SourceItemFactory(source=source, product=product, quantity=Decimal(5))
        shipment = BackorderFactory(order=OrderFactory(channel=channel), lines={product: 2})
        reassign(shipment.pk, Act(NOW), source_code="berlin")
        shipments.append(shipment)
    return shipments


@pytest.mark.parametrize(
    ("held", "free"), [(StockBalance, [True, True]), (WaitingBalance, [False, True])]
)
def test_whoever_comes_second_waits_at_the_lowest_balance(
    ready: Any,
    other: Connection[Any],
    held: type[StockBalance] | type[WaitingBalance],
    free: list[bool],
) -> None:
    lowest, next_one = (shipment.lines.get().product for shipment in ready)
    for balance in BALANCES:
        # Written anew, so that a reader of the whole table comes to it last.
        rows = balance.objects.filter(product=lowest)
        rows.update(stock=rows.get().stock)
    assert is_free(other, held.objects.get(product=lowest))

    def send() -> None:
        with transaction.atomic():
            shipments = lock_shipments([shipment.pk for shipment in ready])
            send_to_care(shipments, Act(NOW, reason="Address"))

    with beside(send):
        found = [is_free(other, balance.objects.get(product=next_one)) for balance in BALANCES]
        other.rollback()

    assert found == free
    assert set(Shipment.objects.values_list("state", flat=True)) == {"CUSTOMER_CARE"}
    assert_invariants()

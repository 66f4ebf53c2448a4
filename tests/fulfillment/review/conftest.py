"""What several tests of the review start from."""

from decimal import Decimal

import pytest
from time_machine import TimeMachineFixture

from fulfillment.models import Shipment
from inventory.models import SalesChannel
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.fulfillment.review.bulk_moves import backorder
from tests.fulfillment.review.review_pages import NOON


@pytest.fixture
def shipment() -> Shipment:
    """Waits for 2 of WHEEL, of which berlin has 5."""
    source = SourceFactory(code="berlin")
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    product = ProductFactory(sku="WHEEL")
    SourceItemFactory(source=source, product=product, quantity=Decimal(5))
    return BackorderFactory(
        number="S1", order=OrderFactory(channel=channel, number="1001"), lines={product: 2}
    )


@pytest.fixture
def noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def channel() -> SalesChannel:
    return SalesChannelFactory(stock=StockFactory(sources=[SourceFactory(code="berlin")]))


@pytest.fixture
def shipments(channel: SalesChannel) -> list[Shipment]:
    """S0 waits, S1 is held by staff, S2 is with customer care."""
    made = [backorder(f"S{number}", channel) for number in range(3)]
    Shipment.objects.filter(pk=made[1].pk).update(is_held=True, hold_reason="STAFF")
    Shipment.objects.filter(pk=made[2].pk).update(state="CUSTOMER_CARE", care_reason="Address")
    return made

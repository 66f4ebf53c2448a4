"""A shop whose demand is counted by hand.

KETTLE: 4 units wait for homes since 1 March, 2 for pickup at the store since 3 March; 3 of 5 are
outstanding at main, on hand are 0 at main (notify below 2) and 1 at the store (below 2). Missing:
4 + 2 + 2 + 1 − 3 = 6, in boxes of 4: 8. PAN: nothing waits, 1 is on hand, notify below 3: 2.
LID: 5 wait, 9 are coming: none. POT has enough.
"""

from datetime import UTC, datetime
from types import SimpleNamespace

from inventory.models import BackInStockRequest, FutureSupply, Product, SalesChannel
from orders.models import FulfillmentMethod
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory


def make_world() -> SimpleNamespace:
    main, store = SourceFactory(code="main", lead_time_days=10), SourceFactory(code="store")
    channel = SalesChannelFactory(code="web", stock=StockFactory(sources=[main, store]))
    kettle = ProductFactory(sku="KETTLE", name="Kettle", order_multiple=4)
    pan = ProductFactory(sku="PAN", name="Pan", lead_time_days=3)
    lid, pot = ProductFactory(sku="LID", name="Lid"), ProductFactory(sku="POT", name="Pot")
    SourceItemFactory(product=kettle, source=main, quantity=0, notify_quantity_below=2)
    SourceItemFactory(product=kettle, source=store, quantity=1, notify_quantity_below=2)
    SourceItemFactory(product=pan, source=main, quantity=1, notify_quantity_below=3)
    SourceItemFactory(product=lid, source=main, quantity=1)
    SourceItemFactory(product=pot, source=main, quantity=7)
    home = OrderFactory(number="HOME", channel=channel)
    collected = OrderFactory(
        number="COLLECTED",
        channel=channel,
        fulfillment_method=FulfillmentMethod.PICKUP,
        pickup_source=store,
        placed_at=datetime(2026, 3, 3, 9, tzinfo=UTC),
    )
    BackorderFactory(order=home, lines={kettle: 4, lid: 5})
    BackorderFactory(order=collected, lines={kettle: 2})
    FutureSupplyFactory(product=kettle, source=main, quantity=5, received_quantity=2)
    FutureSupplyFactory(product=lid, source=main, quantity=9)
    FutureSupplyFactory(product=kettle, source=main, quantity=50, state=FutureSupply.State.CANCELED)
    return SimpleNamespace(main=main, store=store, kettle=kettle, pan=pan, lid=lid, pot=pot)


def ask_for(product: Product, *, confirmed: int, unconfirmed: int = 0) -> None:
    """Let customers ask to be told when a product can be bought again."""
    asked_at = datetime(2026, 3, 3, 9, tzinfo=UTC)
    for customer in range(confirmed + unconfirmed):
        BackInStockRequest.objects.create(
            product=product,
            channel=SalesChannel.objects.get(),
            language="en",
            recipient=f"{customer}@example.com",
            asked_at=asked_at,
            confirmed_at=asked_at if customer < confirmed else None,
            next_attempt_at=asked_at,
        )

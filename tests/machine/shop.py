"""The shop in which everything happens: its sources, its clock, and what holds after each step."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from core.acts import Act
from fulfillment.models import Allocation, Shipment, ShipmentLine, SourceBar
from fulfillment.operations.moves.holds import NotReleasableError
from fulfillment.operations.shipments.locking import ShipmentError
from fulfillment.release.runs.one_shipment import NotCoveredError, NothingReleasedError
from inventory.models import InventoryConfiguration, SourceItem
from inventory.operations.future_supply import SupplyError
from inventory.operations.source_items import SourceItemError
from inventory.operations.units import InsufficientSupplyError
from inventory.ports import HeldUnitsError
from orders.placing.errors import OrderRefusedError
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.refusals import NotInReviewError, OrderChangeError
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.machine.judge import BookJudge
from tests.orders.addresses import HOME

START = datetime(2026, 4, 28, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
SKUS = st.sampled_from(["KTP", "POT"])
UNITS = st.integers(1, 5).map(Decimal)
ANY = st.integers(0, 50)
ENDED = frozenset({"FULFILLED", "CANCELED", "REASSIGNED"})
REFUSALS = (
    HeldUnitsError,
    InsufficientSupplyError,
    NotCoveredError,
    NotInReviewError,
    NotReleasableError,
    NothingReleasedError,
    OrderChangeError,
    OrderRefusedError,
    ShipmentError,
    SourceItemError,
    SupplyError,
)
# How many rows there are to choose from, in one statement.
COUNTS = """
SELECT 'order', count(*) FROM orders_order
UNION ALL SELECT state, count(*) FROM fulfillment_shipment GROUP BY state
UNION ALL SELECT 'list', count(*) FROM fulfillment_picklist WHERE state = 'OPEN'
UNION ALL SELECT 'parcel', count(*) FROM fulfillment_parcel
UNION ALL SELECT 'bar', count(*) FROM fulfillment_sourcebar
UNION ALL SELECT 'receipt', count(*) FROM inventory_receipt
UNION ALL SELECT 'asked', count(*) FROM fulfillment_delayrequest WHERE state LIKE 'OPEN%'
UNION ALL SELECT 'return', count(*) FROM orders_return WHERE state = 'OPEN'
UNION ALL SELECT 'transfer', count(*) FROM inventory_futuresupply
    WHERE sent_from_id IS NOT NULL AND state = 'OPEN'
"""


@dataclass(frozen=True)
class Cart:
    """What a customer orders, and how: kettles, perhaps pots; so many days ago."""

    kettles: Decimal
    pots: Decimal | None
    days: int
    picks_up: bool
    gateway: str
    token: str
    is_whole: bool | None


CARTS = st.builds(
    Cart,
    kettles=UNITS,
    pots=st.one_of(st.none(), UNITS),
    days=st.sampled_from([0, 0, 14]),
    picks_up=st.booleans(),
    gateway=st.sampled_from(["sandbox", "manual"]),
    token=st.sampled_from(["", "", "", "capture:timeout", "refund:timeout", "timeout"]),
    is_whole=st.sampled_from([None, None, True]),
)


class ShopMachine(RuleBasedStateMachine):
    """Two products at two sources, sold beyond what is there."""

    # Steps of all machines of this process.
    step_count = 0

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.ended: dict[int, str] = {}
        self.sent_to: dict[int, Any] = {}
        self.counts: dict[str, int] = {}
        self.judge = BookJudge()
        self.undone = contextlib.ExitStack()
        self.undone.enter_context(transaction.atomic())

    @initialize(
        mode=st.sampled_from(["FULL", "BY_LINE", "BY_QUANTITY"]),
        policy=st.sampled_from(["SKIP_OVER", "STRICT", "AGEING"]),
        action=st.sampled_from(["AUTHORIZE", "AUTHORIZE_AND_CAPTURE"]),
        most_sources=st.sampled_from([None, 1]),
        delay_rule=st.sampled_from(["NOTIFY", "CONSENT"]),
        reauthorizes=st.booleans(),
        carts=st.lists(CARTS, min_size=2, max_size=4),
    )
    def open_the_shop(
        self,
        mode: str,
        policy: str,
        action: str,
        most_sources: Any,
        delay_rule: str,
        reauthorizes: Any,
        carts: Any,
    ) -> None:
        weekdays = ["MON", "TUE", "WED", "THU", "FRI"]
        self.sources = [
            SourceFactory(code="a", work_days=weekdays),
            SourceFactory(code="b", is_pickup_location=True, street="1", city="T", phone="1"),
        ]
        stock = StockFactory(sources=self.sources)
        SalesChannelFactory(code="web", stock=stock, delay_rule=delay_rule)
        self.products = {sku: ProductFactory(sku=sku, barcode=f"{sku}-1") for sku in ("KTP", "POT")}
        for product in self.products.values():
            for source in self.sources:
                SourceItemFactory(source=source, product=product, quantity=2)
                self.judge.came[product.sku] += 2
            FutureSupplyFactory(
                product=product,
                source=self.sources[0],
                quantity=6,
                expected_on=self.now.date() + timedelta(days=5),
            )
        InventoryConfiguration.objects.update_or_create(
            pk=1,
            defaults={
                "backorders": "ALLOW_QTY_BELOW_0",
                "future_inventory": True,
                "release_mode": mode,
                "release_policy": policy,
                "payment_action": action,
                "max_sources_per_release": most_sources,
                "void_and_reauthorize": reauthorizes,
            },
        )
        for cart in carts:
            self.sell(cart)

    def sell(self, cart: Cart) -> None:
        """Place an order, unless it is refused."""
        lines = [LineRequest("KTP", cart.kettles, Decimal("3.33"))]
        if cart.pots is not None:
            lines.append(LineRequest("POT", cart.pots, Decimal("0.07")))
        request = OrderRequest(
            address=HOME,
            channel="web",
            customer=Customer("Ada Example", "ada@example.com"),
            lines=tuple(lines),
            payment=PaymentRequest(cart.gateway, cart.token if cart.gateway == "sandbox" else ""),
            fulfillment_method="PICKUP" if cart.picks_up else "SHIP_TO_HOME",
            pickup_source="b" if cart.picks_up else None,
            ship_complete=cart.is_whole,
        )
        with contextlib.suppress(*REFUSALS):
            place_order(request, Act(self.now - timedelta(days=cart.days)))

    def act(self, reason: str = "") -> Act:
        """Return something that a person does now."""
        return Act(self.now, reason=reason)

    def has(self, *kinds: str) -> bool:
        """Return whether there is a row of one of these kinds."""
        return any(self.counts.get(kind) for kind in kinds)

    def on_hand(self, product_id: int | None = None) -> Any:
        items = SourceItem.objects.all()
        if product_id is not None:
            items = items.filter(product=product_id)
        return items.aggregate(units=Sum("quantity"))["units"]

    @contextlib.contextmanager
    def comes(self, sku: str, units: Any) -> Iterator[None]:
        """Count units that come into the shop, or leave it for good, unless this is refused."""
        with contextlib.suppress(*REFUSALS):
            yield
            self.judge.came[sku] += units

    @invariant()
    def the_books_are_right(self) -> None:
        ShopMachine.step_count += 1
        assert_invariants()
        self.judge.judge()
        with connection.cursor() as cursor:
            cursor.execute(COUNTS)
            self.counts = dict(cursor.fetchall())

    @invariant()
    def nothing_is_set_aside_where_it_is_barred(self) -> None:
        if not self.has("bar"):
            return
        for bar in SourceBar.objects.in_force():
            item = {"source_item__source": bar.source, "source_item__product": bar.product}
            held = Allocation.objects.filter(shipment_line__shipment=bar.shipment, **item)
            assert not held.exists()

    @invariant()
    def what_left_has_an_address_that_nothing_changes(self) -> None:
        left = Shipment.objects.filter(state="FULFILLED", pickup_source=None)
        now = dict(left.values_list("pk", "shipped_to__city"))
        assert all(now.get(pk, city) == city for pk, city in self.sent_to.items())
        self.sent_to = now

    @invariant()
    def what_ended_stays_as_it_is(self) -> None:
        now = dict(Shipment.objects.filter(state__in=ENDED).values_list("pk", "state"))
        assert self.ended.items() <= now.items()
        self.ended = now

    def teardown(self) -> None:
        self.judge.close()
        transaction.set_rollback(True)
        self.undone.close()


def units_left(line_id: int) -> Any:
    """Return the units of an order line on shipments that have left."""
    left = ShipmentLine.objects.filter(shipment__state="FULFILLED", order_line=line_id)
    return left.aggregate(units=Sum("quantity"))["units"] or Decimal(0)


def one_of(rows: Any, number: Any) -> Any:
    """Return one of the rows, by a number that wraps around; None where there is none."""
    count = rows.count()
    return rows[number % count] if count else None

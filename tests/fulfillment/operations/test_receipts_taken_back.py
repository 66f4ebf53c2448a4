"""Receipts are rows, ask where too much came, and can be taken back while they are the last."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User

from core.acts import Act
from fulfillment.models import ReceiptShare, Shipment, ShipmentEvent
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.pack import pack
from fulfillment.operations.picking.pick_lists import make_pick_list
from fulfillment.release.runs import engine
from inventory.models import (
    FutureSupply,
    InventoryConfiguration,
    Product,
    Receipt,
    ReceiptReversal,
    SalesChannel,
    SourceItem,
)
from inventory.operations.future_supply import (
    NewSupply,
    OutstandingMovedError,
    SupplyMovedError,
    cancel_supply,
    change_supply,
)
from inventory.operations.receipt_reversals import (
    NoReasonError,
    NotLastReceiptError,
    TooManyUnitsError,
    preview_take_back,
    take_back_receipt,
)
from inventory.operations.receipts import (
    AlreadyReceivedError,
    Confirmation,
    OverReceiptError,
    UnexplainedReceiptError,
    receive_supply,
)
from inventory.promises import TakeBackPlan
from orders.models import OrderEmail
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
from tests.invariants import assert_invariants
from tests.present import present

TODAY = date(2026, 4, 28)
NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 28, 13, tzinfo=UTC)
MAY_1 = date(2026, 5, 1)
TOKEN = UUID(int=7)
WRONG = "Counted on the wrong record"
pytestmark = pytest.mark.django_db


@pytest.fixture
def supply() -> FutureSupply:
    """10 kettles on 1 May; promised to the orders O1 (3), O2 (4) and O3 (2), in queue order."""
    kettle, source = ProductFactory(sku="KTP"), SourceFactory(code="a")
    SourceItemFactory(source=source, product=kettle, quantity=0)
    supply = FutureSupplyFactory(source=source, product=kettle, quantity=10, expected_on=MAY_1)
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"future_inventory": True})
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    for day, quantity in [(1, 3), (2, 4), (3, 2)]:
        backorder(channel, kettle, day, quantity)
    release(NOW)
    return supply


def backorder(channel: SalesChannel, product: Product, day: int, quantity: int) -> None:
    placed_at = datetime(2026, 4, day, tzinfo=UTC)
    order = OrderFactory(channel=channel, number=f"O{day}", placed_at=placed_at)
    BackorderFactory(order=order, number=f"S{day}", lines={product: quantity})


def release(now: datetime) -> None:
    engine.run_release(act=Act(now), zone=ZoneInfo("UTC"), trigger="STAFF")


def receive(
    supply: FutureSupply,
    quantity: int,
    *,
    is_last: bool = False,
    now: datetime = NOW,
    **confirmed: Any,
) -> Receipt:
    receive_supply(
        supply.pk,
        Act(now),
        quantity=Decimal(quantity),
        is_last=is_last,
        confirmation=Confirmation(**confirmed),
    )
    return Receipt.objects.latest("pk")


def take_back(
    receipt: Receipt, quantity: int | str | None = None, **options: TakeBackPlan
) -> TakeBackPlan:
    wanted = None if quantity is None else Decimal(quantity)
    return take_back_receipt(receipt.pk, Act(LATER, reason=WRONG), quantity=wanted, **options)


def states() -> list[str]:
    open_now = Shipment.objects.exclude(state="REASSIGNED").order_by("order__number")
    return [f"{s.order.number} {s.state}" for s in open_now.select_related("order")]


def standing(supply: FutureSupply) -> tuple[Any, ...]:
    """The record and its source item: received, promised, state; on hand, allocated."""
    supply.refresh_from_db()
    item = SourceItem.objects.get(product=supply.product, source=supply.source)
    of_record = (supply.received_quantity, supply.allocated_quantity, supply.state)
    return (*of_record, item.quantity, item.allocated)


def hit(promises: tuple[Any, ...]) -> list[str]:
    return [f"{promise.order_number} {promise.quantity:f}" for promise in promises]


def test_a_receipt_is_kept_with_what_it_served(supply: FutureSupply) -> None:
    user = User.objects.create(username="ada")

    receive_supply(supply.pk, Act(NOW, user.pk), quantity=Decimal(5))

    receipt = Receipt.objects.get()
    assert (receipt.future_supply, receipt.quantity, receipt.received_at, receipt.received_by) == (
        supply,
        Decimal(5),
        NOW,
        user,
    )
    shares = ReceiptShare.objects.order_by("pk")
    served = shares.values_list("shipment_line__shipment__order__number", "quantity")
    assert list(served) == [("O1", Decimal(3)), ("O2", Decimal(2))]


def test_whom_it_served_is_promised_its_units_again(supply: FutureSupply) -> None:
    receipt = receive(supply, 10)
    assert states() == ["O1 READY", "O2 READY", "O3 READY"]
    emails = OrderEmail.objects.count()

    shown = preview_take_back(receipt.pk)
    done = take_back(receipt, expected=shown)

    assert done == shown
    assert (hit(done.kept), hit(done.broken)) == (["O1 3.0000", "O2 4.0000", "O3 2.0000"], [])
    assert states() == ["O1 FUTURE", "O2 FUTURE", "O3 FUTURE"]
    assert standing(supply) == (0, 9, "OPEN", 0, 0)
    shipment = Shipment.objects.get(order__number="O1", state="FUTURE")
    assert (shipment.expected_on, shipment.released_at) == (MAY_1, None)
    assert shipment.backordered_since == datetime(2026, 4, 1, tzinfo=UTC)
    event = ShipmentEvent.objects.filter(shipment=shipment).latest("pk")
    assert (event.kind, event.reason) == ("PROMISED_AGAIN", "RECEIPT")
    assert OrderEmail.objects.count() == emails
    reversal = ReceiptReversal.objects.get()
    assert (reversal.quantity, reversal.reason, reversal.made_at) == (Decimal(10), WRONG, LATER)
    assert_invariants()


def test_units_that_are_not_allocated_leave_first_then_those_of_the_last_in_the_queue(
    supply: FutureSupply,
) -> None:
    receipt = receive(supply, 10)

    plan = take_back(receipt, 2)

    assert (hit(plan.kept), hit(plan.broken)) == (["O3 1.0000"], [])
    assert states() == ["O1 READY", "O2 READY", "O3 FUTURE"]
    assert standing(supply) == (8, 1, "OPEN", 8, 8)
    plan = take_back(receipt, 2)
    assert hit(plan.kept) == ["O2 1.0000", "O3 1.0000"]
    assert standing(supply) == (6, 3, "OPEN", 6, 6)
    assert_invariants()
    receive(supply, 4)
    assert states() == ["O1 READY", "O2 READY", "O3 READY"]
    assert_invariants()


def test_what_a_run_released_from_it_waits_with_its_age(supply: FutureSupply) -> None:
    backorder(present(Shipment.objects.first()).order.channel, supply.product, 4, 1)
    receipt = receive(supply, 10)
    release(LATER)
    assert "O4 READY" in states()

    plan = take_back(receipt)

    assert hit(plan.broken) == ["O4 1.0000"]
    assert states() == ["O1 FUTURE", "O2 FUTURE", "O3 FUTURE", "O4 BACKORDER"]
    back = Shipment.objects.get(order__number="O4", state="BACKORDER")
    assert back.backordered_since == datetime(2026, 4, 4, tzinfo=UTC)
    assert standing(supply) == (0, 9, "OPEN", 0, 0)
    assert_invariants()


def test_who_was_ready_before_it_gives_nothing_up(supply: FutureSupply) -> None:
    SourceItem.objects.update(quantity=1)
    backorder(present(Shipment.objects.first()).order.channel, supply.product, 4, 1)
    release(NOW)
    receipt = receive(supply, 10, now=LATER)

    plan = preview_take_back(receipt.pk)

    assert "O4" not in " ".join(hit((*plan.kept, *plan.broken)))
    assert plan.possible_quantity == 10


def test_what_has_left_cannot_be_taken_back_and_the_rest_can(supply: FutureSupply) -> None:
    receipt = receive(supply, 10)
    fulfill(Shipment.objects.get(order__number="O1", state="READY").pk, Act(NOW))

    with pytest.raises(TooManyUnitsError) as refused:
        take_back(receipt)

    assert refused.value.plan.possible_quantity == 7
    assert standing(supply) == (10, 0, "RECEIVED", 7, 6)
    assert not ReceiptReversal.objects.exists()
    take_back(receipt, 7)
    assert standing(supply) == (3, 6, "OPEN", 0, 0)
    item = SourceItem.objects.get()
    assert (item.status, item.is_status_automatic) == ("OUT_OF_STOCK", True)
    assert_invariants()
    with pytest.raises(TooManyUnitsError) as refused:
        take_back(receipt)
    assert refused.value.plan.possible_quantity == 0


def test_only_the_last_receipt_is_taken_back_and_then_the_one_before(supply: FutureSupply) -> None:
    first, second = receive(supply, 3), receive(supply, 4)

    with pytest.raises(NotLastReceiptError):
        take_back(first)
    with pytest.raises(NotLastReceiptError):
        preview_take_back(first.pk)
    take_back(second)
    with pytest.raises(NotLastReceiptError):
        take_back(second)
    plan = take_back(first)

    assert hit(plan.kept) == ["O1 3.0000"]
    assert standing(supply) == (0, 9, "OPEN", 0, 0)
    assert_invariants()


def test_closing_short_is_not_undone(supply: FutureSupply) -> None:
    receipt = receive(supply, 5, is_last=True)
    assert states() == ["O1 READY", "O2 BACKORDER", "O3 BACKORDER"]

    plan = take_back(receipt)

    assert (hit(plan.kept), hit(plan.broken)) == (["O1 3.0000"], [])
    assert states() == ["O1 FUTURE", "O2 BACKORDER", "O3 BACKORDER"]
    assert standing(supply) == (0, 3, "OPEN", 0, 0)
    assert supply.quantity == 5
    assert_invariants()


def test_supply_that_was_canceled_stays_canceled_and_nobody_is_promised_its_units(
    supply: FutureSupply,
) -> None:
    receipt = receive(supply, 3)
    cancel_supply(supply.pk, Act(NOW))

    plan = take_back(receipt)

    assert (hit(plan.kept), hit(plan.broken)) == ([], ["O1 3.0000"])
    assert states() == ["O1 BACKORDER", "O2 BACKORDER", "O3 BACKORDER"]
    assert standing(supply) == (0, 0, "CANCELED", 0, 0)
    assert_invariants()


def test_no_more_is_promised_again_than_is_outstanding(supply: FutureSupply) -> None:
    receipt = receive(supply, 12, confirms_over=True)
    backorder(present(Shipment.objects.first()).order.channel, supply.product, 4, 3)
    Shipment.objects.filter(order__number="O4").update(priority=9)
    release(LATER)
    assert standing(supply) == (12, 0, "RECEIVED", 12, 12)

    plan = take_back(receipt, 3)

    # 9 of the 10 are received still: 1 unit may be promised, and the last two need 2.
    assert (hit(plan.kept), hit(plan.broken)) == (["O2 1.0000"], ["O3 2.0000"])
    assert states() == ["O1 READY", "O2 FUTURE", "O3 BACKORDER", "O4 READY"]
    assert standing(supply) == (9, 1, "OPEN", 9, 9)
    assert_invariants()


def test_a_hold_of_staff_stays_when_the_units_are_promised_again(supply: FutureSupply) -> None:
    receipt = receive(supply, 3)
    ready = Shipment.objects.get(state="READY")
    hold(ready.pk, Act(NOW, reason="Asked for"))

    take_back(receipt)

    ready.refresh_from_db()
    assert (ready.state, ready.is_held, ready.hold_reason) == ("FUTURE", True, "STAFF")


def test_a_date_that_moved_meanwhile_is_that_of_the_promise(supply: FutureSupply) -> None:
    receipt = receive(supply, 3)
    new_day = date(2026, 5, 10)
    change_supply(supply.pk, NewSupply(Decimal(10), new_day), Act(NOW), today=TODAY)

    take_back(receipt)

    assert Shipment.objects.get(order__number="O1", state="FUTURE").expected_on == new_day


@pytest.mark.parametrize("quantity", ["0", "-1", "11"])
def test_no_more_is_taken_back_than_came(supply: FutureSupply, quantity: str) -> None:
    receipt = receive(supply, 10)

    with pytest.raises(TooManyUnitsError):
        take_back(receipt, quantity)

    assert standing(supply) == (10, 0, "RECEIVED", 10, 9)


def test_a_reason_is_needed(supply: FutureSupply) -> None:
    receipt = receive(supply, 10)

    with pytest.raises(NoReasonError):
        take_back_receipt(receipt.pk, Act(NOW, reason=" "))

    assert standing(supply) == (10, 0, "RECEIVED", 10, 9)


def test_what_was_shown_must_still_be(supply: FutureSupply) -> None:
    receipt = receive(supply, 10)
    shown = preview_take_back(receipt.pk)
    fulfill(Shipment.objects.get(order__number="O3", state="READY").pk, Act(NOW))

    with pytest.raises(SupplyMovedError):
        take_back(receipt, expected=shown)

    assert not ReceiptReversal.objects.exists()


def test_more_than_is_outstanding_is_confirmed_and_far_more_explained(supply: FutureSupply) -> None:
    receive(supply, 4)

    with pytest.raises(OverReceiptError) as refused:
        receive(supply, 7)
    assert refused.value.outstanding == 6
    with pytest.raises(UnexplainedReceiptError):
        receive(supply, 13, confirms_over=True)
    assert standing(supply)[0] == 4
    receive(supply, 12, confirms_over=True)
    assert standing(supply)[0] == 16


def test_far_more_is_received_with_its_reason(supply: FutureSupply) -> None:
    receipt = receive(supply, 21, confirms_over=True, reason="Sent twice")

    assert (receipt.quantity, receipt.reason) == (Decimal(21), "Sent twice")


def test_a_page_is_confirmed_once_and_only_as_it_was_shown(supply: FutureSupply) -> None:
    receive(supply, 4, token=TOKEN, outstanding=Decimal(10))

    with pytest.raises(AlreadyReceivedError):
        receive(supply, 4, token=TOKEN, outstanding=Decimal(10))
    with pytest.raises(OutstandingMovedError):
        receive(supply, 4, outstanding=Decimal(10))

    assert standing(supply)[0] == 4
    assert FutureSupply.objects.get().state == "OPEN"


def test_what_is_packed_or_on_a_pick_list_keeps_its_units(supply: FutureSupply) -> None:
    receipt = receive(supply, 10)
    shipments = {one.order.number: one for one in Shipment.objects.filter(state="READY")}
    pack(shipments["O3"].pk, Act(NOW))
    make_pick_list(supply.source_id, [shipments["O2"].pk], Act(NOW))

    # One unit is free, and O1 has three.
    with pytest.raises(TooManyUnitsError) as refused:
        take_back_receipt(receipt.pk, Act(LATER, reason=WRONG), quantity=Decimal(5))
    assert refused.value.plan.possible_quantity == 4
    take_back_receipt(receipt.pk, Act(LATER, reason=WRONG), quantity=Decimal(4))

    states = Shipment.objects.exclude(state="REASSIGNED").values_list("order__number", "state")
    assert dict(states) == {"O1": "FUTURE", "O2": "READY", "O3": "READY"}
    assert_invariants()

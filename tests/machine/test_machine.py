"""Whatever happens, and in whatever order, the books are right after every step."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.acts import Act
from fulfillment.models import (
    Allocation,
    ReleaseDecision,
    ReleaseRun,
    Shipment,
    ShipmentLine,
    SourceBar,
)
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.bars import lift_bar
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import NotReleasableError, hold, lift_hold
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.shipments.locking import ShipmentError
from fulfillment.release.rows import decision_log
from fulfillment.release.runs import engine
from fulfillment.release.runs.apply_dry_run import apply_run
from fulfillment.release.runs.one_shipment import (
    NotCoveredError,
    NothingReleasedError,
    release_ahead,
)
from fulfillment.release.runs.part_release import release_part
from inventory.models import FutureSupply, InventoryConfiguration, Receipt, SourceItem
from inventory.operations.future_supply import NewSupply, SupplyError, cancel_supply, change_supply
from inventory.operations.receipt_reversals import take_back_receipt
from inventory.operations.receipts import Confirmation, receive_supply
from inventory.operations.source_items import SourceItemError, adjust_items
from inventory.operations.transfers import Consignment, TransferredUnits, send
from inventory.operations.units import InsufficientSupplyError
from inventory.options import ReleaseMode
from orders.changes.cancel import cancel
from orders.changes.order_change import change_order
from orders.changes.refund import RefundRequest, refund
from orders.changes.request import ChangePayment, ChangeRequest, SubstitutePrice, Substitution
from orders.changes.return_request import (
    NewUnits,
    ReturnedUnits,
    ReturnMoney,
    ReturnRequest,
)
from orders.changes.returns import refund_return, take_back
from orders.models import Order, OrderLine, PaymentOperation, Return
from orders.payments.staff_decisions import settle
from orders.placing.errors import OrderRefusedError
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.refusals import OrderChangeError
from tests.examples import examples
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
SKUS = st.sampled_from(["KTP", "POT"])
UNITS = st.integers(1, 5).map(Decimal)
ANY = st.integers(0, 50)
ENDED = frozenset({"FULFILLED", "CANCELED", "REASSIGNED"})
REFUSALS = (
    InsufficientSupplyError,
    NotCoveredError,
    NotReleasableError,
    NothingReleasedError,
    OrderChangeError,
    OrderRefusedError,
    ShipmentError,
    SourceItemError,
    SupplyError,
)


class KilledError(BaseException):
    """The worker stops here."""


class BackOfficeMachine(RuleBasedStateMachine):
    """Two products at two sources, sold beyond what is there."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: dict[int, str] = {}
        self.sent_to: dict[int, Any] = {}
        self.came_back: dict[int, Decimal] = {}
        self.undone = contextlib.ExitStack()
        self.undone.enter_context(transaction.atomic())

    @initialize(
        mode=st.sampled_from(["FULL", "BY_LINE", "BY_QUANTITY"]),
        policy=st.sampled_from(["SKIP_OVER", "STRICT", "AGEING"]),
        action=st.sampled_from(["AUTHORIZE", "AUTHORIZE_AND_CAPTURE"]),
        most_sources=st.sampled_from([None, 1]),
    )
    def open_the_shop(self, mode: Any, policy: Any, action: Any, most_sources: Any) -> None:
        self.sources = [
            SourceFactory(code="a"),
            SourceFactory(code="b", is_pickup_location=True, street="1", city="T", phone="1"),
        ]
        SalesChannelFactory(code="web", stock=StockFactory(sources=self.sources))
        self.products = {sku: ProductFactory(sku=sku) for sku in ("KTP", "POT")}
        for product in self.products.values():
            for source in self.sources:
                SourceItemFactory(source=source, product=product, quantity=2)
            FutureSupplyFactory(
                product=product,
                source=self.sources[0],
                quantity=6,
                expected_on=NOW.date() + timedelta(days=5),
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
            },
        )

    @rule(
        first=UNITS,
        second=st.one_of(st.none(), UNITS),
        days=st.sampled_from([0, 0, 14]),
        picks_up=st.booleans(),
        gateway=st.sampled_from(["manual", "sandbox"]),
        is_whole=st.sampled_from([None, None, True]),
    )
    def source(
        self, first: Any, second: Any, days: Any, picks_up: Any, gateway: str, is_whole: Any
    ) -> None:
        lines = [LineRequest("KTP", first, Decimal("3.33"))]
        if second is not None:
            lines.append(LineRequest("POT", second, Decimal("0.07")))
        request = OrderRequest(
            address=HOME,
            channel="web",
            customer=Customer("Ada Example", "ada@example.com"),
            lines=tuple(lines),
            payment=PaymentRequest(gateway),
            fulfillment_method="PICKUP" if picks_up else "SHIP_TO_HOME",
            pickup_source="b" if picks_up else None,
            ship_complete=is_whole,
        )
        with contextlib.suppress(*REFUSALS):
            place_order(request, Act(NOW - timedelta(days=days)))

    @rule(number=ANY, units=UNITS)
    def cancel(self, number: Any, units: Any) -> None:
        line = one_of(OrderLine.objects.order_by("pk"), number)
        if line is not None:
            with contextlib.suppress(*REFUSALS):
                cancel(line.order_id, Act(NOW), quantities={line.pk: units})

    @rule(number=ANY, units=UNITS, is_returned=st.booleans())
    def refund(self, number: Any, units: Any, is_returned: Any) -> None:
        line = one_of(OrderLine.objects.order_by("pk"), number)
        if line is not None:
            with contextlib.suppress(*REFUSALS):
                refund(
                    line.order_id,
                    Act(NOW),
                    lines={line.pk: RefundRequest(units)},
                    is_returned_to_stock=is_returned,
                )

    @rule(
        number=ANY,
        units=UNITS,
        condition=st.sampled_from(["AS_NEW", "DAMAGED"]),
        money=st.sampled_from(list(ReturnMoney)),
        sku=SKUS,
        new=UNITS,
    )
    def take_units_back(
        self, number: Any, units: Any, condition: str, money: Any, sku: str, new: Any
    ) -> None:
        line = one_of(OrderLine.objects.filter(shipped_quantity__gt=0).order_by("pk"), number)
        if line is None:
            return
        exchange = {line.pk: NewUnits(sku, new)} if money is ReturnMoney.EXCHANGE else {}
        asked = ReturnRequest((ReturnedUnits(line.pk, units, condition),), money, exchange)
        before = self.on_hand(line.product_id)
        try:
            take_back(line.order_id, Act(NOW), request=asked)
        except REFUSALS:
            assert self.on_hand(line.product_id) == before
            return
        self.came_back[line.pk] = self.came_back.get(line.pk, Decimal(0)) + units
        to_stock = units if condition == "AS_NEW" and line.is_reserving else 0
        assert self.on_hand(line.product_id) == before + to_stock

    @rule(number=ANY)
    def refund_return(self, number: Any) -> None:
        row = one_of(Return.objects.order_by("pk"), number)
        if row is not None:
            before = self.on_hand(None)
            with contextlib.suppress(*REFUSALS):
                refund_return(row.order_id, Act(NOW), return_id=row.pk)
            assert self.on_hand(None) == before

    @rule(number=ANY, city=st.sampled_from(["London", "Leeds"]), chooses=st.booleans())
    def change_address(self, number: Any, city: str, chooses: Any) -> None:
        order = one_of(Order.objects.order_by("pk"), number)
        if order is not None:
            asked = ChangeRequest(address=replace(HOME, city=city), chooses_sources_again=chooses)
            with contextlib.suppress(*REFUSALS):
                change_order(order.pk, Act(NOW, reason="Moved"), request=asked)

    @rule(number=ANY, is_whole=st.booleans())
    def ship_complete(self, number: Any, is_whole: Any) -> None:
        order = one_of(Order.objects.order_by("pk"), number)
        if order is not None:
            asked = ChangeRequest(ship_complete=is_whole)
            with contextlib.suppress(*REFUSALS):
                change_order(order.pk, Act(NOW, reason="Called"), request=asked)

    @rule(number=ANY, picks_up=st.booleans())
    def change_method(self, number: Any, picks_up: Any) -> None:
        order = one_of(Order.objects.order_by("pk"), number)
        if order is not None:
            asked = ChangeRequest(
                fulfillment_method="PICKUP" if picks_up else "SHIP_TO_HOME",
                pickup_source="b" if picks_up else None,
            )
            oldest = oldest_of(order)
            with contextlib.suppress(*REFUSALS):
                change_order(order.pk, Act(NOW, reason="Called"), request=asked)
                # What waits keeps its age.
                assert oldest_of(order) == oldest

    @rule(
        number=ANY,
        sku=SKUS,
        units=UNITS,
        token=st.sampled_from(["", "decline", "timeout"]),
        is_due=st.booleans(),
    )
    def add_line(self, number: Any, sku: str, units: Any, token: str, is_due: Any) -> None:
        order = one_of(Order.objects.order_by("pk"), number)
        if order is not None:
            asked = ChangeRequest(
                add=(LineRequest(sku, units, Decimal("1.11")),),
                payment=ChangePayment(token, is_due=is_due),
            )
            with contextlib.suppress(*REFUSALS):
                change_order(order.pk, Act(NOW, reason="Called"), request=asked)

    @rule(
        number=ANY,
        units=UNITS,
        new_units=UNITS,
        price=st.sampled_from(list(SubstitutePrice)),
        token=st.sampled_from(["", "decline", "timeout"]),
    )
    def substitute(self, number: Any, units: Any, new_units: Any, price: Any, token: str) -> None:
        line = one_of(OrderLine.objects.order_by("pk"), number)
        if line is not None:
            other = "POT" if line.sku == "KTP" else "KTP"
            asked = Substitution(line.pk, units, other, new_units, price)
            with contextlib.suppress(*REFUSALS):
                change_order(
                    line.order_id,
                    Act(NOW, reason="Called"),
                    request=ChangeRequest(substitute=(asked,), payment=ChangePayment(token)),
                )

    @rule(has_happened=st.booleans())
    def settle_change(self, has_happened: Any) -> None:
        pending = PaymentOperation.objects.filter(
            payment__order_change__state="PENDING", state="UNKNOWN"
        )
        for operation in pending.order_by("pk"):
            settle(operation.pk, Act(NOW, reason="Looked up"), has_happened=has_happened)

    @rule(number=ANY)
    def fulfill(self, number: Any) -> None:
        shipment = one_of(Shipment.objects.filter(state="READY").order_by("pk"), number)
        if shipment is not None:
            with contextlib.suppress(*REFUSALS):
                fulfill(shipment.pk, Act(NOW))

    @rule(number=ANY)
    def undo_shipping(self, number: Any) -> None:
        shipment = one_of(Shipment.objects.filter(state="FULFILLED").order_by("pk"), number)
        if shipment is not None:
            with contextlib.suppress(*REFUSALS):
                undo_fulfillment(shipment.pk, Act(NOW, reason="Found"))
                # The one way in which something that ended begins again.
                del self.ended[shipment.pk]

    @rule(sku=SKUS, source=st.integers(0, 1), units=st.integers(-3, 6).filter(bool))
    def adjust(self, sku: str, source: Any, units: Any) -> None:
        key = self.products[sku].pk, self.sources[source].pk
        with contextlib.suppress(*REFUSALS):
            adjust_items({key: Decimal(units)}, Act(NOW))

    @rule(sku=SKUS, units=UNITS, is_last=st.booleans())
    def receive(self, sku: str, units: Any, is_last: Any) -> None:
        supply = FutureSupply.objects.get(product__sku=sku, sent_from=None)
        with contextlib.suppress(*REFUSALS):
            receive_supply(
                supply.pk,
                Act(NOW),
                quantity=units,
                is_last=is_last,
                confirmation=Confirmation(confirms_over=True, reason="Sent twice"),
            )

    @rule(number=ANY, units=st.one_of(st.none(), UNITS))
    def take_back(self, number: Any, units: Any) -> None:
        receipt = one_of(Receipt.objects.order_by("pk"), number)
        if receipt is not None:
            with contextlib.suppress(*REFUSALS):
                take_back_receipt(receipt.pk, Act(NOW, reason="Never came"), quantity=units)

    @rule(sku=SKUS, units=UNITS, days=st.sampled_from([None, 1, 30, 31]))
    def move(self, sku: str, units: Any, days: Any) -> None:
        supply = FutureSupply.objects.get(product__sku=sku, sent_from=None)
        day = None if days is None else NOW.date() + timedelta(days=days)
        new = NewSupply(supply.received_quantity + units, day)
        with contextlib.suppress(*REFUSALS):
            change_supply(supply.pk, new, Act(NOW), today=NOW.date())

    @rule(sku=SKUS)
    def cancel_supply(self, sku: str) -> None:
        with contextlib.suppress(*REFUSALS):
            cancel_supply(FutureSupply.objects.get(product__sku=sku, sent_from=None).pk, Act(NOW))

    @rule(sku=SKUS, source=st.integers(0, 1), units=UNITS, days=st.integers(0, 14))
    def send(self, sku: str, source: Any, units: Any, days: int) -> None:
        sender, target = self.sources[source], self.sources[1 - source]
        move = TransferredUnits(self.products[sku].pk, sender.pk, target.pk, units)
        before = self.units_anywhere(), in_transit()
        try:
            send([move], Consignment("TR-1", NOW.date() + timedelta(days=days)))
        except REFUSALS:
            units = 0
        assert (self.units_anywhere(), in_transit()) == (before[0], before[1] + units)

    @rule(number=ANY, units=UNITS)
    def receive_transfer(self, number: Any, units: Any) -> None:
        supply = one_of(open_transfers(), number)
        if supply is not None:
            before = self.units_anywhere()
            receive_supply(supply.pk, Act(NOW), quantity=min(units, supply.outstanding_quantity))
            assert self.units_anywhere() == before

    @rule(number=ANY)
    def cancel_transfer(self, number: Any) -> None:
        supply = one_of(open_transfers(), number)
        if supply is not None:
            before = self.units_anywhere()
            cancel_supply(supply.pk, Act(NOW))
            assert self.units_anywhere() == before

    @rule(number=ANY)
    def hold_or_lift(self, number: Any) -> None:
        shipment = one_of(Shipment.objects.exclude(state__in=ENDED).order_by("pk"), number)
        if shipment is not None:
            with contextlib.suppress(*REFUSALS):
                if shipment.is_held and shipment.hold_reason != "REST":
                    lift_hold(shipment.pk, Act(NOW))
                else:
                    hold(shipment.pk, Act(NOW, reason="Asked for"))

    @rule(number=ANY, units=st.one_of(st.none(), st.integers(0, 6).map(Decimal)))
    def send_back(self, number: Any, units: Any) -> None:
        shipment = one_of(Shipment.objects.filter(state="READY").order_by("pk"), number)
        if shipment is not None:
            counted = None if units is None else {shipment.lines.first().product_id: units}
            with contextlib.suppress(*REFUSALS):
                move_to_backorder(shipment.pk, Act(NOW, reason="Not found"), counted=counted)

    @rule(number=ANY)
    def lift_bar(self, number: Any) -> None:
        bar = one_of(SourceBar.objects.in_force().order_by("pk"), number)
        if bar is not None:
            with contextlib.suppress(*REFUSALS):
                lift_bar(
                    bar.shipment_id, Act(NOW), source_code=bar.source.code, sku=bar.product.sku
                )

    @rule()
    def release(self) -> None:
        run = engine.run_release(act=Act(NOW), zone=ZONE, trigger=ReleaseRun.Trigger.COMMAND)

        assert (run.state, run.failed_count) == ("COMPLETED", 0)

    @rule()
    def release_as_shown(self) -> None:
        shown = engine.run_release(
            act=Act(NOW), zone=ZONE, trigger=ReleaseRun.Trigger.COMMAND, is_dry_run=True
        )
        run = apply_run(run_id=shown.pk, act=Act(NOW), zone=ZONE)

        assert (run.state, run.failed_count) == ("COMPLETED", 0)
        assert decisions_of(run) == decisions_of(shown)

    @rule(number=ANY)
    def release_ahead(self, number: Any) -> None:
        shipment = one_of(Shipment.objects.in_queue().order_by("pk"), number)
        if shipment is not None:
            with contextlib.suppress(*REFUSALS):
                release_ahead(shipment.pk, Act(NOW, reason="Asked for"), zone=ZONE)

    @rule(number=ANY, mode=st.sampled_from([ReleaseMode.BY_LINE, ReleaseMode.BY_QUANTITY]))
    def ship_what_is_there(self, number: Any, mode: Any) -> None:
        shipment = one_of(Shipment.objects.in_queue().order_by("pk"), number)
        if shipment is not None:
            with contextlib.suppress(*REFUSALS):
                act = Act(NOW, reason="Asked for")
                release_part(shipment.pk, act, zone=ZONE, mode=mode)

    @rule()
    def crash(self) -> None:
        """The worker stops after a batch was written, before it was committed."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(decision_log, "keep_decisions", stop)
            with contextlib.suppress(KilledError):
                engine.run_release(act=Act(NOW), zone=ZONE, trigger=ReleaseRun.Trigger.COMMAND)

    @invariant()
    def the_books_are_right(self) -> None:
        assert_invariants()

    def on_hand(self, product_id: int | None) -> Any:
        items = SourceItem.objects.all()
        if product_id is not None:
            items = items.filter(product=product_id)
        return items.aggregate(units=Sum("quantity"))["units"]

    def units_anywhere(self) -> Any:
        """Units on hand, and those on their way from one source to the other."""
        return self.on_hand(None) + in_transit()

    @invariant()
    def what_came_back_had_left(self) -> None:
        left = ShipmentLine.objects.filter(shipment__state="FULFILLED", quantity__gt=0)
        sums = dict(left.values_list("order_line").annotate(units=Sum("quantity")).order_by())
        assert all(units <= sums.get(pk, 0) for pk, units in self.came_back.items())

    @invariant()
    def nothing_is_set_aside_where_it_is_barred(self) -> None:
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
        transaction.set_rollback(True)
        self.undone.close()


def stop(*arguments: Any, **values: Any) -> None:
    raise KilledError


def open_transfers() -> Any:
    return FutureSupply.objects.open().exclude(sent_from=None).order_by("pk")


def in_transit() -> Any:
    return sum((supply.outstanding_quantity for supply in open_transfers()), Decimal(0))


def decisions_of(run: ReleaseRun) -> list[Any]:
    return list(
        ReleaseDecision.objects.filter(run=run, outcome__in=("RELEASED", "PARTLY_RELEASED"))
        .order_by("position")
        .values_list("shipment__number", "outcome", "detail__children")
    )


def oldest_of(order: Order) -> datetime:
    """Return since when the oldest open shipment of an order waits, or could."""
    waiting = Shipment.objects.filter(order=order).exclude(state__in=ENDED)
    return min((one.backordered_since or order.placed_at for one in waiting), default=NOW)


def one_of(rows: Any, number: Any) -> Any:
    """Return one of the rows, by a number that wraps around; None where there is none."""
    count = rows.count()
    return rows[number % count] if count else None


@pytest.mark.django_db
def test_no_sequence_of_events_breaks_the_books() -> None:
    run_state_machine_as_test(
        BackOfficeMachine, settings=settings(examples(40), stateful_step_count=25)
    )

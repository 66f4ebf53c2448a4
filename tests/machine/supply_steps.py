"""What happens to stock: counted, expected, received, taken back, sent from source to source."""

import contextlib
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from inventory.models import FutureSupply, Receipt
from inventory.operations.deliveries import (
    DeliveryContent,
    DeliveryLine,
    UnrecordedLine,
    receive_delivery,
)
from inventory.operations.future_supply import NewSupply, cancel_supply, change_supply
from inventory.operations.receipt_reversals import take_back_receipt
from inventory.operations.receipts import Confirmation, receive_supply
from inventory.operations.source_items import ItemChange, adjust_items, set_items
from inventory.operations.transfers import Consignment, TransferredUnits, send, transfer
from tests.machine.shop import ANY, REFUSALS, SKUS, UNITS, ShopMachine, one_of

has_receipt = precondition(lambda shop: shop.has("receipt"))
has_transfer = precondition(lambda shop: shop.has("transfer"))
SURE = Confirmation(confirms_over=True, reason="Sent twice")


class SupplySteps(ShopMachine):
    """Units that come, and go astray."""

    @rule(sku=SKUS, source=st.integers(0, 1), units=st.integers(-3, 6).filter(bool))
    def adjust(self, sku: str, source: Any, units: Any) -> None:
        key = self.products[sku].pk, self.sources[source].pk
        with self.comes(sku, Decimal(units)):
            adjust_items({key: Decimal(units)}, self.act())

    @rule(sku=SKUS, source=st.integers(0, 1), units=st.integers(0, 6).map(Decimal))
    def count_item(self, sku: str, source: Any, units: Any) -> None:
        product = self.products[sku]
        item = product.source_items.get(source=self.sources[source])
        with self.comes(sku, units - item.quantity):
            values = {"quantity": units}
            set_items([ItemChange(product.pk, item.source_id, values)], self.act())

    @rule(sku=SKUS, units=UNITS, is_last=st.booleans())
    def receive(self, sku: str, units: Any, is_last: Any) -> None:
        supply = self.expected(sku)
        with self.comes(sku, units):
            receive_supply(
                supply.pk, self.act(), quantity=units, is_last=is_last, confirmation=SURE
            )

    def expected(self, sku: str) -> Any:
        """Return the first record of a product that comes from outside."""
        records = FutureSupply.objects.filter(product__sku=sku, sent_from=None)
        return records.order_by("pk")[0]

    @rule(
        source=st.integers(0, 1),
        units=st.lists(st.integers(0, 4).map(Decimal), min_size=3, max_size=3),
        sku=SKUS,
        unrecorded=st.integers(0, 3).map(Decimal),
        is_last=st.booleans(),
    )
    def receive_delivery(
        self, source: int, units: Any, sku: str, unrecorded: Any, is_last: Any
    ) -> None:
        """Lines of what is outstanding at a source, and units that nobody expected; sent twice."""
        records = FutureSupply.objects.open().filter(source=self.sources[source]).order_by("pk")
        lines = [
            (supply, quantity)
            for supply, quantity in zip(records.select_related("product"), units, strict=False)
            if quantity
        ]
        extra = UnrecordedLine(self.products[sku].pk, self.sources[source].pk, unrecorded)
        content = DeliveryContent(
            uuid.uuid4(),
            "D-1",
            self.sources[source].pk,
            tuple(
                DeliveryLine(supply.pk, quantity, supply.outstanding_quantity, is_last)
                for supply, quantity in lines
            ),
            (extra,) if unrecorded else (),
            confirms_over=True,
            reason="Sent twice",
        )
        before = self.on_hand(), self.in_transit()
        try:
            receive_delivery(content, self.act())
        except REFUSALS:
            assert (self.on_hand(), self.in_transit()) == before
            return
        came = sum((quantity for _supply, quantity in lines), unrecorded)
        assert self.on_hand() == before[0] + came
        # The same page once more brings nothing.
        with contextlib.suppress(*REFUSALS):
            receive_delivery(content, self.act())
        assert self.on_hand() == before[0] + came
        self.judge.came[sku] += unrecorded
        for supply, quantity in lines:
            arrived = quantity
            if supply.sent_from_id is not None:
                was = supply.outstanding_quantity
                # What was sent is here already; what is closed short is lost.
                arrived = quantity - was if quantity > was or is_last else Decimal(0)
            self.judge.came[supply.product.sku] += arrived

    @has_receipt
    @rule(number=ANY, units=st.one_of(st.none(), UNITS))
    def take_back_receipt(self, number: Any, units: Any) -> None:
        receipt = one_of(Receipt.objects.order_by("pk"), number)
        sku = receipt.future_supply.product.sku
        taken = receipt.quantity - receipt.taken_back_quantity if units is None else units
        before = self.on_hand(), self.in_transit()
        try:
            take_back_receipt(receipt.pk, self.act("Never came"), quantity=units)
        except REFUSALS:
            assert (self.on_hand(), self.in_transit()) == before
            return
        again = self.in_transit() - before[1]
        assert self.on_hand() == before[0] - taken
        is_transfer = receipt.future_supply.sent_from_id is not None
        assert 0 <= again <= (taken if is_transfer else 0)
        self.judge.came[sku] -= taken - again

    @rule(sku=SKUS, units=UNITS, days=st.sampled_from([None, 1, 30, 31]))
    def move_supply(self, sku: str, units: Any, days: Any) -> None:
        supply = self.expected(sku)
        day = None if days is None else self.now.date() + timedelta(days=days)
        new = NewSupply(supply.received_quantity + units, day)
        with contextlib.suppress(*REFUSALS):
            change_supply(supply.pk, new, self.act(), today=self.now.date())

    @rule(sku=SKUS)
    def cancel_supply(self, sku: str) -> None:
        with contextlib.suppress(*REFUSALS):
            cancel_supply(self.expected(sku).pk, self.act())

    @rule(sku=SKUS, source=st.integers(0, 1), units=UNITS, days=st.integers(0, 14))
    def send_transfer(self, sku: str, source: Any, units: Any, days: int) -> None:
        move = self.moved(sku, source, units)
        before = self.units_anywhere(), self.in_transit()
        try:
            send([move], Consignment("TR-1", self.now.date() + timedelta(days=days)))
        except REFUSALS:
            units = 0
        assert (self.units_anywhere(), self.in_transit()) == (before[0], before[1] + units)

    @rule(sku=SKUS, source=st.integers(0, 1), units=UNITS)
    def transfer_at_once(self, sku: str, source: Any, units: Any) -> None:
        before = self.on_hand()
        with contextlib.suppress(*REFUSALS):
            transfer([self.moved(sku, source, units)])
        assert self.on_hand() == before

    def moved(self, sku: str, source: int, units: Decimal) -> TransferredUnits:
        sender, target = self.sources[source], self.sources[1 - source]
        return TransferredUnits(self.products[sku].pk, sender.pk, target.pk, units)

    @has_transfer
    @rule(number=ANY, units=UNITS)
    def receive_transfer(self, number: Any, units: Any) -> None:
        supply = one_of(open_transfers(), number)
        before = self.units_anywhere()
        part = min(units, supply.outstanding_quantity)
        receive_supply(supply.pk, self.act(), quantity=part)
        assert self.units_anywhere() == before

    @has_transfer
    @rule(number=ANY)
    def cancel_transfer(self, number: Any) -> None:
        supply = one_of(open_transfers(), number)
        before = self.units_anywhere()
        cancel_supply(supply.pk, self.act())
        assert self.units_anywhere() == before

    def in_transit(self) -> Any:
        sums = open_transfers().aggregate(sent=Sum("quantity"), received=Sum("received_quantity"))
        return (sums["sent"] or Decimal(0)) - (sums["received"] or Decimal(0))

    def units_anywhere(self) -> Any:
        """Units on hand, and those on their way from one source to the other."""
        return self.on_hand() + self.in_transit()


def open_transfers() -> Any:
    return FutureSupply.objects.open().exclude(sent_from=None).order_by("pk")

"""What happens in the warehouse: picked, packed, shipped, handed over, found after all."""

import contextlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from fulfillment.models import Parcel, PickList, Shipment
from fulfillment.operations.moves.fulfill import fulfill, fulfill_each
from fulfillment.operations.moves.pack import pack, unpack
from fulfillment.operations.moves.packing_slips import print_slips
from fulfillment.operations.moves.parcels import add_parcel, change_parcel, remove_parcel
from fulfillment.operations.moves.set_aside import set_aside
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.picking.pick_lists import (
    PickListError,
    close,
    make_pick_list,
    pack_picked,
    take_off,
)
from fulfillment.operations.picking.picks import Count, scan, set_picked
from fulfillment.operations.picking.shortages import PickShortage, report_short
from fulfillment.operations.shipments.parcel_facts import ParcelFacts
from fulfillment.operations.upkeep.pickups import follow_pickups
from inventory.options import ReleaseMode
from tests.machine.shop import ANY, REFUSALS, SKUS, UNITS, ShopMachine, one_of, units_left

has_ready = precondition(lambda shop: shop.has("READY"))
has_left = precondition(lambda shop: shop.has("FULFILLED"))
has_list = precondition(lambda shop: shop.has("list"))
FACTS = st.builds(
    ParcelFacts,
    carrier=st.sampled_from(["dhl", "ups"]),
    tracking_number=st.sampled_from(["", "1", "2"]),
)


class PickingSteps(ShopMachine):
    """READY shipments until they have left, and back."""

    def ready(self) -> Any:
        return Shipment.objects.filter(state="READY").order_by("pk")

    @has_ready
    @rule(source=st.integers(0, 1))
    def make_list(self, source: int) -> None:
        keys = list(self.ready().values_list("pk", flat=True))
        with contextlib.suppress(*REFUSALS):
            make_pick_list(self.sources[source].pk, keys, self.act())

    def open_list(self, number: Any) -> Any:
        return one_of(PickList.objects.filter(state="OPEN").order_by("pk"), number)

    @has_list
    @rule(number=ANY, sku=SKUS, is_barcode=st.booleans(), key=st.integers(0, 9).map(str))
    def scan_twice(self, number: Any, sku: str, is_barcode: Any, key: str) -> None:
        """A scan counts one unit, sent once or twice."""
        one = self.open_list(number)
        code = f"{sku}-1" if is_barcode else sku
        picked = picked_on(one)
        with contextlib.suppress(*REFUSALS):
            pick = scan(one.pk, code, self.act(), key=key)
            now = picked_on(one)
            assert now - picked in (0, 1)
            assert scan(one.pk, code, self.act(), key=key).pk == pick.pk
            assert picked_on(one) == now

    @has_list
    @rule(number=ANY, which=ANY, units=st.integers(0, 5).map(Decimal))
    def count(self, number: Any, which: Any, units: Any) -> None:
        one = self.open_list(number)
        pick = one_of(one.picks.filter(is_open=True).order_by("pk"), which)
        if pick is not None:
            with contextlib.suppress(*REFUSALS):
                set_picked(one.pk, {pick.pk: Count(units)}, now=self.now)

    @has_list
    @rule(number=ANY)
    def pick_everything(self, number: Any) -> None:
        one = self.open_list(number)
        picks = one.picks.filter(is_open=True)
        counts = {pick.pk: Count(pick.quantity) for pick in picks}
        with contextlib.suppress(*REFUSALS):
            set_picked(one.pk, counts, now=self.now)

    @has_list
    @rule(
        number=ANY,
        sku=SKUS,
        found=st.integers(0, 2).map(Decimal),
        left=st.integers(0, 2).map(Decimal),
        mode=st.sampled_from([None, *ReleaseMode]),
    )
    def report_short(self, number: Any, sku: str, found: Any, left: Any, mode: Any) -> None:
        one = self.open_list(number)
        product = self.products[sku]
        before = self.on_hand(product.pk)
        packed = set(Shipment.objects.filter(packed_at__isnull=False, state="READY"))
        try:
            report_short(one.pk, PickShortage(product.pk, found, left, mode), self.act())
        except REFUSALS:
            assert self.on_hand(product.pk) == before
            return
        # What is packed stays ready, whatever is missing.
        assert packed == set(Shipment.objects.filter(pk__in=packed_keys(packed), state="READY"))
        self.judge.came[sku] += self.on_hand(product.pk) - before

    @has_list
    @rule(number=ANY, which=ANY)
    def take_off_list(self, number: Any, which: Any) -> None:
        one = self.open_list(number)
        pick = one_of(one.picks.filter(is_open=True).order_by("pk"), which)
        if pick is not None:
            with contextlib.suppress(*REFUSALS):
                take_off(one.pk, [pick.shipment_id])

    @has_list
    @rule(number=ANY)
    def pack_picked(self, number: Any) -> None:
        with contextlib.suppress(*REFUSALS):
            pack_picked(self.open_list(number).pk, self.act())

    @has_list
    @rule(number=ANY)
    def close_list(self, number: Any) -> None:
        with contextlib.suppress(PickListError):
            close(self.open_list(number).pk)

    @has_ready
    @rule(number=ANY, does_pack=st.booleans())
    def pack_or_unpack(self, number: Any, does_pack: Any) -> None:
        shipment = one_of(self.ready(), number)
        with contextlib.suppress(*REFUSALS):
            (pack if does_pack else unpack)(shipment.pk, self.act())

    @has_ready
    @rule(number=ANY)
    def print_slip(self, number: Any) -> None:
        with contextlib.suppress(*REFUSALS):
            print_slips([one_of(self.ready(), number).pk], self.act())

    @has_ready
    @rule(number=ANY)
    def set_aside_for_pickup(self, number: Any) -> None:
        with contextlib.suppress(*REFUSALS):
            set_aside(one_of(self.ready(), number).pk, self.act())

    @has_ready
    @rule(number=ANY, parcels=st.lists(FACTS, max_size=2))
    def ship(self, number: Any, parcels: Sequence[ParcelFacts]) -> None:
        shipment = one_of(self.ready(), number)
        with contextlib.suppress(*REFUSALS):
            fulfill(shipment.pk, self.act(), parcels=parcels)

    @has_ready
    @rule(number=ANY, units=UNITS)
    def ship_a_part(self, number: Any, units: Any) -> None:
        shipment = one_of(self.ready(), number)
        line = shipment.lines.filter(quantity__gt=0).order_by("pk").first()
        before = self.on_hand(line.product_id)
        had_left = units_left(line.order_line_id)
        try:
            fulfill(shipment.pk, self.act(), quantities={line.order_line_id: units})
        except REFUSALS:
            units = 0
        assert self.on_hand(line.product_id) == before - units
        assert units_left(line.order_line_id) == had_left + units

    @has_ready
    @rule(facts=FACTS)
    def ship_all_that_can(self, facts: ParcelFacts) -> None:
        numbers = [one.number for one in self.ready()]
        refused = fulfill_each({number: [facts] for number in numbers}, self.act())
        left = Shipment.objects.filter(number__in=numbers, state="FULFILLED")
        assert {one.number for one in left} == set(numbers) - set(refused)

    @has_left
    @rule(number=ANY, facts=FACTS)
    def add_parcel(self, number: Any, facts: ParcelFacts) -> None:
        shipment = one_of(Shipment.objects.filter(state="FULFILLED").order_by("pk"), number)
        with contextlib.suppress(*REFUSALS):
            add_parcel(shipment.pk, facts, self.act())

    @precondition(lambda shop: shop.has("parcel"))
    @rule(number=ANY, facts=st.one_of(st.none(), FACTS))
    def correct_parcel(self, number: Any, facts: ParcelFacts | None) -> None:
        parcel = one_of(Parcel.objects.order_by("pk"), number)
        with contextlib.suppress(*REFUSALS):
            if facts is None:
                remove_parcel(parcel.shipment_id, parcel.pk, self.act())
            else:
                change_parcel(parcel.shipment_id, parcel.pk, facts, self.act())

    @has_left
    @rule(number=ANY)
    def undo_shipping(self, number: Any) -> None:
        shipment = one_of(Shipment.objects.filter(state="FULFILLED").order_by("pk"), number)
        with contextlib.suppress(*REFUSALS):
            undo_fulfillment(shipment.pk, self.act("Found"))
            # The one way in which something that ended begins again.
            del self.ended[shipment.pk]
            self.sent_to.pop(shipment.pk, None)

    @has_ready
    @rule()
    def follow_pickups(self) -> None:
        follow_pickups(now=self.now)


def picked_on(pick_list: PickList) -> Any:
    return pick_list.picks.aggregate(units=Sum("picked_quantity"))["units"]


def packed_keys(shipments: Any) -> list[int]:
    return [shipment.pk for shipment in shipments]

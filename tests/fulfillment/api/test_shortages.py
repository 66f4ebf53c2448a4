"""Units that are missing on a pick list: what is counted, and which shipments wait again."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import PickList, Shipment, ShipmentEvent
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.pack import pack
from fulfillment.operations.moves.packing_slips import print_slips
from fulfillment.operations.picking.pick_lists import ClosedPickListError, close, make_pick_list
from fulfillment.operations.picking.picks import scan
from fulfillment.operations.picking.shortages import (
    FoundTooManyError,
    NotShortError,
    PickShortage,
    ShortOutcome,
    report_short,
)
from inventory.models import InventoryConfiguration, Product, Source, SourceItem
from inventory.operations.whole_units import FractionError
from inventory.options import ReleaseMode
from tests.api import Api
from tests.beside import beside
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.fulfillment.api.test_pick_lists import picks

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def shipments(api: Api, place: Callable[..., Any]) -> list[Shipment]:
    """Four shipments at the source east, of 3, 1, 2 and 2 units of A, the earliest first."""
    SourceItem.objects.filter(source__code="east").update(quantity=8)
    for number, units in enumerate("3122"):
        place(f"W-{number}", units)
    return list(Shipment.objects.order_by("pk"))


def listed(shipments: list[Shipment]) -> PickList:
    east = Source.objects.get(code="east").pk
    return make_pick_list(east, [one.pk for one in shipments], Act(NOW)).pick_list


def short(
    pick_list: PickList, found: str, left: str = "0", mode: ReleaseMode | None = None
) -> ShortOutcome:
    product = Product.objects.get(sku="A")
    shortage = PickShortage(product.pk, Decimal(found), Decimal(left), mode)
    return report_short(pick_list.pk, shortage, Act(LATER))


def item() -> tuple[Any, Any]:
    """Return how many units of A the source holds, and how many of them are allocated."""
    found = SourceItem.objects.get(product__sku="A", source__code="east")
    return found.quantity, found.allocated


def states() -> dict[str, str]:
    return dict(Shipment.objects.order_by("pk").values_list("number", "state"))


def test_missing_units_fall_back_with_their_shipment_last_in_queue_first(
    shipments: list[Shipment],
) -> None:
    pick_list = listed(shipments[:3])
    scan(pick_list.pk, "A", Act(NOW), key="1")

    # One is picked, three are found: W-0 is complete, W-1 too, and W-2 misses both.
    outcome = short(pick_list, found="3")

    assert outcome.counted == 4
    assert outcome.waiting == ["W-2-1", "W-3-1"]
    assert states() == {
        "W-0-1": "READY",
        "W-1-1": "READY",
        "W-2-1": "BACKORDER",
        "W-3-1": "BACKORDER",
    }
    assert item() == (4, 4)
    assert picks(pick_list) == [
        ("W-0-1", "3/3", True, False),
        ("W-1-1", "1/1", True, False),
        ("W-2-1", "0/2", False, True),
    ]
    event = ShipmentEvent.objects.get(shipment=shipments[2], kind="BACKORDERED")
    assert event.reason == "SHORT"


def test_units_that_are_left_keep_the_shipments_that_they_cover(shipments: list[Shipment]) -> None:
    pick_list = listed(shipments[:2])

    outcome = short(pick_list, found="1", left="5")

    # Three are covered by the earliest of the queue, then one, then two; two are not.
    assert (f"{outcome.counted:f}", outcome.waiting) == ("6.0000", ["W-3-1"])
    assert item() == (6, 6)
    assert [row[1] for row in picks(pick_list)] == ["1/3", "0/1"]


@pytest.mark.parametrize(
    ("mode", "waiting", "rows", "units"),
    [
        (ReleaseMode.FULL, ["W-0-1"], [("W-0-1", "1/3", False, True)], {"W-0-1": 3}),
        (
            ReleaseMode.BY_LINE,
            ["W-0-1"],
            [("W-0-1", "1/3", False, True)],
            {"W-0-1": 3},
        ),
        (
            ReleaseMode.BY_QUANTITY,
            ["W-0-1.1"],
            [("W-0-1", "1/1", True, False)],
            {"W-0-1": 1, "W-0-1.1": 2},
        ),
    ],
)
def test_what_of_a_shipment_falls_back_is_as_the_mode_has_it(
    shipments: list[Shipment],
    mode: ReleaseMode,
    waiting: list[str],
    rows: list[Any],
    units: dict[str, int],
) -> None:
    pick_list = listed(shipments[:1])
    InventoryConfiguration.objects.update(release_mode=mode.value)
    scan(pick_list.pk, "A", Act(NOW), key="1")

    outcome = short(pick_list, found="0")

    assert [number for number in outcome.waiting if number.startswith("W-0")] == waiting
    assert picks(pick_list) == rows
    assert {
        one.number: sum(line.quantity for line in one.lines.all())
        for one in Shipment.objects.filter(number__startswith="W-0")
    } == units


def test_by_line_the_other_lines_stay_on_the_list(
    shipments: list[Shipment], place: Callable[..., Any]
) -> None:
    SourceItem.objects.filter(source__code="east").update(quantity=10)
    other = SourceItemFactory(source=Source.objects.get(code="east"), quantity=Decimal(1))
    place(
        "W-9",
        lines=[
            {"sku": "A", "quantity": "2", "unit_price": "2.50"},
            {"sku": other.product.sku, "quantity": "1", "unit_price": "2.50"},
        ],
    )
    last = Shipment.objects.get(number="W-9-1")
    pick_list = listed([last])

    outcome = short(pick_list, found="1", left="8", mode=ReleaseMode.BY_LINE)

    assert (f"{outcome.counted:f}", outcome.waiting) == ("9.0000", ["W-9-1.1"])
    assert picks(pick_list) == [("W-9-1", "1/1", False, True), ("W-9-1", "0/1", True, False)]
    assert states()["W-9-1"] == "READY"


def test_what_is_packed_stays(shipments: list[Shipment]) -> None:
    pack(shipments[3].pk, Act(NOW))
    # A printed packing slip says nothing of what is in the box.
    print_slips([shipments[2].pk], Act(NOW))
    pick_list = listed(shipments[:1])

    outcome = short(pick_list, found="0")

    assert outcome.waiting == ["W-0-1", "W-1-1", "W-2-1"]
    assert item() == (2, 2)
    assert states()["W-3-1"] == "READY"


def test_what_was_picked_on_a_list_that_is_closed_is_there(shipments: list[Shipment]) -> None:
    packed = listed(shipments[3:])
    for key in "12":
        scan(packed.pk, "A", Act(NOW), key=key)
    close(packed.pk)

    short(listed(shipments[:1]), found="3")

    assert item() == (5, 5)
    assert states()["W-3-1"] == "READY"


@pytest.mark.django_db(transaction=True)
def test_what_is_shipped_meanwhile_does_not_fall_back(shipments: list[Shipment]) -> None:
    """Without the lock of the shipments what has left would be sent back to wait."""
    pick_list = listed(shipments[:1])

    def report() -> None:
        outcome = short(pick_list, found="3")
        assert outcome.waiting == ["W-1-1", "W-2-1"]

    with ExitStack() as others, transaction.atomic():
        fulfill(shipments[3].pk, Act(NOW))
        others.enter_context(beside(report))

    assert states()["W-3-1"] == "FULFILLED"
    assert item() == (3, 3)


def test_what_cannot_be_short_is_refused(shipments: list[Shipment]) -> None:
    pick_list = listed(shipments[:1])
    with pytest.raises(FoundTooManyError) as refused:
        short(pick_list, found="4")
    assert refused.value.missing == 3
    with pytest.raises(FractionError):
        short(pick_list, found="0", left="0.5")
    for key in "123":
        scan(pick_list.pk, "A", Act(NOW), key=key)
    with pytest.raises(NotShortError):
        short(pick_list, found="0")
    with pytest.raises(NotShortError):
        report_short(pick_list.pk, PickShortage(ProductFactory().pk, Decimal(0)), Act(LATER))
    close(pick_list.pk)
    with pytest.raises(ClosedPickListError):
        short(pick_list, found="0")
    assert item() == (8, 8)

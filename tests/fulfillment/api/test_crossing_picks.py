"""What changes a pick list beside other work on it: each waits for the other, and both end."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from psycopg import Connection

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import PickList, Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.picking.pick_lists import make_pick_list
from fulfillment.operations.picking.picks import UnknownCodeError, scan
from fulfillment.operations.picking.shortages import PickShortage, report_short
from inventory.models import Product, Source, SourceItem
from orders.changes.cancel import cancel
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest
from orders.models import Order
from orders.placing.request import LineRequest
from tests.api import Api
from tests.beside import beside
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.fulfillment.api.test_pick_lists import picks
from tests.invariants import assert_invariants
from tests.rows import is_free

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 2, 13, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
WHY = Act(LATER, reason="Asked to")


@pytest.fixture
def pick_list(api: Api, place: Callable[..., Any]) -> PickList:
    """A list of W-0, of 2 A and 1 B, and of W-1, of 1 B and to be shipped complete."""
    east = Source.objects.get(code="east")
    SourceItemFactory(source=east, product=ProductFactory(sku="B"), quantity=Decimal(5))
    units: dict[str, dict[str, Any]] = {
        "W-0": {"lines": [line("A", 2), line("B", 1)]},
        "W-1": {"lines": [line("B", 1)], "ship_complete": True},
    }
    for number, members in units.items():
        place(number, **members)
    shipments = Shipment.objects.order_by("pk").values_list("pk", flat=True)
    return make_pick_list(east.pk, list(shipments), Act(NOW)).pick_list


def line(sku: str, quantity: int) -> dict[str, Any]:
    return {"sku": sku, "quantity": str(quantity), "unit_price": "2.50"}


def item(sku: str) -> SourceItem:
    return SourceItem.objects.get(product__sku=sku, source__code="east")


def standing() -> dict[str, str]:
    return dict(Shipment.objects.order_by("pk").values_list("number", "state"))


def report(pick_list: PickList) -> None:
    shortage = PickShortage(Product.objects.get(sku="A").pk, ZERO)
    report_short(pick_list.pk, shortage, Act(LATER))


def cancel_w1() -> None:
    cancel(Order.objects.get(number="W-1").pk, WHY)


def ship_part_of_w0() -> None:
    shipment = Shipment.objects.get(number="W-0-1")
    one_each = {pk: Decimal(1) for pk in shipment.lines.values_list("order_line", flat=True)}
    fulfill(shipment.pk, Act(LATER), quantities=one_each)


def add_to_w1() -> None:
    """Add units that wait, so that what is ready of the order is held for them."""
    request = ChangeRequest(add=(LineRequest("A", Decimal(9), Decimal("2.50")),))
    change_order(Order.objects.get(number="W-1").pk, WHY, request=request)


@pytest.mark.parametrize(
    ("first", "states"),
    [
        (report, {"W-0-1": "BACKORDER", "W-1-1": "CANCELED"}),
        (
            lambda _list: ship_part_of_w0(),
            {"W-0-1": "READY", "W-1-1": "CANCELED", "W-0-1.1": "FULFILLED"},
        ),
    ],
    ids=["short", "ship a part"],
)
def test_what_needs_the_items_of_a_list_lets_a_cancel_have_the_list(
    pick_list: PickList,
    other: Connection[Any],
    first: Callable[[PickList], None],
    states: dict[str, str],
) -> None:
    """Whoever has the list and waits for an item keeps a cancel of another order from it."""
    assert is_free(other, item("A"))

    with (
        beside(lambda: first(pick_list)),
        beside(cancel_w1, waiting=2, may_end=True),
    ):
        other.rollback()

    assert standing() == states
    assert_invariants()


def test_what_is_short_lets_a_new_line_hold_what_is_on_the_list(
    pick_list: PickList, other: Connection[Any]
) -> None:
    """The new line has the items of its product, and then takes its order off the list."""
    assert is_free(other, Shipment.objects.get(number="W-1-1"))

    with beside(add_to_w1), beside(lambda: report(pick_list), waiting=2):
        other.rollback()

    assert standing()["W-0-1"] == "BACKORDER"
    assert Shipment.objects.get(number="W-1-1").hold_reason == "REST"
    assert_invariants()


def test_what_is_held_meanwhile_is_not_counted_by_a_scan(pick_list: PickList) -> None:
    """Without the lock of the list the unit would be counted, and then nowhere."""

    def refused() -> None:
        with pytest.raises(UnknownCodeError):
            scan(pick_list.pk, "A", Act(LATER), key="1")

    with ExitStack() as others, transaction.atomic():
        hold(Shipment.objects.get(number="W-0-1").pk, WHY)
        others.enter_context(beside(refused))

    assert [row[1] for row in picks(pick_list)] == ["0/2", "0/1", "0/1"]


def test_what_was_scanned_meanwhile_is_put_back_by_a_hold(pick_list: PickList) -> None:
    held = Shipment.objects.get(number="W-0-1")

    with ExitStack() as others, transaction.atomic():
        scan(pick_list.pk, "A", Act(LATER), key="1")
        others.enter_context(beside(lambda: hold(held.pk, WHY)))

    assert picks(pick_list)[0] == ("W-0-1", "1/2", False, True)

"""Of two acts on an order that ships complete, at once, the second sees what the first did."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.release.runs.scope import RunScope
from inventory.models import SourceItem
from inventory.operations.source_items import ItemChange, set_items
from orders.changes.cancel import cancel
from orders.models import Order
from tests.beside import beside
from tests.fulfillment.operations import test_ship_complete as whole
from tests.fulfillment.operations.test_ship_complete import NOW, REST, WHY, held, place, stock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop() -> None:
    whole.open_shop()


@pytest.fixture
def order() -> Order:
    """An order of which two shipments wait, kettles that fell back and pots; each could leave."""
    order = place(("KTP", 4), ("POT", 2))
    move_to_backorder(order.shipments.order_by("pk")[0].pk, WHY)
    assert held(order) == [("BACKORDER", ""), ("BACKORDER", "")]
    stock("POT", 2)
    return order


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> None:
    """Begin the second while the first has done its work, and let both end."""
    with transaction.atomic():
        first()
        waiting = beside(second)
        waiting.__enter__()
    waiting.__exit__(None, None, None)


def release_pots(order: Order) -> None:
    """Release the shipment of pots alone: the run looks at no other of the order."""
    pots = order.shipments.get(lines__order_line__sku="POT", state="BACKORDER")
    whole.release(scope=RunScope(shipments=(pots.number,)))


def test_of_the_last_two_that_are_released_at_once_neither_stays_held(order: Order) -> None:
    kettles = order.shipments.order_by("pk")[0]

    meanwhile(lambda: reassign(kettles.pk, WHY, source_code="b"), lambda: release_pots(order))

    assert held(order) == [("READY", ""), ("READY", "")]


def test_what_is_released_beside_the_cancel_of_the_last_that_waits_is_let_go(order: Order) -> None:
    units = {whole.line(order, "KTP").pk: Decimal(4)}

    meanwhile(lambda: cancel.within(order.pk, WHY, quantities=units), lambda: release_pots(order))

    assert held(order) == [("CANCELED", ""), ("READY", "")]


def test_what_is_released_beside_a_count_that_takes_units_away_waits_for_them() -> None:
    order = place(("KTP", 4), ("POT", 2))
    stock("POT", 2)
    kettles = order.shipments.order_by("pk")[0]
    item = SourceItem.objects.get(product__sku="KTP", source=kettles.source)
    missing = [ItemChange(item.product_id, item.source_id, {"quantity": Decimal(3)})]

    meanwhile(lambda: set_items(missing, Act(NOW)), lambda: release_pots(order))

    assert held(order) == [("BACKORDER", ""), REST]


def test_what_is_released_beside_a_hold_of_staff_waits_for_it() -> None:
    order = place(("KTP", 4), ("POT", 2))
    stock("POT", 2)
    kettles = order.shipments.order_by("pk")[0]

    meanwhile(lambda: hold(kettles.pk, WHY), lambda: release_pots(order))

    assert held(order) == [("READY", "STAFF"), REST]

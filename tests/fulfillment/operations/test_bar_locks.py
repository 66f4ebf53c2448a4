"""Bars end once, and a corrected count locks shipments before items, as everybody else does."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment, SourceBar
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.bars import NotBarredError, lift_bar
from fulfillment.operations.moves.reassignment import reassign
from inventory.models import SourceItem
from inventory.operations.source_items import adjust_items
from tests.beside import beside
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)


@pytest.fixture
def shipments() -> list[Shipment]:
    """Two READY shipments that hold all 6 of the one item, 3 each; S1 comes first."""
    item = SourceItemFactory(source=SourceFactory(code="seattle"), quantity=Decimal(6))
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    made = [
        BackorderFactory(
            number=number, order=OrderFactory(channel=channel), lines={item.product: 3}
        )
        for number in ("S1", "S2")
    ]
    for shipment in made:
        reassign(shipment.pk, Act(NOW), source_code="seattle")
    return made


def test_a_bar_that_units_end_in_this_moment_is_not_lifted_besides(
    shipments: list[Shipment],
) -> None:
    first, _second = shipments
    move_to_backorder(first.pk, Act(NOW, reason="Not found"))
    item = SourceItem.objects.get()
    refused = []

    def lift() -> None:
        try:
            lift_bar(first.pk, Act(NOW), source_code="seattle", sku=item.product.sku)
        except NotBarredError as error:
            refused.append(str(error))

    with transaction.atomic():
        adjust_items({(item.product_id, item.source_id): Decimal(1)}, Act(NOW))
        waiting = beside(lift)
        waiting.__enter__()
    waiting.__exit__(None, None, None)

    assert len(refused) == 1
    assert SourceBar.objects.get().ended_by is None
    assert not first.events.filter(kind="BAR_LIFTED").exists()


def test_a_corrected_count_waits_for_those_who_give_way_before_it_locks_an_item(
    shipments: list[Shipment],
) -> None:
    first, second = shipments
    item = SourceItem.objects.get()
    counted = {item.product_id: Decimal(2)}

    with transaction.atomic():
        Shipment.objects.filter(pk=second.pk).locked().get()
        waiting = beside(
            lambda: move_to_backorder(first.pk, Act(NOW, reason="Counted"), counted=counted)
        )
        waiting.__enter__()
        # Would fail at once, and without NOWAIT be a deadlock, if the count held the item.
        list(SourceItem.objects.order_by("pk").select_for_update(nowait=True))
    waiting.__exit__(None, None, None)

    states = Shipment.objects.order_by("number").values_list("number", "state")
    assert list(states) == [("S1", "BACKORDER"), ("S2", "BACKORDER")]
    item.refresh_from_db()
    assert (item.quantity, item.allocated) == (Decimal(2), Decimal(0))
    assert_invariants()

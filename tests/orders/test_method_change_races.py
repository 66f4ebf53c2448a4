"""The method of an order changes beside a release run or a pick list: each sees the other."""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import PickList, ReleaseRun, Shipment
from fulfillment.operations.picking.pick_lists import NothingToPickError, make_pick_list
from inventory.models import Product, Source, Stock
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest
from orders.models import Order
from tests.beside import beside
from tests.factories.inventory import SourceFactory, SourceItemFactory
from tests.fulfillment.operations.paid_orders import NOW, arrive, buy, open_shop, release
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db(transaction=True)
ACT = Act(NOW + timedelta(hours=1), reason="Asked to")
LATER = NOW + timedelta(hours=2)
TO_STORE = ChangeRequest(fulfillment_method="PICKUP", pickup_source="store")


def ordered() -> Order:
    """Return an order that waits for four kettles, to be shipped from ``a``; a store has two."""
    open_shop(payment_action="AUTHORIZE_AND_CAPTURE", void_and_reauthorize=False)
    order = Order.objects.get(pk=buy())
    arrive(4)
    store = SourceFactory(code="store", is_pickup_location=True, street="1", city="T", phone="1")
    Stock.objects.get(sales_channels__code="web").links.create(source=store, priority=2)
    SourceItemFactory(source=store, product=Product.objects.get(), quantity=Decimal(2))
    return order


def standing() -> list[tuple[str, str | None, str | None, Decimal]]:
    rows = Shipment.objects.filter(lines__quantity__gt=0).order_by("pk")
    return list(rows.values_list("state", "source__code", "pickup_source__code", "lines__quantity"))


def test_a_change_waits_for_a_release_and_routes_what_it_released() -> None:
    order = ordered()

    with ExitStack() as others, transaction.atomic():
        release(NOW)
        others.enter_context(beside(lambda: change_order(order.pk, ACT, request=TO_STORE)))

    assert standing() == [
        ("BACKORDER", None, "store", Decimal(2)),
        ("READY", "store", "store", Decimal(2)),
    ]
    assert_invariants()


def test_a_release_waits_for_a_change_and_looks_at_the_store() -> None:
    order = ordered()
    runs: list[ReleaseRun] = []

    with ExitStack() as others, transaction.atomic():
        change_order.within(order.pk, ACT, request=TO_STORE)
        others.enter_context(beside(lambda: runs.append(release(LATER))))

    assert [(run.state, run.waiting_count, run.failed_count) for run in runs] == [
        ("COMPLETED", 1, 0)
    ]
    assert standing() == [
        ("BACKORDER", None, "store", Decimal(2)),
        ("READY", "store", "store", Decimal(2)),
    ]
    assert_invariants()


def test_a_change_waits_for_a_pick_list_and_leaves_what_is_on_it() -> None:
    order = ordered()
    release(NOW)
    ready = Shipment.objects.get(state="READY")

    def change() -> None:
        change_order(order.pk, ACT, request=TO_STORE)

    with ExitStack() as others, transaction.atomic():
        make_pick_list(Source.objects.get(code="a").pk, [ready.pk], Act(NOW))
        others.enter_context(beside(change))

    assert standing() == [("READY", "a", None, Decimal(4))]
    assert_invariants()


def test_a_pick_list_waits_for_a_change_and_finds_nothing_there() -> None:
    order = ordered()
    release(NOW)
    ready = Shipment.objects.get(state="READY")

    def refused(source: Source) -> None:
        with pytest.raises(NothingToPickError):
            make_pick_list(source.pk, [ready.pk], Act(LATER))

    with ExitStack() as others, transaction.atomic():
        change_order.within(order.pk, ACT, request=TO_STORE)
        source = Source.objects.get(code="a")
        others.enter_context(beside(lambda: refused(source)))

    assert not PickList.objects.exists()
    assert_invariants()

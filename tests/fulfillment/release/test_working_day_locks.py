"""Calendars and promises that change while the daily job works on them."""

from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.supply.closed_dates import move_to_working_days
from inventory.models import ClosedDay, Product, Source
from inventory.operations.closed_days import renew_closed_days
from inventory.operations.future_supply import cancel_supply
from inventory.operations.stocks import save_source
from tests.beside import beside
from tests.factories.inventory import FutureSupplyFactory, SourceFactory
from tests.fulfillment.release.waiting_orders import NOW, TODAY, UTC_ZONE, World, configure, release

pytestmark = pytest.mark.django_db(transaction=True)

FIRST, SECOND = TODAY + timedelta(2), TODAY + timedelta(3)


def closes(source: Source, *days: date) -> None:
    source.closed_days = list(days)
    save_source(source, today=TODAY, changed={"closed_days"})


def test_the_daily_job_follows_a_calendar_that_is_saved_meanwhile() -> None:
    source = SourceFactory()
    closes(source, FIRST)

    with ExitStack() as stack, transaction.atomic():
        closes(source, SECOND)
        stack.enter_context(beside(partial(renew_closed_days, today=TODAY)))

    assert list(ClosedDay.objects.values_list("closed_on", flat=True)) == [SECOND]


def test_a_promise_that_is_broken_meanwhile_is_not_moved(world: World, kettle: Product) -> None:
    configure(future_inventory=True)
    supply = FutureSupplyFactory(source=world.a, product=kettle, quantity=5, expected_on=FIRST)
    shipment = world.backorder({kettle: 3}, number="1001")
    release()
    child = shipment.children.get()
    closes(world.a, FIRST)

    with ExitStack() as stack, transaction.atomic():
        cancel_supply(supply.pk, Act(NOW))
        child.refresh_from_db()
        fallen = child.state, child.expected_on, child.has_known_supply
        stack.enter_context(beside(partial(move_to_working_days, now=NOW, zone=UTC_ZONE)))

    child.refresh_from_db()
    assert (child.state, child.expected_on, child.has_known_supply) == fallen
    assert fallen[0] == "BACKORDER"


def test_a_shipment_that_leaves_meanwhile_keeps_its_date(world: World, kettle: Product) -> None:
    world.item(world.a, kettle, 5)
    shipment = world.backorder({kettle: 3}, number="1001")
    release()
    Shipment.objects.filter(pk=shipment.pk).update(expected_on=FIRST)
    closes(world.a, FIRST)

    with ExitStack() as stack, transaction.atomic():
        fulfill(shipment.pk, Act(NOW))
        stack.enter_context(beside(partial(move_to_working_days, now=NOW, zone=UTC_ZONE)))

    shipment.refresh_from_db()
    assert (shipment.state, shipment.expected_on) == ("FULFILLED", FIRST)

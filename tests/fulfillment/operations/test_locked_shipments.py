"""Many shipments are locked as one is: orders first, each table in key order."""

from operator import attrgetter
from typing import Any

import pytest
from django.db import transaction
from psycopg import Connection

from fulfillment.models import Shipment
from fulfillment.operations.shipments.locking import lock_shipments
from tests.beside import beside
from tests.factories.fulfillment import BackorderFactory
from tests.rows import is_free

pytestmark = pytest.mark.django_db(transaction=True)


def lock(shipments: list[Shipment]) -> list[Shipment]:
    with transaction.atomic():
        return lock_shipments([shipment.pk for shipment in shipments])


def moved_behind(shipment: Shipment) -> None:
    """Write the rows anew, so that a reader of the whole table comes to them last."""
    Shipment.objects.filter(pk=shipment.pk).update(priority=1)
    type(shipment.order).objects.filter(pk=shipment.order_id).update(priority=1)


def test_they_come_in_key_order_as_they_are_each_with_its_order() -> None:
    first, second = BackorderFactory(number="S1"), BackorderFactory(number="S2")
    Shipment.objects.filter(pk=first.pk).update(is_held=True, hold_reason="STAFF")
    moved_behind(first)

    locked = lock([second, first])

    assert [(s.number, s.is_held, s.order) for s in locked] == [
        ("S1", True, first.order),
        ("S2", False, second.order),
    ]


@pytest.mark.parametrize("row_of", [attrgetter("order"), lambda shipment: shipment])
def test_whoever_comes_second_waits_at_the_lowest_key(other: Connection[Any], row_of: Any) -> None:
    first, second = BackorderFactory(), BackorderFactory()
    moved_behind(first)
    assert is_free(other, row_of(first))

    with beside(lambda: lock([second, first])):
        free = [is_free(other, row) for row in (row_of(second), second)]
        other.rollback()

    assert free == [True, True]

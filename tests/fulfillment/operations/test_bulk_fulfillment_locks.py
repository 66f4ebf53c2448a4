"""Of two who ship the same, or ship and cancel it, one wins and the other is told."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill_each
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.review.bulk import cancel_shipment
from inventory.models import Reservation, SourceItem
from orders.changes.cancel import cancel
from orders.models import OrderEmail, PaymentOperation
from orders.refusals import OrderChangeError
from tests.beside import beside
from tests.fulfillment.operations.test_bulk_fulfillment import placed, shop
from tests.invariants import assert_invariants

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Begin the second while the first has done its work and not committed; return its answer."""
    answers: list[Any] = []
    with transaction.atomic():
        first()
        waiting = beside(lambda: answers.append(second()))
        waiting.__enter__()
    waiting.__exit__(None, None, None)
    [answer] = answers
    return answer


def test_of_two_who_ship_the_same_one_ships_and_the_other_is_told() -> None:
    shop()
    shipments = [placed("1001"), placed("1002")]
    numbers = [one.number for one in shipments]

    def ship() -> dict[str, Exception]:
        return fulfill_each(dict.fromkeys(numbers, ()), Act(NOW))

    refused = meanwhile(ship, ship)

    assert refused.keys() == set(numbers)
    assert {type(error) for error in refused.values()} == {WrongStateError}
    assert SourceItem.objects.get(product__sku="KTP").quantity == 94
    assert Reservation.objects.filter(event="FULFILLED").count() == 2
    assert PaymentOperation.objects.filter(kind="CAPTURE").count() == 2
    assert OrderEmail.objects.filter(kind="DISPATCHED").count() == 2
    assert_invariants()


def test_what_is_canceled_in_this_moment_is_not_shipped() -> None:
    shop()
    kept, gone = placed("1001"), placed("1002")

    refused = meanwhile(
        lambda: cancel.within(
            gone.order_id, Act(NOW, reason="Asked to"), shipment_number=gone.number
        ),
        lambda: fulfill_each({kept.number: (), gone.number: ()}, Act(NOW)),
    )

    assert refused.keys() == {gone.number}
    assert Shipment.objects.get(pk=kept.pk).state == "FULFILLED"
    assert Shipment.objects.get(pk=gone.pk).state == "CANCELED"
    assert SourceItem.objects.get(product__sku="KTP").quantity == 97
    assert_invariants()


def test_what_is_shipped_in_this_moment_is_not_canceled() -> None:
    shop()
    shipment = placed("1001")

    def cancel_it() -> Exception | None:
        try:
            cancel_shipment(shipment, Act(NOW, reason="Asked to"))
        except OrderChangeError as error:
            return error
        return None

    error = meanwhile(lambda: fulfill_each({shipment.number: ()}, Act(NOW)), cancel_it)

    assert isinstance(error, OrderChangeError)
    assert Shipment.objects.get().state == "FULFILLED"
    assert_invariants()

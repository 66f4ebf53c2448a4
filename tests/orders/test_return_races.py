"""Returns beside each other, a refund or undone shipping: each waits, and sees what others did."""

from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.undo_fulfillment import UnitsSettledError, undo_fulfillment
from orders.changes.refund import RefundRequest, refund
from orders.changes.return_request import ReturnMoney
from orders.changes.returns import refund_return, take_back
from orders.models import OrderLine, Refund, Return
from orders.refusals import NotThatManyError
from tests.beside import beside
from tests.invariants import assert_invariants
from tests.orders.mugs import NOW
from tests.orders.test_returns import ACT, back, for_new, on_hand, open_with, the_line, units

pytestmark = pytest.mark.django_db(transaction=True)


def raising(error: type[Exception], call: Callable[[], Any]) -> Callable[[], None]:
    def run() -> None:
        with pytest.raises(error):
            call()

    return run


def test_two_people_do_not_take_back_the_same_units() -> None:
    order = open_with()
    second = raising(NotThatManyError, lambda: take_back(order.pk, ACT, request=back(units(2))))

    with ExitStack() as others, transaction.atomic():
        take_back.within(order.pk, ACT, request=back(units(2)))
        others.enter_context(beside(second))

    assert (Return.objects.count(), on_hand(), int(the_line().returned_quantity)) == (1, 9, 2)
    assert_invariants()


def test_shipping_that_is_undone_waits_for_a_return_and_is_refused() -> None:
    order = open_with()
    shipment = Shipment.objects.get()
    undo = raising(UnitsSettledError, lambda: undo_fulfillment(shipment.pk, ACT))

    with ExitStack() as others, transaction.atomic():
        take_back.within(order.pk, ACT, request=back(units(1)))
        others.enter_context(beside(undo))

    shipment.refresh_from_db()
    assert (shipment.state, on_hand()) == ("FULFILLED", 8)
    assert_invariants()


def test_a_return_waits_for_undone_shipping_and_finds_nothing() -> None:
    order = open_with()
    late = raising(NotThatManyError, lambda: take_back(order.pk, ACT, request=back(units(1))))

    with ExitStack() as others, transaction.atomic():
        undo_fulfillment(Shipment.objects.get().pk, ACT)
        others.enter_context(beside(late))

    assert (Return.objects.count(), on_hand()) == (0, 10)
    assert_invariants()


def test_a_refund_waits_for_a_return_and_brings_nothing_back_twice() -> None:
    order = open_with()
    chosen = {the_line().pk: RefundRequest(Decimal(3))}

    with ExitStack() as others, transaction.atomic():
        take_back.within(order.pk, ACT, request=back(units(2)))
        others.enter_context(
            beside(lambda: refund(order.pk, Act(NOW), lines=chosen, is_returned_to_stock=True))
        )

    assert (on_hand(), int(the_line().returned_quantity)) == (10, 3)
    assert_invariants()


def test_two_people_refund_a_return_once() -> None:
    order = open_with()
    later = back(units(2), money=ReturnMoney.LATER)
    written = take_back(order.pk, ACT, request=later)

    with ExitStack() as others, transaction.atomic():
        refund_return.within(order.pk, ACT, return_id=written.pk)
        others.enter_context(beside(lambda: refund_return(order.pk, ACT, return_id=written.pk)))

    assert Refund.objects.get().amount == Decimal("6.66")
    assert_invariants()


def test_two_exchanges_of_the_same_units_make_one_line() -> None:
    order = open_with()
    second = raising(
        NotThatManyError, lambda: take_back(order.pk, ACT, request=for_new(2, "LAMP", 1))
    )

    with ExitStack() as others, transaction.atomic():
        take_back.within(order.pk, ACT, request=for_new(2, "LAMP", 1))
        others.enter_context(beside(second))

    assert OrderLine.objects.filter(sku="LAMP").count() == 1
    assert_invariants()

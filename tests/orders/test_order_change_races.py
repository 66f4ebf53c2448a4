"""Changes of an order beside each other, a cancel or a release: each sees what the other did."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from core.acts import Act
from fulfillment.models import Shipment
from orders.changes.cancel import cancel
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest, NewContact
from orders.models import Order, OrderChange, OrderEmail, RefundLine
from orders.refusals import NothingOpenError, StaleOrderError
from tests.beside import beside
from tests.fulfillment.operations.paid_orders import NOW, arrive, buy, open_shop, release
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

pytestmark = pytest.mark.django_db(transaction=True)
ACT = Act(NOW + timedelta(hours=1), reason="Asked to")
LATER = NOW + timedelta(hours=2)
NEW = "new@example.com"
MOVED = ChangeRequest(NewContact(email=NEW), replace(HOME, street="2 High Street"))


def ordered() -> Order:
    """Return an order that is paid for, and waits for 4 kettles."""
    open_shop(payment_action="AUTHORIZE_AND_CAPTURE", void_and_reauthorize=False)
    return Order.objects.get(pk=buy())


def read(order: Order) -> tuple[str, str, str]:
    order.refresh_from_db()
    return order.status, order.customer_email, order.street


def refunded() -> list[Decimal]:
    return list(RefundLine.objects.order_by("pk").values_list("quantity", flat=True))


def recipients(kind: str) -> list[str]:
    return list(OrderEmail.objects.filter(kind=kind).values_list("recipient", flat=True))


def test_a_change_waits_for_a_cancel_and_finds_nothing_open() -> None:
    order = ordered()

    def refused() -> None:
        with pytest.raises(NothingOpenError):
            change_order(order.pk, ACT, request=MOVED)

    with ExitStack() as others, transaction.atomic():
        cancel.within(order.pk, ACT)
        others.enter_context(beside(refused))

    assert read(order) == ("CANCELED", "ada@example.com", "1 High Street")
    assert not OrderChange.objects.exists()
    assert_invariants()


def test_a_cancel_waits_for_a_change_and_cancels_what_it_left() -> None:
    order = ordered()
    change = replace(MOVED, cancel={order.lines.get().pk: Decimal(1)})

    with ExitStack() as others, transaction.atomic():
        change_order.within(order.pk, ACT, request=change)
        others.enter_context(beside(lambda: cancel(order.pk, Act(LATER))))

    assert read(order) == ("CANCELED", NEW, "2 High Street")
    assert refunded() == [Decimal(1), Decimal(3)]
    assert recipients("CANCELED") == [NEW, NEW]
    assert_invariants()


def test_of_two_changes_at_once_the_second_is_of_what_was_shown_before() -> None:
    order = ordered()

    def refused() -> None:
        renamed = ChangeRequest(NewContact(name="Grace Hopper"))
        with pytest.raises(StaleOrderError):
            change_order(order.pk, ACT, request=renamed, expected_version=order.version)

    with ExitStack() as others, transaction.atomic():
        change_order.within(order.pk, ACT, request=MOVED, expected_version=order.version)
        others.enter_context(beside(refused))

    assert read(order)[1:] == (NEW, "2 High Street")
    assert order.customer_name == "Ada Example"
    assert OrderChange.objects.count() == 1


def test_a_release_waits_for_a_change_and_tells_the_new_address() -> None:
    order = ordered()
    arrive(4)

    with ExitStack() as others, transaction.atomic():
        change_order.within(order.pk, ACT, request=MOVED)
        others.enter_context(beside(lambda: release(LATER)))

    assert Shipment.objects.get().state == "READY"
    assert read(order)[1:] == (NEW, "2 High Street")
    assert recipients("BEING_PREPARED") == [NEW]
    assert_invariants()


def test_a_change_waits_for_a_release_and_its_e_mail_follows() -> None:
    order = ordered()
    arrive(4)

    with ExitStack() as others, transaction.atomic():
        release(NOW)
        change = replace(MOVED, chooses_sources_again=True)
        others.enter_context(beside(lambda: change_order(order.pk, ACT, request=change)))

    assert Shipment.objects.exclude(state="REASSIGNED").get().state == "READY"
    assert read(order)[1:] == (NEW, "2 High Street")
    assert recipients("BEING_PREPARED") == [NEW]
    assert_invariants()

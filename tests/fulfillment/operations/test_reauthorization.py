"""Void and reauthorize, and authorizations that expire: nothing leaves without money behind it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.payments import secure_payments
from fulfillment.operations.shipments.locking import WrongStateError
from inventory.models import FutureSupply, InventoryConfiguration, Source, SourceItem
from inventory.operations.receipts import receive_supply
from inventory.operations.source_items import ItemChange, set_items
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.models import Order, OrderEmail, Payment, PaymentOperation
from orders.payments.outcome_inquiry import ask_due
from orders.payments.reauthorization import authorize_again
from orders.payments.staff_decisions import settle
from orders.refusals import NoAuthorizationError
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.operations.paid_orders import (
    NOW,
    arrive,
    buy,
    open_shop,
    release,
    standing,
)
from tests.invariants import assert_invariants
from tests.orders.gateways import BookkeepingSandbox

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def payments() -> list[Any]:
    return [payment.state for payment in Payment.objects.order_by("pk")]


def released_emails() -> int:
    return OrderEmail.objects.filter(kind="BEING_PREPARED").count()


def payment_needed() -> list[Any]:
    emails = OrderEmail.objects.filter(kind="PAYMENT_NEEDED").order_by("pk")
    return [email.context["until"] for email in emails]


def released_order(token: str = "") -> int:
    """An order of 4 that waited and was released."""
    open_shop()
    order_id = buy(token=token)
    arrive(4)
    release()
    return order_id


def test_released_is_held_until_a_new_authorization_stands_and_the_old_one_is_voided(
    books: BookkeepingSandbox,
) -> None:
    released_order()
    assert (standing(), payments()) == ("READY PAYMENT", ["AUTHORIZED"])
    assert released_emails() == 0
    with pytest.raises(WrongStateError):
        fulfill(Shipment.objects.get().pk, Act(NOW))

    secure_payments(now=NOW)

    assert (standing(), payments()) == ("READY", ["VOIDED", "AUTHORIZED"])
    assert [kind for kind, _key in books.asked] == ["AUTHORIZE", "REAUTHORIZE", "VOID"]
    assert released_emails() == 1
    assert secure_payments(now=NOW) == 0
    fulfill(Shipment.objects.get().pk, Act(NOW))
    assert books.amounts("CAPTURE") == [Decimal("10.00")]
    assert payments() == ["VOIDED", "CAPTURED"]
    assert_invariants()


def test_everything_open_and_not_captured_reauthorizes(books: BookkeepingSandbox) -> None:
    open_shop()
    order_id = buy()
    line = Order.objects.get(pk=order_id).lines.get()
    capture(order_id, Act(NOW, key="click"), quantities={line.pk: Decimal(1)})
    cancel(order_id, Act(NOW), quantities={line.pk: Decimal(1)})
    arrive(4)
    release()

    secure_payments(now=NOW)

    assert books.amounts("REAUTHORIZE") == [Decimal("5.00")]
    # What was captured in part is over without a void.
    assert (payments(), books.amounts("VOID")) == (["CAPTURED", "AUTHORIZED"], [])
    assert_invariants()


def test_without_the_option_a_released_shipment_may_leave_at_once(
    books: BookkeepingSandbox,
) -> None:
    open_shop(void_and_reauthorize=False)
    buy()
    arrive(4)

    release()

    assert standing() == "READY"
    assert released_emails() == 1


@pytest.mark.parametrize(
    ("days", "until"),
    [([4], []), ([5, 6, 8], ["2026-03-09"]), ([8, 9], [None])],
)
def test_an_authorization_that_is_not_renewed_is_told_of_once_before_it_ends(
    books: BookkeepingSandbox, days: list[int], until: list[Any]
) -> None:
    open_shop(void_and_reauthorize=False)
    buy()

    for day in days:
        secure_payments(now=NOW + day * DAY)

    assert payment_needed() == until
    assert secure_payments(now=NOW + days[-1] * DAY) == 0


def test_an_authorization_that_is_renewed_is_not_told_of(books: BookkeepingSandbox) -> None:
    open_shop()
    buy()

    for day in (5, 6, 8):
        secure_payments(now=NOW + day * DAY)

    assert payment_needed() == []


def test_captured_money_needs_no_authorization(books: BookkeepingSandbox) -> None:
    open_shop(payment_action="AUTHORIZE_AND_CAPTURE")
    buy()
    arrive(4)

    release()

    assert standing() == "READY"


def test_declined_gives_the_units_back_and_is_tried_again_after_growing_pauses(
    books: BookkeepingSandbox,
) -> None:
    released_order()
    books.refusals = 2

    secure_payments(now=NOW)

    waiting = Shipment.objects.get()
    assert (standing(), waiting.awaits_payment) == ("BACKORDER", True)
    assert waiting.payment_retry_at == NOW + HOUR
    assert waiting.backordered_since == NOW
    assert waiting.events.filter(kind="BACKORDERED").get().reason == "PAYMENT"
    assert SourceItem.objects.get().allocated == 0
    assert payments() == ["AUTHORIZED", "DECLINED"]
    assert_invariants()

    # when: the second attempt is declined too, the third is not
    secure_payments(now=NOW + HOUR)
    release(NOW + HOUR)
    secure_payments(now=NOW + HOUR)
    waiting.refresh_from_db()
    assert waiting.payment_retry_at == NOW + 3 * HOUR
    secure_payments(now=NOW + 3 * HOUR)
    release(NOW + 3 * HOUR)
    secure_payments(now=NOW + 3 * HOUR)

    # then
    waiting.refresh_from_db()
    assert (standing(), waiting.payment_refusal_count) == ("READY", 0)
    assert payments() == ["VOIDED", "DECLINED", "DECLINED", "AUTHORIZED"]
    assert released_emails() == 1
    # However often it is declined, the customer is asked once.
    assert payment_needed() == ["2026-03-09"]
    assert_invariants()


def test_pauses_grow_to_a_day(books: BookkeepingSandbox) -> None:
    released_order()
    books.refusals = 1
    Shipment.objects.update(payment_refusal_count=9)

    secure_payments(now=NOW)

    assert Shipment.objects.get().payment_retry_at == NOW + 24 * HOUR


def test_unknown_stays_held_while_the_gateway_is_asked(books: BookkeepingSandbox) -> None:
    released_order("reauthorize:late")

    secure_payments(now=NOW)
    assert (standing(), payments()) == ("READY PAYMENT", ["AUTHORIZED", "UNKNOWN"])
    secure_payments(now=NOW)
    ask_due(now=NOW + MINUTE)

    assert (standing(), payments()) == ("READY", ["VOIDED", "AUTHORIZED"])
    assert books.amounts("REAUTHORIZE") == [Decimal("10.00")]


def never_answered() -> PaymentOperation:
    """Return the operation that was asked about until a person has to decide."""
    released_order("reauthorize:timeout")
    secure_payments(now=NOW)
    for minutes in range(1, 400, 20):
        secure_payments(now=NOW + minutes * MINUTE)
        ask_due(now=NOW + minutes * MINUTE)
    return PaymentOperation.objects.in_review().get()


def test_unknown_for_too_long_gives_the_units_back_and_a_person_decides(
    books: BookkeepingSandbox,
) -> None:
    operation = never_answered()

    waiting = Shipment.objects.get()
    assert (operation.state, operation.attempt_count) == ("UNKNOWN", 10)
    assert (standing(), waiting.awaits_payment, waiting.payment_retry_at) == (
        "BACKORDER",
        True,
        None,
    )
    assert len(books.amounts("REAUTHORIZE")) == 1
    assert payment_needed() == []
    assert SourceItem.objects.get().allocated == 0
    assert_invariants()


@pytest.mark.parametrize(
    ("has_happened", "states", "awaits"),
    [(True, ["VOIDED", "AUTHORIZED"], False), (False, ["AUTHORIZED", "DECLINED"], True)],
)
def test_a_person_says_what_became_of_it(
    books: BookkeepingSandbox, has_happened: bool, states: list[str], awaits: bool
) -> None:
    operation = never_answered()
    later = NOW + 8 * HOUR

    settle(operation.pk, Act(later, reason="Seen"), has_happened=has_happened)

    waiting = Shipment.objects.get()
    assert (payments(), waiting.awaits_payment) == (states, awaits)
    assert waiting.payment_retry_at == (later + 2 * HOUR if awaits else None)
    assert not PaymentOperation.objects.in_review().exists()


def test_a_promise_reauthorizes_when_it_is_kept(books: BookkeepingSandbox) -> None:
    open_shop(future_inventory=True)
    buy()
    product = SourceItem.objects.get().product
    FutureSupplyFactory(
        source=Source.objects.get(code="a"),
        product=product,
        quantity=4,
        expected_on=date(2026, 3, 9),
    )
    release()
    promised = Shipment.objects.get(state="FUTURE")
    assert promised.awaits_payment is False

    receive_supply(FutureSupply.objects.get().pk, Act(NOW), quantity=Decimal(4))

    promised.refresh_from_db()
    assert (standing(promised), released_emails()) == ("READY PAYMENT", 0)
    secure_payments(now=NOW)
    promised.refresh_from_db()
    assert (standing(promised), payments()) == ("READY", ["VOIDED", "AUTHORIZED"])
    assert released_emails() == 1
    assert_invariants()


def test_units_that_turn_out_not_to_be_there_end_the_hold(books: BookkeepingSandbox) -> None:
    released_order()
    item = SourceItem.objects.get()

    lost = ItemChange(item.product_id, item.source_id, {"quantity": Decimal(1)})
    set_items([lost], Act(NOW))

    assert standing() == "BACKORDER"
    assert Shipment.objects.get().awaits_payment is False
    assert_invariants()


def test_a_cancel_while_the_answer_is_awaited_gives_both_authorizations_up(
    books: BookkeepingSandbox,
) -> None:
    order_id = released_order("reauthorize:late")
    secure_payments(now=NOW)

    cancel(order_id, Act(NOW))
    ask_due(now=NOW + MINUTE)

    assert (standing(), payments()) == ("CANCELED", ["VOIDED", "VOIDED"])
    assert_invariants()


def test_lifting_the_hold_of_staff_shows_the_one_for_payment(books: BookkeepingSandbox) -> None:
    open_shop()
    buy()
    hold(Shipment.objects.get().pk, Act(NOW))
    lift_hold(Shipment.objects.get().pk, Act(NOW))
    arrive(4)
    release()
    Shipment.objects.update(hold_reason="STAFF")

    assert secure_payments(now=NOW) == 0
    lift_hold(Shipment.objects.get().pk, Act(NOW))
    assert standing() == "READY PAYMENT"
    secure_payments(now=NOW)

    assert standing() == "READY"


def stocked_order(**options: bool) -> int:
    """An order of 4 that was ready when it was placed."""
    open_shop(**options)
    arrive(4)
    return buy()


def test_ready_whose_authorization_expires_is_held_and_a_person_asks_again(
    books: BookkeepingSandbox,
) -> None:
    order_id = stocked_order(void_and_reauthorize=False)
    # Only the customer is informed.
    assert secure_payments(now=NOW + timedelta(days=7) - MINUTE) == 1
    assert secure_payments(now=NOW + timedelta(days=7) - MINUTE) == 0

    assert secure_payments(now=NOW + timedelta(days=7)) == 1

    assert (standing(), payments()) == ("READY PAYMENT", ["EXPIRED"])
    assert Shipment.objects.get().payment_retry_at is None
    assert secure_payments(now=NOW + timedelta(days=8)) == 0
    with pytest.raises(NoAuthorizationError):
        capture(order_id, Act(NOW, key="click"))
    authorize_again(order_id, now=NOW + timedelta(days=8))
    assert (standing(), payments()) == ("READY", ["EXPIRED", "AUTHORIZED"])
    # It was ready when it was ordered: nothing was released.
    assert released_emails() == 0
    assert books.amounts("VOID") == []
    assert_invariants()


def test_with_the_option_what_expired_reauthorizes_at_once(books: BookkeepingSandbox) -> None:
    stocked_order()
    assert standing() == "READY"

    secure_payments(now=NOW + timedelta(days=7))

    assert (standing(), payments()) == ("READY", ["EXPIRED", "AUTHORIZED"])


def test_a_release_after_the_authorization_expired_is_held_with_or_without_the_option(
    books: BookkeepingSandbox,
) -> None:
    open_shop(void_and_reauthorize=False)
    order_id = buy()
    arrive(4)
    later = NOW + timedelta(days=8)

    release(later)
    assert (standing(), Shipment.objects.get().payment_retry_at) == ("READY PAYMENT", None)
    authorize_again(order_id, now=later)

    assert (standing(), payments()) == ("READY", ["VOIDED", "AUTHORIZED"])
    assert released_emails() == 1


def test_turning_the_option_off_lets_what_was_refused_go_with_its_old_authorization(
    books: BookkeepingSandbox,
) -> None:
    released_order()
    books.refusals = 1
    secure_payments(now=NOW)
    InventoryConfiguration.objects.update(void_and_reauthorize=False)

    secure_payments(now=NOW + MINUTE)
    release(NOW + MINUTE)

    assert (standing(), Shipment.objects.get().awaits_payment) == ("READY", False)
    assert_invariants()

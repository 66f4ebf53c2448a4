"""Money of pre-orders: paid at the order, or authorized again on the release date (§17, §23)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.payments import secure_payments
from inventory.models import Product
from inventory.operations.options import save_product
from orders.changes.cancel import cancel
from orders.models import OrderEmail, Payment
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
DAY = timedelta(days=1)
RELEASE = datetime(2026, 4, 1, 12, tzinfo=UTC)


def preorder(quantity: int = 4, on_hand: int = 4, **options: Any) -> Shipment:
    """Return the shipment of a pre-order of 2 March for 1 April, with units on hand."""
    open_shop(**options)
    Product.objects.update(release_on=RELEASE.date())
    arrive(on_hand)
    return Shipment.objects.get(order=buy(quantity))


def money() -> list[tuple[str, Decimal]]:
    payments = Payment.objects.order_by("pk")
    return [(payment.state, payment.amount) for payment in payments]


def asked(books: BookkeepingSandbox) -> list[str]:
    return [kind for kind, _key in books.asked]


def emails(kind: str) -> int:
    return OrderEmail.objects.filter(kind=kind).count()


def test_it_is_authorized_again_on_its_release_date_and_captured_when_it_leaves(
    books: BookkeepingSandbox,
) -> None:
    shipment = preorder()

    # The authorization ends after a week. Nothing of it is renewed, or asked of the customer,
    # while nothing can leave.
    for day in range(1, 30):
        secure_payments(now=NOW + day * DAY)
        release(NOW + day * DAY)
    before = standing(), asked(books), emails("PAYMENT_NEEDED")
    release(RELEASE)
    released = standing()
    secure_payments(now=RELEASE)

    assert before == ("BACKORDER", ["AUTHORIZE"], 0)
    assert released == "READY PAYMENT"
    assert standing() == "READY"
    assert books.amounts("REAUTHORIZE") == [Decimal("10.00")]
    assert money()[-1] == ("AUTHORIZED", Decimal("10.00"))
    assert emails("BEING_PREPARED") == 1
    fulfill(shipment.pk, Act(RELEASE))
    assert books.amounts("CAPTURE") == [Decimal("10.00")]
    assert [state for state, _amount in money()] == ["EXPIRED", "CAPTURED"]
    assert_invariants()


def test_a_date_that_comes_sooner_replaces_the_live_authorization(
    books: BookkeepingSandbox,
) -> None:
    preorder()
    sooner = NOW + 2 * DAY
    product = Product.objects.get()
    product.release_on = date(2026, 3, 4)
    save_product(product, Act(NOW + DAY), changed={"release_on"})

    release(sooner)
    secure_payments(now=sooner)

    assert standing() == "READY"
    assert asked(books) == ["AUTHORIZE", "REAUTHORIZE", "VOID"]
    assert money() == [("VOIDED", Decimal("10.00")), ("AUTHORIZED", Decimal("10.00"))]
    assert_invariants()


def test_a_declined_one_goes_back_and_the_next_in_the_queue_has_its_units(
    books: BookkeepingSandbox,
) -> None:
    first = preorder()
    second = Shipment.objects.get(order=buy(now=NOW + timedelta(hours=1)))
    books.refusals = 1

    release(RELEASE)
    secure_payments(now=RELEASE)
    declined = standing(Shipment.objects.get(pk=first.pk)), emails("PAYMENT_NEEDED")
    release(RELEASE + timedelta(minutes=1))
    secure_payments(now=RELEASE + timedelta(minutes=1))

    assert declined == ("BACKORDER", 1)
    assert standing(Shipment.objects.get(pk=second.pk)) == "READY"
    # It is tried again after the pause, once there are units.
    arrive(4)
    later = RELEASE + timedelta(hours=2)
    secure_payments(now=later)
    release(later)
    secure_payments(now=later)
    assert standing(Shipment.objects.get(pk=first.pk)) == "READY"
    assert emails("BEING_PREPARED") == 2
    assert_invariants()


def test_one_that_is_paid_at_the_order_is_released_without_the_gateway(
    books: BookkeepingSandbox,
) -> None:
    preorder(payment_action="AUTHORIZE_AND_CAPTURE")
    paid = asked(books)

    release(RELEASE - DAY)
    before = standing()
    release(RELEASE)
    secure_payments(now=RELEASE)

    assert (before, standing()) == ("BACKORDER", "READY")
    assert asked(books) == paid
    assert money() == [("CAPTURED", Decimal("10.00"))]
    assert_invariants()


def test_without_renewal_the_customer_is_asked_before_the_authorization_ends(
    books: BookkeepingSandbox,
) -> None:
    shipment = preorder(void_and_reauthorize=False)

    for day in range(1, 30):
        secure_payments(now=NOW + day * DAY)
    release(RELEASE)
    secure_payments(now=RELEASE)

    assert emails("PAYMENT_NEEDED") == 1
    # No money stands behind it: it may not be picked.
    assert standing(shipment=Shipment.objects.get(pk=shipment.pk)) == "READY PAYMENT"
    assert asked(books) == ["AUTHORIZE"]
    assert_invariants()


def test_one_that_is_canceled_before_its_date_costs_nothing(books: BookkeepingSandbox) -> None:
    shipment = preorder()

    cancel(shipment.order_id, Act(NOW + DAY))
    release(RELEASE)
    secure_payments(now=RELEASE)

    assert asked(books) == ["AUTHORIZE", "VOID"]
    assert money() == [("VOIDED", Decimal("10.00"))]
    assert standing() == "CANCELED"
    assert_invariants()

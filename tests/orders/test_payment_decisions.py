"""A person decides what became of payments, on pages of the admin."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import InventoryConfiguration
from orders.changes.cancel import cancel
from orders.changes.refund import RefundRequest, refund
from orders.models import Order, OrderLine, Payment, PaymentOperation
from orders.payments.staff_decisions import close, settle, try_again
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.refusals import NotInReviewError
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client) -> User:
    user = User.objects.create(username="grace", is_staff=True)
    user.groups.add(Group.objects.get(name="Fulfillment"))
    client.force_login(user)
    return user


def place(token: str, action: str = "AUTHORIZE") -> int:
    source = SourceFactory()
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    SourceItemFactory(source=source, product=ProductFactory(sku="A"), quantity=Decimal(10))
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"payment_action": action})
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest("A", Decimal(4), Decimal("2.50")),),
        payment=PaymentRequest("sandbox", token),
    )
    return place_order(request, Act(NOW)).order_id


def works_again() -> None:
    """The customer's bank has come to its senses."""
    Payment.objects.update(token="")


def decide(client: Client, name: str, **posted: str) -> Any:
    row = (
        PaymentOperation.objects.latest("pk")
        if name == "paymentoperation"
        else Payment.objects.get()
    )
    return client.post(reverse(f"admin:orders_{name}_decide", args=[row.pk]), posted)


@pytest.mark.parametrize(
    ("choice", "order", "payment"),
    [("happened", "PROCESSING", "CAPTURED"), ("not-happened", "CANCELED", "DECLINED")],
)
def test_an_order_in_review_is_decided(
    client: Client, person: User, choice: str, order: str, payment: str
) -> None:
    place("timeout", action="AUTHORIZE_AND_CAPTURE")

    response = decide(client, "paymentoperation", choice=choice, note="Seen in their books")

    assert response.status_code == 302
    operation = PaymentOperation.objects.get()
    assert (Order.objects.get().status, operation.payment.state) == (order, payment)
    assert (operation.reviewed_by, operation.review_note) == (person, "Seen in their books")
    assert_invariants()


def test_the_gateway_is_asked_again_on_a_click(client: Client, person: User) -> None:
    place("timeout")
    works_again()

    decide(client, "paymentoperation", choice="ask")

    assert Order.objects.get().status == "PROCESSING"
    assert PaymentOperation.objects.get().attempt_count == 2


def test_a_declined_capture_is_tried_again_as_a_new_request(client: Client, person: User) -> None:
    place("capture:decline")
    fulfill(Shipment.objects.get().pk, Act(NOW))
    works_again()

    decide(client, "paymentoperation", choice="try-again", note="Called the bank")

    assert Payment.objects.get().captured_amount == Decimal("10.00")
    states = PaymentOperation.objects.filter(kind="CAPTURE").order_by("pk")
    assert [operation.state for operation in states] == ["DECLINED", "SUCCEEDED"]
    assert not PaymentOperation.objects.in_review().exists()
    assert_invariants()


def test_a_declined_refund_and_a_declined_void_are_tried_again() -> None:
    order_id = place("refund:decline", action="AUTHORIZE_AND_CAPTURE")
    one = {OrderLine.objects.get().pk: RefundRequest(Decimal(1))}
    refund(order_id, Act(NOW), lines=one, is_returned_to_stock=True)
    works_again()

    try_again(PaymentOperation.objects.in_review().get().pk, Act(NOW))

    assert Payment.objects.get().refunded_amount == Decimal("2.50")


def test_who_may_not_refund_does_not_try_a_refund_again(client: Client) -> None:
    order_id = place("refund:decline", action="AUTHORIZE_AND_CAPTURE")
    one = {OrderLine.objects.get().pk: RefundRequest(Decimal(1))}
    refund(order_id, Act(NOW), lines=one, is_returned_to_stock=True)
    works_again()
    packer = User.objects.create(username="packer", is_staff=True)
    fulfillment = Group.objects.get(name="Fulfillment").permissions
    packer.user_permissions.set(fulfillment.exclude(codename="refund_order"))
    client.force_login(packer)
    operation = PaymentOperation.objects.in_review().get()
    page = reverse("admin:orders_paymentoperation_decide", args=[operation.pk])

    assert list(client.get(page).context["form"].choices) == ["close"]
    refused = client.post(page, {"choice": "try-again", "note": "Called the bank"})

    assert refused.context["form"].errors.keys() == {"choice"}
    assert PaymentOperation.objects.filter(kind="REFUND").count() == 1


def test_a_declined_void_is_tried_again() -> None:
    cancel(place("void:decline"), Act(NOW))
    works_again()

    try_again(PaymentOperation.objects.in_review().get().pk, Act(NOW))

    assert Payment.objects.get().state == "VOIDED"


def test_what_is_settled_otherwise_is_left(client: Client, person: User) -> None:
    cancel(place("void:decline"), Act(NOW))

    decide(client, "paymentoperation", choice="close", note="It lapses anyway")

    operation = PaymentOperation.objects.get(kind="VOID")
    assert (operation.state, operation.review_note) == ("DECLINED", "It lapses anyway")
    assert not PaymentOperation.objects.in_review().exists()


def test_what_is_decided_is_not_decided_again() -> None:
    place("")
    operation = PaymentOperation.objects.get()
    act = Act(NOW)

    with pytest.raises(NotInReviewError):
        settle(operation.pk, act, has_happened=False)
    with pytest.raises(NotInReviewError):
        try_again(operation.pk, act)
    with pytest.raises(NotInReviewError):
        close(operation.pk, act)

    assert Order.objects.get().status == "PROCESSING"


def test_an_expired_authorization_is_asked_for_again_on_a_click(
    client: Client, person: User
) -> None:
    place("expired")

    decide(client, "payment", choice="authorize")

    assert [payment.state for payment in Payment.objects.order_by("pk")] == [
        "VOIDED",
        "AUTHORIZED",
    ]


def test_the_list_to_decide_and_its_pages(client: Client, person: User) -> None:
    cancel(place("void:decline"), Act(NOW))
    listed = client.get(reverse("admin:orders_paymentoperation_changelist"), {"to_decide": "yes"})
    operation = PaymentOperation.objects.get(kind="VOID")
    change = client.get(reverse("admin:orders_paymentoperation_change", args=[operation.pk]))
    page = client.get(reverse("admin:orders_paymentoperation_decide", args=[operation.pk]))

    assert list(listed.context["cl"].queryset) == [operation]
    url = reverse("admin:orders_paymentoperation_decide", args=[operation.pk])
    assert url in change.content.decode()
    assert "Try again, as a new request." in page.content.decode()


def test_only_those_who_may_change_payments_decide(client: Client) -> None:
    place("timeout")
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.groups.add(Group.objects.get(name="Viewer"))
    client.force_login(viewer)

    assert decide(client, "paymentoperation", choice="happened").status_code == 403
    assert Order.objects.get().status == "PAYMENT_REVIEW"


def test_payments_are_narrowed_to_a_gateway_without_asking_each_of_them(
    client: Client, person: User
) -> None:
    place("")
    Payment.objects.update(gateway="manual")
    url = reverse("admin:orders_payment_changelist")

    assert client.get(url, {"gateway": "manual"}).context["cl"].result_count == 1
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url, {"gateway": "sandbox"}).context["cl"].result_count == 0
    assert not [query for query in queries if "DISTINCT" in query["sql"]]


@pytest.mark.parametrize("listed", ["payment", "paymentoperation"])
def test_lists_and_the_payment_lead_to_where_an_unknown_outcome_is_decided(
    client: Client, person: User, listed: str
) -> None:
    place("timeout")
    asked = PaymentOperation.objects.get()
    decide = reverse("admin:orders_paymentoperation_decide", args=[asked.pk])
    pages = [
        reverse(f"admin:orders_{listed}_changelist"),
        reverse("admin:orders_payment_change", args=[asked.payment_id]),
    ]

    assert [f'href="{decide}"' in client.get(page).content.decode() for page in pages] == [
        True,
        True,
    ]
    asked.state = "SUCCEEDED"
    asked.reviewed_at = NOW
    asked.save()
    assert [f'href="{decide}"' in client.get(page).content.decode() for page in pages] == [
        False,
        False,
    ]


def test_who_may_not_decide_is_led_nowhere(client: Client) -> None:
    place("timeout")
    asked = PaymentOperation.objects.get()
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.groups.add(Group.objects.get(name="Viewer"))
    client.force_login(viewer)

    for page in (
        reverse("admin:orders_payment_changelist"),
        reverse("admin:orders_paymentoperation_changelist"),
        reverse("admin:orders_payment_change", args=[asked.payment_id]),
    ):
        shown = client.get(page).content.decode()
        assert "decide/" not in shown
        assert "outcome unknown" in shown.lower()


def test_the_list_of_payments_takes_as_many_queries_for_many(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(reverse("admin:orders_payment_changelist"))
        return len(captured)

    place("timeout")
    first = queries()
    payment = Payment.objects.get()
    for _number in range(5):
        payment.pk = None
        payment.save()

    assert queries() <= first

"""Lines are added to a placed order: checked and set aside as new units, and paid for first."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.customer_care import move_to_care, return_to_queue
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.shipments.locking import WrongStateError
from inventory.models import InventoryConfiguration, Product, SourceItem
from orders.changes.cancel import cancel
from orders.changes.change import ChangeRefusedError
from orders.changes.order_change import change_order
from orders.changes.request import ChangePayment, ChangeRequest, NewContact
from orders.models import Order, OrderChange, OrderLine, Payment, PaymentOperation
from orders.payments.outcome_inquiry import ask_due
from orders.payments.reauthorization import authorize_again
from orders.payments.staff_decisions import settle
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.refusals import MixedChangeError, NoAuthorizationError, PendingChangeError
from tests.api import Api, api_of_superuser, codes
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.orders.mugs import NOW, open_shop

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=3)
ACT = Act(LATER, reason="The customer called")


def open_with(action: str = "AUTHORIZE_AND_CAPTURE", *, price: int = 10) -> Order:
    """Four of ten MUGs are ordered and paid with the sandbox; there are eight LAMPs too."""
    open_shop()
    InventoryConfiguration.objects.update(payment_action=action)
    source = SourceItem.objects.get().source
    lamp = ProductFactory(sku="LAMP", price=Decimal("5.00"), backorders="ALLOW_QTY_BELOW_0")
    SourceItemFactory(product=lamp, source=source, quantity=Decimal(8))
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(4), Decimal(price)),),
        number="W-1",
        payment=PaymentRequest("sandbox"),
    )
    return Order.objects.get(pk=place_order(request, Act(NOW)).order_id)


@pytest.fixture
def order() -> Order:
    return open_with()


def lamps(quantity: int, payment: ChangePayment | None = None) -> ChangeRequest:
    line = LineRequest("LAMP", Decimal(quantity))
    return ChangeRequest(add=(line,), payment=payment or ChangePayment())


def declining(quantity: int = 2) -> ChangeRequest:
    return lamps(quantity, ChangePayment("decline"))


def silent(quantity: int = 2) -> ChangeRequest:
    return lamps(quantity, ChangePayment("timeout"))


def shipments() -> list[tuple[Any, ...]]:
    rows = Shipment.objects.filter(lines__quantity__gt=0).order_by("pk")
    return list(rows.values_list("number", "state", "hold_reason", "lines__quantity"))


def held_lamps() -> Decimal:
    return SourceItem.objects.get(product__sku="LAMP").allocated


def test_a_line_is_added_once_its_payment_is_accepted(order: Order) -> None:
    change = change_order(order.pk, ACT, request=lamps(3))

    change.refresh_from_db()
    order.refresh_from_db()
    assert (change.state, change.decided_at) == ("APPLIED", LATER)
    assert order.total == Decimal("55.00")
    line = order.lines.get(number=2)
    assert (line.sku, line.quantity, line.total, line.change_id) == (
        "LAMP",
        Decimal(3),
        Decimal("15.00"),
        change.pk,
    )
    assert line.invoiced_quantity == 3
    assert shipments() == [("W-1-1", "READY", "", 4), ("W-1-2", "READY", "", 3)]
    assert list(order.payments.order_by("pk").values_list("state", "captured_amount")) == [
        ("CAPTURED", Decimal("40.00")),
        ("CAPTURED", Decimal("15.00")),
    ]
    assert_invariants()


def test_a_declined_payment_leaves_nothing_of_the_change(order: Order) -> None:
    change = change_order(order.pk, ACT, request=declining())

    change.refresh_from_db()
    order.refresh_from_db()
    assert (change.state, order.total, order.status) == ("DECLINED", Decimal("40.00"), "PROCESSING")
    line = order.lines.get(number=2)
    assert (line.canceled_quantity, line.open_quantity) == (Decimal(2), Decimal(0))
    assert shipments() == [("W-1-1", "READY", "", 4)]
    assert held_lamps() == 0
    assert not order.emails.filter(kind="CANCELED").exists()
    assert_invariants()
    # It ships as if nothing had happened, and another line may be added.
    change_order(order.pk, ACT, request=lamps(1))
    for shipment in Shipment.objects.filter(state="READY").order_by("pk"):
        fulfill(shipment.pk, Act(LATER))
    order.refresh_from_db()
    assert (order.status, order.total) == ("COMPLETE", Decimal("45.00"))
    assert_invariants()


def test_while_the_gateway_is_silent_the_units_are_set_aside_and_cannot_ship(order: Order) -> None:
    change = change_order(order.pk, ACT, request=silent())

    change.refresh_from_db()
    assert (change.state, change.decided_at) == ("PENDING", None)
    assert shipments()[1] == ("W-1-2", "READY", "CHANGE", 2)
    assert held_lamps() == 2
    added = Shipment.objects.get(number="W-1-2")
    with pytest.raises(WrongStateError):
        fulfill(added.pk, Act(LATER))
    with pytest.raises(PendingChangeError):
        change_order(order.pk, ACT, request=lamps(1))
    with pytest.raises(PendingChangeError):
        cancel(order.pk, Act(LATER), quantities={order.lines.get(number=2).pk: Decimal(1)})
    with pytest.raises(PendingChangeError):
        cancel(order.pk, Act(LATER))
    assert Shipment.objects.get(number="W-1-1").state == "READY"
    assert_invariants()


@pytest.mark.parametrize(("has_happened", "status"), [(True, "PROCESSING"), (False, "CANCELED")])
def test_units_that_were_placed_are_canceled_while_the_gateway_is_silent(
    order: Order, has_happened: bool, status: str
) -> None:
    change_order(order.pk, ACT, request=silent())
    placed = order.lines.get(number=1).pk

    cancel(order.pk, Act(LATER), quantities={placed: Decimal(4)})

    assert Order.objects.get().status == "PROCESSING"
    assert order.lines.get(number=2).open_quantity == 2
    operation = PaymentOperation.objects.get(payment__order_change__isnull=False)
    settle(operation.pk, Act(LATER, reason="Looked it up"), has_happened=has_happened)
    assert Order.objects.get().status == status
    assert_invariants()


def test_what_customer_care_takes_meanwhile_still_waits_for_the_payment(order: Order) -> None:
    change_order(order.pk, ACT, request=silent())
    added = Shipment.objects.get(number="W-1-2")

    move_to_care(added.pk, Act(LATER, reason="Ask"))
    return_to_queue(added.pk, Act(LATER))

    added.refresh_from_db()
    assert (added.state, added.is_held, added.hold_reason) == ("BACKORDER", True, "CHANGE")
    assert_invariants()


@pytest.mark.parametrize(("has_happened", "state"), [(True, "APPLIED"), (False, "DECLINED")])
def test_a_person_settles_what_was_never_answered(
    order: Order, has_happened: bool, state: str
) -> None:
    change_order(order.pk, ACT, request=silent())
    operation = PaymentOperation.objects.get(payment__order_change__isnull=False)

    settle(operation.pk, Act(LATER, reason="Looked it up"), has_happened=has_happened)

    assert OrderChange.objects.get().state == state
    assert Shipment.objects.get(number="W-1-2").is_held is False
    assert_invariants()


def test_a_late_answer_applies_the_change_once(order: Order) -> None:
    act = replace(ACT, key="one")
    request = lamps(2, ChangePayment("late"))
    change = change_order(order.pk, act, request=request)
    change.refresh_from_db()
    assert change.state == "PENDING"

    ask_due(now=LATER + timedelta(minutes=5))
    change_order(order.pk, act, request=request)

    change.refresh_from_db()
    order.refresh_from_db()
    assert (change.state, order.total) == ("APPLIED", Decimal("50.00"))
    assert OrderLine.objects.filter(order=order).count() == 2
    assert_invariants()


def test_each_line_is_captured_on_the_payment_that_was_made_for_it() -> None:
    order = open_with("AUTHORIZE")
    change_order(order.pk, ACT, request=lamps(2))
    first, second = order.payments.order_by("pk")
    assert (first.state, second.state) == ("AUTHORIZED", "AUTHORIZED")

    fulfill(Shipment.objects.get(number="W-1-2").pk, Act(LATER))
    captured = list(order.payments.order_by("pk").values_list("captured_amount", "state"))
    fulfill(Shipment.objects.get(number="W-1-1").pk, Act(LATER))

    assert captured == [(Decimal(0), "AUTHORIZED"), (Decimal("10.00"), "CAPTURED")]
    assert list(order.payments.order_by("pk").values_list("captured_amount", "state")) == [
        (Decimal("40.00"), "CAPTURED"),
        (Decimal("10.00"), "CAPTURED"),
    ]
    assert_invariants()


def test_a_line_whose_own_payment_ended_takes_no_money_that_is_for_others() -> None:
    order = open_with("AUTHORIZE")
    change_order(order.pk, ACT, request=lamps(2))
    order.payments.filter(amount=10).update(state="VOIDED")

    with pytest.raises(NoAuthorizationError):
        fulfill(Shipment.objects.get(number="W-1-2").pk, Act(LATER))

    authorize_again(order.pk, now=LATER)
    fulfill(Shipment.objects.get(number="W-1-2").pk, Act(LATER))
    fulfill(Shipment.objects.get(number="W-1-1").pk, Act(LATER))
    assert list(order.payments.order_by("pk").values_list("captured_amount", "state")) == [
        (Decimal(0), "VOIDED"),
        (Decimal(0), "VOIDED"),
        (Decimal("50.00"), "CAPTURED"),
    ]
    assert_invariants()


def test_an_authorization_ends_when_nothing_of_its_lines_is_left() -> None:
    order = open_with("AUTHORIZE")
    change_order(order.pk, ACT, request=lamps(2))

    cancel(order.pk, Act(LATER), quantities={order.lines.get(number=2).pk: Decimal(2)})

    assert list(order.payments.order_by("pk").values_list("state", flat=True)) == [
        "AUTHORIZED",
        "VOIDED",
    ]
    assert_invariants()


def test_what_came_free_ships_beside_lines_that_were_paid() -> None:
    order = open_with("AUTHORIZE", price=0)
    change_order(order.pk, ACT, request=lamps(2, ChangePayment(is_due=True)))
    fulfill(Shipment.objects.get(number="W-1-2").pk, Act(LATER))

    fulfill(Shipment.objects.get(number="W-1-1").pk, Act(LATER))

    order.refresh_from_db()
    assert order.status == "COMPLETE"
    assert list(order.payments.order_by("pk").values_list("state", "captured_amount")) == [
        ("CAPTURED", Decimal(0)),
        ("CAPTURED", Decimal("10.00")),
    ]


def test_what_is_due_is_recorded_and_captured_as_it_ships(order: Order) -> None:
    change_order(order.pk, ACT, request=lamps(2, ChangePayment(is_due=True)))

    due = Payment.objects.get(order_change__isnull=False)
    assert (due.gateway, due.state, due.captured_amount) == ("manual", "AUTHORIZED", Decimal(0))
    fulfill(Shipment.objects.get(number="W-1-2").pk, Act(LATER))
    due.refresh_from_db()
    assert (due.state, due.captured_amount) == ("CAPTURED", Decimal("10.00"))


def test_what_costs_nothing_asks_no_gateway(order: Order) -> None:
    line = LineRequest("LAMP", Decimal(1), Decimal(0))

    change = change_order(order.pk, ACT, request=ChangeRequest(add=(line,)))

    change.refresh_from_db()
    assert (change.state, change.payment) == ("APPLIED", None)
    fulfill(Shipment.objects.get(number="W-1-2").pk, Act(LATER))
    assert order.payments.count() == 1
    assert_invariants()


def test_quantity_rules_look_at_all_that_the_order_has_of_the_product(order: Order) -> None:
    Product.objects.filter(sku="MUG").update(max_cart_qty=Decimal(5))
    asked = ChangeRequest(add=(LineRequest("LAMP", Decimal(1)), LineRequest("MUG", Decimal(2))))

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=asked)

    [problem] = refused.value.problems
    assert (problem.line, problem.code) == (2, "ABOVE_MAXIMUM")
    change_order(order.pk, ACT, request=ChangeRequest(add=(LineRequest("MUG", Decimal(1)),)))
    assert order.lines.count() == 2


def test_a_product_without_backorders_is_had_whole_or_refused(order: Order) -> None:
    Product.objects.filter(sku="LAMP").update(backorders="NO_BACKORDERS")

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=lamps(9))

    assert [problem.code for problem in refused.value.problems] == ["NOT_ENOUGH_ITEMS"]
    assert (order.lines.count(), OrderChange.objects.count()) == (1, 0)


def test_units_that_are_missing_wait_since_now(order: Order) -> None:
    change_order(order.pk, ACT, request=lamps(10))

    waits = Shipment.objects.get(state="BACKORDER")
    assert (waits.number, waits.backordered_since, waits.is_held) == ("W-1-3", LATER, False)
    assert waits.lines.get().agreed_on == LATER.date() + timedelta(days=30)
    assert order.lines.get(number=2).backordered_quantity == 2
    assert Order.objects.get().backordered_quantity == 2
    assert_invariants()


def test_lines_of_an_order_on_hold_come_held(order: Order) -> None:
    hold(Shipment.objects.get().pk, Act(NOW, reason="Fraud check"))

    change_order(order.pk, ACT, request=lamps(2))

    added = Shipment.objects.get(number="W-1-2")
    assert (added.is_held, added.hold_reason, added.hold_note) == (True, "STAFF", "Fraud check")


def test_lines_are_a_change_of_their_own(order: Order) -> None:
    asked = replace(lamps(1), contact=NewContact(name="Grace"))

    with pytest.raises(MixedChangeError):
        change_order(order.pk, ACT, request=asked)

    assert Order.objects.get().customer_name == "Ada Lovelace"


def test_units_are_canceled_through_a_change(order: Order) -> None:
    line = order.lines.get()

    change_order(order.pk, ACT, request=ChangeRequest(cancel={line.pk: Decimal(3)}))

    line.refresh_from_db()
    assert (line.open_quantity, line.refunded_quantity) == (Decimal(1), Decimal(3))
    assert order.payments.get().refunded_amount == Decimal("30.00")
    assert OrderChange.objects.get().state == "APPLIED"
    assert_invariants()


def test_a_preview_says_what_it_costs_and_writes_nothing(order: Order) -> None:
    effect = change_order.preview(order.pk, ACT, request=lamps(2))

    assert (effect.before.money.captured, effect.after.money.captured) == (
        Decimal("40.00"),
        Decimal("50.00"),
    )
    assert effect.after.order.total == Decimal("50.00")
    [(item, was, held)] = effect.changed_items
    assert item == ("seattle", "LAMP")
    assert (was.allocated, held.allocated) == (Decimal(0), Decimal(2))
    assert [(one.before, one.after.number) for one in effect.changed_shipments] == [(None, "W-1-2")]
    assert (OrderLine.objects.count(), Payment.objects.count()) == (1, 1)
    assert held_lamps() == 0


PAID_WITH = {"step": "confirm", "way_of_paying": "TOKEN"}


def typed(**values: str) -> dict[str, str]:
    return {
        "token": "t0ken",
        "version": str(Order.objects.get().version),
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": "LAMP",
        "lines-0-quantity": "2",
        "way_of_paying": "AS_BEFORE",
        "reason": "Called",
        **values,
    }


def url(order: Order) -> str:
    return reverse("admin:orders_order_task", args=[order.pk, "add-lines"])


def test_the_page_previews_and_confirms_once(admin_client: Client, order: Order) -> None:
    shown = admin_client.post(url(order), typed(step="preview"))
    assert [str(step.what) for step in shown.context["effect"]["money"]] == ["Total", "Captured"]
    assert order.lines.count() == 1

    for _click in range(2):
        assert admin_client.post(url(order), typed(step="confirm")).status_code == 302

    assert order.lines.count() == 2
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    [entry] = [one for one in page.context["history"] if one.what == "Order changed"]
    assert entry.detail == "+2 × LAMP · Called"


def test_the_page_says_that_the_gateway_has_not_answered(
    admin_client: Client, order: Order
) -> None:
    sent = typed(**PAID_WITH | {"payment_token": "timeout"})

    answer = admin_client.post(url(order), sent, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        "The gateway has not answered about the change of order W-1 yet. Its units stay set aside "
        "until it has."
    ]


def test_after_a_declined_payment_what_was_typed_is_sent_with_another(
    admin_client: Client, order: Order
) -> None:
    sent = typed(**PAID_WITH | {"payment_token": "decline"})

    answer = admin_client.post(url(order), sent)

    form = answer.context["form"]
    assert form.non_field_errors() == [
        "The payment was declined. Nothing of order W-1 has changed. Choose another payment and "
        "try again."
    ]
    assert form["payment_token"].value() == "decline"
    again = {**sent, "payment_token": "good"}
    again |= {name: form[name].value() for name in ("token", "version")}
    assert admin_client.post(url(order), again).status_code == 302
    states = OrderChange.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["DECLINED", "APPLIED"]
    assert Order.objects.get().total == Decimal("50.00")


def test_a_price_that_changed_since_the_preview_is_not_taken(
    admin_client: Client, order: Order
) -> None:
    shown = admin_client.post(url(order), typed(step="preview"))
    sent = typed(step="confirm", shown_amount=str(shown.context["form"]["shown_amount"].value()))
    Product.objects.filter(sku="LAMP").update(price=Decimal("9.00"))

    form = admin_client.post(url(order), sent).context["form"]

    assert form.non_field_errors() == [
        "The prices have changed since the preview. Nothing was changed. Look at the preview again."
    ]
    order.refresh_from_db()
    assert (order.total, order.lines.count()) == (Decimal("40.00"), 1)
    again = admin_client.post(url(order), {**sent, "step": "preview"})
    [total, _captured] = again.context["effect"]["money"]
    assert (total.before, total.after) == ("40.00 USD", "58.00 USD")
    amount = again.context["form"]["shown_amount"].value()
    assert f'name="shown_amount" value="{amount}"' in again.text
    assert admin_client.post(url(order), {**sent, "shown_amount": amount}).status_code == 302
    order.refresh_from_db()
    assert order.total == Decimal("58.00")


def test_another_row_and_what_is_wrong_with_a_line(admin_client: Client, order: Order) -> None:
    more = admin_client.post(url(order), typed(step="add")).context["form"]
    assert more.new_lines.total_form_count() == 2

    wrong = typed(step="preview", **{"lines-0-sku": "NONE"})
    form = admin_client.post(url(order), wrong).context["form"]
    assert form.new_lines.forms[0].errors["sku"] == [
        "No single product has this SKU, barcode or name. Choose one from the list."
    ]


@pytest.fixture
def api(order: Order) -> Api:
    return api_of_superuser()


def sent(token: str) -> dict[str, Any]:
    line = {"sku": "LAMP", "quantity": "2"}
    return {"reason": "Called", "add": [line], "payment": {"token": token}}


def test_the_api_answers_applied_pending_and_declined(api: Api) -> None:
    applied = api.post("orders/W-1/changes/", sent("good"), Idempotency_Key="one")
    declined = api.post("orders/W-1/changes/", sent("decline"), Idempotency_Key="two")
    pending = api.post("orders/W-1/changes/", sent("timeout"), Idempotency_Key="three")
    another = api.post("orders/W-1/changes/", sent("good"))

    assert (applied[0], applied[1]["state"], applied[1]["added_lines"]) == (201, "APPLIED", [2])
    assert applied[1]["payment"] == {
        "gateway": "sandbox",
        "state": "CAPTURED",
        "amount": "10.00",
        "captured_amount": "10.00",
    }
    assert (declined[0], codes(declined[1])[0]) == (402, "payment-declined")
    assert (pending[0], pending[1]["state"]) == (202, "PENDING")
    assert (another[0], codes(another[1])[0]) == (409, "pending-change")
    assert api.post("orders/W-1/changes/", sent("decline"), Idempotency_Key="two") == declined
    lines = api.get("orders/W-1/")[1]["lines"]
    assert [line["is_in_force"] for line in lines] == [True, True, False, False]


def test_the_api_points_at_the_line_that_is_refused(api: Api) -> None:
    body = {
        "reason": "x",
        "add": [{"sku": "LAMP", "quantity": "1"}, {"sku": "NO", "quantity": "1"}],
    }

    status, answer = api.post("orders/W-1/changes/", body)

    assert (status, codes(answer)) == (422, ("change-refused", [("/add/1/sku", "UNKNOWN_SKU")]))


def test_in_another_currency_the_price_is_typed(order: Order) -> None:
    Order.objects.update(currency="EUR")

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=lamps(1))

    assert [(one.code, one.line, one.path) for one in refused.value.problems] == [
        ("PRICE_REQUIRED", 1, "unit_price")
    ]
    assert (order.lines.count(), OrderChange.objects.count()) == (1, 0)

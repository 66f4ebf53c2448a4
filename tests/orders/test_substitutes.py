"""Open units of a line become units of another product, at the former price or at its own."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.picking.pick_lists import make_pick_list
from fulfillment.operations.shipments.locking import WrongStateError
from inventory.models import InventoryConfiguration, Product, SourceItem
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.changes.change import ChangeRefusedError
from orders.changes.order_change import change_order
from orders.changes.refund import RefundRequest, refund
from orders.changes.request import (
    ChangePayment,
    ChangeRequest,
    SubstitutePrice,
    Substitution,
)
from orders.models import Order, OrderChange, OrderLine, PaymentOperation, Refund
from orders.payments.staff_decisions import settle
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.queries.order_money import money_of
from orders.refusals import (
    ListedShipmentError,
    MixedChangeError,
    NothingOpenError,
    NotThatManyError,
    PendingChangeError,
    PricesChangedError,
    ShipmentOnHoldError,
)
from tests.api import Api, api_of_superuser, codes
from tests.beside import beside
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.orders.mugs import NOW, open_shop

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=3)
ACT = Act(LATER, reason="The customer called")


def ordered(action: str = "AUTHORIZE_AND_CAPTURE", *, quantity: int = 4) -> Order:
    """MUGs at 10.00 are ordered, of which there are ten; there are eight LAMPs at 4.00 too."""
    open_shop()
    InventoryConfiguration.objects.update(payment_action=action)
    source = SourceItem.objects.get().source
    lamp = ProductFactory(sku="LAMP", price=Decimal("4.00"), backorders="ALLOW_QTY_BELOW_0")
    SourceItemFactory(product=lamp, source=source, quantity=Decimal(8))
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", "ada@example.com"),
        lines=(LineRequest("MUG", Decimal(quantity), Decimal(10)),),
        number="W-1",
        payment=PaymentRequest("sandbox"),
    )
    return Order.objects.get(pk=place_order(request, Act(NOW)).order_id)


def lamps_for(
    order: Order, quantity: int, new_quantity: int, price: str = "FORMER", *, sku: str = "LAMP"
) -> ChangeRequest:
    line = order.lines.get(number=1)
    asked = Substitution(
        line.pk, Decimal(quantity), sku, Decimal(new_quantity), SubstitutePrice(price)
    )
    return ChangeRequest(substitute=(asked,))


def shipments() -> list[tuple[Any, ...]]:
    rows = Shipment.objects.filter(lines__quantity__gt=0).order_by("pk")
    return list(rows.values_list("number", "state", "is_held", "lines__quantity"))


def test_captured_units_pay_for_what_takes_their_place() -> None:
    order = ordered()

    change = change_order(order.pk, ACT, request=lamps_for(order, 1, 3))

    former, new = order.lines.order_by("number")
    assert [former.canceled_quantity, former.invoiced_quantity, former.open_quantity] == [1, 3, 3]
    assert (new.replaces, new.change) == (former, change)
    assert new.replaced_quantity == 1
    # Three for ten: the remainder is off the last.
    assert (new.unit_price, new.discount, new.total) == (
        Decimal("3.34"),
        Decimal("0.02"),
        Decimal("10.00"),
    )
    assert new.invoiced_quantity == 3
    assert shipments() == [("W-1-1", "READY", False, 3), ("W-1-2", "READY", False, 3)]
    payment = order.payments.get()
    assert (payment.captured_amount, payment.refunded_amount) == (Decimal("40.00"), Decimal(0))
    assert not Refund.objects.exists()
    assert_invariants()
    for shipment in Shipment.objects.order_by("pk"):
        fulfill(shipment.pk, Act(LATER))
    order.refresh_from_db()
    assert order.status == "COMPLETE"
    assert_invariants()


def test_what_a_cheaper_product_leaves_over_is_refunded() -> None:
    order = ordered()

    change_order(order.pk, ACT, request=lamps_for(order, 2, 3, "PRODUCT"))

    assert order.lines.get(number=2).total == Decimal("12.00")
    refund = Refund.objects.get()
    assert (refund.amount, refund.lines.count()) == (Decimal("8.00"), 0)
    assert order.payments.get().refunded_amount == Decimal("8.00")
    assert_invariants()
    # The rest is paid back whole.
    cancel(order.pk, Act(LATER))
    payment = order.payments.get()
    assert (payment.refunded_amount, payment.state) == (Decimal("40.00"), "REFUNDED")
    assert_invariants()


def test_what_is_authorized_is_captured_for_the_substitute_as_it_ships() -> None:
    order = ordered("AUTHORIZE")

    change_order(order.pk, ACT, request=lamps_for(order, 4, 5, "PRODUCT"))

    payment = order.payments.get()
    assert (payment.state, payment.captured_amount) == ("AUTHORIZED", Decimal(0))
    fulfill(Shipment.objects.get(number="W-1-2").pk, Act(LATER))
    payment.refresh_from_db()
    assert (payment.state, payment.captured_amount) == ("CAPTURED", Decimal("20.00"))
    order.refresh_from_db()
    assert order.status == "COMPLETE"
    assert_invariants()


def test_a_substitute_is_substituted_again() -> None:
    order = ordered()
    change_order(order.pk, ACT, request=lamps_for(order, 4, 8))
    source = SourceItem.objects.get(product__sku="LAMP").source
    SourceItemFactory(product=ProductFactory(sku="BOWL"), source=source, quantity=2)
    lamp = order.lines.get(number=2)

    asked = Substitution(lamp.pk, Decimal(8), "BOWL", Decimal(1))
    change_order(order.pk, ACT, request=ChangeRequest(substitute=(asked,)))

    bowl = order.lines.get(number=3)
    assert (bowl.total, bowl.invoiced_quantity) == (Decimal("40.00"), Decimal(1))
    assert_invariants()


def test_what_is_missing_waits_since_now() -> None:
    order = ordered()

    change_order(order.pk, ACT, request=lamps_for(order, 4, 10))

    waits = Shipment.objects.get(state="BACKORDER")
    assert waits.backordered_since == LATER
    assert order.lines.get(number=2).backordered_quantity == 2
    assert_invariants()


def test_a_product_without_backorders_is_had_whole_or_the_change_is_refused() -> None:
    order = ordered()
    Product.objects.filter(sku="LAMP").update(backorders="NO_BACKORDERS")

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=lamps_for(order, 4, 9))

    assert [(one.code, one.path) for one in refused.value.problems] == [
        ("NOT_ENOUGH_ITEMS", "new_quantity")
    ]
    assert (order.lines.count(), OrderChange.objects.count()) == (1, 0)
    assert_invariants()


@pytest.mark.parametrize(
    ("request_", "code", "path"),
    [
        (("MUG", 1, "FORMER"), "SAME_PRODUCT", "sku"),
        (("NONE", 1, "FORMER"), "UNKNOWN_SKU", "sku"),
        (("LAMP", 0, "FORMER"), "INVALID_QUANTITY", "new_quantity"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    request_: tuple[str, int, str], code: str, path: str
) -> None:
    order = ordered()
    sku, new_quantity, price = request_

    asked = lamps_for(order, 1, new_quantity, price, sku=sku)

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=asked)

    assert [(one.code, one.path) for one in refused.value.problems] == [(code, path)]
    assert order.lines.count() == 1


def test_units_of_which_a_part_is_captured_are_substituted_apart() -> None:
    order = ordered("AUTHORIZE")
    line = order.lines.get()
    capture(order.pk, Act(NOW), quantities={line.pk: Decimal(1)})

    with pytest.raises(ChangeRefusedError, match="PARTLY_CAPTURED"):
        change_order(order.pk, ACT, request=lamps_for(order, 4, 1))
    change_order(order.pk, ACT, request=lamps_for(order, 3, 1))
    with pytest.raises(ChangeRefusedError, match="CAPTURED_APART"):
        change_order(order.pk, ACT, request=lamps_for(order, 1, 1))
    assert_invariants()


def test_dearer_substitutes_of_captured_and_other_units_are_changes_of_their_own() -> None:
    order = ordered()
    InventoryConfiguration.objects.update(payment_action="AUTHORIZE")
    change_order(
        order.pk, ACT, request=ChangeRequest(add=(LineRequest("LAMP", Decimal(1), Decimal(4)),))
    )
    pot = ProductFactory(sku="POT", price=Decimal("50.00"))
    source = SourceItem.objects.get(product__sku="MUG").source
    SourceItemFactory(product=pot, source=source, quantity=Decimal(8))
    asked = tuple(
        Substitution(line.pk, Decimal(1), "POT", Decimal(1), SubstitutePrice("PRODUCT"))
        for line in order.lines.order_by("number")
    )

    with pytest.raises(ChangeRefusedError) as refused:
        change_order(order.pk, ACT, request=ChangeRequest(substitute=asked))

    assert [(one.code, one.path) for one in refused.value.problems] == [
        ("PAID_APART", "substitute")
    ]
    assert order.lines.count() == 2
    for one in asked:
        change_order(order.pk, ACT, request=ChangeRequest(substitute=(one,)))
    assert order.lines.count() == 4
    assert_invariants()


def test_no_more_than_is_open_is_substituted() -> None:
    order = ordered()
    fulfill(Shipment.objects.get().pk, Act(NOW), quantities={order.lines.get().pk: Decimal(3)})

    with pytest.raises(NotThatManyError):
        change_order(order.pk, ACT, request=lamps_for(order, 2, 1))

    change_order(order.pk, ACT, request=lamps_for(order, 1, 1))
    assert_invariants()


def test_a_substitute_is_a_change_of_its_own() -> None:
    order = ordered()
    asked = ChangeRequest(
        substitute=lamps_for(order, 1, 1).substitute, cancel={order.lines.get().pk: Decimal(1)}
    )

    with pytest.raises(MixedChangeError):
        change_order(order.pk, ACT, request=asked)


@pytest.mark.django_db(transaction=True)
def test_a_cancel_waits_for_a_substitute_and_finds_fewer_units() -> None:
    order = ordered()
    line = order.lines.get()

    def refused() -> None:
        with pytest.raises(NotThatManyError):
            cancel(order.pk, Act(LATER), quantities={line.pk: Decimal(4)})

    with ExitStack() as others, transaction.atomic():
        change_order.within(order.pk, ACT, request=lamps_for(order, 1, 1))
        others.enter_context(beside(refused))

    assert OrderLine.objects.get(pk=line.pk).open_quantity == 3
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_a_substitute_waits_for_units_that_ship_and_is_refused() -> None:
    order = ordered()
    shipment = Shipment.objects.get()

    def refused() -> None:
        with pytest.raises(NothingOpenError):
            change_order(order.pk, ACT, request=lamps_for(order, 1, 1))

    with ExitStack() as others, transaction.atomic():
        fulfill(shipment.pk, Act(LATER))
        others.enter_context(beside(refused))

    assert OrderLine.objects.get().shipped_quantity == 4
    assert_invariants()


def url(order: Order) -> str:
    return reverse("admin:orders_order_task", args=[order.pk, "substitute"])


def test_the_page_previews_and_confirms_and_the_timeline_names_both(admin_client: Client) -> None:
    order = ordered()
    typed = {
        "token": "t0ken",
        "version": str(Order.objects.get(pk=order.pk).version),
        "line": str(order.lines.get().pk),
        "quantity": "2",
        "sku": "LAMP",
        "new_quantity": "3",
        "price": "PRODUCT",
        "way_of_paying": "AS_BEFORE",
        "reason": "Called",
    }

    effect = admin_client.post(url(order), {**typed, "step": "preview"}).context["effect"]

    assert [(step.what, step.before, step.after) for step in effect["money"]] == [
        ("Total", "40.00 USD", "52.00 USD"),
        ("Canceled", "0.00 USD", "20.00 USD"),
        ("Refunded", "0.00 USD", "8.00 USD"),
    ]
    for _click in range(2):
        assert admin_client.post(url(order), {**typed, "step": "confirm"}).status_code == 302
    assert order.lines.count() == 2
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    [entry] = [one for one in page.context["history"] if one.what == "Order changed"]
    assert entry.detail == "2 × MUG → 3 × LAMP · Called"


def test_the_price_of_a_substitute_that_changed_since_it_was_shown_is_not_taken() -> None:
    order = ordered()
    asked = lamps_for(order, 2, 3, "PRODUCT")
    shown = change_order.preview(order.pk, ACT, request=asked).added_amount
    Product.objects.filter(sku="LAMP").update(price=Decimal("5.00"))

    with pytest.raises(PricesChangedError):
        change_order(order.pk, ACT, request=replace(asked, shown_amount=shown))

    assert order.lines.count() == 1
    change_order(order.pk, ACT, request=replace(asked, shown_amount=Decimal("15.00")))
    assert order.lines.get(sku="LAMP").total == Decimal("15.00")


def dearer(order: Order, token: str = "", *, is_due: bool = False) -> ChangeRequest:
    """Two of the four MUGs, for 20.00, become six LAMPs, for 24.00."""
    asked = lamps_for(order, 2, 6, "PRODUCT")
    return replace(asked, payment=ChangePayment(token, is_due=is_due))


def captured(order: Order) -> list[tuple[str, Decimal]]:
    return list(order.payments.order_by("pk").values_list("state", "captured_amount"))


def test_what_costs_more_is_paid_with_the_difference() -> None:
    order = ordered()

    change = change_order(order.pk, ACT, request=dearer(order))

    change.refresh_from_db()
    assert change.state == "APPLIED"
    assert captured(order) == [("CAPTURED", Decimal("40.00")), ("CAPTURED", Decimal("4.00"))]
    former, new = order.lines.order_by("number")
    assert [former.open_quantity, new.invoiced_quantity] == [2, 6]
    assert shipments() == [("W-1-1", "READY", False, 2), ("W-1-2", "READY", False, 6)]
    assert_invariants()
    cancel(order.pk, Act(LATER))
    assert [payment.refunded_amount for payment in order.payments.order_by("pk")] == [
        Decimal("40.00"),
        Decimal("4.00"),
    ]
    assert_invariants()


def test_what_is_only_authorized_is_authorized_for_the_substitute_whole() -> None:
    order = ordered("AUTHORIZE")
    line = order.lines.get()
    asked = Substitution(line.pk, Decimal(4), "LAMP", Decimal(8), SubstitutePrice.FORMER)
    Product.objects.filter(sku="LAMP").update(price=Decimal("6.00"))
    asked = replace(asked, price=SubstitutePrice.PRODUCT)

    change_order(order.pk, ACT, request=ChangeRequest(substitute=(asked,)))

    assert list(order.payments.order_by("pk").values_list("state", "amount")) == [
        ("VOIDED", Decimal("40.00")),
        ("AUTHORIZED", Decimal("48.00")),
    ]
    fulfill(Shipment.objects.get(state="READY").pk, Act(LATER))
    assert captured(order)[1] == ("CAPTURED", Decimal("48.00"))
    assert_invariants()


def test_a_declined_payment_leaves_the_units_as_they_were() -> None:
    order = ordered()

    change = change_order(order.pk, ACT, request=dearer(order, "decline"))

    change.refresh_from_db()
    assert change.state == "DECLINED"
    assert shipments() == [("W-1-1", "READY", False, 4)]
    assert order.lines.get(number=2).open_quantity == 0
    assert_invariants()
    fulfill(Shipment.objects.get(number="W-1-1").pk, Act(LATER))
    order.refresh_from_db()
    assert (order.status, order.total) == ("COMPLETE", Decimal("40.00"))
    assert money_of(order, list(order.payments.all())).canceled == 0


@pytest.mark.parametrize(("has_happened", "units"), [(True, [2, 6]), (False, [4, 0])])
def test_while_the_gateway_is_silent_nothing_else_takes_the_units(
    has_happened: bool, units: list[int]
) -> None:
    order = ordered()
    change_order(order.pk, ACT, request=dearer(order, "timeout"))
    line = order.lines.get(number=1)

    with pytest.raises(WrongStateError):
        fulfill(Shipment.objects.get(number="W-1-1").pk, Act(LATER))
    with pytest.raises(NotThatManyError):
        cancel(order.pk, Act(LATER), quantities={line.pk: Decimal(3)})
    with pytest.raises(NotThatManyError):
        refund(
            order.pk,
            Act(LATER),
            lines={line.pk: RefundRequest(Decimal(3))},
            is_returned_to_stock=True,
        )
    with pytest.raises(PendingChangeError):
        change_order(order.pk, ACT, request=lamps_for(order, 1, 1))
    assert_invariants()

    operation = PaymentOperation.objects.get(payment__order_change__isnull=False)
    settle(operation.pk, Act(LATER, reason="Looked it up"), has_happened=has_happened)

    assert [one.open_quantity for one in order.lines.order_by("number")] == units
    assert not Shipment.objects.filter(is_held=True).exists()
    assert_invariants()


def test_units_beside_those_that_a_change_takes_away_are_canceled_meanwhile() -> None:
    order = ordered()
    change_order(order.pk, ACT, request=dearer(order, "timeout"))

    cancel(order.pk, Act(LATER), quantities={order.lines.get(number=1).pk: Decimal(2)})
    operation = PaymentOperation.objects.get(payment__order_change__isnull=False)
    settle(operation.pk, Act(LATER, reason="Looked it up"), has_happened=True)

    assert [one.open_quantity for one in order.lines.order_by("number")] == [0, 6]
    assert_invariants()


def test_units_on_hold_or_on_a_pick_list_are_not_taken_away_for_money() -> None:
    order = ordered()
    shipment = Shipment.objects.get()
    hold(shipment.pk, Act(NOW, reason="Wait"))
    with pytest.raises(ShipmentOnHoldError):
        change_order(order.pk, ACT, request=dearer(order))
    lift_hold(shipment.pk, Act(NOW))
    make_pick_list(shipment.source_id or 0, [shipment.pk], Act(NOW))

    with pytest.raises(ListedShipmentError):
        change_order(order.pk, ACT, request=dearer(order))

    assert (order.lines.count(), OrderChange.objects.count()) == (1, 0)
    assert_invariants()


def test_what_is_due_beside_captured_money_is_recorded() -> None:
    order = ordered()

    change_order(order.pk, ACT, request=dearer(order, is_due=True))

    assert captured(order)[1] == ("CAPTURED", Decimal("4.00"))
    assert order.payments.order_by("pk")[1].gateway == "manual"
    assert_invariants()


@pytest.fixture
def api() -> Api:
    ordered()
    return api_of_superuser()


def sent(quantity: str, sku: str, new_quantity: str) -> dict[str, Any]:
    row = {"line": 1, "quantity": quantity, "sku": sku, "new_quantity": new_quantity}
    return {"reason": "Called", "substitute": [row]}


def test_the_api_substitutes_and_names_what_is_replaced(api: Api) -> None:
    shown = api.post("orders/W-1/changes/?dry_run=1", sent("2", "LAMP", "3"))
    made = api.post("orders/W-1/changes/", sent("2", "LAMP", "3"), Idempotency_Key="one")
    again = api.post("orders/W-1/changes/", sent("2", "LAMP", "3"), Idempotency_Key="one")

    assert (shown[0], made[0]) == (200, 201)
    assert again == made
    assert made[1]["added_lines"] == [2]
    lines = api.get("orders/W-1/")[1]["lines"]
    assert [(line["sku"], line["open_quantity"], line["replaces"]) for line in lines] == [
        ("MUG", "2.0000", None),
        ("LAMP", "3.0000", 1),
    ]
    refused = api.post("orders/W-1/changes/", sent("1", "NONE", "1"))
    assert (refused[0], codes(refused[1])) == (
        422,
        ("change-refused", [("/substitute/0/sku", "UNKNOWN_SKU")]),
    )

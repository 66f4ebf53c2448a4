"""What replaced units are worth is kept with the change that asks for money, to the cent."""

import contextlib
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.acts import Act
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.shipments.locking import ShipmentError
from inventory.models import InventoryConfiguration, SourceItem
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.changes.change import ChangeRefusedError
from orders.changes.order_change import change_order
from orders.changes.refund import RefundRequest, refund
from orders.changes.request import ChangePayment, ChangeRequest, SubstitutePrice, Substitution
from orders.models import CancellationLine, Order, OrderChange, PaymentOperation, RefundLine
from orders.payments.staff_decisions import settle
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.refusals import OrderChangeError
from tests.examples import examples
from tests.factories.inventory import ProductFactory, SourceItemFactory
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.orders.mugs import NOW, open_shop

pytestmark = pytest.mark.django_db

ACT = Act(NOW, reason="The customer called")
CENT = Decimal("0.01")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["cancel", "refund", "refund shipped", "capture", "ship"]),
        st.integers(1, 3),
    ),
    max_size=4,
)


def ordered(action: str, quantity: int, cents: int, discount: int, tax: int) -> Order:
    """MUGs are ordered, of which ten are there; there are LAMPs at 900.00 too."""
    open_shop()
    InventoryConfiguration.objects.update(payment_action=action)
    lamp = ProductFactory(sku="LAMP", price=Decimal("900.00"))
    SourceItemFactory(product=lamp, source=SourceItem.objects.get().source, quantity=Decimal(50))
    line = LineRequest("MUG", Decimal(quantity), cents * CENT, discount * CENT, tax * CENT)
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(line,),
        payment=PaymentRequest("sandbox"),
    )
    return Order.objects.get(pk=place_order(request, Act(NOW)).order_id)


def ask_for_lamp(order: Order, quantity: int) -> OrderChange:
    """Units of the MUGs become one LAMP, which costs more; the gateway does not answer."""
    mugs = order.lines.get(number=1)
    asked = Substitution(mugs.pk, Decimal(quantity), "LAMP", Decimal(1), SubstitutePrice.PRODUCT)
    request = ChangeRequest(substitute=(asked,), payment=ChangePayment("timeout"))
    return change_order(order.pk, ACT, request=request)


def answer(*, has_happened: bool) -> None:
    operation = PaymentOperation.objects.get(payment__order_change__isnull=False)
    settle(operation.pk, ACT, has_happened=has_happened)


def paid(order: Order) -> Decimal:
    """What was captured, and not paid back."""
    sums = order.payments.aggregate(captured=Sum("captured_amount"), back=Sum("refunded_amount"))
    return Decimal(sums["captured"]) - Decimal(sums["back"])


def kept(order: Order) -> Decimal:
    """What the units are worth that are open or shipped, and paid back to nobody."""
    lines = order.lines.in_force()
    total = lines.aggregate(sum=Sum("total"))["sum"]
    for record in (CancellationLine, RefundLine):
        gone = record.objects.filter(order_line__in=lines)
        total -= gone.aggregate(sum=Sum("amount"))["sum"] or 0
    return Decimal(total)


def test_a_refund_beside_units_that_a_change_takes_away_leaves_their_worth() -> None:
    # Four for 10.03: two are worth 5.01 now, and would be worth 5.02 after a refund of one.
    order = ordered("AUTHORIZE_AND_CAPTURE", 4, 251, 1, 0)
    ask_for_lamp(order, 2)
    assert order.lines.get(number=2).replaced_amount == Decimal("5.01")

    mugs = order.lines.get(number=1)
    refund(order.pk, ACT, lines={mugs.pk: RefundRequest(Decimal(1))}, is_returned_to_stock=True)
    answer(has_happened=True)

    assert RefundLine.objects.get().amount == Decimal("2.51")
    assert CancellationLine.objects.get().amount == Decimal("5.01")
    payments = order.payments.order_by("pk")
    assert [payment.captured_amount for payment in payments] == [
        Decimal("10.03"),
        Decimal("894.99"),
    ]
    assert paid(order) == kept(order) == Decimal("902.51")
    assert_invariants()


def test_all_others_are_refunded_whole_while_a_change_waits_for_its_payment() -> None:
    order = ordered("AUTHORIZE_AND_CAPTURE", 3, 334, 2, 0)
    ask_for_lamp(order, 1)

    mugs = order.lines.get(number=1)
    refund(order.pk, ACT, lines={mugs.pk: RefundRequest(Decimal(2))}, is_returned_to_stock=True)

    assert RefundLine.objects.get().amount == Decimal("6.67")
    answer(has_happened=False)
    assert paid(order) == kept(order) == Decimal("3.33")
    assert_invariants()


def step(order: Order, kind: str, number: int, units: int) -> None:
    mugs, quantity = order.lines.get(number=1), Decimal(units)
    match kind:
        case "cancel":
            cancel(order.pk, ACT, quantities={mugs.pk: quantity})
        case "capture":
            capture(order.pk, Act(NOW, key=f"step {number}"), quantities={mugs.pk: quantity})
        case "ship":
            parts = ShipmentLine.objects.filter(order_line=mugs, shipment__state="READY")
            part = parts.filter(quantity__gte=quantity).order_by("pk").first()
            if part is not None:
                fulfill(part.shipment_id, Act(NOW), quantities={mugs.pk: quantity})
        case _refund:
            shipped = quantity if kind == "refund shipped" else None
            lines = {mugs.pk: RefundRequest(quantity, shipped)}
            refund(order.pk, ACT, lines=lines, is_returned_to_stock=True)


def take(order: Order, steps: list[tuple[str, int]], start: int) -> None:
    for number, (kind, units) in enumerate(steps, start=start):
        with contextlib.suppress(OrderChangeError, ShipmentError):
            step(order, kind, number, units)


@settings(examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    action=st.sampled_from(["AUTHORIZE", "AUTHORIZE_AND_CAPTURE"]),
    quantity=st.integers(2, 12),
    money=st.tuples(st.integers(50, 1000), st.integers(0, 40), st.integers(0, 99)),
    replaced=st.integers(1, 5),
    steps=st.tuples(STEPS, STEPS, STEPS),
    has_happened=st.booleans(),
)
def test_what_was_paid_is_what_is_open_or_shipped_to_the_cent(
    action: str,
    quantity: int,
    money: tuple[int, int, int],
    replaced: int,
    steps: tuple[list[tuple[str, int]], list[tuple[str, int]], list[tuple[str, int]]],
    has_happened: bool,
) -> None:
    with transaction.atomic():
        order = ordered(action, quantity, *money)
        before, meanwhile, after = steps
        take(order, before, 0)
        is_asked = False
        # Units whose money was captured apart are refused as the change itself is wrong.
        with contextlib.suppress(OrderChangeError, ChangeRefusedError):
            ask_for_lamp(order, replaced)
            is_asked = True
        take(order, meanwhile, 10)
        if is_asked:
            answer(has_happened=has_happened)
        take(order, after, 20)
        if action == "AUTHORIZE":
            # What is authorized only is captured as it ships.
            for shipment in Shipment.objects.filter(state="READY").order_by("pk"):
                fulfill(shipment.pk, Act(NOW))
            if order.lines.filter(open_quantity__gt=0).exists():
                cancel(order.pk, ACT)

        assert paid(order) == kept(order)
        assert_invariants()
        transaction.set_rollback(True)

"""Whatever is canceled, captured, shipped and refunded, in whatever order: the books are right."""

import contextlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.acts import Act
from core.currencies import smallest_unit
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.shipments.locking import ShipmentError
from inventory.models import InventoryConfiguration
from orders.books import locked_books
from orders.changes.cancel import cancel
from orders.changes.capture import capture
from orders.changes.refund import RefundRequest, refund
from orders.models import Order, OrderLine, Payment
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from orders.refusals import NotThatManyError, OrderChangeError
from tests.examples import examples
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
REFUSALS = (OrderChangeError, ShipmentError)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["capture", "ship", "cancel", "refund", "refund and keep"]),
        st.integers(0, 2),
        st.sampled_from(["0.5", "1", "2", "3", "7"]),
    ),
    min_size=3,
    max_size=9,
)

pytestmark = pytest.mark.django_db


def place(action: str, currency: str = "USD") -> tuple[int, list[OrderLine]]:
    """An order of three lines: one partly waits, one is at two sources, one is virtual."""
    sources = [SourceFactory(code="a"), SourceFactory(code="b")]
    SalesChannelFactory(code="web", stock=StockFactory(sources=sources))
    products = {sku: ProductFactory(sku=sku, qty_uses_decimals=True) for sku in ("WAITS", "TWO")}
    products["VIRTUAL"] = ProductFactory(
        sku="VIRTUAL", product_type="VIRTUAL", qty_uses_decimals=True
    )
    for sku, source, quantity in [
        ("WAITS", 0, 4),
        ("TWO", 0, 3),
        ("TWO", 1, 6),
        ("VIRTUAL", 0, 50),
    ]:
        SourceItemFactory(source=sources[source], product=products[sku], quantity=Decimal(quantity))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0", "payment_action": action}
    )
    unit = smallest_unit(currency)
    request = OrderRequest(
        currency=currency,
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(
            LineRequest("WAITS", Decimal(7), 333 * unit),
            LineRequest("TWO", Decimal(9), 7 * unit),
            LineRequest("VIRTUAL", Decimal(3), 1001 * unit),
        ),
        payment=PaymentRequest("sandbox"),
    )
    order_id = place_order(request, Act(NOW)).order_id
    return order_id, list(OrderLine.objects.filter(order=order_id).order_by("number"))


def ship_some(line: OrderLine, units: Decimal) -> None:
    parts = ShipmentLine.objects.filter(
        order_line=line, shipment__state="READY", quantity__gte=units
    )
    part = parts.order_by("pk").first()
    if part is not None:
        fulfill(part.shipment_id, Act(NOW), quantities={line.pk: units})


def act(order_id: int, number: int, step: Any, line: OrderLine, units: Decimal) -> None:
    match step:
        case "capture":
            capture(order_id, Act(NOW, key=f"step {number}"), quantities={line.pk: units})
        case "ship":
            ship_some(line, units)
        case "cancel":
            cancel(order_id, Act(NOW), quantities={line.pk: units})
        case _refund:
            refund(
                order_id,
                Act(NOW),
                lines={line.pk: RefundRequest(units)},
                is_returned_to_stock=step == "refund",
            )


@pytest.mark.parametrize("action", ["AUTHORIZE", "AUTHORIZE_AND_CAPTURE"])
@settings(examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, currency=st.sampled_from(["JPY", "SEK", "KWD"]))
def test_books_are_right_after_every_step(action: str, steps: Any, currency: str) -> None:
    with transaction.atomic():
        order_id, lines = place(action, currency)
        for number, (step, line, units) in enumerate(steps):
            if step == "ship" and lines[line].is_virtual:
                continue
            with contextlib.suppress(*REFUSALS):
                act(order_id, number, step, lines[line], Decimal(units))
            assert_invariants()

        close(order_id)

        assert_invariants()
        payment = Payment.objects.get()
        assert payment.refunded_amount == payment.captured_amount
        canceled = sum(book.money.canceled for book in locked_books(order_id).lines.values())
        assert canceled + payment.captured_amount == Order.objects.get(pk=order_id).total
        transaction.set_rollback(True)


def close(order_id: int) -> None:
    """Cancel what is open, then pay back everything that is left."""
    if any(book.units.open for book in locked_books(order_id).lines.values()):
        cancel(order_id, Act(NOW))
    left = {
        pk: RefundRequest(book.units.invoiced - book.units.refunded)
        for pk, book in locked_books(order_id).lines.items()
        if book.units.invoiced > book.units.refunded
    }
    if left:
        refund(order_id, Act(NOW), lines=left, is_returned_to_stock=True)
    assert Order.objects.get(pk=order_id).status in {"CANCELED", "CLOSED"}


def test_units_that_wait_are_canceled_before_ready_ones() -> None:
    order_id, (waits, *_) = place("AUTHORIZE")

    cancel(order_id, Act(NOW), quantities={waits.pk: Decimal(4)})

    parts = ShipmentLine.objects.filter(order_line=waits).order_by("pk")
    assert [(part.shipment.state, part.quantity, part.canceled_quantity) for part in parts] == [
        ("READY", Decimal(3), Decimal(1)),
        ("CANCELED", Decimal(0), Decimal(3)),
    ]
    assert_invariants()


def test_a_named_shipment_gives_its_ready_units_first() -> None:
    order_id, (waits, *_) = place("AUTHORIZE")
    ready = Shipment.objects.get(lines__order_line=waits, state="READY")

    cancel(order_id, Act(NOW), quantities={waits.pk: Decimal(4)}, shipment_number=ready.number)

    waiting = ShipmentLine.objects.get(order_line=waits, shipment__state="BACKORDER")
    assert (waiting.quantity, ready.lines.get(order_line=waits).quantity) == (
        Decimal(3),
        Decimal(0),
    )
    assert_invariants()


def test_paid_units_that_are_canceled_count_as_refunded_only() -> None:
    order_id, (waits, *_) = place("AUTHORIZE_AND_CAPTURE")

    cancel(order_id, Act(NOW), quantities={waits.pk: Decimal(2)})

    waits.refresh_from_db()
    assert (waits.canceled_quantity, waits.refunded_unshipped_quantity) == (Decimal(0), Decimal(2))
    assert Payment.objects.get().refunded_amount == Decimal("6.66")
    assert_invariants()


def test_more_than_is_open_is_refused_and_nothing_moves() -> None:
    order_id, (waits, *_) = place("AUTHORIZE")

    with pytest.raises(NotThatManyError) as refused:
        cancel(order_id, Act(NOW), quantities={waits.pk: Decimal("7.5")})

    assert refused.value.available == Decimal(7)
    waits.refresh_from_db()
    assert waits.canceled_quantity == 0


def test_what_is_canceled_whole_gives_up_its_authorization() -> None:
    order_id, _lines = place("AUTHORIZE")

    cancel(order_id, Act(NOW, key="click"))
    again = cancel(order_id, Act(NOW, key="click"))

    assert Payment.objects.get().state == "VOIDED"
    assert again.order.status == "CANCELED"
    assert again.order.cancellations.count() == 1
    assert again.order.emails.filter(kind="CANCELED").count() == 1
    assert_invariants()


def test_returns_go_back_where_the_units_left_from_and_never_above() -> None:
    order_id, (_, two, _) = place("AUTHORIZE_AND_CAPTURE")
    for shipment in Shipment.objects.filter(state="READY").order_by("source__code"):
        fulfill(shipment.pk, Act(NOW))

    held = []
    for units in (2, 3, 4):
        refund(
            order_id,
            Act(NOW),
            lines={two.pk: RefundRequest(Decimal(units))},
            is_returned_to_stock=True,
        )
        items = two.product.source_items.order_by("source__code")
        held.append(list(items.values_list("quantity", flat=True)))

    assert held == [[2, 0], [3, 2], [3, 6]]
    assert_invariants()

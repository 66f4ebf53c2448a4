"""Every cell of the table of payments, on the database; the documentation shows the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import InventoryConfiguration
from orders.changes.cancel import cancel
from orders.changes.refund import RefundRequest, refund
from orders.models import Order, OrderLine, Payment, PaymentOperation
from orders.payments import gateways
from orders.payments.gateways import SandboxGateway
from orders.payments.outcome_inquiry import ask_due
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME
from tests.orders.gateways import BookkeepingSandbox
from tests.orders.payment_table import TABLE, PaymentCase, State, as_markdown

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOTAL = Decimal("10.00")
DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "payments.md"


@pytest.fixture
def books() -> Iterator[BookkeepingSandbox]:
    gateway = BookkeepingSandbox()
    gateways.register(gateway)
    yield gateway
    gateways.register(SandboxGateway())


def place(token: str, *, action: str) -> int:
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


def make_it_happen(operation: str, misfortune: str) -> None:
    token = f"{operation}:{misfortune}"
    at_once = operation == "refund"
    order_id = place(token, action="AUTHORIZE_AND_CAPTURE" if at_once else "AUTHORIZE")
    if operation in {"capture", "refund"}:
        fulfill(Shipment.objects.get().pk, Act(NOW))
    if operation == "void":
        cancel(order_id, Act(NOW))
    if operation == "refund":
        whole = {OrderLine.objects.get().pk: RefundRequest(Decimal(4))}
        refund(order_id, Act(NOW), lines=whole, is_returned_to_stock=False)


def state() -> State:
    payment = Payment.objects.get()
    refunded = ", all refunded" if payment.refunded_amount == payment.amount else ""
    return State(
        order=Order.objects.get().status,
        payment=f"{payment.state}{refunded}",
        shipments=Shipment.objects.get().state,
        reviews=PaymentOperation.objects.in_review().count(),
    )


def ask_for_a_day() -> None:
    for minutes in range(1, 24 * 60, 30):
        ask_due(now=NOW + timedelta(minutes=minutes))


@pytest.mark.django_db
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_cell(row: PaymentCase, books: BookkeepingSandbox) -> None:
    make_it_happen(row.operation, row.misfortune)
    at_once = state()
    assert_invariants()

    ask_for_a_day()

    assert at_once == row.at_once
    assert state() == row.at_last
    assert_invariants()
    assert not PaymentOperation.objects.filter(next_attempt_at__isnull=False).exists()
    # Nothing was moved under two keys, whatever was asked how often.
    declined = row.misfortune == "decline"
    assert books.amounts(row.operation.upper()) == ([] if declined else [TOTAL])
    asked = [kind for kind, _key in books.asked if kind == row.operation.upper()]
    assert len(asked) == {"decline": 1, "timeout": 10, "late": 2, "twice": 1}[row.misfortune]


def test_the_documentation_shows_this_table() -> None:
    assert as_markdown() in DOCUMENT.read_text()

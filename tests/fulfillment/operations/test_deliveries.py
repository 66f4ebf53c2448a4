"""A delivery is received whole, once, and as it was shown."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.release.runs import engine
from inventory.models import Delivery, FutureSupply, InventoryConfiguration, Receipt, SourceItem
from inventory.operations import deliveries
from inventory.operations.deliveries import (
    DeliveryChangedError,
    DeliveryContent,
    DeliveryLine,
    NothingReceivedError,
    ShipmentsChangedError,
    TooManyLinesError,
    UnrecordedLine,
    preview_delivery,
    receive_delivery,
)
from inventory.operations.receipts import (
    AlreadyReceivedError,
    OverReceiptError,
    UnexplainedReceiptError,
    receive_supply,
)
from inventory.operations.whole_units import FractionError
from tests.beside import beside
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants
from tests.present import present

NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)
ACT = Act(NOW)


def promised_delivery() -> None:
    """PO-7 at a: 5 kettles and 2 pans, promised to O1 (3 kettles, 1 pan) and O2 (2 kettles)."""
    kettle, pan = ProductFactory(sku="KETTLE"), ProductFactory(sku="PAN")
    source = SourceFactory(code="a")
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"future_inventory": True})
    for product, quantity in [(kettle, 5), (pan, 2)]:
        SourceItemFactory(source=source, product=product, quantity=0)
        FutureSupplyFactory(
            source=source,
            product=product,
            quantity=quantity,
            reference="PO-7",
            expected_on=date(2026, 5, 1),
        )
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    for day, lines in [(1, {kettle: 3, pan: 1}), (2, {kettle: 2})]:
        placed_at = datetime(2026, 4, day, tzinfo=UTC)
        order = OrderFactory(channel=channel, number=f"O{day}", placed_at=placed_at)
        BackorderFactory(order=order, lines=lines)
    engine.run_release(act=Act(NOW), zone=ZoneInfo("UTC"), trigger="STAFF")
    assert states() == {"O1": "FUTURE", "O2": "FUTURE"}


def states() -> Any:
    open_now = Shipment.objects.exclude(state="REASSIGNED")
    return dict(open_now.values_list("order__number", "state"))


def content(units: tuple[Any, ...] = (5, 2), *, last: Any = (), **values: Any) -> DeliveryContent:
    """All of PO-7 as it is outstanding, with these units of kettles and pans."""
    lines = [
        DeliveryLine(
            record.pk,
            Decimal(quantity),
            record.outstanding_quantity,
            is_last=record.product.sku in last,
        )
        for record, quantity in zip(FutureSupply.objects.order_by("pk"), units, strict=False)
    ]
    named = {"token": uuid4(), "reference": "PO-7", "source_id": None, "lines": tuple(lines)}
    return DeliveryContent(**{**named, **values})


def on_hand() -> list[tuple[str, int, int]]:
    items = SourceItem.objects.order_by("product__sku")
    return [(item.product.sku, int(item.quantity), int(item.allocated)) for item in items]


def untouched() -> bool:
    return (on_hand(), states(), Receipt.objects.count(), Delivery.objects.count()) == (
        [("KETTLE", 0, 0), ("PAN", 0, 0)],
        {"O1": "FUTURE", "O2": "FUTURE"},
        0,
        0,
    )


@pytest.mark.django_db
def test_a_preview_says_what_would_become_of_it_and_writes_nothing() -> None:
    promised_delivery()

    outcome = preview_delivery(content(), ACT)

    assert [one.order_number for one in outcome.ready] == ["O1", "O2"]
    assert [(line.sku, line.set_aside, line.on_hand) for line in outcome.lines] == [
        ("KETTLE", Decimal(5), Decimal(0)),
        ("PAN", Decimal(1), Decimal(1)),
    ]
    assert outcome.broken == ()
    assert untouched()


@pytest.mark.django_db
def test_all_lines_are_received_at_once() -> None:
    promised_delivery()
    shown = preview_delivery(content(), ACT)

    receive_delivery(content(), ACT, affected=shown.affected)

    assert states() == {"O1": "READY", "O2": "READY"}
    assert on_hand() == [("KETTLE", 5, 5), ("PAN", 2, 1)]
    assert set(FutureSupply.objects.values_list("state", flat=True)) == {"RECEIVED"}
    delivery = Delivery.objects.get()
    assert (delivery.reference, delivery.receipts.count()) == ("PO-7", 2)
    assert [one["order_number"] for one in delivery.outcome["ready"]] == ["O1", "O2"]
    assert_invariants()


@pytest.mark.django_db
def test_a_part_leaves_the_rest_open_and_the_last_of_a_record_closes_it() -> None:
    promised_delivery()

    outcome = receive_delivery(content((4, 0), last={"PAN"}), ACT)

    # O1 lost its pan, and its kettles with it; O2 was behind it at the kettles.
    assert [one.order_number for one in outcome.broken] == ["O1"]
    kettles, pans = outcome.lines
    assert (kettles.outstanding, kettles.is_closed) == (Decimal(1), False)
    assert (pans.received, pans.is_closed) == (Decimal(0), True)
    assert states()["O1"] == "BACKORDER"
    assert_invariants()


@pytest.mark.django_db
def test_units_without_a_record_become_one_that_is_received() -> None:
    promised_delivery()
    lid, source = ProductFactory(sku="LID"), present(SourceItem.objects.first()).source
    line = UnrecordedLine(lid.pk, source.pk, Decimal(6))

    receive_delivery(content((), unrecorded=(line,)), ACT)

    made = FutureSupply.objects.get(product=lid)
    assert (made.reference, made.quantity, made.state) == ("PO-7", Decimal(6), "RECEIVED")
    assert ("LID", 6, 0) in on_hand()
    assert states() == {"O1": "FUTURE", "O2": "FUTURE"}
    assert_invariants()


@pytest.mark.django_db
def test_a_second_confirmation_books_nothing() -> None:
    promised_delivery()
    once = content((2, 0))
    receive_delivery(once, ACT)

    with pytest.raises(AlreadyReceivedError):
        receive_delivery(once, ACT)

    assert on_hand() == [("KETTLE", 2, 2), ("PAN", 0, 0)]


@pytest.mark.django_db
def test_what_was_outstanding_must_still_be() -> None:
    promised_delivery()
    shown = content()
    kettles = FutureSupply.objects.get(product__sku="KETTLE")
    receive_supply(kettles.pk, ACT, quantity=Decimal(1))

    with pytest.raises(DeliveryChangedError) as refused:
        receive_delivery(shown, ACT)

    assert refused.value.supply_ids == (kettles.pk,)
    assert on_hand() == [("KETTLE", 1, 1), ("PAN", 0, 0)]
    assert Delivery.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("units", "values", "error"),
    [
        ((0, 0), {}, NothingReceivedError),
        ((6, 2), {}, OverReceiptError),
        ((11, 2), {"confirms_over": True}, UnexplainedReceiptError),
        (("0.5", 2), {}, FractionError),
    ],
)
def test_one_line_that_is_refused_refuses_all(
    units: tuple[Any, ...], values: dict[str, bool], error: type[Any]
) -> None:
    promised_delivery()

    with pytest.raises(error):
        receive_delivery(content(units, **values), ACT)

    assert untouched()


@pytest.mark.django_db
def test_more_came_than_expected_and_is_confirmed() -> None:
    promised_delivery()

    over = content((11, 2), confirms_over=True, reason="A pallet")
    receive_delivery(over, ACT)

    assert on_hand() == [("KETTLE", 11, 5), ("PAN", 2, 1)]
    reasons = Receipt.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["A pallet", ""]


@pytest.mark.django_db
def test_other_shipments_than_were_shown_are_not_touched() -> None:
    promised_delivery()

    with pytest.raises(ShipmentsChangedError):
        receive_delivery(content(), ACT, affected="1;")

    assert untouched()


@pytest.mark.django_db
def test_a_delivery_has_no_more_lines_than_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    promised_delivery()
    monkeypatch.setattr(deliveries, "MOST_LINES", 1)

    with pytest.raises(TooManyLinesError):
        receive_delivery(content(), ACT)

    assert untouched()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_same_page", [False, True])
def test_two_people_receive_the_same_delivery(other: Connection[Any], is_same_page: bool) -> None:
    promised_delivery()
    first = content()
    second = first if is_same_page else content()
    refusals = []

    def receive_first() -> None:
        receive_delivery(first, ACT)

    def receive_second() -> None:
        try:
            receive_delivery(second, ACT)
        except (AlreadyReceivedError, DeliveryChangedError) as error:
            refusals.append(type(error))

    # The first waits for an item in the middle of its transaction; the second waits for the first.
    other.execute("SELECT 1 FROM inventory_sourceitem ORDER BY id FOR UPDATE")
    with beside(receive_first), beside(receive_second, waiting=2):
        other.rollback()

    assert refusals == [AlreadyReceivedError if is_same_page else DeliveryChangedError]
    assert on_hand() == [("KETTLE", 5, 5), ("PAN", 2, 1)]
    assert Receipt.objects.count() == 2
    assert_invariants()

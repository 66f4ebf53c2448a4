"""Figures of kept promises, against a world counted by hand.

KETTLE, from main: 4 units waited 3 days and were sent a day early; 2 waited 10 days and were sent
a day late, both by supply PO-1 (3 and 2 of their units). LID, from the store: 1 unit for pickup
waited 5 days, was set aside in time, and collected late. PAN: 3 units were canceled after their
agreed date; 5 by the answer to a delay request, before it; 7 in time, by staff. Sent before the
period: 9 kettles. Never waited: 8 pots. Without an agreed date, 30 days count: 1 more lid, sent on
the day, waited 30 days.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import DelayRequest, ReceiptShare, Shipment, ShipmentEvent, ShipmentLine
from fulfillment.queries.kept_promises import FigureRows, PromiseFigures, promise_figures
from inventory.models import FutureSupply, InventoryConfiguration, Product, Receipt, Source
from orders.changes.cancel import cancel as cancel_units
from orders.models import Order
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceFactory
from tests.factories.orders import OrderFactory
from tests.fulfillment.operations import paid_orders
from tests.fulfillment.operations.paid_orders import arrive, buy, open_shop, release

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
SENT_AT = datetime(2026, 6, 10, 9, tzinfo=UTC)
SENT_ON = SENT_AT.date()


def shipment(product: Product, units: int, agreed_on: date | None, waited: int) -> Shipment:
    """Units that wait since so many days before they are sent."""
    since = SENT_AT - timedelta(days=waited)
    order = OrderFactory(placed_at=since)
    made = BackorderFactory(order=order, lines={product: units})
    Shipment.objects.filter(pk=made.pk).update(backordered_since=since)
    ShipmentLine.objects.filter(shipment=made).update(agreed_on=agreed_on)
    return made


def send(made: Shipment, source: Source, **columns: Any) -> ShipmentLine:
    values = {"state": "FULFILLED", "released_at": SENT_AT, "fulfilled_at": SENT_AT, **columns}
    Shipment.objects.filter(pk=made.pk).update(source=source, **values)
    return made.lines.get()


def cancel(made: Shipment, on: date) -> None:
    part = made.lines.get()
    quantity, amount = part.quantity, part.amount
    made.lines.update(quantity=0, canceled_quantity=quantity, amount=0, canceled_amount=amount)
    Shipment.objects.filter(pk=made.pk).update(state="CANCELED", expected_on=None, amount=0)
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    ShipmentEvent.objects.create(shipment=made, kind="CANCELED", created_at=at)


def make_world() -> None:
    main, store = SourceFactory(code="main"), SourceFactory(code="store")
    kettle, lid = ProductFactory(sku="KETTLE"), ProductFactory(sku="LID")
    pan, pot = ProductFactory(sku="PAN"), ProductFactory(sku="POT")
    early = send(shipment(kettle, 4, SENT_ON + timedelta(days=1), 3), main)
    late = send(shipment(kettle, 2, SENT_ON - timedelta(days=1), 10), main)
    supply = FutureSupplyFactory(product=kettle, source=main, quantity=9, reference="PO-1")
    receipt = Receipt.objects.create(future_supply=supply, quantity=5, received_at=SENT_AT)
    ReceiptShare.objects.create(receipt=receipt, shipment_line=early, quantity=3)
    ReceiptShare.objects.create(receipt=receipt, shipment_line=late, quantity=2)
    collected = shipment(lid, 1, SENT_ON, 5)
    Shipment.objects.filter(pk=collected.pk).update(pickup_source=store)
    send(collected, store, set_aside_at=SENT_AT, fulfilled_at=SENT_AT + timedelta(days=2))
    send(shipment(lid, 1, None, 30), store)
    old = SENT_AT - timedelta(days=100)
    send(shipment(kettle, 9, SENT_ON, 3), main, released_at=old, fulfilled_at=old)
    send(shipment(pot, 8, SENT_ON, 0), main, backordered_since=None)
    cancel(shipment(pan, 3, SENT_ON, 9), SENT_ON + timedelta(days=1))
    cancel(shipment(pan, 7, SENT_ON, 9), SENT_ON)
    asked = shipment(pan, 5, SENT_ON, 9)
    request = DelayRequest.objects.create(
        order=Order.objects.get(pk=asked.order_id), shipment=asked, ordinal=1, agreed_on=SENT_ON,
        silence="CANCELS", answer_by=SENT_ON, state="CANCELED", opened_at=SENT_AT,
        closed_at=SENT_AT,
    )  # fmt: skip
    asked.lines.update(delay_request=request)
    cancel(asked, SENT_ON - timedelta(days=2))


def figures(rows: FigureRows, days: int = 90) -> list[tuple[Any, ...]]:
    since = NOW - timedelta(days=days)
    found = promise_figures(rows, since=since, now=NOW, zone=ZoneInfo("UTC"))
    return [(row.name, row.sent, row.kept, row.lost, row.median_days) for row in found]


def test_promises_are_as_counted_by_hand() -> None:
    make_world()

    # Sent lines waited 3, 5, 10 and 30 days: half of them at most 5.
    assert figures(FigureRows.ALL) == [("", 8, 6, 8, 5)]
    assert figures(FigureRows.PRODUCT) == [
        ("PAN", 0, 0, 8, None),
        ("KETTLE", 6, 4, 0, 3),
        ("LID", 2, 2, 0, 5),
    ]
    assert figures(FigureRows.SOURCE) == [("main", 6, 4, 0, 3), ("store", 2, 2, 0, 5)]
    assert figures(FigureRows.REFERENCE) == [("PO-1", 5, 3, 0, 3)]
    assert figures(FigureRows.ALL, days=5) == []
    # 6 of 16.
    assert PromiseFigures("", Decimal(8), Decimal(6), Decimal(8)).kept_share == Decimal("0.375")
    assert PromiseFigures().kept_share is None


def test_lost_units_count_for_the_source_and_the_supply_that_was_to_bring_them() -> None:
    open_shop(future_inventory=True, void_and_reauthorize=False)
    order_id = buy(5)
    arrive(1)
    FutureSupplyFactory(
        product=Product.objects.get(), source=Source.objects.get(code="a"), quantity=5,
        reference="PO-7", expected_on=date(2026, 3, 9),
    )  # fmt: skip
    InventoryConfiguration.objects.update(release_mode="BY_QUANTITY")
    release()
    ShipmentLine.objects.update(agreed_on=date(2026, 3, 1))
    promised = Shipment.objects.get(state="FUTURE")
    line = promised.lines.get()
    assert line.quantity == 4

    for quantity in (Decimal(1), Decimal(3)):
        act = Act(paid_orders.NOW, key=f"cancel-{quantity}")
        units = {line.order_line_id: quantity}
        cancel_units(order_id, act, quantities=units, shipment_number=promised.number)

    def lost(rows: FigureRows) -> list[tuple[str, Any]]:
        day = timedelta(days=1)
        found = promise_figures(
            rows, since=paid_orders.NOW - day, now=paid_orders.NOW + day, zone=ZoneInfo("UTC")
        )
        return [(row.name, row.lost) for row in found]

    assert lost(FigureRows.ALL) == [("", 4)]
    assert lost(FigureRows.SOURCE) == [("a", 4)]
    assert lost(FigureRows.REFERENCE) == [("PO-7", 4)]
    FutureSupply.objects.update(reference="")
    assert lost(FigureRows.REFERENCE) == []


def test_the_page_states_each_figure_with_its_formula(admin_client: Client) -> None:
    page = reverse("admin:fulfillment_demand_kept_promises")
    nothing = admin_client.get(page).text
    made = shipment(ProductFactory(sku="KETTLE"), 4, None, 3)
    now = datetime.now(UTC) - timedelta(hours=1)
    send(made, SourceFactory(code="main"), fulfilled_at=now, released_at=now)

    shown = admin_client.get(page, {"days": "30"}).text

    assert "No backordered units were sent or lost to delay in this period." in nothing
    assert "Kept units ÷ (sent units + units lost to delay)." in shown
    cards = re.findall(r'<h3>([^<]+)</h3><p class="figures-figure">([^<]+)</p>', shown)
    assert [name for name, _figure in cards] == [
        "Kept promises", "Sent units", "Lost to delay", "Median days waited",
    ]  # fmt: skip
    assert [figure for _name, figure in cards][1:3] == ["4", "0"]
    assert '<th scope="row">KETTLE</th>' in shown

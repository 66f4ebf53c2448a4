"""Moves of shipments by hand: each checks the state, moves the books, and is told."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from fulfillment.models import ArrivalNotice, Shipment, ShipmentEvent, SourceBar
from fulfillment.operations.moves.backorder import (
    NothingCorrectedError,
    NotOfShipmentError,
    move_to_backorder,
)
from fulfillment.operations.moves.customer_care import move_to_care, return_to_queue
from fulfillment.operations.moves.expected_date import PastDateError, set_expected_date
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold, lift_hold
from fulfillment.operations.moves.priority import set_priority
from fulfillment.operations.shipments.locking import StaleShipmentError, WrongStateError
from inventory.models import InventoryConfiguration, Source, SourceItem
from inventory.operations.source_items import ItemChange, set_items
from orders.models import OrderEmail
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.factories.fulfillment import promise
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

PLACED = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
TODAY = date(2026, 3, 9)
pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    source = SourceFactory(
        code="a", is_pickup_location=True, street="1 Main St", city="Town", phone="1"
    )
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    SourceItemFactory(source=source, product=ProductFactory(sku="A"), quantity=Decimal(4))
    InventoryConfiguration.objects.update_or_create(
        pk=1, defaults={"backorders": "ALLOW_QTY_BELOW_0"}
    )
    return source


def place(units: int, **values: Any) -> Any:
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Example", "ada@example.com"),
        lines=(LineRequest("A", Decimal(units), Decimal("2.50")),),
        **values,
    )
    order_id = place_order(request, Act(PLACED)).order_id
    return Shipment.objects.filter(order=order_id).order_by("pk").first()


def kinds(shipment: Shipment) -> list[Any]:
    return list(shipment.events.order_by("pk").values_list("kind", flat=True))


def test_a_held_shipment_is_not_shipped_until_the_hold_is_lifted(source: Source) -> None:
    shipment = place(4)

    hold(shipment.pk, Act(NOW, reason="Call first"))
    with pytest.raises(WrongStateError):
        fulfill(shipment.pk, Act(NOW))
    with pytest.raises(WrongStateError):
        hold(shipment.pk, Act(NOW))
    lift_hold(shipment.pk, Act(NOW))
    with pytest.raises(WrongStateError):
        lift_hold(shipment.pk, Act(NOW))
    fulfill(shipment.pk, Act(NOW))

    assert kinds(shipment) == ["CREATED", "HELD", "HOLD_LIFTED", "FULFILLED"]
    assert_invariants()


def test_a_hold_for_payment_is_not_lifted_by_hand(source: Source) -> None:
    shipment = place(4)
    Shipment.objects.update(is_held=True, hold_reason="PAYMENT")

    with pytest.raises(WrongStateError):
        lift_hold(shipment.pk, Act(NOW))

    assert Shipment.objects.get().is_held


def test_lifting_the_hold_of_a_backorder_asks_for_a_run(source: Source) -> None:
    place(4)
    waits = place(2)
    hold(waits.pk, Act(NOW))
    ArrivalNotice.objects.all().delete()

    lift_hold(waits.pk, Act(NOW))

    assert ArrivalNotice.objects.count() == 1


def test_a_priority_is_set_and_noted_on_the_timeline(source: Source) -> None:
    shipment = set_priority(place(4).pk, Act(NOW), priority=7)

    assert Shipment.objects.get().priority == 7
    event = ShipmentEvent.objects.get(shipment=shipment, kind="PRIORITY_SET")
    assert event.detail == {"from": 0, "to": 7}


def test_a_shipment_that_is_over_has_no_priority(source: Source) -> None:
    shipment = place(4)
    fulfill(shipment.pk, Act(NOW))

    with pytest.raises(WrongStateError):
        set_priority(shipment.pk, Act(NOW), priority=7)


def test_a_change_made_on_an_old_page_is_refused(source: Source) -> None:
    shipment = place(4)
    shown = Shipment.objects.get().version

    set_priority(shipment.pk, Act(NOW), priority=7, expected_version=shown)
    with pytest.raises(StaleShipmentError):
        set_priority(shipment.pk, Act(NOW), priority=8, expected_version=shown)

    assert Shipment.objects.get().priority == 7


def test_a_new_expected_date_is_fixed_and_sent_once(source: Source) -> None:
    place(4)
    waits = place(2)
    former = waits.expected_on
    promise(waits, date(2026, 5, 8))

    set_expected_date(waits.pk, Act(NOW), expected_on=date(2026, 5, 1), today=TODAY)
    set_expected_date(waits.pk, Act(NOW), expected_on=date(2026, 5, 1), today=TODAY)

    waits.refresh_from_db()
    assert (waits.expected_on, waits.is_expected_on_fixed) == (date(2026, 5, 1), True)
    email = OrderEmail.objects.get(kind="EXPECTED_DATE_CHANGED")
    assert email.context["expected_on"] == "2026-05-01"
    assert email.context["former_expected_on"] == "2026-05-08"
    set_expected_date(waits.pk, Act(NOW), expected_on=None, today=TODAY)
    assert not Shipment.objects.get(pk=waits.pk).is_expected_on_fixed
    # What stays as it is leaves no trace; clearing keeps the date until a run sets another.
    events = ShipmentEvent.objects.filter(shipment=waits, kind="EXPECTED_DATE_SET").order_by("pk")
    assert [event.detail for event in events] == [
        {"from": former.isoformat(), "to": "2026-05-01", "is_fixed": True},
        {"from": "2026-05-01", "to": "2026-05-01", "is_fixed": False},
    ]


def test_nothing_is_expected_on_a_day_that_has_passed(source: Source) -> None:
    place(4)
    waits = place(2)
    former = waits.expected_on

    with pytest.raises(PastDateError):
        set_expected_date(waits.pk, Act(NOW), expected_on=date(2026, 3, 8), today=TODAY)

    waits.refresh_from_db()
    assert (waits.expected_on, waits.is_expected_on_fixed) == (former, False)
    assert not OrderEmail.objects.filter(kind="EXPECTED_DATE_CHANGED").exists()
    set_expected_date(waits.pk, Act(NOW), expected_on=TODAY, today=TODAY)
    assert Shipment.objects.get(pk=waits.pk).expected_on == TODAY


def test_a_count_that_corrects_nothing_is_refused(source: Source) -> None:
    shipment = place(4)
    item = SourceItem.objects.get()
    counted = {item.product_id: item.quantity}

    with pytest.raises(NothingCorrectedError):
        move_to_backorder(shipment.pk, Act(NOW, reason="Not found"), counted=counted)
    with pytest.raises(NotOfShipmentError):
        move_to_backorder(shipment.pk, Act(NOW, reason="Not found"), missing=[0])

    assert Shipment.objects.get().state == "READY"
    assert not SourceBar.objects.exists()


def test_a_shipment_that_never_waited_goes_back_with_the_age_of_its_order(source: Source) -> None:
    shipment = place(4)
    item = SourceItem.objects.get()

    move_to_backorder(
        shipment.pk, Act(NOW, reason="Counted"), counted={item.product_id: Decimal(1)}
    )

    shipment.refresh_from_db()
    assert (shipment.state, shipment.backordered_since) == ("BACKORDER", PLACED)
    item.refresh_from_db()
    assert (item.quantity, item.allocated) == (Decimal(1), Decimal(0))
    assert_invariants()


def test_a_count_below_what_a_first_ready_shipment_holds_keeps_the_books_right(
    source: Source,
) -> None:
    place(4)
    item = SourceItem.objects.get()

    set_items([ItemChange(item.product_id, source.pk, {"quantity": Decimal(1)})], Act(NOW))

    assert Shipment.objects.get().state == "BACKORDER"
    assert_invariants()


def test_a_barred_source_leaves_the_shipment_waiting(source: Source) -> None:
    shipment = place(4)

    move_to_backorder(shipment.pk, Act(NOW, reason="Broken"))

    shipment.refresh_from_db()
    assert shipment.state == "BACKORDER"
    bar = SourceBar.objects.get()
    assert (bar.shipment, bar.source, bar.ended_at) == (shipment, source, None)
    assert_invariants()


def test_a_pickup_shipment_goes_to_customer_care_instead(source: Source) -> None:
    shipment = place(4, fulfillment_method="PICKUP", pickup_source="a")

    move_to_backorder(shipment.pk, Act(NOW, reason="Broken"))

    shipment.refresh_from_db()
    assert (shipment.state, shipment.care_reason) == ("CUSTOMER_CARE", "Broken")
    assert not SourceBar.objects.exists()
    assert SourceItem.objects.get().allocated == 0
    assert_invariants()


def test_customer_care_sets_units_free_and_gives_back_to_the_queue_with_its_age(
    source: Source,
) -> None:
    shipment = place(4)

    move_to_care(shipment.pk, Act(NOW, reason="Wrong address"))
    assert SourceItem.objects.get().allocated == 0
    assert_invariants()
    return_to_queue(shipment.pk, Act(NOW))

    shipment.refresh_from_db()
    assert (shipment.state, shipment.care_reason) == ("BACKORDER", "")
    assert shipment.backordered_since == PLACED
    assert kinds(shipment)[-2:] == ["CUSTOMER_CARE", "BACKORDERED"]
    assert_invariants()

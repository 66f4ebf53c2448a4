"""Bars of sources: set where units were missing, and ended by units, or by a person."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import ArrivalNotice, Shipment, ShipmentEvent, SourceBar
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.bars import NotBarredError, lift_bar
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.release.explanation import explain
from fulfillment.release.runs.arrivals import release_arrivals
from fulfillment.release.runs.engine import run_release
from inventory.models import SourceItem
from inventory.operations.receipts import receive_supply
from inventory.operations.returned_units import put_back
from inventory.operations.source_items import ItemChange, adjust_items, set_items
from inventory.operations.transfers import TransferredUnits, transfer
from tests.api import api_of_superuser
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import FutureSupplyFactory, ProductFactory
from tests.factories.orders import OrderFactory
from tests.fulfillment.release.waiting_orders import NOW, UTC_ZONE, World
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready() -> Shipment:
    """Six KTP and six POT at a, none at b; a shipment of 3 and 1, READY at a."""
    world = World()
    products = {sku: ProductFactory(sku=sku) for sku in ("KTP", "POT")}
    for product in products.values():
        world.item(world.a, product, 6)
        world.item(world.b, product, 0)
    shipment = world.backorder({products["KTP"]: 3, products["POT"]: 1}, number="1001")
    run_release(act=Act(NOW), zone=UTC_ZONE, trigger="STAFF")
    shipment.refresh_from_db()
    assert (shipment.state, shipment.source) == ("READY", world.a)
    return shipment


def item(sku: str, source: str = "a") -> SourceItem:
    return SourceItem.objects.get(product__sku=sku, source__code=source)


def bars() -> list[Any]:
    return sorted(SourceBar.objects.in_force().values_list("source__code", "product__sku"))


def state() -> Any:
    return Shipment.objects.get(number="1001-1").state


def count(sku: str, units: Decimal) -> None:
    set_items(
        [ItemChange(item(sku).product_id, item(sku).source_id, {"quantity": units})], Act(NOW)
    )


def test_units_counted_again_let_a_shipment_go_that_was_sent_back_for_a_wrong_count(
    ready: Shipment,
) -> None:
    move_to_backorder(ready.pk, Act(NOW, reason="Not found"))
    assert bars() == [("a", "KTP"), ("a", "POT")]
    run_release(act=Act(NOW), zone=UTC_ZONE, trigger="STAFF")
    assert state() == "BACKORDER"
    ArrivalNotice.objects.all().delete()

    count("KTP", Decimal(4))
    count("POT", Decimal(7))

    assert bars() == []
    release_arrivals(now=NOW, zone=UTC_ZONE)
    assert state() == "READY"
    assert_invariants()


def receive(sku: str) -> None:
    supply = FutureSupplyFactory(
        product=item(sku).product, source=item(sku).source, quantity=2, expected_on=date(2026, 5, 1)
    )
    receive_supply(supply.pk, Act(NOW), quantity=Decimal(2))


def adjust(sku: str, units: Any) -> None:
    adjust_items({(item(sku).product_id, item(sku).source_id): Decimal(units)}, Act(NOW))


def bring(sku: str) -> None:
    there, here = item(sku, "b"), item(sku)
    SourceItem.objects.filter(pk=there.pk).update(quantity=2)
    transfer([TransferredUnits(here.product_id, there.source_id, here.source_id, Decimal(1))])


def take_away(sku: str) -> None:
    here, there = item(sku), item(sku, "b")
    transfer([TransferredUnits(here.product_id, here.source_id, there.source_id, Decimal(1))])


def give_back(sku: str) -> None:
    put_back({(item(sku).product_id, item(sku).source_id): Decimal(1)})


@pytest.mark.parametrize(
    ("happens", "is_ended"),
    [
        (lambda: receive("KTP"), True),
        (lambda: adjust("KTP", 1), True),
        (lambda: adjust("KTP", -1), True),
        (lambda: count("KTP", Decimal(0)), True),
        (lambda: bring("KTP"), True),
        (lambda: give_back("KTP"), True),
        (lambda: count("KTP", Decimal(6)), False),
        (lambda: take_away("KTP"), False),
        (lambda: adjust("POT", 1), False),
        (lambda: SourceItem.objects.filter(pk=item("KTP").pk).update(safety_stock=1), False),
    ],
)
def test_a_bar_ends_when_units_come_in_are_returned_or_counted(
    ready: Shipment, happens: Callable[..., Any], is_ended: bool
) -> None:
    ktp = item("KTP").product_id
    move_to_backorder(ready.pk, Act(NOW, reason="Not found"), missing=[ktp])
    assert bars() == [("a", "KTP")]
    ArrivalNotice.objects.all().delete()

    happens()

    assert bars() == ([] if is_ended else [("a", "KTP")])
    if is_ended:
        assert ArrivalNotice.objects.filter(product=ktp).exists()
        ended = SourceBar.objects.get()
        assert (ended.ended_at is not None, ended.ended_by) == (True, None)


def test_units_that_leave_end_no_bar(ready: Shipment) -> None:
    order = OrderFactory(channel=ready.order.channel)
    other = BackorderFactory(number="OTHER", order=order, lines={item("KTP").product: 1})
    run_release(act=Act(NOW), zone=UTC_ZONE, trigger="STAFF")
    move_to_backorder(ready.pk, Act(NOW, reason="Not found"), missing=[item("KTP").product_id])

    fulfill(other.pk, Act(NOW))

    assert item("KTP").quantity == 5
    assert bars() == [("a", "KTP")]


def test_a_corrected_count_bars_nothing(ready: Shipment) -> None:
    move_to_backorder(
        ready.pk, Act(NOW, reason="Counted"), counted={item("KTP").product_id: Decimal(2)}
    )

    assert (state(), bars()) == ("BACKORDER", [])
    assert (item("KTP").quantity, item("POT").quantity) == (Decimal(2), Decimal(6))
    run_release(act=Act(NOW), zone=UTC_ZONE, trigger="STAFF")
    assert state() == "BACKORDER"
    count("KTP", Decimal(3))
    run_release(act=Act(NOW), zone=UTC_ZONE, trigger="STAFF")
    assert state() == "READY"
    assert_invariants()


def test_a_bar_is_lifted_by_a_person_once(ready: Shipment) -> None:
    person = get_user_model().objects.create_superuser("ada")
    move_to_backorder(ready.pk, Act(NOW, reason="Gone"), missing=[item("KTP").product_id])
    ArrivalNotice.objects.all().delete()

    (found,) = explain([ready.pk], now=NOW, zone=UTC_ZONE, with_remedies=True).values()
    assert found.remedies == ({"kind": "LIFT_BAR", "sku": "KTP", "source": "a"},)
    assert found.detail["shortages"][0]["reasons"] == ["NO_STOCK", "SOURCE_NOT_ELIGIBLE"]
    act = Act(NOW, person.pk, "Found")
    lift_bar(ready.pk, act, source_code="a", sku="KTP")

    assert bars() == []
    assert SourceBar.objects.get().ended_by == person
    event = ShipmentEvent.objects.get(kind="BAR_LIFTED")
    assert (event.reason, event.detail) == ("Found", {"source": "a", "sku": "KTP"})
    with pytest.raises(NotBarredError):
        lift_bar(ready.pk, act, source_code="a", sku="KTP")
    release_arrivals(now=NOW, zone=UTC_ZONE)
    assert state() == "READY"
    assert_invariants()


def test_over_the_api_a_count_is_corrected_or_a_bar_set_and_lifted(ready: Shipment) -> None:
    api = api_of_superuser()

    def send_back(*counts: tuple[str, str]) -> tuple[Any, ...]:
        counted = [{"sku": sku, "quantity": units} for sku, units in counts]
        body = {"reason": "Not found"} | ({"counted": counted} if counts else {})
        return api.post("shipments/1001-1/backorder/", body)

    for wrong in ([("KTP", "6")], [("NONE", "1")], [("KTP", "1"), ("KTP", "2")]):
        assert send_back(*wrong)[0] == 422
    assert send_back(("KTP", "-1"))[0] == 400
    assert state() == "READY"
    status, waits = send_back()
    assert (status, waits["state"]) == (200, "BACKORDER")
    assert [(bar["source"], bar["sku"]) for bar in waits["bars"]] == [("a", "KTP"), ("a", "POT")]
    status, explained = api.get("shipments/1001-1/explanation/")
    assert {"kind": "LIFT_BAR", "sku": "KTP", "source": "a"} in explained["remedies"]

    status, lifted = api.post("shipments/1001-1/lift-bar/", {"source": "a", "sku": "KTP"})
    assert (status, [bar["sku"] for bar in lifted["bars"]]) == (200, ["POT"])
    status, problem = api.post("shipments/1001-1/lift-bar/", {"source": "a", "sku": "KTP"})
    assert (status, problem["type"]) == (409, "urn:problem:not-barred")
    assert api.post("shipments/1001-1/lift-bar/", {"source": "a", "sku": "POT"})[0] == 200
    assert api.post("shipments/1001-1/release/")[1]["state"] == "READY"
    status, waits = send_back(("KTP", "1"), ("POT", "6"))
    assert (status, waits["bars"], item("KTP").quantity) == (200, [], Decimal(1))
    assert_invariants()


def test_the_page_offers_the_count_shows_the_bar_and_lifts_it(
    ready: Shipment, client: Client
) -> None:
    client.force_login(get_user_model().objects.create_superuser("ada"))
    address = reverse("admin:fulfillment_shipment_change", args=[ready.pk])
    ktp = item("KTP").product_id

    def act(code: str, **values: Any) -> Any:
        version = client.get(address).context["version"]
        body = {f"{code}-{name}": value for name, value in values.items()}
        act_address = reverse("admin:fulfillment_shipment_act", args=[ready.pk, code])
        return client.post(act_address, {"version": version, f"{code}-reason": "Not found", **body})

    nothing = act("backorder", how="COUNT").content.decode()
    assert "Type at least one count, or bar the source." in nothing
    both = act("backorder", how="BAR", **{f"counted_{ktp}": "1"}).content.decode()
    assert "A count was typed." in both
    same = act("backorder", how="COUNT", **{f"counted_{ktp}": "6"}).content.decode()
    assert "The counts are the same as in the books." in same
    assert state() == "READY"

    assert act("backorder", how="BAR", missing=[str(ktp)]).status_code == 302
    words = client.get(address).content.decode()
    assert "a does not serve KTP (barred by ada," in words
    assert "Lift the bar of KTP at a." in words
    assert '?do=lift-bar#do-lift-bar"' in words
    bar = SourceBar.objects.get()
    assert act("lift-bar", bar=str(bar.pk)).status_code == 302
    assert "barred by ada" not in client.get(address).content.decode()
    assert bars() == []

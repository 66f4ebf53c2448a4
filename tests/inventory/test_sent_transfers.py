"""Transfers that are sent: units leave, are on their way, are received, lost, or go back."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F, Sum
from django.test import Client

from core.acts import Act
from core.models import BulkChange
from inventory.admin.bulk.transfer_forms import TransferItemsForm
from inventory.models import FutureSupply, Source, SourceItem
from inventory.operations.bulk import take_back, take_back_transit
from inventory.operations.future_supply import (
    ClosedSupplyError,
    InTransitError,
    NewSupply,
    cancel_supply,
    change_supply,
)
from inventory.operations.receipt_reversals import take_back_receipt
from inventory.operations.receipts import receive_supply
from inventory.operations.source_items import SourceItemError
from inventory.operations.supply_records import cancel_unpromised, correct_unpromised
from inventory.operations.transfers import Consignment, TransferredUnits, send
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.invariants import assert_invariants
from tests.inventory.bulk_changes import NOW, counts, item_with_ready_shipments, made, shown
from tests.inventory.files.imports import checked, sentences, written
from tests.present import present

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 16)
ACT = Act(NOW)


@pytest.fixture
def ends() -> tuple[SourceItem, SourceItem]:
    """20 kettles at seattle, 1 at london."""
    kettle = ProductFactory(sku="KTL")
    return (
        SourceItemFactory(product=kettle, source=SourceFactory(code="seattle"), quantity=20),
        SourceItemFactory(product=kettle, source=SourceFactory(code="london"), quantity=1),
    )


def sent(ends: tuple[SourceItem, SourceItem], units: int = 20) -> FutureSupply:
    sender, target = ends
    move = TransferredUnits(sender.product_id, sender.source_id, target.source_id, Decimal(units))
    send([move], Consignment("TR-7", DAY))
    return FutureSupply.objects.get()


def on_hand(*items: SourceItem) -> list[int]:
    return [int(SourceItem.objects.get(pk=item.pk).quantity) for item in items]


def in_transit() -> int:
    outstanding = Sum(F("quantity") - F("received_quantity"))
    found = FutureSupply.objects.open().filter(sent_from__isnull=False)
    return int(found.aggregate(units=outstanding)["units"] or 0)


def causes(model: Any, pk: int) -> list[str]:
    events = model._meta.get_field("events").related_model.objects.filter(pgh_obj_id=pk)
    contexts = [event.pgh_context for event in events.order_by("pgh_id")]
    return [context.metadata.get("cause", "") if context else "" for context in contexts]


def test_units_that_are_sent_leave_now_and_are_supply_where_they_go() -> None:
    # given
    held = item_with_ready_shipments(4)
    oslo = SourceFactory(code="oslo")
    there = SourceItemFactory(product=held.product, source=oslo, quantity=1)
    other = SourceItemFactory(product=ProductFactory(sku="POT"), source=held.source, quantity=3)
    SourceItemFactory(product=other.product, source=oslo, quantity=0)
    values: dict[str, Any] = {
        "to_source_id": oslo.pk,
        "quantity": None,
        "expected_on": "2026-05-16",
        "reference": "",
    }

    # then
    assert shown("TRANSFER", [held.pk, other.pk], **values) == [
        ("HELD", "paris", [("quantity", 10, 4), ("quantity_on_its_way", 0, 6)]),
        ("POT", "paris", [("quantity", 3, 0), ("quantity_on_its_way", 0, 3)]),
    ]
    change = made("TRANSFER", [held.pk, other.pk], **values)

    # Only units that are not allocated leave, and all of it is one delivery.
    assert counts(change) == (2, 0, 0)
    assert on_hand(held, there, other) == [4, 1, 0]
    columns = ("product__sku", "source__code", "sent_from__code", "quantity", "expected_on")
    assert list(FutureSupply.objects.order_by("pk").values_list(*columns, "reference")) == [
        ("HELD", "oslo", "paris", 6, DAY, f"TR-{change.pk}"),
        ("POT", "oslo", "paris", 3, DAY, f"TR-{change.pk}"),
    ]
    assert causes(SourceItem, held.pk)[-1] == "Test of TRANSFER"
    assert_invariants()


def test_a_typed_reference_is_kept_and_more_than_is_free_is_refused(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    sender, target = ends
    values: dict[str, Any] = {
        "to_source_id": target.source_id,
        "expected_on": "2026-05-16",
        "reference": "LORRY",
    }

    assert shown("TRANSFER", [sender.pk], quantity="21", **values) == [
        ("KTL", "seattle", "Only 20 of its 20 units are not allocated.")
    ]
    made("TRANSFER", [sender.pk], quantity="5", **values)

    assert FutureSupply.objects.get().reference == "LORRY"
    assert on_hand(sender, target) == [15, 1]
    move = TransferredUnits(sender.product_id, sender.source_id, target.source_id, Decimal(16))
    with pytest.raises(SourceItemError):
        send([move], Consignment("TR-8", DAY))
    assert on_hand(sender, target) == [15, 1]


def test_what_came_in_part_stays_and_the_rest_goes_back_when_it_is_canceled(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    supply = sent(ends)
    assert [*on_hand(*ends), in_transit()] == [0, 1, 20]

    receive_supply(supply.pk, ACT, quantity=Decimal(8))
    assert [*on_hand(*ends), in_transit()] == [0, 9, 12]
    cancel_supply(supply.pk, ACT)

    supply.refresh_from_db()
    assert (supply.state, [*on_hand(*ends), in_transit()]) == ("CANCELED", [12, 9, 0])
    assert causes(SourceItem, ends[0].pk)[-1] == "Canceled TR-7: 12 are back at seattle."
    with pytest.raises(ClosedSupplyError):
        cancel_supply(supply.pk, ACT)
    assert on_hand(*ends) == [12, 9]
    assert_invariants()


def test_a_status_of_the_system_ends_when_the_units_are_back(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    supply = sent(ends)
    assert SourceItem.objects.get(pk=ends[0].pk).status == "OUT_OF_STOCK"

    cancel_supply(supply.pk, ACT)

    assert SourceItem.objects.get(pk=ends[0].pk).status == "IN_STOCK"


def test_a_sender_that_was_unassigned_meanwhile_holds_its_units_again(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    supply = sent(ends)
    ends[0].delete()

    cancel_supply(supply.pk, ACT)

    again = SourceItem.objects.get(source__code="seattle")
    assert (again.product_id, again.quantity) == (ends[1].product_id, Decimal(20))


def test_what_is_closed_short_is_lost_and_history_says_so(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    supply = sent(ends)

    receive_supply(supply.pk, ACT, quantity=Decimal(17), is_last=True)

    assert [*on_hand(*ends), in_transit()] == [0, 18, 0]
    assert causes(FutureSupply, supply.pk)[-1] == "Lost in transit: 3 × KTL (TR-7)"


def test_a_receipt_that_is_taken_back_is_on_its_way_again(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    supply = sent(ends)
    receive_supply(supply.pk, ACT, quantity=Decimal(8))
    receipt = supply.receipts.get()

    take_back_receipt(receipt.pk, Act(NOW, reason="Other box"), quantity=Decimal(3))
    assert [*on_hand(*ends), in_transit()] == [0, 6, 15]
    # Of one that was canceled since, the units are on their way again, and no others.
    cancel_supply(supply.pk, ACT)
    assert [*on_hand(*ends), in_transit()] == [15, 6, 0]
    take_back_receipt(receipt.pk, Act(NOW, reason="Empty box"))

    supply.refresh_from_db()
    assert [*on_hand(*ends), in_transit()] == [15, 1, 5]
    assert (supply.state, supply.quantity, supply.received_quantity) == (
        "OPEN",
        Decimal(5),
        Decimal(0),
    )
    assert_invariants()


def test_the_date_of_a_transfer_moves_and_its_quantity_does_not(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    supply = sent(ends)
    later = date(2026, 5, 20)

    for quantity in (19, 21):
        with pytest.raises(InTransitError):
            change_supply(supply.pk, NewSupply(Decimal(quantity), later), ACT, today=NOW.date())
    shown_before = {supply.pk: NewSupply(Decimal(20), DAY)}
    more = {supply.pk: NewSupply(Decimal(21), later)}
    assert correct_unpromised(more, ACT, shown=shown_before) == set()
    assert cancel_unpromised([supply.pk], ACT) == set()
    supply.refresh_from_db()
    assert (supply.quantity, supply.expected_on, supply.state) == (Decimal(20), DAY, "OPEN")

    change_supply(supply.pk, NewSupply(Decimal(20), later), ACT, today=NOW.date())
    supply.refresh_from_db()
    assert supply.expected_on == later


def test_a_file_moves_the_date_of_a_transfer_and_is_told_why_not_its_quantity(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    supply = sent(ends)
    head = "sku,source_code,quantity,expected_on,reference\n"

    more = checked(f"{head}KTL,london,21,2030-05-16,TR-7\n", format_code="FUTURE_SUPPLY")

    assert sentences(more) == [
        (
            2,
            "quantity",
            "Quantity sent from another source: 20. It cannot change. Receive what came, or cancel "
            "the rest.",
        )
    ]
    written(f"{head}KTL,london,20,2030-05-16,TR-7\n", format_code="FUTURE_SUPPLY")

    supply.refresh_from_db()
    assert (supply.quantity, supply.expected_on) == (Decimal(20), date(2030, 5, 16))


def back(change: BulkChange) -> list[tuple[Any, ...]]:
    values = take_back.values_of(change, today=NOW.date())
    return shown("TAKE_BACK", take_back.keys_of(take_back.read(values)), **values)


def taken_back(change: BulkChange) -> BulkChange:
    values = take_back.values_of(change, today=NOW.date())
    return made("TAKE_BACK", take_back.keys_of(take_back.read(values)), **values)


def test_taking_a_transfer_back_cancels_what_is_still_on_its_way() -> None:
    # given
    seattle, london = SourceFactory(code="seattle"), SourceFactory(code="london")
    products = [ProductFactory(sku=sku) for sku in ("ALL", "NONE", "PART", "SHORT")]
    items = [SourceItemFactory(product=p, source=seattle, quantity=20) for p in products]
    for product in products:
        SourceItemFactory(product=product, source=london, quantity=0)
    values: dict[str, Any] = {
        "to_source_id": london.pk,
        "expected_on": "2026-05-16",
        "reference": "TR-7",
    }
    change = made("TRANSFER", [item.pk for item in items], quantity="5", **values)
    received = {"ALL": 5, "PART": 2}
    for sku, units in received.items():
        pk = FutureSupply.objects.get(product__sku=sku).pk
        receive_supply(pk, ACT, quantity=Decimal(units))
    short = FutureSupply.objects.get(product__sku="SHORT")
    receive_supply(short.pk, ACT, quantity=Decimal(4), is_last=True)

    # then
    assert back(change) == [
        (
            "ALL",
            "seattle",
            "Everything was received already: 5. Transfer it back from there.",
        ),
        ("NONE", "seattle", [("state", "OPEN", "CANCELED"), ("quantity_on_its_way", 5, 0)]),
        ("PART", "seattle", [("state", "OPEN", "CANCELED"), ("quantity_on_its_way", 3, 0)]),
        ("SHORT", "seattle", "It was closed. Received: 4 of 5."),
    ]
    assert counts(taken_back(change)) == (2, 0, 2)
    assert on_hand(*items) == [15, 20, 18, 15]
    # Once is enough.
    assert counts(taken_back(change)) == (0, 2, 2)
    assert on_hand(*items) == [15, 20, 18, 15]
    assert_invariants()


def test_one_unit_that_goes_back_is_no_plural(
    ends: tuple[SourceItem, SourceItem], admin_client: Client
) -> None:
    supply = sent(ends, units=2)
    record = f"/admin/inventory/futuresupply/{supply.pk}/"

    came = admin_client.post(
        f"{record}receive/",
        {"quantity": "1", "outstanding": "2", "token": str(UUID(int=7)), "shown": ""},
        follow=True,
    )
    canceled = admin_client.get(f"{record}cancel/")
    [row] = take_back_transit.plan([supply.pk])
    taken_back = admin_client.post(
        f"{record}take-back/",
        {
            "quantity": "1",
            "reason": "Empty box",
            "receipt": str(supply.receipts.get().pk),
            "shown": "",
        },
        follow=True,
    )

    assert [unlinked(page) for page in (came, taken_back)] == [
        "Received units of KTL at london: 1.",
        "Took back units of KTL at london: 1.",
    ]
    assert "<p>Units that go back to seattle: 1.</p>" in canceled.text
    effect = present(row.effect)
    assert effect.message % effect.values == (
        "Units that go back: 1. Received already, to stay there: 1."
    )


def unlinked(page: Any) -> str:
    """Return the first sentence that the page says was done, without its links."""
    [message] = page.context["messages"]
    done = re.sub("<[^>]+>", "", str(message))
    return done[: done.index(".") + 1]


def test_a_source_that_sent_units_is_kept() -> None:
    product = ProductFactory()
    one, two = SourceFactory(), SourceFactory()
    SourceItemFactory(product=product, source=one, quantity=1)
    SourceItemFactory(product=product, source=two, quantity=0)
    send([TransferredUnits(product.pk, one.pk, two.pk, Decimal(1))], Consignment("TR-7", DAY))
    SourceItem.objects.all().delete()

    with pytest.raises(Exception, match="protected"):
        Source.objects.get(pk=one.pk).delete()


def test_pages_say_that_supply_is_a_transfer_and_from_where(
    ends: tuple[SourceItem, SourceItem], admin_client: Client
) -> None:
    supply = sent(ends)
    record = f"/admin/inventory/futuresupply/{supply.pk}/"

    for address in (
        "/admin/inventory/futuresupply/",
        f"{record}change/",
        f"{record}cancel/",
        f"{record}change-supply/",
        "/admin/inventory/futuresupply/deliveries/",
        "/admin/inventory/futuresupply/delivery/?reference=TR-7",
    ):
        page = admin_client.get(address)
        assert page.status_code == 200, address
        assert "seattle" in page.content.decode(), address


def test_the_form_of_a_transfer_asks_for_a_day_that_has_not_passed_and_its_reference(
    ends: tuple[SourceItem, SourceItem],
) -> None:
    london = ends[1].source_id

    def form(**entered: str) -> TransferItemsForm:
        return TransferItemsForm({"to_source": str(london), "quantity": "5", **entered})

    at_once, later = form(), form(expected_on="2099-05-16", reference="LORRY")
    assert at_once.is_valid()
    assert at_once.values() == {"to_source_id": london, "quantity": "5"}
    assert later.is_valid()
    assert later.values() == {
        "to_source_id": london,
        "quantity": "5",
        "expected_on": "2099-05-16",
        "reference": "LORRY",
    }
    assert later.summary() == "Send 5 of each to london, expected there on 16 May 2099"
    assert form(expected_on="2001-01-01").errors == {
        "expected_on": ["That day has passed. Choose today or a later day."]
    }
    assert form(reference="LORRY").errors == {
        "reference": [
            "Units that are received at once have no delivery. Enter a date, or no reference."
        ]
    }

"""Packing slips: what they say, in which language, on which paper, and when they were printed."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from core.acts import Act
from core.documents.paper import Paper
from fulfillment.documents.packing_slip import packing_slips
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.packing_slips import print_slips
from fulfillment.operations.shipments.locking import WrongStateError
from inventory.models import Product, Source
from inventory.operations.source_items import ItemChange, set_items
from tests.api import Api
from tests.beside import beside
from tests.factories.fulfillment import promise
from tests.pdf import pages_of, sizes_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def parts(place: Callable[..., Any]) -> tuple[Shipment, Shipment]:
    """4 of 6 units of an order ready at the source east, 2 that wait."""
    place("W-1")
    Source.objects.filter(code="east").update(
        name="East", street="Lagervägen 2", city="Łódź", postcode="90-001", country="PL"
    )
    Product.objects.update(barcode="4006381333931", name="Kettle")
    shipments = Shipment.objects.order_by("pk")
    shipments[0].order.lines.update(name="Kettle")
    return shipments[0], shipments[1]


def test_a_slip_says_what_lies_in_the_parcel_and_what_follows(
    parts: tuple[Shipment, Shipment],
) -> None:
    ready, waits = parts
    promise(waits, datetime(2026, 3, 20, tzinfo=UTC).date())

    file = packing_slips(print_slips([ready.pk], Act(NOW)))

    [page] = pages_of(file)
    assert sizes_of(file) == [(595, 842)]
    assert page == [
        *("Packing slip", "Order: W-1", "Shipment: W-1-1", "Date: 1 Mar 2026", "W-1-1"),
        *("Ship to", "Ada Example", "1 High Street", "London", "SW1A 1AA", "United Kingdom"),
        *("From", "East", "Lagervägen 2", "90-001 Łódź", "Poland"),
        *("Product", "Barcode", " Quantity"),
        *("A", "Kettle", "4", "006381", "333931", " 4"),
        *("Follows later", "2 × Kettle · Expected by 20 Mar 2026"),
        *("East · W-1-1", "Page 1 of 1"),
    ]


def test_printing_is_noted_and_makes_no_page_stale(parts: tuple[Shipment, Shipment]) -> None:
    ready, _waits = parts
    version = ready.version

    print_slips([ready.pk], Act(NOW))

    ready.refresh_from_db()
    assert (ready.slip_printed_at, ready.version) == (NOW, version)
    assert ready.events.order_by("pk").last().kind == "SLIP_PRINTED"  # type: ignore[union-attr]
    # What is done to it next is still on the version that the page showed.
    fulfill(ready.pk, Act(LATER), expected_version=version)
    ready.refresh_from_db()
    assert ready.version > version
    print_slips([ready.pk], Act(LATER))
    ready.refresh_from_db()
    assert ready.slip_printed_at == NOW


def test_what_is_not_to_be_packed_has_no_slip(parts: tuple[Shipment, Shipment]) -> None:
    ready, waits = parts
    hold(ready.pk, Act(NOW))

    for shipment in parts:
        with pytest.raises(WrongStateError):
            print_slips([shipment.pk], Act(NOW))

    assert not Shipment.objects.exclude(slip_printed_at=None).exists()
    assert waits.state == "BACKORDER"


def test_a_slip_of_units_that_are_not_there_after_all_is_forgotten(
    parts: tuple[Shipment, Shipment],
) -> None:
    ready, _waits = parts
    print_slips([ready.pk], Act(NOW))
    line = ready.lines.get()

    lost = ItemChange(line.product_id, ready.source_id or 0, {"quantity": Decimal(1)})
    set_items([lost], Act(LATER))

    ready.refresh_from_db()
    assert (ready.state, ready.slip_printed_at) == ("BACKORDER", None)


def test_the_rest_of_a_shipment_of_which_a_part_has_left_has_no_slip(
    parts: tuple[Shipment, Shipment],
) -> None:
    ready, _waits = parts
    print_slips([ready.pk], Act(NOW))

    fulfill(ready.pk, Act(LATER), quantities={ready.lines.get().order_line_id: Decimal(1)})

    ready.refresh_from_db()
    assert (ready.state, ready.slip_printed_at) == ("READY", None)


def test_a_product_that_is_cut_is_packed_in_one_piece(parts: tuple[Shipment, Shipment]) -> None:
    ready, _waits = parts
    Product.objects.update(qty_uses_decimals=True)

    uncut = pages_of(packing_slips(print_slips([ready.pk], Act(NOW))))[0]
    Product.objects.update(allow_multiple_boxes=True)
    cut = pages_of(packing_slips(print_slips([ready.pk], Act(NOW))))[0]

    assert "In one piece" in uncut
    assert "In one piece" not in cut


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sv", {"Följesedel", "Leveransadress", "Följer senare", "Sida 1 av 1"}),
        ("fr", {"Bon de livraison", "Adresse de livraison", "À suivre", "Page 1 sur 1"}),
        ("ja", {"Packing slip", "Ship to", "Follows later", "Page 1 of 1"}),
    ],
)
def test_a_slip_is_in_its_customers_language(
    parts: tuple[Shipment, Shipment], language: str, words: set[str]
) -> None:
    ready, _waits = parts
    ready.order.customer_language = language
    ready.order.save()

    [page] = pages_of(packing_slips(print_slips([ready.pk], Act(NOW))))

    assert words <= set(page)


def test_two_hundred_take_as_many_statements_as_two(
    place: Callable[..., Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        place(f"W-{number}", units="1")
    ready = list(Shipment.objects.order_by("pk").values_list("pk", flat=True))

    with django_assert_num_queries(13):
        print_slips(ready[:1], Act(NOW))
    with django_assert_num_queries(13):
        slips = print_slips(ready[::-1], Act(NOW))

    assert [slip.shipment.pk for slip in slips] == ready[::-1]
    assert len(pages_of(packing_slips(slips, paper=Paper.LETTER))) == 4


@pytest.mark.django_db(transaction=True)
def test_a_slip_is_not_printed_of_what_is_being_sent_back(
    parts: tuple[Shipment, Shipment],
) -> None:
    """Printing waits for the hold, and sees it."""
    ready, _waits = parts

    def refused() -> None:
        with pytest.raises(WrongStateError):
            print_slips([ready.pk], Act(LATER))

    with ExitStack() as others, transaction.atomic():
        hold(ready.pk, Act(NOW))
        others.enter_context(beside(refused))

    ready.refresh_from_db()
    assert (ready.is_held, ready.slip_printed_at) == (True, None)


def test_the_page_prints_the_slip(admin_client: Client, parts: tuple[Shipment, Shipment]) -> None:
    ready, waits = parts
    page = reverse("admin:fulfillment_shipment_change", args=[ready.pk])
    address = reverse("admin:fulfillment_shipment_packing_slip", args=[ready.pk])
    assert address in admin_client.get(page).content.decode()

    answer = admin_client.post(address)

    assert answer["Content-Type"] == "application/pdf"
    assert "W-1-1" in "".join(pages_of(answer.content)[0])
    none = reverse("admin:fulfillment_shipment_packing_slip", args=[waits.pk])
    refused = admin_client.post(none, follow=True)
    assert "Only ready shipments that are not on hold" in refused.content.decode()
    assert none not in refused.content.decode()


def test_the_list_prints_those_that_have_one(
    admin_client: Client, parts: tuple[Shipment, Shipment]
) -> None:
    ready, waits = parts
    address = reverse("admin:fulfillment_shipment_bulk_packing-slips")
    address = f"{address}?ids={waits.pk},{ready.pk}&from_list=1"
    page = admin_client.get(address)
    assert "Only ready shipments that are not on hold" in page.content.decode()

    confirmed = {"snapshot": page.context["snapshot"], "paper": "LETTER"}
    answer = admin_client.post(address, confirmed)

    assert answer["Content-Type"] == "application/pdf"
    assert sizes_of(answer.content) == [(612, 792)]
    again = admin_client.get(address).content.decode()
    assert "Its packing slip is printed again, last printed" in again


def test_the_list_prints_nothing_that_changed_since_it_was_shown(
    admin_client: Client, parts: tuple[Shipment, Shipment]
) -> None:
    ready, _waits = parts
    address = reverse("admin:fulfillment_shipment_bulk_packing-slips")
    address = f"{address}?ids={ready.pk}&from_list=1"
    page = admin_client.get(address)
    hold(ready.pk, Act(NOW))

    answer = admin_client.post(address, {"snapshot": page.context["snapshot"], "paper": ""})

    assert answer["Content-Type"] != "application/pdf"
    assert "W-1-1" in answer.content.decode()


def test_the_api_answers_with_the_slip(api: Api, parts: tuple[Shipment, Shipment]) -> None:
    answer = api.client.get(
        "/api/v1/shipments/W-1-1/packing-slip/?paper=LETTER",
        headers={"Authorization": f"Bearer {api.secret}", "Accept": "application/pdf"},
    )

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert sizes_of(answer.content) == [(612, 792)]
    assert api.get("shipments/W-1-1/")[1]["slip_printed_at"] is not None
    assert api.get("shipments/W-1-2/packing-slip/")[0] == 409
    assert api.get("shipments/W-1-1/packing-slip/?paper=A5")[0] == 400

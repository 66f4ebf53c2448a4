"""Pick lists: who is on them, what is counted, and what leaves them."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.acts import Act
from core.quantities import ZERO
from fulfillment.models import PickLine, PickList, PickScan, Shipment, ShipmentLine
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.moves.holds import hold
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.operations.picking.pick_lists import (
    ClosedPickListError,
    NothingToPickError,
    NotListedError,
    close,
    make_pick_list,
    take_off,
)
from fulfillment.operations.picking.picks import (
    Count,
    PickedAlreadyError,
    TooManyPickedError,
    UnknownCodeError,
    scan,
    set_picked,
)
from fulfillment.operations.shipments.locking import OnPickListError
from fulfillment.queries.pick_lists import rows_of_list
from inventory.models import Product, Source, SourceItem
from inventory.operations.source_items import ItemChange, set_items
from orders.changes.cancel import cancel
from tests.api import Api
from tests.beside import beside
from tests.pdf import pages_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
EAN = "4006381333931"


@pytest.fixture
def shipments(api: Api, place: Callable[..., Any]) -> list[Shipment]:
    """Three shipments at the source east, of 2, 1 and 1 units of A."""
    for number, units in enumerate("211"):
        place(f"W-{number}", units)
    Product.objects.update(barcode=EAN)
    return list(Shipment.objects.order_by("pk"))


def east() -> int:
    return Source.objects.get(code="east").pk


def listed(shipments: list[Shipment]) -> PickList:
    return make_pick_list(east(), [one.pk for one in shipments], Act(NOW)).pick_list


def picks(pick_list: PickList) -> list[tuple[str, str, bool, bool]]:
    """Return what each pick has: shipment, picked of quantity, open, put back."""
    return [
        (
            pick.shipment.number,
            f"{pick.picked_quantity:.0f}/{pick.quantity:.0f}",
            pick.is_open,
            pick.is_put_back,
        )
        for pick in pick_list.picks.select_related("shipment").order_by("pk")
    ]


def test_a_shipment_is_on_one_open_list(shipments: list[Shipment]) -> None:
    first, second, third = shipments
    hold(third.pk, Act(NOW))

    made = make_pick_list(east(), [first.pk], Act(NOW))
    rest = make_pick_list(east(), [first.pk, second.pk, third.pk], Act(LATER))

    assert made.taken == ["W-0-1"]
    assert (rest.taken, rest.on_other_lists) == (["W-1-1"], ["W-0-1"])
    with pytest.raises(NothingToPickError) as nothing:
        make_pick_list(east(), [first.pk], Act(LATER))
    assert nothing.value.on_other_lists == ["W-0-1"]
    assert PickList.objects.count() == 2


def test_what_waits_for_its_customer_is_not_fetched_again(shipments: list[Shipment]) -> None:
    kept, other, _third = shipments
    Shipment.objects.filter(pk=kept.pk).update(pickup_source=east(), set_aside_at=NOW)

    made = make_pick_list(east(), [kept.pk, other.pk], Act(NOW))

    assert made.taken == ["W-1-1"]


def test_what_is_taken_off_is_not_counted_and_put_back_only_if_picked(
    shipments: list[Shipment],
) -> None:
    pick_list = listed(shipments)
    scan(pick_list.pk, "A", Act(NOW), key="1")
    first, second, third = shipments

    take_off(pick_list.pk, [first.pk, second.pk])

    rows = rows_of_list(pick_list)
    assert [pick.shipment_id for pick in rows.picks] == [third.pk]
    assert [pick.shipment_id for pick in rows.put_back] == [first.pk]
    assert (rows.units, rows.picked) == (Decimal(1), Decimal(0))
    shown: Any = PickList.objects.with_counts().get(pk=pick_list.pk)
    assert (shown.shipment_count, shown.unit_count) == (1, Decimal(1))


def test_scans_fill_one_shipment_after_another(shipments: list[Shipment]) -> None:
    pick_list = listed(shipments)

    for number, code in enumerate(["A", EAN, "A"]):
        scan(pick_list.pk, code, Act(NOW), key=f"{number}")

    assert picks(pick_list) == [
        ("W-0-1", "2/2", True, False),
        ("W-1-1", "1/1", True, False),
        ("W-2-1", "0/1", True, False),
    ]
    # The last of them was sent again.
    assert scan(pick_list.pk, "A", Act(NOW), key="2").shipment_id == shipments[1].pk
    assert picks(pick_list)[2][1] == "0/1"
    scan(pick_list.pk, "A", Act(NOW), key="3")
    with pytest.raises(PickedAlreadyError):
        scan(pick_list.pk, "A", Act(NOW), key="4")
    with pytest.raises(UnknownCodeError):
        scan(pick_list.pk, "B", Act(NOW), key="5")
    assert PickScan.objects.count() == 4


@pytest.mark.parametrize(
    ("stored", "scanned"),
    [("036000291452", "0036000291452"), ("0036000291452", "036000291452")],
)
def test_a_barcode_of_12_digits_is_scanned_as_the_one_of_13_that_is_printed(
    shipments: list[Shipment], stored: str, scanned: str
) -> None:
    Product.objects.update(barcode=stored)
    pick_list = listed(shipments)

    scan(pick_list.pk, scanned, Act(NOW), key="1")

    assert [row[1] for row in picks(pick_list)] == ["1/2", "0/1", "0/1"]


def test_counts_are_kept_all_or_none(shipments: list[Shipment]) -> None:
    pick_list = listed(shipments)
    first, second, _third = (pick.pk for pick in pick_list.picks.order_by("pk"))

    one, two = Decimal(1), Decimal(2)
    set_picked(pick_list.pk, {first: Count(one, ZERO), second: Count(one, ZERO)}, now=NOW)
    with pytest.raises(TooManyPickedError):
        set_picked(pick_list.pk, {first: Count(two, one), second: Count(two, one)}, now=NOW)

    assert [row[1] for row in picks(pick_list)] == ["1/2", "1/1", "0/1"]


def test_a_count_does_not_undo_what_others_picked_since(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    pick_list = listed(shipments)
    first, second, _third = (pick.pk for pick in pick_list.picks.order_by("pk"))
    shown = admin_client.get(reverse("admin:fulfillment_picklist_change", args=[pick_list.pk]))
    page = dict(re.findall(r'name="((?:picked|shown)-\d+)" value="(\d+)"', shown.text))
    assert len(page) == 6
    scan(pick_list.pk, "A", Act(NOW), key="1")
    counts = reverse("admin:fulfillment_picklist_counts", args=[pick_list.pk])

    # Only what was typed is written.
    kept = admin_client.post(counts, page | {f"picked-{second}": "1"}, follow=True)
    refused = admin_client.post(counts, page | {f"picked-{first}": "2"}, follow=True)

    assert f"Pick list {pick_list}: 2 of 4 units picked." in kept.text
    assert "Somebody else has counted since: 1 of 2 × A for W-0-1." in refused.text
    assert [row[1] for row in picks(pick_list)] == ["1/2", "1/1", "0/1"]


def test_what_leaves_the_list_is_put_back_whatever_moves_it(shipments: list[Shipment]) -> None:
    pick_list = listed(shipments)
    scan(pick_list.pk, "A", Act(NOW), key="1")
    first, second, third = shipments

    hold(first.pk, Act(LATER))
    cancel(second.order_id, Act(LATER), shipment_number=second.number)

    assert picks(pick_list) == [
        ("W-0-1", "1/2", False, True),
        ("W-1-1", "0/0", False, True),
        ("W-2-1", "0/1", True, False),
    ]
    fulfill(third.pk, Act(LATER))
    assert picks(pick_list)[2] == ("W-2-1", "0/1", False, False)
    pick_list.refresh_from_db()
    assert pick_list.state == "CLOSED"
    with pytest.raises(ClosedPickListError):
        scan(pick_list.pk, "A", Act(LATER), key="2")


def test_units_canceled_of_a_shipment_that_stays_are_put_back(shipments: list[Shipment]) -> None:
    pick_list = listed(shipments[:1])
    for key in "12":
        scan(pick_list.pk, "A", Act(NOW), key=key)
    line = shipments[0].lines.get()

    cancel(shipments[0].order_id, Act(LATER), quantities={line.order_line_id: Decimal(1)})

    assert picks(pick_list) == [("W-0-1", "1/1", True, False), ("W-0-1", "1/1", False, True)]


def test_units_that_are_sent_take_what_was_picked_along(shipments: list[Shipment]) -> None:
    pick_list = listed(shipments[:1])
    scan(pick_list.pk, "A", Act(NOW), key="1")
    line = shipments[0].lines.get()

    fulfill(shipments[0].pk, Act(LATER), quantities={line.order_line_id: Decimal(1)})

    assert picks(pick_list) == [("W-0-1", "0/1", True, False)]


def test_a_count_takes_shipments_on_no_list_first(shipments: list[Shipment]) -> None:
    """The last in queue order would be the third."""
    listed(shipments[1:])
    item = SourceItem.objects.get(source=east())

    set_items([ItemChange(item.product_id, east(), {"quantity": Decimal(3)})], Act(LATER))

    states = [one.state for one in Shipment.objects.order_by("pk")]
    assert states == ["BACKORDER", "READY", "READY"]


def test_a_shipment_on_a_list_is_not_moved(shipments: list[Shipment]) -> None:
    pick_list = listed(shipments)

    with pytest.raises(OnPickListError):
        reassign(shipments[0].pk, Act(LATER), source_code="west")

    take_off(pick_list.pk, [shipments[0].pk])
    assert picks(pick_list)[0] == ("W-0-1", "0/2", False, True)


def test_a_list_is_closed_when_all_is_taken_off_or_by_hand(shipments: list[Shipment]) -> None:
    off, by_hand = listed(shipments[:1]), listed(shipments[1:])
    scan(off.pk, "A", Act(NOW), key="1")

    take_off(off.pk, [shipments[0].pk])
    close(by_hand.pk)

    assert picks(off) == [("W-0-1", "1/2", False, True)]
    assert set(PickList.objects.values_list("state", flat=True)) == {"CLOSED"}
    # What was on them can be put on another.
    assert make_pick_list(east(), [one.pk for one in shipments], Act(LATER)).taken


@pytest.mark.django_db(transaction=True)
def test_of_two_who_make_a_list_of_the_same_the_second_gets_the_rest(
    shipments: list[Shipment],
) -> None:
    """Without the lock of the shipments the constraint would refuse the second whole list."""
    made: list[Any] = []

    def second() -> None:
        made.append(make_pick_list(east(), [one.pk for one in shipments], Act(LATER)))

    with ExitStack() as others, transaction.atomic():
        listed(shipments[:2])
        others.enter_context(beside(second))

    assert (made[0].taken, made[0].on_other_lists) == (["W-2-1"], ["W-0-1", "W-1-1"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("key", "picked"), [("1", "1/2"), ("2", "2/2")])
def test_of_two_scans_at_once_each_is_counted_once(
    shipments: list[Shipment], key: str, picked: str
) -> None:
    """The same scan twice counts once; those of two people both count."""
    pick_list = listed(shipments[:1])

    def other() -> None:
        scan(pick_list.pk, "A", Act(LATER), key=key)

    with ExitStack() as others, transaction.atomic():
        scan(pick_list.pk, "A", Act(NOW), key="1")
        others.enter_context(beside(other))

    assert picks(pick_list)[0][1] == picked


@pytest.mark.django_db(transaction=True)
def test_shipments_that_leave_two_lists_at_once_wait_for_each_other_in_one_order(
    api: Api, place: Callable[..., Any]
) -> None:
    """Each statement meets the lists in another order; locked one by one they would deadlock."""
    for number in range(4):
        place(f"W-{number}", "1")
    first, second, third, fourth = Shipment.objects.order_by("pk")
    ends, middle = listed([first, fourth]), listed([second, third])

    def hold(*leaving: Shipment) -> None:
        Shipment.objects.filter(pk__in=[one.pk for one in leaving]).update(
            is_held=True, hold_reason="STAFF"
        )

    with ExitStack() as others, transaction.atomic():
        PickList.objects.locked().get(pk=ends.pk)
        others.enter_context(beside(partial(hold, first, second)))
        others.enter_context(beside(partial(hold, third, fourth), waiting=2))

    assert not PickLine.objects.filter(is_open=True).exists()
    for pick_list in (ends, middle):
        pick_list.refresh_from_db()
        assert pick_list.state == "CLOSED"


def test_the_list_of_shipments_makes_a_list_and_its_page_counts(
    admin_client: Client, shipments: list[Shipment]
) -> None:
    address = reverse("admin:fulfillment_shipment_bulk_pick-list")
    keys = ",".join(f"{one.pk}" for one in shipments)
    page = admin_client.get(f"{address}?ids={keys}&from_list=1")
    made = admin_client.post(
        f"{address}?ids={keys}&from_list=1", {"snapshot": page.context["snapshot"]}
    )
    pick_list = PickList.objects.get()
    shown = reverse("admin:fulfillment_picklist_change", args=[pick_list.pk])
    assert made["Location"] == shown
    assert "3 shipments to pick." in admin_client.get(shown).content.decode()

    scanned = reverse("admin:fulfillment_picklist_scan", args=[pick_list.pk])
    once = {"code": EAN, "key": "k1"}
    page = admin_client.post(scanned, once, follow=True)
    again = admin_client.post(scanned, once, headers={"Accept": "application/json"}).json()
    wrong = admin_client.post(
        scanned, {"code": "B", "key": "k2"}, headers={"Accept": "application/json"}
    ).json()

    assert "1 of 2 × A for W-0-1" in page.content.decode()
    first = PickLine.objects.order_by("pk")[0]
    assert again == {
        "is_counted": True,
        "message": "1 of 2 × A for W-0-1",
        "progress": "1 of 4 units picked",
        "put_back": 0,
        "to_pack": "",
        "pick": first.pk,
        "picked": "1",
        "is_done": False,
    }
    assert not wrong["is_counted"]
    counts = reverse("admin:fulfillment_picklist_counts", args=[pick_list.pk])
    admin_client.post(counts, {f"shown-{first.pk}": "1", f"picked-{first.pk}": "2"})
    more = {f"shown-{first.pk}": "2", f"picked-{first.pk}": "3"}
    refused = admin_client.post(counts, more, follow=True)
    assert "More units are entered than a shipment needs" in refused.content.decode()
    first.refresh_from_db()
    assert first.picked_quantity == 2

    paper = admin_client.get(reverse("admin:fulfillment_picklist_document", args=[pick_list.pk]))
    [lines] = pages_of(paper.content)
    assert f"Pick list #{pick_list.pk}" in lines
    assert [line.strip() for line in lines if line.startswith(("W-", " "))][-6:] == [
        *("W-0-1", "0"),
        *("W-1-1", "1"),
        *("W-2-1", "1"),
    ]
    off = reverse("admin:fulfillment_picklist_take_off", args=[pick_list.pk])
    admin_client.post(off, {"shipment": f"{shipments[0].pk}"})
    assert "Put back" in admin_client.get(shown).content.decode()
    admin_client.post(reverse("admin:fulfillment_picklist_close", args=[pick_list.pk]))
    assert PickList.objects.get().state == "CLOSED"


def test_what_is_not_on_the_list_is_named_and_nothing_is_taken_off(
    admin_client: Client, api: Api, shipments: list[Shipment]
) -> None:
    first, second, third = shipments
    pick_list = make_pick_list(east(), [first.pk, second.pk], Act(NOW)).pick_list
    address = f"pick-lists/{pick_list.pk}/take-off/"

    unknown = api.post(address, {"shipments": [first.number, "NO-SUCH"]})
    elsewhere = api.post(address, {"shipments": [first.number, third.number]})
    off = reverse("admin:fulfillment_picklist_take_off", args=[pick_list.pk])
    pages = [
        admin_client.post(off, {"shipment": named}, follow=True)
        for named in (f"{third.pk}", "", "x")
    ]

    assert (unknown[0], unknown[1]["errors"][0]["pointer"]) == (422, "/shipments/1")
    assert (elsewhere[0], elsewhere[1]["type"]) == (409, "urn:problem:not-on-list")
    assert [error["pointer"] for error in elsewhere[1]["errors"]] == ["/shipments/1"]
    for page in pages:
        assert "The shipment is not on this list any more." in page.content.decode()
    with pytest.raises(NotListedError):
        take_off(pick_list.pk, [])
    assert all(is_open for _shipment, _picked, is_open, _back in picks(pick_list))
    assert api.post(address, {"shipments": [first.number, second.number]})[0] == 200
    assert PickList.objects.get().state == "CLOSED"


def test_the_api_compares_a_count_with_what_was_shown(api: Api, shipments: list[Shipment]) -> None:
    pick_list = listed(shipments)
    address = f"pick-lists/{pick_list.pk}/picks/"
    counts = [
        {"shipment": "W-1-1", "line": 1, "picked_quantity": "1", "shown_quantity": "0"},
        {"shipment": "W-0-1", "line": 1, "picked_quantity": "1", "shown_quantity": "0"},
    ]
    scan(pick_list.pk, "A", Act(NOW), key="1")

    status, refused = api.post(address, counts)

    assert (status, refused["type"]) == (409, "urn:problem:counted-meanwhile")
    assert [error["pointer"] for error in refused["errors"]] == ["/1"]
    assert [row[1] for row in picks(pick_list)] == ["1/2", "0/1", "0/1"]
    counts[1] |= {"picked_quantity": "2", "shown_quantity": "1"}
    assert api.post(address, counts)[0] == 200
    assert [row[1] for row in picks(pick_list)] == ["2/2", "1/1", "0/1"]
    status, refused = api.post(address, [counts[1], counts[1]])
    assert (status, refused["errors"][0]["pointer"]) == (422, "/1")
    too_many = [counts[0] | {"picked_quantity": "2", "shown_quantity": "1"}]
    status, refused = api.post(address, too_many)
    assert (status, refused["errors"][0]["pointer"]) == (422, "/0")


def test_a_list_takes_200_and_names_the_rest(shipments: list[Shipment]) -> None:
    first = shipments[0]
    values = Shipment.objects.filter(pk=first.pk).values().get()
    of_line = ShipmentLine.objects.filter(shipment=first).values().get()
    more = Shipment.objects.bulk_create(
        Shipment(**values | {"id": None, "number": f"X-{number}"}) for number in range(199)
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(**of_line | {"id": None, "shipment_id": one.pk}) for one in more
    )

    made = make_pick_list(east(), [one.pk for one in (*shipments, *more)], Act(NOW))

    assert len(made.taken) == 200
    assert made.left_over == ["X-197", "X-198"]
    assert PickLine.objects.values("shipment").distinct().count() == 200

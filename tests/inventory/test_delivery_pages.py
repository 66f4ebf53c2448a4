"""Receiving on pages: the sheet, scans, the preview, one confirmation, and the printed receipt."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import today
from inventory.models import Delivery, FutureSupply, Receipt, Source, SourceItem
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceFactory
from tests.form_values import shown_in
from tests.inventory.test_supply_pages import promised_supply, states

pytestmark = pytest.mark.django_db
SHEET = reverse("admin:inventory_futuresupply_delivery")
OPEN = reverse("admin:inventory_futuresupply_deliveries")


def delivery() -> Any:
    """PO-7 at a: 10 kettles, promised to O1 (3), O2 (4) and O3 (2), and 4 lids with a barcode."""
    kettles = promised_supply()
    FutureSupply.objects.update(reference="PO-7")
    lid = ProductFactory(sku="LID", barcode="4006381333931")
    lids = FutureSupplyFactory(
        source=kettles.source, product=lid, quantity=4, reference="PO-7", expected_on=today()
    )
    return kettles, lids


def open_sheet(client: Client, **named: Any) -> Any:
    return client.get(SHEET, named or {"reference": "PO-7"})


def typed(response: Any) -> dict[str, Any]:
    """What a sheet or its preview would post, by the name of each input."""
    sheet = response.context["sheet"]
    values = {f"units-{line.key}": line.units for line in sheet.lines}
    values |= {f"last-{line.key}": "on" for line in sheet.lines if line.is_last}
    if sheet.is_counted:
        values["is_counted"] = "on"
    if "outcome" in response.context:
        values["affected"] = response.context["outcome"].affected
    return {**values, **shown_in(response.text)}


def post(client: Client, response: Any, step: str, **entered: Any) -> Any:
    return client.post(SHEET, {**typed(response), **entered, "step": step}, follow=True)


def units(response: Any) -> Any:
    return {line.product.sku: line.units for line in response.context["sheet"].lines}


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_open_deliveries_are_listed_and_found(admin_client: Client) -> None:
    delivery()
    FutureSupplyFactory(reference="PO-8", expected_on=today() + timedelta(days=30))

    every = admin_client.get(OPEN).context["rows"]
    found = admin_client.get(OPEN, {"q": "LID"}).context["rows"]

    assert [(row.reference, row.line_count, row.outstanding) for row, _url in every] == [
        ("PO-7", 2, 14),
        ("PO-8", 1, 10),
    ]
    assert [row.reference for row, _url in found] == ["PO-7"]


def test_what_is_outstanding_is_entered_reviewed_and_received(admin_client: Client) -> None:
    delivery()

    sheet = open_sheet(admin_client)
    preview = post(admin_client, sheet, "review")

    assert units(sheet) == {"KTP": "10", "LID": "4"}
    outcome = preview.context["outcome"]
    assert [one.order_number for one in outcome.ready] == ["O1", "O2", "O3"]
    assert [(line.sku, line.on_hand) for line in outcome.lines] == [("KTP", 1), ("LID", 4)]
    assert Receipt.objects.count() == 0

    received = post(admin_client, preview, "confirm")

    assert messages(received) == ["Received 2 lines of PO-7. 3 shipments became ready."]
    assert states() == {"O1": "READY", "O2": "READY", "O3": "READY"}
    assert set(FutureSupply.objects.values_list("state", flat=True)) == {"RECEIVED"}
    assert "Shipments that became ready" in received.text

    again = post(admin_client, preview, "confirm")

    assert "Nothing was booked a second time" in messages(again)[0]
    assert Receipt.objects.count() == 2


def test_more_than_500_open_lines_are_not_opened_together(admin_client: Client) -> None:
    record = FutureSupplyFactory(reference="PO-9", expected_on=today())
    values = {"product": record.product, "source": record.source, "quantity": 1}
    others = [FutureSupply(reference="PO-9", expected_on=today(), **values) for _ in range(500)]
    FutureSupply.objects.bulk_create(others)

    refused = open_sheet(admin_client, reference="PO-9")
    followed = admin_client.get(refused.url)
    FutureSupply.objects.filter(pk=record.pk).update(state=FutureSupply.State.CANCELED)
    opened = open_sheet(admin_client, reference="PO-9")

    assert messages(followed) == [
        "This delivery has 501 open lines. At most 500 can be received together. "
        "Open it by its reference and its source."
    ]
    assert len(opened.context["sheet"].lines) == 500


def test_each_scan_adds_one_unit_of_a_sku_or_barcode(admin_client: Client) -> None:
    delivery()
    ProductFactory(sku="SPOON")
    page = open_sheet(admin_client)

    source = SourceItem.objects.get().source.code

    for code in ("4006381333931", "LID", "SPOON"):
        page = post(admin_client, page, "scan", code=code, source=source)

    assert units(page) == {"KTP": "0", "LID": "2", "SPOON": "1"}
    unknown = post(admin_client, page, "scan", code="nothing")
    assert "No product has the SKU or barcode “nothing”." in unknown.text
    assert units(unknown) == units(page)
    assert units(post(admin_client, unknown, "fill")) == {"KTP": "10", "LID": "4", "SPOON": "1"}

    preview = post(admin_client, page, "review")
    post(admin_client, preview, "confirm")

    spoon = FutureSupply.objects.get(product__sku="SPOON")
    assert (spoon.reference, spoon.quantity, spoon.state) == ("PO-7", Decimal(1), "RECEIVED")
    assert states() == {"O1": "FUTURE", "O2": "FUTURE", "O3": "FUTURE"}


def test_the_first_scan_keeps_what_was_typed(admin_client: Client) -> None:
    kettles, _lids = delivery()
    page = open_sheet(admin_client)

    page = post(admin_client, page, "scan", code="LID", **{f"units-{kettles.pk}": "7"})

    assert units(page) == {"KTP": "7", "LID": "1"}


def test_more_than_is_outstanding_is_asked_about(admin_client: Client) -> None:
    _kettles, lids = delivery()
    page = open_sheet(admin_client)
    over = {f"units-{lids.pk}": "9"}

    asked = post(admin_client, page, "review", **over)
    unexplained = post(admin_client, asked, "review", confirms_over="on")
    explained = post(admin_client, asked, "review", confirms_over="on", reason="A pallet")

    assert "Confirm that more came" in asked.text
    assert "Say why, or correct it." in unexplained.text
    assert explained.context["outcome"].lines[1].received == 9
    assert Receipt.objects.count() == 0


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ("-1", "The quantity is never negative."),
        ("1.5", "is sold in whole units"),
        ("many", "many"),
    ],
)
def test_units_that_make_no_sense_are_refused(
    admin_client: Client, entered: Any, sentence: str
) -> None:
    _kettles, lids = delivery()

    refused = post(
        admin_client, open_sheet(admin_client), "review", **{f"units-{lids.pk}": entered}
    )

    assert "outcome" not in refused.context
    assert sentence in refused.text
    assert Delivery.objects.count() == 0


def test_a_sheet_that_others_received_from_meanwhile_says_so(admin_client: Client) -> None:
    _kettles, lids = delivery()
    first, second = open_sheet(admin_client), open_sheet(admin_client)
    only_lids = {f"units-{line.key}": "0" for line in first.context["sheet"].lines}
    only_lids[f"units-{lids.pk}"] = "1"
    post(admin_client, post(admin_client, first, "review", **only_lids), "confirm")

    refused = post(admin_client, second, "review")

    assert "Nothing was received. Review the outstanding units." in refused.text
    assert [line.outstanding for line in refused.context["sheet"].lines] == [10, 3]
    assert units(refused) == {"KTP": "10", "LID": "4"}


def test_other_shipments_than_were_shown_are_shown_first(admin_client: Client) -> None:
    delivery()
    preview = post(admin_client, open_sheet(admin_client), "review")

    shown_again = post(admin_client, preview, "confirm", affected="0;")

    assert messages(shown_again) == ["The affected shipments have changed. Review them again."]
    assert Receipt.objects.count() == 0


def test_a_delivery_that_nobody_recorded_is_received_too(admin_client: Client) -> None:
    SourceFactory(code="east")
    ProductFactory(sku="LID")
    page = open_sheet(admin_client, reference="PO-9", source="east")

    page = post(admin_client, page, "scan", code="LID")
    post(admin_client, post(admin_client, page, "review"), "confirm")

    made = FutureSupply.objects.get()
    assert (made.reference, made.source.code, made.state) == ("PO-9", "east", "RECEIVED")


def test_a_page_that_is_not_ours_and_a_source_that_is_none_lead_back(admin_client: Client) -> None:
    assert admin_client.post(SHEET, {"step": "confirm"})["Location"] == OPEN
    assert open_sheet(admin_client, source="nowhere").url == OPEN


def test_fulfillment_receives_and_finds_the_button(client: Client) -> None:
    kettles, _lids = delivery()
    user = User.objects.create(username="packer", is_staff=True)
    user.groups.add(Group.objects.get(name="Fulfillment"))
    client.force_login(user)

    record = client.get(reverse("admin:inventory_futuresupply_change", args=[kettles.pk]))
    listed = client.get(reverse("admin:inventory_futuresupply_changelist"))

    assert "Receive this delivery" in record.text
    assert OPEN in listed.text
    assert [row[1] for row in record.context["supply_promises"]] == ["O1", "O2", "O3"]
    assert [one.product.sku for one in record.context["supply_others"]] == ["LID"]


def test_the_statements_of_a_review_do_not_grow_with_its_lines(admin_client: Client) -> None:
    delivery()
    counts = [_statements(admin_client)]
    for number in range(30):
        FutureSupplyFactory(
            source=Source.objects.get(code="a"),
            product=ProductFactory(sku=f"MORE-{number}"),
            reference="PO-7",
        )

    counts.append(_statements(admin_client))

    assert counts[1] <= counts[0]


def _statements(client: Client) -> int:
    """How many statements a review of all that is outstanding takes."""
    page = open_sheet(client)
    with CaptureQueriesContext(connection) as captured:
        assert "outcome" in post(client, page, "review").context
    return len(captured)

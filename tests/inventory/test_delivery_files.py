"""A delivery received by file: the file fills the sheet, and the person confirms the sheet."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from inventory.models import FutureSupply, Receipt
from tests.factories.inventory import FutureSupplyFactory, ProductFactory, SourceFactory
from tests.inventory.test_delivery_pages import (
    SHEET,
    delivery,
    messages,
    open_sheet,
    post,
    typed,
    units,
)
from tests.inventory.test_supply_pages import states

pytestmark = pytest.mark.django_db


def upload(client: Client, text: str, *, sheet: Any = None) -> Any:
    """Upload a file on the sheet, or on the page of open deliveries."""
    file = SimpleUploadedFile("note.csv", text.encode())
    carried = {} if sheet is None else typed(sheet)
    return client.post(SHEET, {**carried, "step": "file", "file": file})


def wrong(response: Any) -> list[tuple[int, str, str]]:
    return [(row["line"], row["column"], row["sentence"]) for row in response.context["problems"]]


def test_a_file_fills_the_sheet_of_the_delivery_that_it_names(admin_client: Client) -> None:
    delivery()
    ProductFactory(sku="SPOON")
    text = "reference;sku;quantity\nPO-7;KTP;6\nPO-7;4006381333931;3\n;KTP;4\n;SPOON;2\n"

    filled = upload(admin_client, text)

    assert filled.context["sheet"].title == "PO-7"
    assert units(filled) == {"KTP": "10", "LID": "3", "SPOON": "2"}
    assert Receipt.objects.count() == 0
    received = post(admin_client, post(admin_client, filled, "review"), "confirm")
    assert messages(received) == ["Received 3 lines of PO-7. 3 shipments became ready."]
    assert states() == {"O1": "READY", "O2": "READY", "O3": "READY"}
    left = FutureSupply.objects.order_by("product__sku").values_list("state", "received_quantity")
    assert list(left) == [("RECEIVED", Decimal(10)), ("OPEN", Decimal(3)), ("RECEIVED", Decimal(2))]


def test_a_file_on_the_sheet_needs_neither_reference_nor_source(admin_client: Client) -> None:
    delivery()

    filled = upload(admin_client, "sku,quantity\nLID,4\n", sheet=open_sheet(admin_client))

    assert units(filled) == {"KTP": "0", "LID": "4"}


def test_units_go_to_the_lines_of_their_source_and_the_rest_to_the_last(
    admin_client: Client,
) -> None:
    kettles, lids = delivery()
    east = SourceFactory(code="east")
    for source, quantity in ((kettles.source, 1), (east, 5)):
        FutureSupplyFactory(
            source=source, product=lids.product, quantity=quantity, reference="PO-7"
        )

    filled = upload(
        admin_client, "reference,sku,source_code,quantity\nPO-7,LID,a,7\nPO-7,LID,east,2\n"
    )

    lines = filled.context["sheet"].lines
    assert [(line.source.code, line.units) for line in lines if line.product.sku == "LID"] == [
        ("a", "4"),
        ("a", "3"),
        ("east", "2"),
    ]


def test_every_wrong_row_is_named_and_nothing_is_entered(admin_client: Client) -> None:
    delivery()
    text = (
        "reference,sku,quantity,source_code\nPO-7,KTP,1,\nPO-7,FORK,1,\nPO-7,LID,1.234.5,\n"
        "PO-8,LID,1,\nPO-7,LID,1,nowhere\n"
    )

    refused = upload(admin_client, text, sheet=open_sheet(admin_client))

    assert units(refused) == {"KTP": "10", "LID": "4"}
    assert "Nothing was entered." in refused.text
    found = wrong(refused)
    assert [row[:2] for row in found] == [
        (3, "sku"),
        (4, "quantity"),
        (5, "reference"),
        (6, "source_code"),
    ]
    assert found[0][2] == "No product has the SKU or barcode “FORK”."
    assert "Upload a file for each delivery." in found[2][2]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        ("sku,reference\nKTP,PO-7\n", "The header lacks the column quantity."),
        ("sku,quantity\n", "The file has no rows below its header."),
        ("sku,quantity\nKTP,1\n", "The file does not say which delivery it is."),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    admin_client: Client, text: str, sentence: str
) -> None:
    delivery()

    refused = upload(admin_client, text)

    assert sentence in refused.text
    assert "Expected deliveries" in refused.text


def test_a_file_of_another_delivery_or_source_is_refused(admin_client: Client) -> None:
    delivery()
    SourceFactory(code="east")
    sheet = open_sheet(admin_client, reference="PO-7", source="a")

    other = upload(admin_client, "reference,sku,quantity\nPO-8,LID,1\n", sheet=sheet)
    elsewhere = upload(admin_client, "sku,quantity,source_code\nLID,1,east\n", sheet=sheet)

    assert "The file is of delivery “PO-8”, and this is “PO-7 · a”." in other.text
    assert wrong(elsewhere) == [
        (2, "source_code", "This delivery is received at “a”, and the row names “east”.")
    ]


def test_a_product_without_a_line_needs_its_source(admin_client: Client) -> None:
    kettles, _lids = delivery()
    east = SourceFactory(code="east")
    FutureSupplyFactory(source=east, product=kettles.product, quantity=5, reference="PO-7")
    ProductFactory(sku="SPOON")

    refused = upload(admin_client, "reference,sku,quantity\nPO-7,SPOON,1\n")
    placed = upload(admin_client, "reference,sku,quantity,source_code\nPO-7,SPOON,1,east\n")

    assert "SPOON is not on this delivery." in wrong(refused)[0][2]
    assert units(placed)["SPOON"] == "1"


def test_without_a_file_the_page_asks_for_one(admin_client: Client) -> None:
    delivery()

    asked = post(admin_client, open_sheet(admin_client), "file")

    assert "Choose a file first." in asked.text
    assert units(asked) == {"KTP": "10", "LID": "4"}

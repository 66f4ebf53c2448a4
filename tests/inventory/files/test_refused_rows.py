"""The rows that are left out come back as a file of the same kind, which can be brought in."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inventory.files.uploads import read_upload
from inventory.models import ImportFile, SourceItem
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.files.imports import findings
from tests.inventory.files.spreadsheet_files import ods, xlsx

pytestmark = pytest.mark.django_db

UPLOAD = "admin:inventory_sourceitem_import"
ROWS = [
    ["source_code", "SKU", "note", "quantity", "fault"],
    ["north", "A", "keep", "7", "an old one"],
    ["north", "B", "=1+1", "8"],
    ["west", "00123", "-", "€5", "", ""],
]
NO_B = "sku: There is no product with the SKU “B”; add it first."
LAST = (
    "quantity: “€5” is not a number. Write digits such as 1234.5. | "
    "source_code: There is no source with the code “west”; add it first. | "
    "sku: There is no product with the SKU “00123”; add it first."
)


@pytest.fixture
def item() -> SourceItem:
    return SourceItemFactory(
        product=ProductFactory(sku="A"), source=SourceFactory(code="north"), quantity=5
    )


def upload(client: Client, content: Any, *, name: str, behavior: str = "APPEND") -> Any:
    posted = {"file": SimpleUploadedFile(name, content), "behavior": behavior}
    return client.post(reverse(UPLOAD), posted, follow=True)


def text_of(rows: list[list[str]], separator: str) -> bytes:
    text = StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode()


def refused(client: Client) -> Any:
    file = ImportFile.objects.latest("pk")
    return client.get(reverse("admin:inventory_importfile_refused_rows", args=[file.pk]))


def test_rows_with_errors_come_back_as_csv_with_the_separator_of_the_file(
    admin_client: Client, item: SourceItem
) -> None:
    upload(admin_client, text_of(ROWS, ";"), name="stock.csv")

    response = refused(admin_client)

    assert response["Content-Disposition"] == 'attachment; filename="stock-errors.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.decode() == (
        "\ufeffsource_code;SKU;note;quantity;fault\r\n"
        f'north;B;\'=1+1;8;"{NO_B}"\r\n'
        f'west;00123;\'-;€5;"{LAST.replace("1234.5", "1234,5")}";\r\n'
    )


@pytest.mark.parametrize(("build", "name"), [(xlsx, "stock.XLSX"), (ods, "misnamed.csv")])
def test_rows_with_errors_come_back_as_a_spreadsheet_of_the_same_kind(
    admin_client: Client, item: SourceItem, build: Callable[..., Any], name: str
) -> None:
    rows = [[], [*ROWS[0]], ["north", "A", "keep", 7], ["north", "B", "=1+1", 8.5]]
    upload(admin_client, build(rows), name=name)
    kind = ImportFile.objects.get().kind

    response = refused(admin_client)

    assert response["Content-Disposition"].endswith(f'-errors.{kind.lower()}"')
    again = read_upload(response.content, limit=10_000)
    assert again.kind == kind
    assert list(csv.reader(StringIO(again.text))) == [
        ["source_code", "SKU", "note", "quantity", "fault"],
        ["north", "B", "=1+1", "8.5", NO_B],
    ]


def test_good_rows_are_written_then_the_corrected_rest(
    admin_client: Client, item: SourceItem
) -> None:
    # given a file of which one row is good
    page = upload(admin_client, text_of(ROWS, ","), name="stock.csv").content.decode()
    assert "Some rows have errors, and nothing is written yet." in page
    assert "Write 1 row without errors" in page
    file = ImportFile.objects.get()
    confirm = reverse("admin:inventory_importfile_confirm", args=[file.pk])

    # when it is confirmed as a whole, then nothing is written
    assert "cannot be written" in admin_client.post(confirm, follow=True).content.decode()
    assert SourceItem.objects.get().quantity == 5

    # when its good rows are
    page = admin_client.post(confirm, {"rows": "good"}, follow=True).content.decode()

    # then they are written, and the rest can be fetched
    assert "The file is written, except for 2 rows with errors." in page
    assert SourceItem.objects.get().quantity == 7
    rest = refused(admin_client).content.decode()

    # when that is corrected and brought in
    ProductFactory(sku="B")
    corrected = rest.replace("west", "north").replace("00123", "A").replace("€5", "9")
    upload(admin_client, corrected.encode(), name="stock-errors.csv")

    # then nothing is wrong with it any more
    again = ImportFile.objects.latest("pk")
    assert (again.state, findings(again).ignored) == ("CHECKED", ("note",))


def test_there_is_no_such_file_where_nothing_is_wrong_or_the_text_is_gone(
    admin_client: Client, item: SourceItem
) -> None:
    upload(admin_client, b"source_code,sku,quantity\nnorth,A,7\n", name="stock.csv")
    assert refused(admin_client).status_code == 404

    upload(admin_client, text_of(ROWS, ","), name="stock.csv")
    assert refused(admin_client).status_code == 200
    ImportFile.objects.update(text="")
    assert refused(admin_client).status_code == 404


def test_columns_with_another_name_are_named_with_the_one_to_use(admin_client: Client) -> None:
    content = b"sku,name,min_qty,backorders,color\nA,Bag,0,0,red\n"
    posted = {"file": SimpleUploadedFile("a.csv", content), "behavior": "APPEND"}

    page = admin_client.post(reverse("admin:inventory_product_import"), posted, follow=True)

    text = page.content.decode()
    assert "The column min_qty is not read: use out_of_stock_qty." in text
    assert "The column backorders is not read: use allow_backorders." in text
    assert "Columns that are not read: color." in text

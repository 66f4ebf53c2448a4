"""A stock file in a real browser: uploaded, looked at, confirmed; and one with errors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from inventory.models import ImportFile, SourceItem
from tests.browser.clicks import Clicks
from tests.browser.conftest import follow, shoot, violations
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.test_source_item_operations import ready_shipments

LIST = "admin:inventory_sourceitem_changelist"


@pytest.fixture
def folder(tmp_path: Path, transactional_db: None) -> Path:
    """Two products at north; 7 of the first's 10 are set aside for two shipments."""
    north = SourceFactory(code="north")
    SourceFactory(code="south")
    first = SourceItemFactory(product=ProductFactory(sku="CHAIR"), source=north, quantity=10)
    SourceItemFactory(
        product=ProductFactory(sku="TABLE", qty_uses_decimals=True), source=north, quantity=4
    )
    ready_shipments(first, quantities=[4, 3])
    (tmp_path / "stock.csv").write_text(
        "source_code;sku;status;quantity;color\r\n"
        "north;CHAIR;1;6;red\r\n"
        "north;TABLE;1;4;red\r\n"
        "south;TABLE;1;2.5;red\r\n"
    )
    (tmp_path / "errors.csv").write_text('source_code,sku,quantity\nnorth,CHAIR,"1,500"\n')
    return tmp_path


def held() -> list[tuple[str, str]]:
    items = SourceItem.objects.order_by("product__sku", "source__code")
    return [(str(item), f"{item.quantity:f}") for item in items.select_related("product", "source")]


@pytest.mark.parametrize("width", ["phone", pytest.param("desktop", marks=pytest.mark.long)])
def test_file_is_looked_at_and_confirmed(
    open_page: Callable[..., Page], folder: Path, width: str
) -> None:
    # given a file that was uploaded from the list
    page = open_page(reverse(LIST), width=width)
    assert violations(page) == []
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File", exact=True).set_input_files(folder / "stock.csv")
    assert violations(page) == []
    follow(page.get_by_role("button", name="Check the file"))

    # then the page says what would change, and nothing has
    page.get_by_role("heading", name="Preview of changes").wait_for()
    assert page.locator("dd[data-count]").all_inner_texts() == ["1", "1", "1", "0"]
    assert page.get_by_text("1 shipment would lose its units").count() == 1
    assert page.get_by_text("Columns that are not read: color.").count() == 1
    assert violations(page) == []
    shoot(page, f"import-preview-{width}")
    assert held() == [("CHAIR @ north", "10.0000"), ("TABLE @ north", "4.0000")]

    # when it is confirmed
    follow(page.get_by_role("button", name="Write the file"))

    # then it is written, as one entry of history
    page.get_by_role("heading", name="Saved changes").wait_for()
    assert violations(page) == []
    assert held() == [
        ("CHAIR @ north", "6.0000"),
        ("TABLE @ north", "4.0000"),
        ("TABLE @ south", "2.5000"),
    ]
    assert page.get_by_text("2 rows", exact=True).count() == 1


def test_errors_are_shown_by_line_and_download(
    open_page: Callable[..., Page], folder: Path
) -> None:
    page = open_page(reverse("admin:inventory_sourceitem_import"), has_scripts=False)
    page.get_by_label("File", exact=True).set_input_files(folder / "errors.csv")

    follow(page.get_by_role("button", name="Check the file"))

    page.get_by_role("heading", name="Errors", exact=True).wait_for()
    assert page.locator("tbody td").all_inner_texts() == [
        "2",
        "quantity",
        "1,500",
        "“1,500” can mean 1500 or 1.500. Write one of these.",
    ]
    assert page.get_by_role("button", name="Write the file").count() == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the list of errors").click()
    assert download.value.suggested_filename == f"errors-{ImportFile.objects.get().pk}.csv"


def test_export_downloads_what_the_search_found(
    open_page: Callable[..., Page], folder: Path
) -> None:
    page = open_page(f"{reverse(LIST)}?q=TABLE", has_scripts=False)

    with page.expect_download() as download:
        page.get_by_role("link", name="Export these rows as CSV").click()

    assert download.value.path().read_text(encoding="utf-8-sig") == (
        "source_code,sku,status,quantity\nnorth,TABLE,1,4\n"
    )


@pytest.mark.parametrize(
    ("width", "scheme", "has_scripts"), [("desktop", "dark", False), ("phone", "light", True)]
)
def test_import_starts_at_imports_and_the_corrected_rest_follows(
    open_page: Callable[..., Page], folder: Path, width: str, scheme: str, has_scripts: bool
) -> None:
    # given a file of which one row is good, brought in step by step from Imports
    (folder / "mixed.csv").write_text(
        "sep=;\nsource_code;sku;quantity;qty\nnorth;CHAIR;1,5;\nnorth;TABLE;9;\nwest;X;1;\n"
    )
    looks = {"width": width, "scheme": scheme, "has_scripts": has_scripts}
    page = open_page(reverse("admin:inventory_importfile_changelist"), **looks)
    follow(page.get_by_role("link", name="Import a file"))
    assert page.locator("[aria-current=step]").inner_text() == "Choose"
    _look(page, f"import-start-{width}-{scheme}", has_scripts)
    follow(page.get_by_role("link", name="Stock sources"))
    assert page.locator("[aria-current=step]").inner_text() == "Upload"
    page.get_by_label("File", exact=True).set_input_files(folder / "mixed.csv")
    _look(page, f"import-upload-{width}-{scheme}", has_scripts)
    follow(page.get_by_role("button", name="Check the file"))

    # then every fault is named, and the good row can be written alone
    assert page.locator("[aria-current=step]").inner_text() == "Check"
    assert page.get_by_text("The column qty is not read: use quantity.").count() == 1
    assert page.locator(".file-table").first.locator("tbody tr").count() == 3
    _look(page, f"import-errors-{width}-{scheme}", has_scripts)
    follow(page.get_by_role("button", name="Write 1 row without errors"))
    assert page.locator("[aria-current=step]").inner_text() == "Write"
    assert page.get_by_text("The file is written, except for 2 rows with errors.").count() == 1
    assert held() == [("CHAIR @ north", "10.0000"), ("TABLE @ north", "9.0000")]
    _look(page, f"import-written-{width}-{scheme}", has_scripts)

    # when the others are fetched, corrected and uploaded there
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rows with errors").click()
    rest = download.value.path().read_text(encoding="utf-8-sig")
    assert rest.splitlines()[0] == "source_code;sku;quantity;qty;fault"
    (folder / "rest.csv").write_text(
        rest.replace("1,5;", "5;", 1).replace("west;X;1", "south;TABLE;1")
    )
    page.get_by_label("Corrected file").set_input_files(folder / "rest.csv")
    follow(page.get_by_role("button", name="Upload the corrected file"))

    # then nothing is wrong with them any more
    follow(page.get_by_role("button", name="Write the file"))
    assert held() == [
        ("CHAIR @ north", "5.0000"),
        ("TABLE @ north", "9.0000"),
        ("TABLE @ south", "1.0000"),
    ]


def test_a_file_with_two_bad_rows_is_corrected_and_written_in_five_clicks(
    open_page: Callable[..., Page], folder: Path
) -> None:
    bad = "source_code,sku,quantity\nnorth,CHAIR,9\nnorth,TABLE,x\nwest,TABLE,1\n"
    (folder / "bad.csv").write_text(bad)
    (folder / "good.csv").write_text(bad.replace("x", "8").replace("west", "south"))
    page, clicks = open_page("/admin/"), Clicks()

    # Choosing a file is like typing its name.
    clicks.go(page.get_by_role("link", name="Source items", exact=True))
    clicks.go(page.get_by_role("link", name="Import a file"))
    page.get_by_label("File", exact=True).set_input_files(folder / "bad.csv")
    clicks.go(page.get_by_role("button", name="Check the file"))
    assert page.locator("#errors tbody tr").count() == 2
    page.get_by_label("Corrected file").set_input_files(folder / "good.csv")
    clicks.go(page.get_by_role("button", name="Upload the corrected file"))
    clicks.go(page.get_by_role("button", name="Write the file"))

    assert clicks.count <= 5
    page.get_by_role("heading", name="Saved changes").wait_for()
    assert held() == [
        ("CHAIR @ north", "9.0000"),
        ("TABLE @ north", "8.0000"),
        ("TABLE @ south", "1.0000"),
    ]


def _look(page: Any, name: str, has_scripts: bool) -> None:
    shoot(page, name)
    if has_scripts:
        assert violations(page) == []

"""The reference says what the code says."""

import pytest

from docs.reference import licenses, options, product_columns
from docs.reference.generate import FOLDER, pages, text_of

PAGES = pages()
# Licenses that a program under the BSD license may be used and passed on with.
PERMITTED = {
    "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "LGPL-3.0", "LGPL-3.0-only", "MIT",
    "MIT-CMU", "MPL-2.0", "PSF-2.0",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_up_to_date(name: str) -> None:
    kept = (FOLDER / name).read_text(encoding="utf-8")

    assert kept == text_of(PAGES[name]), "Run `make reference`, and commit docs/reference."


def test_no_page_says_that_it_is_generated_and_is_not() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}

    assert {name for name, text in texts.items() if "by `make reference`" in text} == set(PAGES)


def test_rows_in_full() -> None:
    rows = "".join(text_of(page) for page in PAGES.values()).splitlines()

    assert (
        "| Out-of-Stock Threshold ° | `out_of_stock_threshold` | quantity | 0 "
        "| configuration, product | The salable quantity at which a product is out of stock; "
        "negative caps backorders. |"
    ) in rows
    assert "| `quantity` | number | `qty` |" in rows
    assert "| Release runs | – | view, add | view, add | view |" in rows
    assert "| `backoffice_exceptions` | `kind` | What a person must look at. |" in rows
    assert (
        "| `RUN_RETENTION_DAYS` | `90` | For how many days the decisions of a release run are "
        "kept. |"
    ) in rows
    assert "| `psycopg` | LGPL-3.0-only |" in rows
    assert (
        "| Release backorders | every 15 minutes "
        "| Releases every shipment that available units or future supply cover. |"
    ) in rows
    assert "| Write low stock e-mails | `0 7 * * *` in the site's time zone |" in "".join(rows)


def test_columns_in_full() -> None:
    rows = product_columns.page().splitlines()

    assert (
        "| `allow_backorders` | Backorders: 0 No Backorders, 1 Allow Qty Below 0, "
        "2 Allow Qty Below 0 and Notify Customer. |"
    ) in rows
    assert (
        "| `use_config_min_qty` | 1: Out-of-Stock Threshold follows the configuration, whatever "
        "stands in `out_of_stock_qty`. |"
    ) in rows
    assert "| `qty` | The quantity at the source “default”. |" in rows


def test_an_option_that_hides_is_marked() -> None:
    assert "| Backorders ° | `backorders` |" in options.page()


def test_production_installs_nothing_that_its_license_forbids() -> None:
    names = licenses.packages()

    assert {"django", "psycopg", "celery"} <= set(names)
    for name in names:
        choices = licenses.license_of(name).split(" OR ")
        assert any(set(choice.split(" AND ")) <= PERMITTED for choice in choices), name

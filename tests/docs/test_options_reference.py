"""The options' reference says what the table of options says."""

from docs.reference.generate import COLUMNS_PAGE, PAGE, columns_page, page


def test_reference_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m docs.reference.generate"


def test_a_row_in_full() -> None:
    row = (
        "| Out-of-Stock Threshold ° | `out_of_stock_threshold` | quantity | 0 "
        "| configuration, product | The salable quantity at which a product is out of stock; "
        "negative caps backorders. |"
    )

    assert row in page().splitlines()


def test_columns_reference_is_up_to_date() -> None:
    assert COLUMNS_PAGE.read_text(encoding="utf-8") == columns_page(), (
        "python -m docs.reference.generate"
    )


def test_columns_in_full() -> None:
    rows = columns_page().splitlines()

    assert (
        "| `allow_backorders` | Backorders: 0 No Backorders, 1 Allow Qty Below 0, "
        "2 Allow Qty Below 0 and Notify Customer. |"
    ) in rows
    assert (
        "| `use_config_min_qty` | 1: Out-of-Stock Threshold follows the configuration, whatever "
        "stands in `out_of_stock_qty`. |"
    ) in rows
    assert "| `qty` | The quantity at the source “default”. |" in rows

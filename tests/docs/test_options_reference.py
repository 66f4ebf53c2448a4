"""The options' reference says what the table of options says."""

from docs.reference.generate import PAGE, page


def test_reference_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m docs.reference.generate"


def test_a_row_in_full():
    row = (
        "| Out-of-Stock Threshold ° | `out_of_stock_threshold` | quantity | 0 "
        "| configuration, product | The salable quantity at which a product is out of stock; "
        "negative caps backorders. |"
    )

    assert row in page().splitlines()

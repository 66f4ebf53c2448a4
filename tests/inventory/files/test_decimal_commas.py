"""Files with decimal commas: the separator of the cells says how numbers are written."""

from decimal import Decimal

import pytest

from inventory.files.delivery_note import read_delivery_note
from inventory.files.imports import ImportStateError
from inventory.models import FutureSupply, ImportFile, Product, Source, SourceItem
from orders.models import OrderLine
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.files.imports import checked, confirmed, findings, sentences, written
from tests.inventory.files.spreadsheet_files import xlsx

pytestmark = pytest.mark.django_db

HEADER = ("source_code", "sku", "quantity")


@pytest.fixture(autouse=True)
def world() -> None:
    """A product whose units have decimals, and one that is sold in whole units."""
    source = SourceFactory(code="north")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    ProductFactory(sku="OIL", qty_uses_decimals=True)
    ProductFactory(sku="LAMP")


def stock(*quantities: str, separator: str, sku: str = "OIL") -> str:
    """A file of stock: each quantity at a source of its own."""
    for number, _quantity in enumerate(quantities):
        SourceFactory(code=f"s{number}")
    rows = [HEADER, *((f"s{number}", sku, text) for number, text in enumerate(quantities))]
    quoted = ((f'"{cell}"' if separator in cell else cell for cell in row) for row in rows)
    return "".join(f"{separator.join(row)}\n" for row in quoted)


def held() -> list[str]:
    items = SourceItem.objects.order_by("source__code").values_list("quantity", flat=True)
    return [f"{quantity.normalize():f}" for quantity in items]


def test_a_swedish_spreadsheet_saves_semicolons_and_commas() -> None:
    texts = ["12,5", "1 234,5", "1.234,5", "1\u00a0234", "12.5", "1,234", "0,25", "1.234.567"]

    file = written(stock(*texts, separator=";"))

    assert sentences(file) == []
    assert file.state == ImportFile.State.WRITTEN
    assert held() == ["12.5", "1234.5", "1234.5", "1234", "12.5", "1.234", "0.25", "1234567"]


def test_tabs_are_read_as_semicolons_are() -> None:
    written(stock("12,5", "1,234", separator="\t"))

    assert held() == ["12.5", "1.234"]


def test_a_quoted_comma_between_commas_is_a_decimal_sign() -> None:
    texts = ["12,5", "1,234.5", "1.234,5", "1.234", "1 234,5", "1,234,567"]

    written(stock(*texts, separator=","))

    assert held() == ["12.5", "1234.5", "1234.5", "1.234", "1234.5", "1234567"]


@pytest.mark.parametrize(
    ("text", "separator", "sentence"),
    [
        ("1.234", ";", "“1.234” can mean 1234 or 1,234. Write one of these."),
        ("1.234", "\t", "“1.234” can mean 1234 or 1,234. Write one of these."),
        ("1,234", ",", "“1,234” can mean 1234 or 1.234. Write one of these."),
        ("12,34.5", ",", "“12,34.5” is not a number. Write digits such as 1234.5."),
        ("1,2E+3", ";", "“1,2E+3” is in scientific form; write 1200."),
        ("1,25e1", ";", "“1,25e1” is in scientific form; write 12,5."),
        ("0,00001", ";", "“0,00001” has more than four decimals."),
    ],
)
def test_what_has_two_readings_is_refused_and_nothing_is_written(
    text: str, separator: str, sentence: str
) -> None:
    file = checked(stock(text, "7", separator=separator))

    assert sentences(file) == [(2, "quantity", sentence)]
    with pytest.raises(ImportStateError):
        confirmed(file)
    assert held() == []


def test_a_spreadsheet_has_points_and_may_have_texts_with_commas() -> None:
    SourceFactory(code="s0")
    SourceFactory(code="s1")
    rows = [list(HEADER), ["s0", "OIL", "12.5"], ["s1", "OIL", "12,5"]]

    written(xlsx(rows))

    assert held() == ["12.5", "12.5"]


def test_a_fraction_of_whole_units_is_quoted_as_the_file_has_it() -> None:
    file = checked(stock("12,5", separator=";", sku="LAMP"))

    [problem] = findings(file).problems
    assert (problem.line, problem.column, problem.value) == (2, "quantity", "12,5")


def test_prices_and_options_of_products_have_commas() -> None:
    file = written(
        "sku;price;out_of_stock_qty;max_cart_qty;is_qty_decimal\nOIL;4,2000;-2,5;1 000,5;1\n"
        "LAMP;1.234,50;;;\n",
        format_code="PRODUCTS",
        name="products.csv",
    )

    assert sentences(file) == []
    oil, lamp = Product.objects.order_by("-sku")
    assert oil.price == Decimal("4.20")
    own = oil.overrides()
    assert own["out_of_stock_threshold"] == Decimal("-2.5")
    assert own["max_cart_qty"] == Decimal("1000.5")
    assert lamp.price == Decimal("1234.50")


@pytest.mark.parametrize(
    ("price", "sentence"),
    [
        ("kr 4,20", "“kr 4,20” has a currency in it; write the amount alone, such as 4,20."),
        ("1.000", "“1.000” can mean 1000 or 1,000. Write one of these."),
        ("-4,20", "“-4,20” is too small. Write 0 or more."),
        ("4,205", "4.205 is not an amount in USD, which has 2 decimals."),
    ],
)
def test_a_price_that_is_wrong_says_what_is_right(price: str, sentence: str) -> None:
    file = checked(f"sku;price\nOIL;{price}\n", format_code="PRODUCTS", name="products.csv")

    assert sentences(file) == [(2, "price", sentence)]


def test_supply_orders_and_delivery_notes_have_commas() -> None:
    SourceItemFactory(
        product=Product.objects.get(sku="OIL"), source=Source.objects.get(code="north"), quantity=5
    )
    supply = checked(
        "sku;source_code;quantity;expected_on;reference\nOIL;north;2,5;2026-12-31;PO-1\n",
        format_code="FUTURE_SUPPLY",
    )
    orders = checked(
        "number;channel;customer_name;customer_email;recipient;street;city;postcode;country;"
        "latitude;longitude;priority;sku;quantity;unit_price;discount;tax\n"
        "A-1;web;Ada;ada@example.com;Ada;1 Gata;Visby;62157;SE;57,638;18,2948;1 000;OIL;1,5;"
        "1 234,50;0,50;2,25\n",
        format_code="ORDERS",
    )
    note = read_delivery_note(b"sku;quantity\nOIL;2,5\n", limit=1_000)

    assert [sentences(supply), sentences(orders), list(note.problems)] == [[], [], []]
    confirmed(supply)
    confirmed(orders)
    assert FutureSupply.objects.get().quantity == Decimal("2.5")
    line = OrderLine.objects.select_related("order").get()
    assert (line.quantity, line.unit_price) == (Decimal("1.5"), Decimal("1234.50"))
    assert (line.discount, line.tax) == (Decimal("0.50"), Decimal("2.25"))
    assert (line.order.latitude, line.order.longitude) == (Decimal("57.638"), Decimal("18.2948"))
    assert line.order.priority == 1000
    assert [row.quantity for row in note.lines] == [Decimal("2.5")]

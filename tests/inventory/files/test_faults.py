"""Every fault of every row is told, words that people write are read, and rows without faults
can be written alone."""

from decimal import Decimal

import pytest

from core.acts import Act
from core.text import FaultError
from inventory.files import imports
from inventory.files.cells import STATUSES, choice_of, price_of, read_option, read_status, yes_no_of
from inventory.files.imports import ImportStateError
from inventory.models import FutureSupply, ImportFile, Product, SourceItem
from inventory.options import option
from orders.models import Order
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.files.imports import (
    NOW,
    TODAY,
    checked,
    confirmed,
    counts,
    findings,
    quiet,
    sentences,
)
from tests.option_values import own_value, own_values

pytestmark = pytest.mark.django_db


def good_rows_of(file: ImportFile) -> ImportFile:
    return imports.write(file.pk, Act(NOW), today=TODAY, progress=quiet, good_rows=True)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["1", "Yes", "TRUE", " enabled ", "On", "Ja", "Sant", "Oui", "Vrai", "Activé"], True),
        (["0", "no", "False", "Disabled", "off", "Nej", "Falskt", "Non", "Faux"], False),
        (["Aktiverad", "PÅ", "Activée", "aktivt"], True),
        (["Inaktiverad", "Av", "avaktiverat", "De\u0301sactive\u0301", "DESACTIVE"], False),
    ],
)
def test_usual_words_for_yes_and_no_are_read_in_every_such_column(
    words: list[str], answer: bool
) -> None:
    for word in words:
        assert yes_no_of(word) is answer
        assert read_status(word) == ("IN_STOCK" if answer else "OUT_OF_STOCK")
        assert read_option(option("manage_stock"), word) is answer
        assert read_option(option("backorders"), word) == (
            "ALLOW_QTY_BELOW_0" if answer else "NO_BACKORDERS"
        )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["In Stock", "IN_STOCK", "in  stock", "I lager", "En stock"], "IN_STOCK"),
        (["Out of Stock", "out_of_stock", "Slut i lager", "Rupture de stock"], "OUT_OF_STOCK"),
        (["Finns ej i lager", "Slutsåld", "EPUISE", "En rupture"], "OUT_OF_STOCK"),
    ],
)
def test_statuses_are_read_by_their_labels(words: list[str], status: str) -> None:
    assert {choice_of(word, STATUSES) for word in words} == {status}


def test_backorders_are_read_by_their_labels() -> None:
    notify = "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"
    cells = {
        "Allow Qty Below 0": "ALLOW_QTY_BELOW_0",
        "allow qty below 0 and notify customer": notify,
        "No Backorders": "NO_BACKORDERS",
        "Inga restorder": "NO_BACKORDERS",
        "Aucun reliquat": "NO_BACKORDERS",
        "Tillåt kvantitet under 0 och informera kunden": notify,
        "AUTORISER LES QUANTITES INFERIEURES A 0": "ALLOW_QTY_BELOW_0",
        "2": notify,
    }

    assert {cell: read_option(option("backorders"), cell) for cell in cells} == cells


@pytest.mark.parametrize(
    "cell", ["€4.20", "4.20 €", "EUR 4.20", "$1,200.00", "18 kr", "4,20 SEK", "US$ 5", "¥7.00"]
)
def test_price_with_a_currency_is_refused_as_it_stands(cell: str) -> None:
    with pytest.raises(FaultError) as caught:
        price_of(cell, currency="USD")

    assert str(caught.value) == (
        f"“{cell}” has a currency in it; write the amount alone, such as 4.20."
    )


def test_refused_price_is_quoted_as_it_stands() -> None:
    with pytest.raises(FaultError) as caught:
        price_of("4.2x00", currency="USD")

    assert str(caught.value).startswith("“4.2x00” is not a number")
    assert price_of("4.2000", currency="USD") == Decimal("4.20")


@pytest.fixture
def item() -> SourceItem:
    """Five of A at north."""
    return SourceItemFactory(
        product=ProductFactory(sku="A"), source=SourceFactory(code="north"), quantity=5
    )


def test_row_with_a_fault_is_held_to_all_other_rules_too(item: SourceItem) -> None:
    file = checked(
        "source_code,sku,status,quantity\nwest,B,maybe,x\nnorth,A,1,7\nwest,,1\nnorth,A,1,1,1\n"
    )

    assert [(line, column) for line, column, _sentence in sentences(file)] == [
        (2, "status"),
        (2, "quantity"),
        (2, "source_code"),
        (2, "sku"),
        (4, "sku"),
        (4, "source_code"),
        (5, ""),
    ]
    assert counts(file) == (0, 1, 0, 0, 0, 3)
    assert findings(file).refused_lines == (2, 4, 5)


def test_products_with_a_fault_are_held_to_all_other_rules_too() -> None:
    file = checked(
        "sku,name,qty,is_in_stock,qty_increments,is_qty_decimal\nA,,-1,1,1.5,0\nB,Bag,2,yes,2,no\n",
        format_code="PRODUCTS",
    )

    assert [(line, column) for line, column, _sentence in sentences(file)] == [
        (2, "qty"),
        (2, "name"),
        (2, "qty_increments"),
    ]
    assert counts(file) == (1, 0, 0, 0, 0, 1)


def test_supply_with_a_fault_does_nothing_to_other_rows(item: SourceItem) -> None:
    FutureSupplyFactory(
        product=item.product, source=item.source, quantity=3, reference="PO-1", expected_on=TODAY
    )

    file = checked(
        "sku,source_code,quantity,expected_on,reference\n"
        "A,north,4,someday,PO-1\n"
        "A,north,5,2026-06-01,PO-1\n"
        "Z,north,5,tomorrow,PO-2\n",
        format_code="FUTURE_SUPPLY",
    )

    assert [(line, column) for line, column, _sentence in sentences(file)] == [
        (2, "expected_on"),
        (4, "expected_on"),
        (4, "sku"),
    ]
    good_rows_of(file)
    assert [(supply.quantity, supply.reference) for supply in FutureSupply.objects.all()] == [
        (Decimal(5), "PO-1")
    ]


def test_rows_without_faults_are_written_alone_when_that_is_asked_for(item: SourceItem) -> None:
    file = checked("source_code,sku,quantity\nnorth,A,7\nnorth,B,8\nnorth,A,9\n")
    assert (file.state, counts(file)) == ("REFUSED", (0, 1, 0, 0, 0, 2))

    # when all or nothing is asked for
    with pytest.raises(ImportStateError):
        confirmed(file)

    # then there is nothing
    item.refresh_from_db()
    assert item.quantity == 5

    # when the good rows are, twice
    good_rows_of(file)
    SourceItem.objects.update(quantity=6)
    file = good_rows_of(file)

    # then they are written once, and the file knows those it left out
    item.refresh_from_db()
    assert (file.state, item.quantity) == ("WRITTEN", Decimal(6))
    assert findings(file).refused_lines == (3, 4)
    assert len(sentences(file)) == 2


def test_nothing_is_written_when_other_rows_have_faults_by_then(item: SourceItem) -> None:
    file = checked("source_code,sku,quantity\nnorth,A,7\nnorth,B,8\nnorth,C,1\n")
    ProductFactory(sku="B")

    file = good_rows_of(file)

    assert (file.state, file.message) == ("REFUSED", imports.DECAYED)
    assert counts(file) == (1, 1, 0, 0, 0, 1)
    item.refresh_from_db()
    assert item.quantity == 5
    assert good_rows_of(file).state == "WRITTEN"
    assert SourceItem.objects.count() == 2


def test_file_that_could_not_be_read_to_its_end_is_not_written_in_part(item: SourceItem) -> None:
    file = checked('source_code,sku,quantity\nnorth,A,7\nnorth,"A"B,8\nnorth,A,9\n')

    assert findings(file).is_whole is False
    with pytest.raises(ImportStateError):
        good_rows_of(file)


def test_order_with_a_fault_in_one_row_is_left_out_whole_and_takes_no_units() -> None:
    source = SourceFactory(code="seattle")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    SourceItemFactory(product=ProductFactory(sku="MUG"), source=source, quantity=10)
    ada = "web,Ada,ada@example.com,Ada,1 Main St,London,SW1A 1AA,GB"
    header = "number,channel,customer_name,customer_email,recipient,street,city,postcode,country"

    file = checked(
        f"{header},sku,quantity,unit_price\n"
        f"A-1,{ada},MUG,6,5.00\n"
        f"A-1,{ada},NONE,1,free\n"
        f"A-2,{ada},MUG,6,5.00\n"
        f"A-3,{ada},MUG,1,5.00\n"
        f",{ada},MUG,1,5.00\n"
        f"A-4,{ada},MUG,4,5.00\n",
        format_code="ORDERS",
    )

    assert [(line, column) for line, column, _sentence in sentences(file)] == [
        (3, "unit_price"),
        (3, "sku"),
        (6, "number"),
    ]
    assert findings(file).refused_lines == (2, 3, 5, 6)
    good_rows_of(file)
    assert list(Order.objects.order_by("number").values_list("number", flat=True)) == ["A-2", "A-4"]


def test_use_config_in_the_column_of_an_option_lets_it_inherit() -> None:
    product = ProductFactory(sku="A", backorders="ALLOW_QTY_BELOW_0", out_of_stock_threshold=-5)
    Product.objects.update(min_cart_qty=2, max_cart_qty=9)

    file = checked(
        "sku,allow_backorders,out_of_stock_qty,min_cart_qty,max_cart_qty,use_config_max_sale_qty\n"
        "A,Use Config,use_config_settings,Use Default,Use Config,0\n",
        format_code="PRODUCTS",
    )
    assert [(line, column) for line, column, _sentence in sentences(file)] == [(2, "max_cart_qty")]

    file = checked(
        "sku,allow_backorders,out_of_stock_qty,min_cart_qty,max_cart_qty,use_config_max_sale_qty\n"
        "A,Use Config,use_config_settings,Use Default,Använd konfigurationen,1\n",
        format_code="PRODUCTS",
    )
    confirmed(file)

    product.refresh_from_db()
    assert own_value(product, "backorders") is None
    assert own_value(product, "out_of_stock_threshold") is None
    assert own_values(product, "min_cart_qty", "max_cart_qty") == (None, None)


def test_increments_of_0_have_no_effect_while_increments_are_off() -> None:
    ProductFactory(sku="ON", enable_qty_increments=True, qty_increments=3)
    ProductFactory(sku="OFF", qty_increments=3)
    file = checked(
        "sku,name,enable_qty_increments,use_config_enable_qty_inc,qty_increments,"
        "use_config_qty_increments\n"
        "NEW,Bag,,,0,\n"
        "NEW-OFF,Bag,0,0,0.0000,0\n"
        "NEW-ON,Bag,1,0,0,0\n"
        "FOLLOWS,Bag,1,0,0,1\n"
        "ON,,,,0,\n"
        "OFF,,,,0,\n",
        format_code="PRODUCTS",
    )

    message = (
        "Increments are on for this product, so the increment cannot be 0. Write more "
        "than 0, or write 0 in enable_qty_increments."
    )
    assert sentences(file) == [(4, "qty_increments", message), (6, "qty_increments", message)]
    good_rows_of(file)
    assert list(Product.objects.order_by("sku").values_list("sku", "qty_increments")) == [
        ("FOLLOWS", None),
        ("NEW", None),
        ("NEW-OFF", None),
        ("OFF", 3),
        ("ON", 3),
    ]

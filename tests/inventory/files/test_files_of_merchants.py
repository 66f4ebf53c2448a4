"""Files as merchants have them, from the upload to what is written and what the page says."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.quantities import format_quantity
from inventory.models import ImportFile, Product, SourceItem
from tests.factories.inventory import ProductFactory, SourceFactory
from tests.inventory.files.spreadsheet_files import archive
from tests.option_values import own_value

pytestmark = pytest.mark.django_db

FRACTION = "is a fraction, and this product is sold in whole units"
BELOW_0 = (
    "“%s” is below 0. A quantity on hand is never negative: write 0. Backordered units "
    "belong to their orders, so import those orders too."
)
NO_NUMBER = "“%s” is not a number. Write digits such as 1234,5."


@pytest.fixture
def world() -> None:
    """A product sold in whole units that no source holds, and two sources."""
    ProductFactory(sku="TA-8", price=10)
    SourceFactory(code="seattle")
    SourceFactory(code="london")


def sheet_alone(*rows: Any) -> Any:
    """An .xlsx of one worksheet and nothing that leads to it; its XML has no declaration."""
    cell = '<c t="inlineStr"><is><t>%s</t></is></c>'
    cells = "".join(f"<row>{''.join(cell % text for text in row)}</row>" for row in rows)
    sheet = f"<sheetData>{cells}</sheetData>"
    return archive({"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": sheet})


def upload(client: Client, kind: str, content: Any) -> Any:
    """Upload a file to a list; return what the page says: of rows, of columns, of the file."""
    content = content if isinstance(content, bytes) else content.encode()
    posted = {"file": SimpleUploadedFile("rows", content), "behavior": "APPEND"}
    answer = client.post(reverse(f"admin:inventory_{kind}_import"), posted, follow=True)
    if not ImportFile.objects.exists():
        return answer.context["form"].errors["file"]
    rows = [(row["line"], row["column"], row["sentence"]) for row in answer.context["problems"]]
    return [*rows, *answer.context["ignored"]]


def confirm(client: Client, **posted: str) -> Any:
    """Confirm the upload; return where the file stands."""
    file = ImportFile.objects.get()
    client.post(reverse("admin:inventory_importfile_confirm", args=[file.pk]), posted)
    file.refresh_from_db()
    return file.state


def on_hand() -> dict[str, str]:
    """What each source holds."""
    items = SourceItem.objects.order_by("source__code", "product__sku").select_related("product")
    return {str(item): f"{format_quantity(item.quantity)} {item.status}" for item in items}


@pytest.mark.parametrize(
    ("content", "held"),
    [
        (
            "sep=;\r\nsource_code;sku;status;quantity\r\nseattle;TA-8;1;12\r\n",
            {"TA-8 @ seattle": "12 IN_STOCK"},
        ),
        (
            "\n\nsource_code,sku,status,quantity\nseattle,TA-8,1,17\n",
            {"TA-8 @ seattle": "17 IN_STOCK"},
        ),
        (
            "source_code,sku,status,quantity\nseattle,TA-8,1,12,,\nlondon,TA-8,0,3,\n",
            {"TA-8 @ london": "3 OUT_OF_STOCK", "TA-8 @ seattle": "12 IN_STOCK"},
        ),
        (
            "source_code,status,quantity,sku,note\nseattle,In Stock,12,TA-8\n",
            {"TA-8 @ seattle": "12 IN_STOCK"},
        ),
        (
            sheet_alone(["source_code", "sku", "quantity"], ["seattle", "TA-8", "4"]),
            {"TA-8 @ seattle": "4 IN_STOCK"},
        ),
    ],
)
def test_stock_is_read_as_it_is(
    admin_client: Client, world: None, content: Any, held: dict[str, str]
) -> None:
    said = upload(admin_client, "sourceitem", content)

    assert said in ([], ["Columns that are not read: note."])
    assert on_hand() == {}
    assert (confirm(admin_client), on_hand()) == ("WRITTEN", held)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "source_code;sku;status;quantity\r\nseattle;TA-8;1;1.234\r\nlondon;TA-8;1;2.500\r\n",
            [
                (2, "quantity", "“1.234” can mean 1234 or 1,234. Write one of these."),
                (3, "quantity", "“2.500” can mean 2500 or 2,500. Write one of these."),
            ],
        ),
        (
            "source_code,sku,status,quantity\nseattle,TA-8,1,17.5\n",
            [(2, "quantity", f"17.5 {FRACTION}.")],
        ),
        (
            "source_code,sku,status,quantity\nseattle,TA-8,1,-4.0000\n",
            [(2, "quantity", BELOW_0 % "-4.0000")],
        ),
        (
            "source_code,sku,status,quantity\nseattle,TA-8,1,1,234\n",
            [
                (
                    2,
                    "",
                    "The row has 5 cells, the header 4. Put a value that holds the separator in "
                    "quotation marks.",
                )
            ],
        ),
        (sheet_alone(["sku"]), ["The header lacks the column source_code, quantity."]),
    ],
)
def test_stock_is_refused_with_what_is_right(
    admin_client: Client, world: None, content: Any, said: list[Any]
) -> None:
    assert upload(admin_client, "sourceitem", content) == said

    if ImportFile.objects.exists():
        assert confirm(admin_client, rows="good") == "REFUSED"
    assert on_hand() == {}


SUPPLIER = """\
\ufeffSKU;Name;product_type;Price;Qty;allow_backorders;product_online;is_in_stock
S-1;Ring;Simple ;12.5000;3.0;Allow Qty Below 0;Enabled;In Stock
S-2;=SUM box;virtual;7;0;No;Disabled;Out of Stock
S-3;Ring;simple;0.99;100;oui;2;Sant
S-4;Ring;simple;;;FALSE;Ja;
S-5;Ring;simple;€4.20;>50;Yes;2;
S-6;Ring;simple;4,20;1e3;2;1;1
S-7;Ring;simple;free;-2;maybe;3;perhaps
S-8;Set;configurable;7;5;No;1;1
S-9;Ring;simple;7;;No;1;1
""".replace("\n", "\r\n")
EXPORT = """\
sku,store_view_code,product_type,categories,name,price,qty,is_qty_decimal,allow_backorders,\
use_config_backorders,use_config_qty_increments,qty_increments,use_config_enable_qty_inc,\
enable_qty_increments
M-1,,simple,"Gear,Gear/Bags",Bag,34.000000,100.0000,0,0,1,1,1.0000,1,0
M-1,de,simple,"Gear,Gear/Bags",Tasche,34.000000,,0,0,1,1,1.0000,1,0
M-2,,simple,"Gear,Gear/Bags",Bag,34.000000,-7.0000,0,1,0,1,1.0000,1,0
M-3,,configurable,"Gear,Gear/Bags",Bag,34.000000,0.0000,0,0,1,1,1.0000,1,0
M-4,,virtual,"Gear,Gear/Bags",Bag,34.000000,100.0000,0,2,0,1,1.0000,1,0
M-5,,simple,"Gear,Gear/Bags",Bag,,100.0000,0,0,1,0,0.0000,0,0
"""


@pytest.mark.parametrize(
    ("content", "said", "products", "held"),
    [
        (
            SUPPLIER,
            [
                (6, "price", "“€4.20” has a currency in it; write the amount alone, such as 4,20."),
                (6, "qty", NO_NUMBER % ">50"),
                (7, "qty", "“1e3” is in scientific form; write 1000."),
                (8, "price", NO_NUMBER % "free"),
                (8, "product_online", "“3” is neither 1 (enabled) nor 2 (disabled)."),
                (
                    8,
                    "allow_backorders",
                    "“maybe” is not one of the choices: 0 (No Backorders), 1 (Allow Qty "
                    "Below 0), 2 (Allow Qty Below 0 and Notify Customer).",
                ),
                (8, "qty", BELOW_0 % "-2"),
                (
                    8,
                    "is_in_stock",
                    ("“perhaps” is not a status. Write 1 for In Stock or 0 for Out of Stock."),
                ),
                (10, "qty", "A value is needed here."),
            ],
            {
                "S-1": ("Ring", "SIMPLE", "12.50", True, "ALLOW_QTY_BELOW_0"),
                "S-2": ("=SUM box", "VIRTUAL", "7.00", False, "NO_BACKORDERS"),
                "S-3": ("Ring", "SIMPLE", "0.99", False, "ALLOW_QTY_BELOW_0"),
                "S-4": ("Ring", "SIMPLE", "0.00", True, "NO_BACKORDERS"),
            },
            {"S-1 @ default": "3 IN_STOCK", "S-2 @ default": "0 OUT_OF_STOCK"}
            | {"S-3 @ default": "100 IN_STOCK"},
        ),
        (
            EXPORT,
            [
                (4, "qty", BELOW_0 % "-7.0000"),
                (
                    6,
                    "allow_backorders",
                    "A virtual product with managed stock takes no backorders.",
                ),
                "Columns that are not read: categories.",
            ],
            {
                "M-1": ("Bag", "SIMPLE", "34.00", True, None),
                "M-5": ("Bag", "SIMPLE", "0.00", True, None),
            },
            {"M-1 @ default": "100 IN_STOCK", "M-5 @ default": "100 IN_STOCK"},
        ),
        (
            "sku,name,min_qty,qty,backorders,is_in_stock,allow_backorders\nX-1,Bag,0,0,0,0,0\n",
            [
                "The column min_qty is not read: use out_of_stock_qty.",
                "The column backorders is not read: use allow_backorders.",
            ],
            {"X-1": ("Bag", "SIMPLE", "0.00", True, "NO_BACKORDERS")},
            {"X-1 @ default": "0 OUT_OF_STOCK"},
        ),
        (sheet_alone(["sku"]), [], {}, {}),
    ],
)
def test_products_are_read_and_their_good_rows_written(
    admin_client: Client,
    content: Any,
    said: list[Any],
    products: dict[Any, Any],
    held: dict[str, str],
) -> None:
    assert upload(admin_client, "product", content) == said

    assert Product.objects.count() == 0
    assert confirm(admin_client, rows="good") == "WRITTEN"
    assert {
        product.sku: (
            product.name,
            product.product_type,
            f"{product.price:.2f}",
            product.is_enabled,
            own_value(product, "backorders"),
        )
        for product in Product.objects.all()
    } == products
    assert on_hand() == held

"""Products in Magento's columns: made or changed by SKU; an empty cell leaves a value as it is.

A ``use_config_…`` of 1 lets an option follow the configuration, whatever its own column has. The
quantity and status are those at the source ``default``.
"""

from collections.abc import Iterator, Mapping, Set
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import FilteredRelation, Q, QuerySet

from core.currencies import exact_text
from core.sql import fetch_rows
from core.text import FaultError
from core.text import gettext_noop as _
from inventory.codes import BARCODE_MAX_LENGTH, SKU_MAX_LENGTH, check_barcode
from inventory.files.cells import (
    STATUS_CELLS,
    RowCells,
    Staged,
    Value,
    code_of,
    date_of,
    is_zero,
    on_hand_of,
    option_value,
    price_of,
    read_option,
    read_status,
    text_of,
    uses_config,
    whole_of,
    yes_no_of,
)
from inventory.files.file_format import FileFormat
from inventory.files.findings import ImportPlan
from inventory.files.product_columns import (
    COLUMNS,
    OPTION_COLUMNS,
    OTHER_NAMES,
    STORE_VIEW,
    OptionColumns,
)
from inventory.files.product_plan import (
    HELD_AT_DEFAULT,
    STORED_PRODUCTS,
    plan_products,
)
from inventory.files.staging import ImportRun
from inventory.files.stock_sources import STORED_ITEMS, stage_items, write_staged_items
from inventory.files.usual_words import OTHER_LABELS, folded
from inventory.models import ImportFile, Product, Source
from inventory.models.product import (
    LARGEST_ORDER_MULTIPLE,
    LARGEST_PREORDER_LIMIT,
    LONGEST_LEAD_TIME,
)
from inventory.models.source import DEFAULT_CODE
from inventory.operations import product_rows
from inventory.operations.product_rows import write_products

LONGEST_NAME = 200
TYPES = {
    word: name for name in ("SIMPLE", "VIRTUAL") for word in (name.lower(), *OTHER_LABELS[name])
}
OFFLINE = "2"
INCREMENTS = "qty_increments"
NOT_ONLINE = _("“%(value)s” is neither 1 (enabled) nor 2 (disabled).")
OWN_VALUE_NEEDED = _("A value is needed here, because %(column)s is 0; or write 1 there.")


SUPPLY = ("order_multiple", "lead_time_days", "release_on", "preorder_limit")
OWN = ("sku", "barcode", "name", "product_type", "price", "is_enabled", *SUPPLY)
ONLINE_CELLS = {None: None, True: 1, False: 2}


class Products(FileFormat):
    """The format; a SKU may occur once in a file."""

    columns = (*COLUMNS, STORE_VIEW)
    exported = COLUMNS
    staged = {
        "line": "integer",
        **product_rows.STAGED,
        "qty": "numeric",
        "status": "text",
        "has_increments_of_0": "boolean",
    }
    behaviors = {ImportFile.Behavior.APPEND.value: ("sku",)}
    other_names = OTHER_NAMES
    example = {
        "sku": "MUG",
        "barcode": "4006381333931",
        "name": "Mug",
        "product_type": "simple",
        "price": "9.50",
        "qty": "12",
    }
    key_length = 1
    parts = ("products", "items")

    def read(self, cells: RowCells, behavior: str) -> Staged | None:
        """Read a row; other types than simple and virtual, and rows for one store, are skipped."""
        product_type = TYPES.get(folded(cells.cells.get("product_type", "")))
        if cells.has(STORE_VIEW) or (cells.has("product_type") and product_type is None):
            return None
        values: dict[str, Any] = {
            "barcode": cells.read_if_given("barcode", _barcode_of),
            "name": cells.read_if_given("name", text_of, limit=LONGEST_NAME),
            "product_type": product_type,
            "price": cells.read_number_if_given("price", price_of, currency=settings.SITE_CURRENCY),
            "is_enabled": cells.read_if_given("product_online", _online_of),
            "order_multiple": cells.read_number_if_given(
                "order_multiple", whole_of, least=1, most=LARGEST_ORDER_MULTIPLE
            ),
            "lead_time_days": cells.read_number_if_given(
                "lead_time_days", whole_of, least=0, most=LONGEST_LEAD_TIME
            ),
            "release_on": cells.read_if_given("release_on", date_of),
            "preorder_limit": cells.read_number_if_given(
                "preorder_limit", whole_of, least=1, most=LARGEST_PREORDER_LIMIT
            ),
        }
        is_set = {name: value is not None for name, value in values.items()}
        for columns in OPTION_COLUMNS:
            name = columns.option.name
            is_set[name], values[name] = _own_value(cells, columns)
        quantity = cells.read_number_if_given("qty", on_hand_of)
        status = cells.read_if_given("is_in_stock", read_status)
        return (
            cells.line,
            cells.read("sku", code_of, limit=SKU_MAX_LENGTH),
            *(values.get(name) for name in product_rows.COLUMNS),
            *(is_set.get(name, False) for name in product_rows.COLUMNS),
            quantity,
            status,
            _has_increments_of_0(cells) and not is_set["qty_increments"],
        )

    def plan(self, behavior: str, *, today: date, faulty: Set[int]) -> ImportPlan:
        """Return which products would be made and changed, with what the default source holds."""
        stage_items(HELD_AT_DEFAULT)
        return plan_products()

    def stored(self, behavior: str, part: str) -> list[tuple[int, int]]:
        """Return what stands in the products, or at the default source."""
        return fetch_rows(STORED_PRODUCTS if part == "products" else STORED_ITEMS)

    def write(self, behavior: str, run: ImportRun) -> tuple[str, ...]:
        """Write the products, then what the default source holds of them."""
        write_products(run.act, compare=partial(run.compare, "products"))
        stage_items(HELD_AT_DEFAULT)
        return write_staged_items(run)

    def export(self, products: QuerySet[Product]) -> Iterator[tuple[Value, ...]]:
        """Yield a row for each product, by SKU."""
        chosen = Product.objects.filter(pk__in=products.order_by().values("pk")).order_by("sku")
        default = Q(source_items__source=Source.objects.get(code=DEFAULT_CODE))
        at_default = FilteredRelation("source_items", condition=default)
        held = ("at_default__quantity", "at_default__status")
        names = [columns.option.name for columns in OPTION_COLUMNS]
        rows = chosen.annotate(at_default=at_default).values(*OWN, *held, *names)
        for row in rows.iterator(chunk_size=2000):
            yield product_cells(row, row["at_default__quantity"], row["at_default__status"])


def product_cells(
    values: Mapping[str, Any], quantity: Decimal | None, status: str | None
) -> tuple[Value, ...]:
    """Return the cells of a product in the order of the columns, by its values.

    Values that are left out have empty cells, which an import leaves as they are.
    """
    sku, barcode, name, kind, price, is_enabled, *supply = (values.get(name) for name in OWN)
    return (
        *(sku, barcode, name, kind and kind.lower()),
        *(
            None if price is None else exact_text(price, settings.SITE_CURRENCY),
            ONLINE_CELLS[is_enabled],
        ),
        *supply,
        *(quantity, STATUS_CELLS.get(status or "")),
        *(_option_cells(values)),
    )


def _online_of(cell: str) -> bool:
    """Read product_online: 1 or 2 as Magento writes it, or a word for yes or no."""
    if cell.strip() == OFFLINE:
        return False
    try:
        return yes_no_of(cell)
    except FaultError as error:
        raise FaultError(NOT_ONLINE, value=cell.strip()[:40]) from error


def _barcode_of(cell: str) -> str:
    barcode = code_of(cell, limit=BARCODE_MAX_LENGTH)
    check_barcode(barcode)
    return barcode


def _own_value(cells: RowCells, columns: OptionColumns) -> tuple[bool, Any]:
    """Return whether the row sets the option, and its own value (``None``: use config)."""
    follows = cells.read_if_given(columns.use_config, yes_no_of)
    if follows:
        return True, None
    if follows is False and (
        not cells.has(columns.value) or uses_config(cells.cells[columns.value])
    ):
        cells.refuse(columns.value, FaultError(OWN_VALUE_NEEDED, column=columns.use_config))
        return False, None
    if not cells.has(columns.value):
        return False, None
    if uses_config(cells.cells[columns.value]):
        return True, None
    if columns.value == INCREMENTS and _has_increments_of_0(cells):
        return False, None
    value = cells.read_number(columns.value, partial(read_option, columns.option))
    return value is not None, value


def _has_increments_of_0(cells: RowCells) -> bool:
    return is_zero(cells.cells.get(INCREMENTS, ""))


def _option_cells(values: Mapping[str, Any]) -> Iterator[Value]:
    for columns in OPTION_COLUMNS:
        name = columns.option.name
        value = values.get(name)
        yield option_value(columns.option, value)
        if columns.use_config:
            yield value is None if name in values else None

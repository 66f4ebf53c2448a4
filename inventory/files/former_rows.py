"""The rows of an import or a bulk change as they were before it, in a format's own columns."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from inventory.files.cells import STATUS_CELLS, Value, lines, option_value
from inventory.files.file_formats import FORMATS
from inventory.files.products import product_cells
from inventory.models import FutureSupply, ImportFile, Product, Source, SourceItem
from inventory.models.source import DEFAULT_CODE
from inventory.models.source_item import SOURCE_ITEM_OPTIONS
from inventory.operations.bulk.actions import Action
from inventory.queries.row_changes import Values, changed_keys, ids_by_model, row_changes

CHUNK = 2_000
Format = ImportFile.Format
FORMATS_BEFORE = (Format.STOCK_SOURCES, Format.PRODUCTS, Format.FUTURE_SUPPLY)
# Which format the rows of a bulk change have.
FORMAT_OF_ACTION: Mapping[str, str] = {
    Action.ASSIGN: Format.STOCK_SOURCES,
    Action.UNASSIGN: Format.STOCK_SOURCES,
    Action.TRANSFER: Format.STOCK_SOURCES,
    Action.STATUS: Format.STOCK_SOURCES,
    Action.ITEM_OPTION: Format.STOCK_SOURCES,
    Action.PRODUCT_OPTION: Format.PRODUCTS,
}


def lines_before(format_code: str, entry_ids: Sequence[UUID]) -> Iterator[str]:
    """Yield the lines of a file with all rows as they were before the entries.

    Rows that the entries made were not there, and are left out. Stock sources have their options
    besides, in columns that an import does not read.
    """
    header = list(FORMATS[format_code].exported)
    if format_code == Format.STOCK_SOURCES:
        header += [option.name for option in SOURCE_ITEM_OPTIONS]
    rows = {
        Format.STOCK_SOURCES: _items,
        Format.PRODUCTS: _products,
        Format.FUTURE_SUPPLY: _supply,
    }[Format(format_code)]
    return lines(header, rows(entry_ids))


def _items(entry_ids: Sequence[UUID]) -> Iterator[Sequence[Value]]:
    for before, sku, code in _placed(SourceItem, entry_ids):
        options = (option_value(option, before[option.name]) for option in SOURCE_ITEM_OPTIONS)
        status = int(STATUS_CELLS[before["status"]])
        yield (code, sku, status, before["quantity"], *options)


def _supply(entry_ids: Sequence[UUID]) -> Iterator[Sequence[Value]]:
    for before, sku, code in _placed(FutureSupply, entry_ids):
        yield (sku, code, before["quantity"], before["expected_on"], before["reference"])


def _products(entry_ids: Sequence[UUID]) -> Iterator[Sequence[Value]]:
    """Yield products, each with the quantity at the default source, if that was changed."""
    default = Source._base_manager.get(code=DEFAULT_CODE).pk
    at_default = {
        sku: values
        for values, sku, _code in _placed(SourceItem, entry_ids)
        if values["source_id"] == default
    }
    for before in _before(Product, entry_ids):
        held = at_default.pop(before["sku"], {})
        yield product_cells(before, held.get("quantity"), held.get("status"))
    for sku, held in at_default.items():
        yield product_cells({"sku": sku}, held["quantity"], held["status"])


def _placed(model: type, entry_ids: Sequence[UUID]) -> Iterator[tuple[Values, str, str]]:
    """Yield the former values of rows with their SKU and source."""
    codes = dict(Source.objects.values_list("pk", "code"))
    for rows in _chunks(model, entry_ids):
        products = {before["product_id"] for before in rows}
        skus = dict(Product.objects.filter(pk__in=products).values_list("pk", "sku"))
        for before in rows:
            yield before, skus[before["product_id"]], codes[before["source_id"]]


def _before(model: type, entry_ids: Sequence[UUID]) -> Iterator[Values]:
    for rows in _chunks(model, entry_ids):
        yield from rows


def _chunks(model: type, entry_ids: Sequence[UUID]) -> Iterator[list[Values]]:
    """Yield the former values of the rows that were there, by some thousands."""
    ids = ids_by_model(changed_keys(entry_ids)).get(model, [])
    for start in range(0, len(ids), CHUNK):
        found = row_changes(model, ids[start : start + CHUNK], entry_ids).values()
        yield [row.before for row in found if row.before is not None]

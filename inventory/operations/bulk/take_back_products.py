"""Takes changes of products back; a product that was made is disabled."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow
from core.text import Sentence
from core.text import gettext_noop as _
from inventory.codes import spellings
from inventory.models import InventoryConfiguration, Product
from inventory.operations.bulk.fractions import refuse_for_fractions
from inventory.operations.bulk.options import product_refusal
from inventory.operations.bulk.reversal import Reversal, restore, undo_creation
from inventory.operations.product_rows import stage_products, write_products
from inventory.operations.whole_units import hold_products
from inventory.options import BY_NAME
from inventory.queries.decimals import conflicts_of_products
from inventory.queries.row_changes import RowChange, columns_of, key_of
from inventory.resolution import Values, uses_decimals

BARCODE_TAKEN = _("Another product has the barcode %(barcode)s now.")
DECIMALS = "qty_uses_decimals"
GONE = _("The product was deleted since.")


def plan(changes: Sequence[RowChange]) -> list[BulkRow]:
    """Return what each product gets back."""
    products = Product.objects.in_bulk([row.row_id for row in changes])
    site = InventoryConfiguration.load().overrides()
    barcodes = {row.before["barcode"] for row in changes if row.before and row.before["barcode"]}
    forms = {form for barcode in barcodes for form in spellings(barcode)}
    owners = {
        form: product.pk
        for product in Product.objects.filter(barcode__in=forms).only("barcode")
        if product.barcode
        for form in spellings(product.barcode)
    }
    rows = [_row_of(row, products.get(row.row_id), site, owners) for row in changes]
    pairs = list(zip(changes, rows, strict=True))
    left = conflicts_of_products(
        [
            change.row_id
            for change, row in pairs
            if _is_switched_off(products.get(change.row_id), row)
        ]
    )
    return [refuse_for_fractions(row, left.get(change.row_id)) for change, row in pairs]


def _is_switched_off(product: Product | None, row: BulkRow) -> bool:
    """Whether the product would use decimals no longer."""
    if product is None or not row.is_change:
        return False
    becomes = {shift.name: shift.after for shift in row.shifts if shift.name == DECIMALS}
    return uses_decimals(product.overrides()) and not uses_decimals(
        {**product.overrides(), **becomes}
    )


def lock(changes: Sequence[RowChange]) -> None:
    """Lock the products in key order."""
    hold_products([row.row_id for row in changes])


def write(rows: Sequence[tuple[RowChange, BulkRow]], act: Act, *, today: date) -> None:
    """Write the former values."""
    stage_products({row.names[0]: {s.name: s.after for s in row.shifts} for _change, row in rows})
    write_products(act)


def affected_shipments(rows: Mapping[int, BulkRow], *, today: date) -> set[str]:
    """Return nothing: no shipment loses its units to a product."""
    return set()


def _row_of(
    row: RowChange, product: Product | None, site: Values, owners: Mapping[str, int]
) -> BulkRow:
    key = key_of(Product, row.row_id)
    if product is None:
        return BulkRow(key, (row.any_values["sku"], ""), (), Sentence(GONE))
    now = {name: getattr(product, name) for name in columns_of(Product)}
    if row.before is None or row.left is None:
        found = undo_creation(row.left or {}, now, column="is_enabled", value=False)
    else:
        found = restore(row.before, row.left, now)
    hindrance = found.refusal or _hindrance(product, found, site, owners)
    return BulkRow(key, (product.sku, ""), found.shifts, hindrance)


def _hindrance(
    product: Product, found: Reversal, site: Values, owners: Mapping[str, int]
) -> Sentence | None:
    """Return what forbids the former values by now."""
    values: dict[str, Any] = {shift.name: shift.after for shift in found.shifts}
    barcode = values.get("barcode")
    if barcode and owners.get(barcode, product.pk) != product.pk:
        return Sentence(BARCODE_TAKEN, {"barcode": barcode})
    if not values.keys() & BY_NAME.keys():
        return None
    own = product.overrides()
    is_virtual = values.get("product_type", product.product_type) == Product.Type.VIRTUAL
    becomes = {name: values.get(name, own[name]) for name in own}
    return product_refusal(own, becomes, site=site, is_virtual=is_virtual)

"""Bulk: set an option on products, or clear it ("use config settings")."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from inventory.models import InventoryConfiguration, Product
from inventory.operations.bulk.items import one_row
from inventory.operations.bulk.override import SetOption, read, refusal
from inventory.operations.bulk.rows import BulkRow, Shift
from inventory.operations.bulk.subject import Subject
from inventory.operations.product_rows import changes_of, write_products
from inventory.option_rules import Conflict, conflicts
from inventory.options import Scope
from inventory.queries.decimals import conflicts_of_products, own_values_of_items
from inventory.resolution import Values, uses_decimals


def plan(product_ids: Sequence[int], request: SetOption) -> list[BulkRow]:
    """Return a row for each product."""
    site = InventoryConfiguration.load().overrides()
    products = Product.objects.in_bulk(list(product_ids))
    items = own_values_of_items(list(products))
    left = conflicts_of_products(_switched_off(products.values(), request))
    return [
        planned(products[key], request, site, items=items.get(key, ()), left=left.get(key))
        for key in product_ids
        if key in products
    ]


def _switched_off(products: Iterable[Product], request: SetOption) -> list[int]:
    if request.name != "qty_uses_decimals" or request.value:
        return []
    return [product.pk for product in products if uses_decimals(product.overrides())]


def planned(
    product: Product,
    request: SetOption,
    site: Values,
    *,
    items: Collection[Values] = (),
    left: Conflict | None = None,
) -> BulkRow:
    """Say what becomes of one product; pure.

    ``items`` are the own values of its source items, ``left`` why it still needs decimals.
    """
    own = product.overrides()
    wanted = {**own, request.name: request.value}

    def told(values: Values) -> list[Conflict]:
        return conflicts(
            Scope.PRODUCT,
            configuration=site,
            product=values,
            is_virtual=product.is_virtual,
            items=items,
        )

    shift = Shift(request.name, own[request.name], request.value)
    found = told(wanted) if left is None else [left, *told(wanted)]
    return BulkRow(product.pk, product.sku, "", (shift,), refusal(told(own), found))


def write(rows: Sequence[BulkRow], request: SetOption, now: datetime, actor_id: int | None) -> None:
    """Set it."""
    write_products(changes_of({row.sku: {request.name: request.value} for row in rows}))


def lock(product_ids: Sequence[int], _request: SetOption) -> None:
    """Lock the products in key order."""
    products = Product.objects.filter(pk__in=product_ids).order_by("pk")
    list(products.select_for_update(no_key=True).values_list("pk"))


PRODUCT_OPTION = Subject(plan=plan, lock=lock, write=write, read=read, rows_each=one_row)

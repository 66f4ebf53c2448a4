"""Bulk: set an option on products, or clear it ("use config settings")."""

from collections.abc import Sequence
from datetime import datetime

from inventory.models import InventoryConfiguration, Product
from inventory.operations.bulk.items import one_row
from inventory.operations.bulk.override import SetOption, read, refusal
from inventory.operations.bulk.rows import Row, Shift
from inventory.operations.bulk.subject import Subject
from inventory.operations.product_rows import changes_of, write_products
from inventory.option_rules import Conflict, conflicts
from inventory.options import Scope
from inventory.resolution import Values


def plan(product_ids: Sequence[int], request: SetOption) -> list[Row]:
    """Return a row for each product."""
    site = InventoryConfiguration.load().overrides()
    products = Product.objects.in_bulk(list(product_ids))
    return [planned(products[key], request, site) for key in product_ids if key in products]


def planned(product: Product, request: SetOption, site: Values) -> Row:
    """Say what becomes of one product; pure."""
    own = product.overrides()
    wanted = {**own, request.name: request.value}

    def told(values: Values) -> list[Conflict]:
        return conflicts(
            Scope.PRODUCT, configuration=site, product=values, is_virtual=product.is_virtual
        )

    shift = Shift(request.name, own[request.name], request.value)
    return Row(product.pk, product.sku, "", (shift,), refusal(told(own), told(wanted)))


def write(rows: Sequence[Row], request: SetOption, now: datetime, actor_id: int | None) -> None:
    """Set it."""
    write_products(changes_of({row.sku: {request.name: request.value} for row in rows}))


def lock(product_ids: Sequence[int], _request: SetOption) -> None:
    """Lock the products in key order."""
    products = Product.objects.filter(pk__in=product_ids).order_by("pk")
    list(products.select_for_update(no_key=True).values_list("pk"))


PRODUCT_OPTION = Subject(plan=plan, lock=lock, write=write, read=read, rows_each=one_row)

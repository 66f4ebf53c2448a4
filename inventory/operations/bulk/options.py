"""Bulk: set an option on products or at sources, or clear it, so that it is inherited."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.acts import Act
from core.operations.bulk.row_plans import BulkRow, Shift
from core.text import Sentence
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.operations.bulk.items import lock_items, read_items, row_action
from inventory.operations.product_rows import stage_products, write_products
from inventory.operations.source_items import ItemChange, set_items
from inventory.operations.whole_units import hold_products
from inventory.option_rules import Conflict, conflicts
from inventory.options import OptionKind, Scope, option
from inventory.queries.decimals import (
    conflicts_of_items,
    conflicts_of_products,
    own_values_of_items,
)
from inventory.resolution import Values, uses_decimals


@dataclass(frozen=True, slots=True)
class SetOption:
    """An option and its new value; ``None``: clear it, so that it is inherited again."""

    name: str
    value: Any


def read_option_change(values: Mapping[str, Any]) -> SetOption:
    value = values["value"]
    if value is not None and option(values["name"]).kind is OptionKind.QUANTITY:
        value = Decimal(value)
    return SetOption(values["name"], value)


def product_refusal(
    own: Values,
    becomes: Values,
    *,
    site: Values,
    is_virtual: bool,
    items: Collection[Values] = (),
    left: Conflict | None = None,
) -> Sentence | None:
    """Return why a product may not have the values that it ``becomes``; pure.

    ``items`` are the own values of its source items, ``left`` why it still needs decimals.
    """

    def found(product: Values) -> list[Conflict]:
        return conflicts(
            Scope.PRODUCT, configuration=site, product=product, is_virtual=is_virtual, items=items
        )

    return _first_new(found(own), found(becomes), left)


def item_refusal(
    item: SourceItem, becomes: Values, *, site: Values, left: Conflict | None = None
) -> Sentence | None:
    """Return why a source item may not have the values that it ``becomes``; pure."""

    def found(source_item: Values) -> list[Conflict]:
        return conflicts(
            Scope.SOURCE_ITEM,
            configuration=site,
            product=item.product.overrides(),
            source_item=source_item,
            is_virtual=item.product.is_virtual,
        )

    return _first_new(found(item.overrides()), found(becomes), left)


def _first_new(
    before: Sequence[Conflict], after: Sequence[Conflict], left: Conflict | None
) -> Sentence | None:
    """Return the first contradiction that a value makes; those from before stop nothing else."""
    new = [conflict for conflict in after if conflict not in before]
    first = left if left is not None and left not in before else next(iter(new), None)
    return None if first is None else Sentence(first.message, first.values)


def plan_products(product_ids: Sequence[int], request: SetOption, _act: Act) -> list[BulkRow]:
    """Return a row for each product."""
    site = InventoryConfiguration.load().overrides()
    products = Product.objects.in_bulk(list(product_ids))
    items = own_values_of_items(list(products))
    left = conflicts_of_products(_products_switched_off(products.values(), request))
    return [
        product_row(products[key], request, site, items=items.get(key, ()), left=left.get(key))
        for key in product_ids
        if key in products
    ]


def _products_switched_off(products: Iterable[Product], request: SetOption) -> list[int]:
    if request.name != "qty_uses_decimals" or request.value:
        return []
    return [product.pk for product in products if uses_decimals(product.overrides())]


def product_row(
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
    refusal = product_refusal(
        own,
        {**own, request.name: request.value},
        site=site,
        is_virtual=product.is_virtual,
        items=items,
        left=left,
    )
    shift = Shift(request.name, own[request.name], request.value)
    return BulkRow(product.pk, (product.sku, ""), (shift,), refusal)


def set_on_products(rows: Sequence[BulkRow], request: SetOption, act: Act) -> None:
    """Set the option on the products."""
    stage_products({row.names[0]: {request.name: request.value} for row in rows})
    write_products(act)


def lock_products(product_ids: Sequence[int], _request: SetOption) -> None:
    """Lock the products in key order."""
    hold_products(product_ids)


PRODUCT_OPTION = row_action(
    plan=plan_products,
    lock=lock_products,
    write=set_on_products,
    read=read_option_change,
)


def plan_items(item_ids: Sequence[int], request: SetOption, _act: Act) -> list[BulkRow]:
    """Return a row for each source item."""
    site = InventoryConfiguration.load().overrides()
    items = read_items(item_ids)
    left = conflicts_of_items(_items_switched_off(items, request))
    return [item_row(item, request, site, left=left.get(item.product_id)) for item in items]


def _items_switched_off(items: Iterable[SourceItem], request: SetOption) -> list[SourceItem]:
    if request.name != "qty_uses_decimals":
        return []
    wanted = {request.name: request.value}
    return [
        item
        for item in items
        if uses_decimals(item.product.overrides(), item.overrides())
        and not uses_decimals(item.product.overrides(), wanted)
    ]


def item_row(
    item: SourceItem, request: SetOption, site: Values, *, left: Conflict | None = None
) -> BulkRow:
    """Say what becomes of one item; ``left`` is why its product still needs decimals. Pure."""
    own = item.overrides()
    becomes = {**own, request.name: request.value}
    shift = Shift(request.name, own[request.name], request.value)
    refusal = item_refusal(item, becomes, site=site, left=left)
    return BulkRow(item.pk, (item.product.sku, item.source.code), (shift,), refusal)


def set_on_items(rows: Sequence[BulkRow], request: SetOption, act: Act) -> None:
    """Set the option at the source items."""
    items = read_items([row.key for row in rows])
    values = {request.name: request.value}
    changes = [ItemChange(item.product_id, item.source_id, values) for item in items]
    set_items(changes, act)


def lock_items_and_products(item_ids: Sequence[int], request: SetOption) -> None:
    """Lock the items in key order; before them, their products where decimals are at stake."""
    if request.name == "qty_uses_decimals":
        items = SourceItem.objects.filter(pk__in=item_ids)
        hold_products(set(items.values_list("product_id", flat=True)))
    lock_items(item_ids, request)


ITEM_OPTION = row_action(
    plan=plan_items,
    lock=lock_items_and_products,
    write=set_on_items,
    read=read_option_change,
)

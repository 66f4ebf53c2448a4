from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.options import OPTIONS, Backorders, Scope, options_for
from inventory.resolution import (
    NOTHING,
    Origin,
    ProductPolicy,
    ResolvedValue,
    Values,
    policy_in_stock,
    resolve,
    resolve_all,
)

NO = "NO_BACKORDERS"
ALLOW = "ALLOW_QTY_BELOW_0"
NOTIFY = "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"


def policy(
    *,
    configuration: Any = NOTHING,
    product: Values | dict[str, Any] | dict[str, str] = NOTHING,
    items: list[dict[str, bool]] | list[dict[str, str]] | tuple[()] = (),
    is_virtual: bool = False,
) -> ProductPolicy:
    return policy_in_stock(
        configuration=configuration, product=product, in_stock_items=items, is_virtual=is_virtual
    )


@pytest.mark.parametrize(
    ("configuration", "product", "source_item", "value", "origin"),
    [
        (None, None, None, Decimal(1), Origin.SYSTEM),
        (Decimal(7), None, None, Decimal(7), Origin.GLOBAL),
        (Decimal(7), Decimal(5), None, Decimal(5), Origin.PRODUCT),
        (Decimal(7), Decimal(5), Decimal(3), Decimal(3), Origin.SOURCE_ITEM),
        (Decimal(7), None, Decimal(3), Decimal(3), Origin.SOURCE_ITEM),
        (None, None, Decimal(3), Decimal(3), Origin.SOURCE_ITEM),
        (Decimal(7), Decimal(5), Decimal(0), Decimal(0), Origin.SOURCE_ITEM),
        (Decimal(7), Decimal(0), None, Decimal(0), Origin.PRODUCT),
        (Decimal(0), None, None, Decimal(0), Origin.GLOBAL),
    ],
)
def test_the_narrowest_level_that_says_something_is_in_force(
    configuration: Decimal | None,
    product: Decimal | None,
    source_item: Decimal | None,
    value: Decimal,
    origin: Any,
) -> None:
    name = "notify_quantity_below"

    found = resolve(
        name,
        configuration={name: configuration},
        product={name: product},
        source_item={name: source_item},
    )

    assert found == ResolvedValue(value, origin)


def test_no_is_a_value_like_any_other() -> None:
    found = resolve(
        "manage_stock", configuration={"manage_stock": True}, product={"manage_stock": False}
    )

    assert found == ResolvedValue(False, Origin.PRODUCT)


def test_a_level_outside_the_scopes_of_an_option_is_not_asked() -> None:
    everywhere = {"bulk_batch_size": 5, "min_cart_qty": Decimal(5), "qty_uses_decimals": True}
    levels = {"configuration": {}, "product": everywhere, "source_item": everywhere}

    assert resolve("bulk_batch_size", **levels) == ResolvedValue(1000, Origin.SYSTEM)
    assert resolve("min_cart_qty", **levels) == ResolvedValue(Decimal(5), Origin.PRODUCT)
    assert resolve("min_cart_qty", **{**levels, "product": {}}).origin is Origin.SYSTEM
    in_configuration = resolve("qty_uses_decimals", configuration=everywhere)
    assert in_configuration == ResolvedValue(False, Origin.SYSTEM)


@pytest.mark.parametrize(
    ("site", "own", "value", "origin"),
    [
        (None, None, False, Origin.SYSTEM),
        (None, True, False, Origin.SYSTEM),
        (None, False, False, Origin.PRODUCT),
        (False, None, False, Origin.GLOBAL),
        (False, True, False, Origin.GLOBAL),
        (False, False, False, Origin.PRODUCT),
        (True, None, True, Origin.GLOBAL),
        (True, True, True, Origin.PRODUCT),
        (True, False, False, Origin.PRODUCT),
    ],
)
def test_future_inventory_needs_the_site_to_say_yes_and_the_product_not_to_say_no(
    site: bool | None, own: bool | None, value: bool, origin: Any
) -> None:
    name = "future_inventory"

    found = resolve(name, configuration={name: site}, product={name: own})

    assert found == ResolvedValue(value, origin)


def test_every_option_of_a_scope_is_resolved_at_once() -> None:
    found = resolve_all(Scope.SOURCE_ITEM, configuration={"backorders": ALLOW})

    assert found == {
        "backorders": ResolvedValue(ALLOW, Origin.GLOBAL),
        "notify_quantity_below": ResolvedValue(Decimal(1), Origin.SYSTEM),
        "qty_uses_decimals": ResolvedValue(False, Origin.SYSTEM),
    }


def test_left_alone_a_product_follows_the_system_defaults() -> None:
    assert policy() == ProductPolicy(
        manage_stock=True,
        backorders=Backorders.NO_BACKORDERS,
        out_of_stock_threshold=Decimal(0),
        min_cart_qty=Decimal(1),
        max_cart_qty=Decimal(10000),
        enable_qty_increments=False,
        qty_increments=Decimal(1),
        qty_uses_decimals=False,
        only_x_left_threshold=Decimal(0),
        future_inventory=False,
    )


@pytest.mark.parametrize(
    ("items", "in_force"),
    [
        ([], ALLOW),
        ([{}], ALLOW),
        ([{"backorders": NO}], NO),
        ([{"backorders": NO}, {}], ALLOW),
        ([{"backorders": NO}, {"backorders": NOTIFY}, {"backorders": ALLOW}], NOTIFY),
    ],
)
def test_backorders_are_the_most_permissive_over_the_items_in_stock(
    items: list[dict[str, str]], in_force: str
) -> None:
    assert policy(product={"backorders": ALLOW}, items=items).backorders == in_force


@pytest.mark.parametrize(
    ("own", "items", "in_force"),
    [
        (True, [], True),
        (True, [{"qty_uses_decimals": False}], False),
        (True, [{"qty_uses_decimals": False}, {}], True),
        (None, [{}, {"qty_uses_decimals": True}], True),
        (None, [{}], False),
    ],
)
def test_decimals_are_used_where_any_item_in_stock_uses_them(
    own: bool | None, items: list[dict[str, bool]], in_force: bool
) -> None:
    found = policy(product={"qty_uses_decimals": own}, items=items)

    assert found.qty_uses_decimals is in_force


@pytest.mark.parametrize(("manage_stock", "in_force"), [(True, NO), (False, NOTIFY)])
def test_a_virtual_product_with_managed_stock_takes_no_backorders(
    manage_stock: bool, in_force: str
) -> None:
    found = policy(
        product={"backorders": NOTIFY, "manage_stock": manage_stock},
        items=[{"backorders": NOTIFY}],
        is_virtual=True,
    )

    assert found.backorders == in_force


LEVEL = st.dictionaries(
    st.sampled_from([option.name for option in OPTIONS if option.name != "future_inventory"]),
    st.none() | st.just("own"),
)


@given(LEVEL, LEVEL, LEVEL)
def test_a_change_of_a_wider_level_reaches_just_those_that_inherit(
    configuration: Any, product: Any, item: Any
) -> None:
    for scope in Scope:
        for option in options_for(scope):
            if option.name == "future_inventory":
                continue
            levels = {"product": product, "source_item": item}
            before = resolve(option.name, configuration=configuration, **levels)
            after = resolve(
                option.name, configuration=configuration | {option.name: "changed"}, **levels
            )
            inherits = before.origin in {Origin.GLOBAL, Origin.SYSTEM}
            is_seen = inherits and Scope.GLOBAL in option.scopes
            assert after == (ResolvedValue("changed", Origin.GLOBAL) if is_seen else before)

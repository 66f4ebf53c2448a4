from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.option_rules import conflicts
from inventory.options import Scope
from inventory.resolution import policy_in_stock
from inventory.salability import quantity_refusal

ALLOW = "ALLOW_QTY_BELOW_0"


def exact(values: Any) -> dict[Any, Any]:
    return {
        name: Decimal(value)
        if isinstance(value, (int, str))
        and name.endswith(("qty", "nts"))
        and not isinstance(value, bool)
        else value
        for name, value in values.items()
    }


def at_product(
    configuration: Any = None, *, is_virtual: Any = False, **product: Any
) -> list[tuple[str, str]]:
    found = conflicts(
        Scope.PRODUCT,
        configuration=exact(configuration or {}),
        product=exact(product),
        is_virtual=is_virtual,
    )
    return [(conflict.name, conflict.message % conflict.values) for conflict in found]


def codes(**product: Any) -> list[str]:
    found = conflicts(Scope.PRODUCT, configuration={}, product=exact(product))
    return [conflict.code for conflict in found]


ABOVE = "The minimum of 7 is above the maximum of 6: nothing can be bought."


@pytest.mark.parametrize(
    ("configuration", "product", "told_at"),
    [
        ({}, {"min_cart_qty": 7, "max_cart_qty": 6}, "max_cart_qty"),
        ({"max_cart_qty": 6}, {"min_cart_qty": 7}, "min_cart_qty"),
        ({"min_cart_qty": 7}, {"max_cart_qty": 6}, "max_cart_qty"),
    ],
)
def test_a_minimum_above_the_maximum_has_its_error_at_the_minimum(
    configuration: dict[str, int], product: dict[str, int], told_at: str
) -> None:
    assert at_product(configuration, **product) == [(told_at, ABOVE)]


def test_what_is_inherited_is_corrected_where_it_is_set() -> None:
    site = {"min_cart_qty": Decimal(7), "max_cart_qty": Decimal(6)}

    assert at_product(site) == []
    assert [told.message % told.values for told in conflicts(Scope.GLOBAL, configuration=site)] == [
        ABOVE
    ]


@pytest.mark.parametrize(
    "product",
    [
        {"min_cart_qty": 6, "max_cart_qty": 6},
        {"min_cart_qty": 7, "max_cart_qty": 0},
        {"min_cart_qty": 0, "max_cart_qty": 1},
    ],
)
def test_limits_that_meet_or_are_none_are_fine(product: dict[str, int]) -> None:
    assert codes(**product) == []


def test_increments_are_whole_unless_decimals_are_used() -> None:
    fraction = {"qty_increments": "1.5"}

    assert at_product(**fraction) == [
        ("qty_increments", "1.5 is a fraction, and this product is sold in whole units.")
    ]
    assert at_product(**fraction, qty_uses_decimals=True) == []
    assert codes(qty_increments="2.0000") == []
    in_configuration = conflicts(Scope.GLOBAL, configuration=exact(fraction))
    assert [found.code for found in in_configuration] == ["INCREMENT_NOT_WHOLE"]


@pytest.mark.parametrize(
    ("product", "found"),
    [
        ({"qty_increments": 6, "max_cart_qty": 5}, ["NOTHING_FITS"]),
        ({"qty_increments": 5, "max_cart_qty": 5}, []),
        ({"qty_increments": 4, "min_cart_qty": 5, "max_cart_qty": 7}, ["NOTHING_FITS"]),
        ({"qty_increments": 4, "min_cart_qty": 5, "max_cart_qty": 8}, []),
        ({"qty_increments": 6, "max_cart_qty": 5, "enable_qty_increments": False}, []),
        ({"qty_increments": 6, "max_cart_qty": 0}, []),
        (
            {"qty_increments": "1.5", "qty_uses_decimals": True, "max_cart_qty": "1.4999"},
            ["NOTHING_FITS"],
        ),
        ({"qty_increments": "1.5", "qty_uses_decimals": True, "max_cart_qty": "1.5"}, []),
    ],
)
def test_some_multiple_lies_between_the_limits(product: dict[Any, Any], found: list[str]) -> None:
    assert codes(**{"enable_qty_increments": True, **product}) == found


def test_without_increments_a_whole_number_lies_between_the_limits() -> None:
    limits = {"min_cart_qty": "1.2", "max_cart_qty": "1.8"}

    assert at_product(**limits) == [
        (
            "max_cart_qty",
            "No multiple of 1 lies between the minimum of 1.2 and the maximum of 1.8: "
            "nothing can be bought.",
        ),
        ("min_cart_qty", "1.2 is a fraction, and this product is sold in whole units."),
        ("max_cart_qty", "1.8 is a fraction, and this product is sold in whole units."),
    ]
    assert at_product(**limits, qty_uses_decimals=True) == []


@pytest.mark.parametrize(
    ("product", "is_virtual", "is_refused"),
    [
        ({"backorders": ALLOW}, True, True),
        ({"backorders": ALLOW}, False, False),
        ({"backorders": ALLOW, "manage_stock": False}, True, False),
        ({"backorders": "NO_BACKORDERS"}, True, False),
        ({}, True, False),
    ],
)
def test_a_virtual_product_with_managed_stock_takes_no_backorders(
    product: dict[Any, Any], is_virtual: bool, is_refused: bool
) -> None:
    message = "A virtual product with managed stock takes no backorders."
    found = at_product({"backorders": ALLOW}, is_virtual=is_virtual, **product)

    assert found == ([("backorders", message)] if is_refused else [])


def test_an_item_of_a_virtual_product_takes_none_either() -> None:
    found = conflicts(
        Scope.SOURCE_ITEM,
        configuration={},
        product={"backorders": ALLOW},
        source_item={"backorders": ALLOW},
        is_virtual=True,
    )
    inherits = conflicts(
        Scope.SOURCE_ITEM,
        configuration={},
        product={"backorders": ALLOW},
        source_item={"backorders": None},
        is_virtual=True,
    )

    assert [conflict.code for conflict in found] == ["VIRTUAL_TAKES_NO_BACKORDERS"]
    assert inherits == []


def test_what_has_no_effect_now_is_not_refused() -> None:
    assert codes(backorders=ALLOW, out_of_stock_threshold=Decimal(10)) == []
    assert codes(out_of_stock_threshold=Decimal(-10)) == []
    assert codes(allow_multiple_boxes=True, future_inventory=True) == []


LIMIT = st.integers(0, 12).map(lambda halves: Decimal(halves) / 2)


@given(LIMIT, LIMIT, LIMIT.filter(bool), st.booleans(), st.booleans())
def test_what_is_not_refused_can_be_bought(
    minimum: Any, maximum: Any, increment: Any, enabled: Any, decimals: Any
) -> None:
    product = {
        "min_cart_qty": minimum,
        "max_cart_qty": maximum,
        "qty_increments": increment,
        "enable_qty_increments": enabled,
        "qty_uses_decimals": decimals,
    }
    policy = policy_in_stock(configuration={}, product=product, in_stock_items=[], is_virtual=False)
    quantities = [Decimal(halves) / 2 for halves in range(1, 40)]
    can_be_bought = any(quantity_refusal(policy, quantity) is None for quantity in quantities)

    found = {c.code for c in conflicts(Scope.PRODUCT, configuration={}, product=product)}

    assert can_be_bought is not bool(found & {"MINIMUM_ABOVE_MAXIMUM", "NOTHING_FITS"}) or (
        "DECIMALS_NOT_ALLOWED" in found
    )


def test_one_item_that_uses_decimals_is_enough_for_the_product() -> None:
    def codes_with(*items: dict[Any, Any]) -> list[str]:
        product = {"min_cart_qty": Decimal("0.5")}
        found = conflicts(Scope.PRODUCT, configuration={}, product=product, items=items)
        return [conflict.code for conflict in found]

    assert codes_with() == ["DECIMALS_NOT_ALLOWED"]
    assert codes_with({"qty_uses_decimals": None}) == ["DECIMALS_NOT_ALLOWED"]
    assert codes_with({"qty_uses_decimals": None}, {"qty_uses_decimals": True}) == []


def test_the_configuration_may_have_fractions_of_all_but_increments() -> None:
    site = {"min_cart_qty": Decimal("0.5"), "only_x_left_threshold": Decimal("2.5")}

    assert conflicts(Scope.GLOBAL, configuration=site) == []
    assert conflicts(Scope.PRODUCT, configuration=site) == []

from decimal import Decimal
from typing import Any

import pytest

from core.formats import filled
from core.periods import CalendarPeriod, PeriodUnit
from inventory.option_explanations import explain
from inventory.options import OPTIONS, OptionKind

NO = "NO_BACKORDERS"
ALLOW = "ALLOW_QTY_BELOW_0"
NOTIFY = "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"


def told(name: str, *, is_virtual: Any = False, **changed: Any) -> str:
    values = {option.name: option.default for option in OPTIONS} | {
        option: Decimal(value) if option.endswith(("threshold", "qty", "below")) else value
        for option, value in changed.items()
    }
    sentence = explain(values, is_virtual=is_virtual)[name]
    return filled(sentence.message, sentence.values)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "Only units on hand are sold."),
        ({"backorders": ALLOW}, "Unlimited backorders."),
        ({"backorders": ALLOW, "out_of_stock_threshold": 10}, "Unlimited backorders."),
        (
            {"backorders": NOTIFY},
            "Unlimited backorders. The customer sees how many units are backordered.",
        ),
        (
            {"backorders": ALLOW, "out_of_stock_threshold": -50},
            "Up to 50 more than the quantity on hand can be sold.",
        ),
        (
            {"backorders": NOTIFY, "out_of_stock_threshold": "-2.5"},
            "Up to 2.5 more than the quantity on hand can be sold.",
        ),
        (
            {"backorders": ALLOW, "is_virtual": True},
            "A virtual product with managed stock takes no backorders.",
        ),
        ({"is_virtual": True}, "Only units on hand are sold."),
        (
            {"backorders": ALLOW, "is_virtual": True, "manage_stock": False},
            "Unlimited backorders.",
        ),
    ],
)
def test_what_backorders_do_now(changed: dict[Any, Any], sentence: str) -> None:
    assert told("backorders", **changed) == sentence


@pytest.mark.parametrize(
    ("backorders", "threshold", "sentence"),
    [
        (NO, "0", "Out of stock when none is left."),
        (NO, "10", "Out of stock when 10 are left."),
        (NO, "-1", "A negative threshold has no effect while backorders are off."),
        (ALLOW, "0", "Unlimited backorders."),
        (ALLOW, "10", "A positive threshold has no effect while backorders are allowed."),
        (ALLOW, "-50", "Up to 50 more than the quantity on hand can be sold."),
    ],
)
def test_what_a_threshold_does_now(backorders: str, threshold: str, sentence: str) -> None:
    found = told("out_of_stock_threshold", backorders=backorders, out_of_stock_threshold=threshold)

    assert found == sentence


@pytest.mark.parametrize(
    ("name", "changed", "sentence"),
    [
        ("manage_stock", {}, "Every sale is counted against the quantity on hand."),
        (
            "manage_stock",
            {"manage_stock": False},
            "Always salable where assigned; nothing is counted.",
        ),
        ("min_cart_qty", {}, "At least 1 in an order."),
        ("min_cart_qty", {"min_cart_qty": 0}, "No minimum."),
        ("max_cart_qty", {}, "At most 10,000 in an order."),
        ("max_cart_qty", {"max_cart_qty": 0}, "No maximum."),
        (
            "notify_quantity_below",
            {"notify_quantity_below": "2.5"},
            "Low where fewer than 2.5 are on hand.",
        ),
        ("notify_quantity_below", {"notify_quantity_below": 0}, "Never low."),
        ("qty_increments", {"qty_increments": Decimal("1.5")}, "Sold in multiples of 1.5."),
        ("only_x_left_threshold", {}, "Never shown."),
        (
            "only_x_left_threshold",
            {"only_x_left_threshold": 5},
            "Shown when 5 or fewer can be sold.",
        ),
        (
            "only_x_left_threshold",
            {"only_x_left_threshold": 5, "manage_stock": False},
            "Never shown while stock is not managed.",
        ),
        (
            "only_x_left_threshold",
            {"only_x_left_threshold": 5, "backorders": ALLOW},
            "Never shown while backorders are unlimited.",
        ),
        (
            "only_x_left_threshold",
            {"only_x_left_threshold": 5, "backorders": ALLOW, "out_of_stock_threshold": -1},
            "Shown when 5 or fewer can be sold.",
        ),
    ],
)
def test_what_the_other_options_do_now(name: str, changed: dict[Any, Any], sentence: str) -> None:
    assert told(name, **changed) == sentence


@pytest.mark.parametrize(
    ("name", "changed", "sentence"),
    [
        ("enable_qty_increments", {}, "Any quantity within the limits can be bought."),
        (
            "enable_qty_increments",
            {"enable_qty_increments": True},
            "Sold in multiples of the increment only.",
        ),
        ("qty_uses_decimals", {}, "Whole quantities only."),
        (
            "allow_multiple_boxes",
            {},
            "A line with decimals is packed in one piece.",
        ),
        (
            "future_inventory",
            {"future_inventory": True},
            "Backorders are also promised from dated supply.",
        ),
        ("bulk_batch_size", {}, "Bulk work over more than 1,000 rows runs in a worker."),
        (
            "release_mode",
            {"release_mode": "BY_LINE"},
            "Whole lines are released, and the others wait.",
        ),
        ("ageing_days", {}, "No effect unless Release Policy is Ageing."),
        (
            "ageing_days",
            {"release_policy": "AGEING"},
            "Units are kept for shipments that wait for 14 days or more.",
        ),
        ("future_date_limit", {}, "Supply that arrives within 30 days is promised."),
        (
            "future_date_limit",
            {"future_date_limit": CalendarPeriod(2, PeriodUnit.MONTHS)},
            "Supply that arrives within 2 months is promised.",
        ),
        ("max_sources_per_release", {}, "Any number of sources."),
        ("max_sources_per_release", {"max_sources_per_release": 2}, "At most 2."),
        ("no_match_action", {"no_match_action": "CANCEL"}, "The order is canceled."),
    ],
)
def test_what_each_value_means_by_itself(name: str, changed: dict[Any, Any], sentence: str) -> None:
    assert told(name, **changed) == sentence


def possible_values(option: Any) -> list[Any]:
    if option.kind is OptionKind.YES_NO:
        return [True, False]
    return [value for value, _label in option.choices] or [option.default]


@pytest.mark.parametrize(
    ("name", "value"),
    [(option.name, value) for option in OPTIONS for value in possible_values(option)],
)
def test_every_value_says_what_it_does(name: str, value: Any) -> None:
    assert told(name, **{name: value}).endswith(".")

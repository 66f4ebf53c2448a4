"""Why a quantity cannot be sold, each reason with its sentence; and what a storefront shows."""

from decimal import Decimal
from typing import Any

import pytest

from inventory.salability import (
    MESSAGES,
    Reason,
    SalabilityFacts,
    quantity_refusal,
    refusals,
    storefront_message,
)
from tests.inventory.salability_facts import ALLOW, NOTIFY, codes, facts, item, rules, sentence
from tests.present import present


@pytest.mark.parametrize(
    ("changed", "quantity", "reason", "message"),
    [
        (
            {"min_cart_qty": Decimal("2.5")},
            "2.4999",
            Reason.BELOW_MINIMUM,
            "The fewest you may purchase is 2.5.",
        ),
        (
            {"max_cart_qty": Decimal(10)},
            "10.0001",
            Reason.ABOVE_MAXIMUM,
            "The most you may purchase is 10.",
        ),
        (
            {"enable_qty_increments": True, "qty_increments": Decimal("1.5")},
            "10.4999",
            Reason.NOT_AN_INCREMENT,
            "You can buy this product only in quantities of 1.5.",
        ),
        (
            {"qty_uses_decimals": False},
            "1.5",
            Reason.DECIMALS_NOT_ALLOWED,
            "1.5 is a fraction, and this product is sold in whole units.",
        ),
    ],
)
def test_each_quantity_rule_has_its_code_and_its_sentence(
    changed: dict[Any, Any], quantity: str, reason: Any, message: str
) -> None:
    found = present(quantity_refusal(rules(**changed), Decimal(quantity)))

    assert (found.reason, sentence(found)) == (reason, message)


@pytest.mark.parametrize(
    ("changed", "quantity"),
    [
        ({"min_cart_qty": Decimal("2.5")}, "2.5"),
        ({"min_cart_qty": Decimal(0)}, "0.0001"),
        ({"max_cart_qty": Decimal(10)}, "10"),
        ({"max_cart_qty": Decimal(0)}, "999999999999"),
        ({"enable_qty_increments": True, "qty_increments": Decimal("1.5")}, "10.5"),
        ({"enable_qty_increments": False, "qty_increments": Decimal(3)}, "10"),
        ({"qty_uses_decimals": False}, "1.0000"),
    ],
)
def test_at_its_boundary_a_quantity_rule_holds(changed: dict[Any, Any], quantity: str) -> None:
    assert quantity_refusal(rules(**changed), Decimal(quantity)) is None


def test_only_the_first_quantity_rule_that_fails_is_named() -> None:
    every = {
        "min_cart_qty": Decimal(5),
        "max_cart_qty": Decimal(4),
        "enable_qty_increments": True,
        "qty_increments": Decimal(3),
        "qty_uses_decimals": False,
    }
    quantity = Decimal("4.5")
    named = []
    for repaired in (
        {},
        {"min_cart_qty": Decimal(0)},
        {"max_cart_qty": Decimal(0)},
        {"enable_qty_increments": False},
    ):
        every |= repaired
        named.append(present(quantity_refusal(rules(**every), quantity)).reason.value)

    assert named == [
        "BELOW_MINIMUM",
        "ABOVE_MAXIMUM",
        "NOT_AN_INCREMENT",
        "DECIMALS_NOT_ALLOWED",
    ]


def test_not_assigned_fails_alone() -> None:
    found = facts(is_enabled=False, min_cart_qty=Decimal(5))

    assert codes(found, "1") == ["NOT_ASSIGNED_TO_STOCK"]


def test_every_other_reason_is_named_together() -> None:
    found = facts(
        item("1", is_in_stock=False),
        is_enabled=False,
        max_cart_qty=Decimal(2),
        out_of_stock_threshold=Decimal(3),
    )

    assert codes(found, "2.5") == [
        "PRODUCT_DISABLED",
        "ABOVE_MAXIMUM",
        "OUT_OF_STOCK",
        "NOT_ENOUGH_ITEMS",
    ]


def test_quantity_rules_hold_with_manage_stock_off_and_nothing_else_does() -> None:
    found = facts(item("0", is_in_stock=False), manage_stock=False, min_cart_qty=Decimal(2))

    assert codes(found, "1") == ["BELOW_MINIMUM"]
    assert codes(found, "1000") == []


def test_unlimited_backorders_never_override_out_of_stock() -> None:
    found = facts(item("5", is_in_stock=False), backorders=NOTIFY)

    assert codes(found, "1") == ["OUT_OF_STOCK"]


def test_every_reason_has_a_sentence() -> None:
    assert {reason: MESSAGES[reason] for reason in Reason} == {
        Reason.NOT_ASSIGNED_TO_STOCK: "This product is not sold through this channel.",
        Reason.PRODUCT_DISABLED: "This product is disabled.",
        Reason.BELOW_MINIMUM: "The fewest you may purchase is %(minimum)s.",
        Reason.ABOVE_MAXIMUM: "The most you may purchase is %(maximum)s.",
        Reason.NOT_AN_INCREMENT: "You can buy this product only in quantities of %(increment)s.",
        Reason.DECIMALS_NOT_ALLOWED: (
            "%(quantity)s is a fraction, and this product is sold in whole units."
        ),
        Reason.OUT_OF_STOCK: "This product is out of stock.",
        Reason.NOT_ENOUGH_ITEMS: "There are not enough items for sale.",
    }


@pytest.mark.parametrize(
    ("waiting", "message"),
    [("0", "Only 2.5 of 4 available."), ("9", "Only 0 of 4 available.")],
)
def test_a_merchant_may_say_how_many_there_are(waiting: str, message: str) -> None:
    found = refusals(facts(item("2.5"), waiting=waiting), Decimal(4), shows_only_x_of_y=True)

    assert [(told.reason, sentence(told)) for told in found] == [(Reason.NOT_ENOUGH_ITEMS, message)]


@pytest.mark.parametrize(
    ("found", "shown", "hidden"),
    [
        (facts(item("6")), "IN_STOCK", "NOTHING"),
        (facts(item("6"), only_x_left_threshold=Decimal(5)), "IN_STOCK", "NOTHING"),
        (facts(item("5"), only_x_left_threshold=Decimal(5)), "ONLY_X_LEFT", "ONLY_X_LEFT"),
        (
            facts(item("0.0001"), only_x_left_threshold=Decimal(5)),
            "ONLY_X_LEFT",
            "ONLY_X_LEFT",
        ),
        (facts(item("0"), only_x_left_threshold=Decimal(5)), "OUT_OF_STOCK", "NOTHING"),
        (
            facts(item("3"), only_x_left_threshold=Decimal(5), backorders=ALLOW),
            "IN_STOCK",
            "NOTHING",
        ),
        (
            facts(
                item("3"),
                only_x_left_threshold=Decimal(5),
                backorders=ALLOW,
                out_of_stock_threshold=Decimal(-2),
            ),
            "ONLY_X_LEFT",
            "ONLY_X_LEFT",
        ),
        (
            facts(item("3"), only_x_left_threshold=Decimal(5), manage_stock=False),
            "IN_STOCK",
            "NOTHING",
        ),
    ],
)
def test_what_a_storefront_shows(found: SalabilityFacts, shown: str, hidden: str) -> None:
    assert storefront_message(found, show_availability=True).value == shown
    assert storefront_message(found, show_availability=False).value == hidden

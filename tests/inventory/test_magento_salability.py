"""Magento's own behaviour: what its tests say of salability, asked of our rules.

``magento_salability.csv`` has a row for each fact, in our terms, with the test of magento/inventory
(2.4, October 2024) that it comes from. Where ours differs on purpose, the row expects ours and
says why.
"""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.quantities import format_quantity
from inventory.options import OptionKind, option
from inventory.resolution import policy_in_stock
from inventory.salability import (
    SalabilityFacts,
    SalableItem,
    StorefrontMessage,
    is_salable,
    salable_quantity,
    storefront_message,
)
from tests.inventory.salability_facts import codes, item

TABLE = Path(__file__).with_name("magento_salability.csv")


def table() -> list[Any]:
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


def parts(text: str) -> list[str]:
    return [part for part in text.split("; ") if part]


def values(text: str) -> Any:
    """``min_cart_qty=7; manage_stock=no`` as option values."""
    found = {}
    for part in parts(text):
        name, _, value = part.partition("=")
        kind = option(name).kind
        found[name] = (
            value == "yes"
            if kind is OptionKind.YES_NO
            else value
            if kind is OptionKind.CHOICE
            else Decimal(value)
        )
    return found


def items(text: str) -> tuple[SalableItem, ...]:
    """``eu-1 5.5; eu-3 10 Out of Stock; eu-9 2 (disabled)`` as items at linked sources."""
    return tuple(
        item(
            part.split()[1],
            is_in_stock="Out of Stock" not in part,
            is_source_enabled="(disabled)" not in part,
        )
        for part in parts(text)
    )


def answer(row: Any) -> str:
    held = items(row["held"])
    facts = SalabilityFacts(
        policy=policy_in_stock(
            configuration=values(row["configuration"]),
            product=values(row["product"]),
            in_stock_items=[{} for item in held if item.is_in_stock and item.is_source_enabled],
            is_virtual=False,
        ),
        items=held,
        waiting=-Decimal(row["reserved"]),
        is_enabled=row["enabled"] == "yes",
    )
    match row["question"]:
        case "IS_SALABLE":
            return "yes" if is_salable(facts) else "no"
        case "REFUSALS":
            return " ".join(codes(facts, row["quantity"])) or "NONE"
        case _ if not facts.is_assigned:
            return "NOT_ASSIGNED"
        case "FREE":
            return format_quantity(facts.free)
        case "SALABLE_QUANTITY":
            return format_quantity(salable_quantity(facts))
        case "ONLY_X_LEFT":
            shown = storefront_message(facts, show_availability=True)
            is_shown = shown is StorefrontMessage.ONLY_X_LEFT
            return format_quantity(salable_quantity(facts)) if is_shown else "no"
    raise AssertionError(row["question"])


@pytest.mark.parametrize(
    "row", table(), ids=lambda row: f"{row['magento_test']} {row['question']} {row['quantity']}"
)
def test_magento_and_we_agree(row: Any) -> None:
    assert answer(row) == row["answer"]


def test_the_table_is_whole() -> None:
    questions = [row["question"] for row in table()]

    assert {question: questions.count(question) for question in sorted(set(questions))} == {
        "FREE": 11,
        "IS_SALABLE": 24,
        "ONLY_X_LEFT": 2,
        "REFUSALS": 46,
        "SALABLE_QUANTITY": 8,
    }

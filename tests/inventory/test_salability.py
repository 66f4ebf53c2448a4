"""How much can be sold, and whether anything can; and the laws that hold for any facts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import Sentence
from inventory.options import Backorders
from inventory.resolution import before_release
from inventory.salability import (
    SalabilityFacts,
    is_salable,
    refusals,
    salable_quantity,
    storefront_sentence,
)
from tests.inventory.salability_facts import ALLOW, NO, NOTIFY, codes, facts, item, rules


@pytest.mark.parametrize(
    ("quantity", "allocated", "safety_stock", "available"),
    [
        ("10", "0", "0", "10"),
        ("10", "4", "2.5", "3.5"),
        ("10", "4", "6", "0"),
        ("10", "4", "6.0001", "0"),
    ],
)
def test_an_item_has_what_is_neither_allocated_nor_kept_back(
    quantity: str, allocated: str, safety_stock: str, available: str
) -> None:
    found = item(quantity, allocated=allocated, safety_stock=safety_stock)

    assert found.available == Decimal(available)


@pytest.mark.parametrize(
    ("backorders", "threshold", "effective", "unlimited"),
    [
        (NO, "-50", "0", False),
        (NO, "0", "0", False),
        (NO, "10", "10", False),
        (ALLOW, "-50", "-50", False),
        (ALLOW, "-0.0001", "-0.0001", False),
        (ALLOW, "0", "0", True),
        (ALLOW, "10", "0", True),
        (NOTIFY, "0", "0", True),
        (NOTIFY, "-50", "-50", False),
    ],
)
def test_a_threshold_means_something_else_once_backorders_are_allowed(
    backorders: Any, threshold: str, effective: str, unlimited: bool
) -> None:
    policy = rules(backorders=backorders, out_of_stock_threshold=Decimal(threshold))

    assert policy.effective_threshold == Decimal(effective)
    assert policy.is_unlimited is unlimited


def test_25_on_hand_with_a_threshold_of_minus_50_sells_75() -> None:
    found = facts(item("25"), backorders=ALLOW, out_of_stock_threshold=Decimal(-50))

    assert salable_quantity(found) == Decimal(75)


def test_12_on_hand_with_a_threshold_of_10_and_no_backorders_sells_2() -> None:
    found = facts(item("12"), out_of_stock_threshold=Decimal(10))

    assert salable_quantity(found) == Decimal(2)
    assert codes(found, "2") == []
    assert codes(found, "2.0001") == ["NOT_ENOUGH_ITEMS"]


def test_free_is_summed_over_items_in_stock_at_enabled_sources() -> None:
    found = facts(
        item("5.5"),
        item("3", allocated="1"),
        item("10", is_in_stock=False),
        item("20", is_source_enabled=False),
        waiting="1.25",
    )

    assert found.free == Decimal("7.5")
    assert salable_quantity(found) == Decimal("6.25")


def test_units_kept_back_at_one_source_take_nothing_from_another() -> None:
    assert facts(item("2", safety_stock="9"), item("3")).free == Decimal(3)


def test_what_unlimited_backorders_consumed_is_kept_as_a_negative() -> None:
    found = facts(item("5"), waiting="20", backorders=ALLOW)

    assert salable_quantity(found) == Decimal(-15)
    assert is_salable(found) is True


def test_decimals_compare_exactly() -> None:
    found = facts(item("8.5"), waiting=str(Decimal("9.33") - 1))

    assert salable_quantity(found) == Decimal("0.17")
    assert codes(found, "0.17") == []
    assert codes(found, "0.1701") == ["NOT_ENOUGH_ITEMS"]


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (facts(item("1")), True),
        (facts(item("0")), False),
        (facts(item("1"), waiting="1"), False),
        (facts(item("1"), waiting="0.9999"), True),
        (facts(item("1"), is_enabled=False), False),
        (facts(), False),
        (facts(item("1", is_source_enabled=False)), False),
        (facts(item("1", is_source_enabled=False), manage_stock=False), False),
        (facts(item("1", is_in_stock=False)), False),
        (facts(item("0", is_in_stock=False), backorders=ALLOW), False),
        (facts(item("0"), backorders=ALLOW), True),
        (
            facts(item("0"), waiting="50", backorders=ALLOW, out_of_stock_threshold=Decimal(-50)),
            False,
        ),
        (facts(item("0", is_in_stock=False), manage_stock=False), True),
        (facts(item("0"), manage_stock=False, is_enabled=False), False),
    ],
)
def test_whether_anything_can_be_sold(found: SalabilityFacts, answer: bool) -> None:
    assert is_salable(found) is answer


QUANTITY = st.decimals(min_value=0, max_value=1000, places=4)
FACTS = st.builds(
    lambda items, waiting, backorders, threshold, manage_stock: SalabilityFacts(
        rules(backorders=backorders, out_of_stock_threshold=threshold, manage_stock=manage_stock),
        tuple(items),
        waiting,
    ),
    st.lists(
        st.builds(
            item,
            QUANTITY,
            allocated=QUANTITY,
            safety_stock=QUANTITY,
            is_in_stock=st.booleans(),
            is_source_enabled=st.booleans(),
        ),
        max_size=4,
    ),
    st.decimals(min_value=-1000, max_value=1000, places=4),
    st.sampled_from(Backorders),
    st.decimals(min_value=-1000, max_value=1000, places=4),
    st.booleans(),
)
SMALLEST = Decimal("0.0001")


@given(FACTS)
def test_a_product_is_salable_exactly_when_its_smallest_part_can_be_sold(found: Any) -> None:
    assert is_salable(found) is (refusals(found, SMALLEST) == [])


@given(FACTS, QUANTITY, QUANTITY)
def test_who_may_buy_more_may_buy_less(found: Any, quantity: Any, less: Any) -> None:
    if refusals(found, quantity + less) == []:
        assert refusals(found, quantity) == []


@given(FACTS, QUANTITY)
def test_a_sale_that_waits_takes_just_itself_from_the_salable_quantity(
    found: Any, quantity: Any
) -> None:
    sold = SalabilityFacts(found.policy, found.items, found.waiting + quantity)

    assert salable_quantity(found) - salable_quantity(sold) == quantity


@given(FACTS)
def test_allocating_units_that_waited_leaves_the_salable_quantity(found: Any) -> None:
    for position, held in enumerate(found.items):
        if not (held.is_in_stock and held.is_source_enabled):
            continue
        taken = min(held.available, Decimal(1))
        set_aside = replace(held, allocated=held.allocated + taken)
        items = (*found.items[:position], set_aside, *found.items[position + 1 :])
        after = SalabilityFacts(found.policy, items, found.waiting - taken)

        assert salable_quantity(after) == salable_quantity(found)


def test_until_its_release_date_a_product_is_sold_up_to_its_limit_of_preorders() -> None:
    """Whatever is on hand, and whether backorders are allowed or not (§23)."""
    policy = before_release(rules(only_x_left_threshold=Decimal(9)), 20)
    any_number = before_release(rules(out_of_stock_threshold=Decimal(3)), None)
    day = date(2026, 4, 1)
    found = SalabilityFacts(policy, [item("50")], Decimal(14), preorder_on=day)
    unlimited = SalabilityFacts(any_number, [item("0")], Decimal(14), preorder_on=day)
    closed = SalabilityFacts(policy, [item("50", is_in_stock=False)], Decimal(0), preorder_on=day)

    assert salable_quantity(found) == 6
    assert (codes(found, 6), codes(found, 7)) == ([], ["NOT_ENOUGH_ITEMS"])
    assert (policy.takes_backorders, policy.notifies_customer) == (True, True)
    assert codes(unlimited, 1000) == []
    assert codes(closed, 1) == ["OUT_OF_STOCK"]
    assert storefront_sentence(found, show_availability=True) == Sentence(
        "Pre-order: available from %(day)s", {"day": day}
    )
    assert storefront_sentence(found, show_availability=False) is None

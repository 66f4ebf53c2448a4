from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.options import Backorders
from inventory.resolution import ProductPolicy
from inventory.salability import (
    MESSAGES,
    ItemFacts,
    Reason,
    SalabilityFacts,
    effective_threshold,
    is_salable,
    is_unlimited,
    quantity_refusal,
    reason_codes,
    refusals,
    salable_quantity,
    storefront_message,
)

NO = Backorders.NO_BACKORDERS
ALLOW = Backorders.ALLOW_QTY_BELOW_0
NOTIFY = Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER


def rules(**changed):
    values = {
        "manage_stock": True,
        "backorders": NO,
        "out_of_stock_threshold": Decimal(0),
        "min_cart_qty": Decimal(0),
        "max_cart_qty": Decimal(0),
        "enable_qty_increments": False,
        "qty_increments": Decimal(1),
        "qty_uses_decimals": True,
        "allow_multiple_boxes": False,
        "only_x_left_threshold": Decimal(0),
        "future_inventory": False,
    }
    return ProductPolicy(**(values | changed))


def item(quantity, *, allocated="0", safety_stock="0", is_in_stock=True, is_source_enabled=True):
    return ItemFacts(
        Decimal(quantity), Decimal(allocated), Decimal(safety_stock), is_in_stock, is_source_enabled
    )


def facts(*items, waiting="0", is_enabled=True, **changed):
    return SalabilityFacts(rules(**changed), items, Decimal(waiting), is_enabled)


def codes(product, quantity):
    return reason_codes(refusals(product, Decimal(quantity)))


def sentence(refusal):
    return refusal.message % refusal.values


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
    quantity, allocated, safety_stock, available
):
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
    backorders, threshold, effective, unlimited
):
    policy = rules(backorders=backorders, out_of_stock_threshold=Decimal(threshold))

    assert effective_threshold(policy) == Decimal(effective)
    assert is_unlimited(policy) is unlimited


def test_25_on_hand_with_a_threshold_of_minus_50_sells_75():
    found = facts(item("25"), backorders=ALLOW, out_of_stock_threshold=Decimal(-50))

    assert salable_quantity(found) == Decimal(75)


def test_12_on_hand_with_a_threshold_of_10_and_no_backorders_sells_2():
    found = facts(item("12"), out_of_stock_threshold=Decimal(10))

    assert salable_quantity(found) == Decimal(2)
    assert codes(found, "2") == []
    assert codes(found, "2.0001") == ["NOT_ENOUGH_ITEMS"]


def test_free_is_summed_over_items_in_stock_at_enabled_sources():
    found = facts(
        item("5.5"),
        item("3", allocated="1"),
        item("10", is_in_stock=False),
        item("20", is_source_enabled=False),
        waiting="1.25",
    )

    assert found.free == Decimal("7.5")
    assert salable_quantity(found) == Decimal("6.25")


def test_units_kept_back_at_one_source_take_nothing_from_another():
    assert facts(item("2", safety_stock="9"), item("3")).free == Decimal(3)


def test_what_unlimited_backorders_consumed_is_kept_as_a_negative():
    found = facts(item("5"), waiting="20", backorders=ALLOW)

    assert salable_quantity(found) == Decimal(-15)
    assert is_salable(found) is True


def test_decimals_compare_exactly():
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
def test_whether_anything_can_be_sold(found, answer):
    assert is_salable(found) is answer


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
            "This product is sold in whole units only.",
        ),
    ],
)
def test_each_quantity_rule_has_its_code_and_its_sentence(changed, quantity, reason, message):
    found = quantity_refusal(rules(**changed), Decimal(quantity))

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
def test_at_its_boundary_a_quantity_rule_holds(changed, quantity):
    assert quantity_refusal(rules(**changed), Decimal(quantity)) is None


def test_only_the_first_quantity_rule_that_fails_is_named():
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
        named.append(quantity_refusal(rules(**every), quantity).reason.value)

    assert named == [
        "BELOW_MINIMUM",
        "ABOVE_MAXIMUM",
        "NOT_AN_INCREMENT",
        "DECIMALS_NOT_ALLOWED",
    ]


def test_not_assigned_fails_alone():
    found = facts(is_enabled=False, min_cart_qty=Decimal(5))

    assert codes(found, "1") == ["NOT_ASSIGNED_TO_STOCK"]


def test_every_other_reason_is_named_together():
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


def test_quantity_rules_hold_with_manage_stock_off_and_nothing_else_does():
    found = facts(item("0", is_in_stock=False), manage_stock=False, min_cart_qty=Decimal(2))

    assert codes(found, "1") == ["BELOW_MINIMUM"]
    assert codes(found, "1000") == []


def test_unlimited_backorders_never_override_out_of_stock():
    found = facts(item("5", is_in_stock=False), backorders=NOTIFY)

    assert codes(found, "1") == ["OUT_OF_STOCK"]


def test_every_reason_has_a_sentence():
    assert {reason: MESSAGES[reason] for reason in Reason} == {
        Reason.NOT_ASSIGNED_TO_STOCK: "This product is not sold through this channel.",
        Reason.PRODUCT_DISABLED: "This product is disabled.",
        Reason.BELOW_MINIMUM: "The fewest you may purchase is %(minimum)s.",
        Reason.ABOVE_MAXIMUM: "The most you may purchase is %(maximum)s.",
        Reason.NOT_AN_INCREMENT: "You can buy this product only in quantities of %(increment)s.",
        Reason.DECIMALS_NOT_ALLOWED: "This product is sold in whole units only.",
        Reason.OUT_OF_STOCK: "This product is out of stock.",
        Reason.NOT_ENOUGH_ITEMS: "There are not enough items for sale.",
    }


@pytest.mark.parametrize(
    ("waiting", "message"),
    [("0", "Only 2.5 of 4 available."), ("9", "Only 0 of 4 available.")],
)
def test_a_merchant_may_say_how_many_there_are(waiting, message):
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
def test_what_a_storefront_shows(found, shown, hidden):
    assert storefront_message(found, show_availability=True).value == shown
    assert storefront_message(found, show_availability=False).value == hidden


QUANTITY = st.decimals(min_value=0, max_value=1000, places=4)
FACTS = st.builds(
    lambda items, waiting, backorders, threshold, manage_stock: SalabilityFacts(
        rules(backorders=backorders, out_of_stock_threshold=threshold, manage_stock=manage_stock),
        tuple(items),
        waiting,
    ),
    st.lists(
        st.builds(ItemFacts, QUANTITY, QUANTITY, QUANTITY, st.booleans(), st.booleans()),
        max_size=4,
    ),
    st.decimals(min_value=-1000, max_value=1000, places=4),
    st.sampled_from(Backorders),
    st.decimals(min_value=-1000, max_value=1000, places=4),
    st.booleans(),
)
SMALLEST = Decimal("0.0001")


@given(FACTS)
def test_a_product_is_salable_exactly_when_its_smallest_part_can_be_sold(found):
    assert is_salable(found) is (refusals(found, SMALLEST) == [])


@given(FACTS, QUANTITY, QUANTITY)
def test_who_may_buy_more_may_buy_less(found, quantity, less):
    if refusals(found, quantity + less) == []:
        assert refusals(found, quantity) == []


@given(FACTS, QUANTITY)
def test_a_sale_that_waits_takes_just_itself_from_the_salable_quantity(found, quantity):
    sold = SalabilityFacts(found.policy, found.items, found.waiting + quantity)

    assert salable_quantity(found) - salable_quantity(sold) == quantity


@given(FACTS)
def test_allocating_units_that_waited_leaves_the_salable_quantity(found):
    for position, held in enumerate(found.items):
        if not (held.is_in_stock and held.is_source_enabled):
            continue
        taken = min(held.available, Decimal(1))
        set_aside = ItemFacts(held.quantity, held.allocated + taken, held.safety_stock, True, True)
        items = (*found.items[:position], set_aside, *found.items[position + 1 :])
        after = SalabilityFacts(found.policy, items, found.waiting - taken)

        assert salable_quantity(after) == salable_quantity(found)

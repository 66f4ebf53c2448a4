"""The one table of options: what it holds, and that everything derives from it."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from inventory.options import OPTIONS, OptionKind, Scope, StockOption, option, options_for

ROOT = Path(__file__).resolve().parents[2]


def test_names_and_columns_occur_once() -> None:
    names = [row.name for row in OPTIONS]
    columns = [
        column
        for row in OPTIONS
        for column in (row.csv_column, row.csv_use_config_column)
        if column
    ]

    assert len(names) == len(set(names)) == 58
    assert len(columns) == len(set(columns)) == 18


@pytest.mark.parametrize("row", OPTIONS, ids=lambda row: row.name)
def test_every_option_is_whole(row: StockOption) -> None:
    values = [value for value, _label in row.choices]

    assert row.label
    assert row.help_text.endswith(".")
    assert row.scopes
    assert bool(values) is (row.kind is OptionKind.CHOICE)
    assert not values or row.default in values
    if row.kind is OptionKind.YES_NO:
        assert isinstance(row.default, bool)
    if row.minimum is not None and row.default is not None:
        assert row.default >= row.minimum
    if row.maximum is not None:
        assert row.minimum is not None
        assert row.minimum <= row.default <= row.maximum
    if row.shown_when:
        assert option(row.shown_when).kind is OptionKind.YES_NO


def test_scopes_are_those_that_merchants_know() -> None:
    by_scope = {scope: {row.name for row in options_for(scope)} for scope in Scope}

    assert by_scope[Scope.SOURCE_ITEM] == {
        "backorders",
        "notify_quantity_below",
        "qty_uses_decimals",
    }
    assert by_scope[Scope.PRODUCT] - by_scope[Scope.GLOBAL] == {
        "qty_uses_decimals",
        "allow_multiple_boxes",
    }
    assert len(by_scope[Scope.PRODUCT]) == 13
    assert len(by_scope[Scope.GLOBAL]) == 56


def test_manage_stock_hides_what_it_makes_meaningless() -> None:
    assert {row.name for row in OPTIONS if row.is_hidden_without_stock} == {
        "backorders",
        "out_of_stock_threshold",
        "notify_quantity_below",
        "qty_uses_decimals",
        "allow_multiple_boxes",
        "future_inventory",
    }


def test_system_defaults_are_the_documented_ones() -> None:
    assert {row.name: str(row.default) for row in OPTIONS} == {
        "manage_stock": "True",
        "backorders": "NO_BACKORDERS",
        "out_of_stock_threshold": "0",
        "min_cart_qty": "1",
        "max_cart_qty": "10000",
        "notify_quantity_below": "1",
        "enable_qty_increments": "False",
        "qty_increments": "1",
        "qty_uses_decimals": "False",
        "allow_multiple_boxes": "False",
        "auto_return_to_stock": "False",
        "only_x_left_threshold": "0",
        "future_inventory": "False",
        "set_in_stock_on_return": "True",
        "display_out_of_stock": "False",
        "show_availability": "True",
        "not_available_message": "NOT_ENOUGH_ITEMS",
        "source_selection": "PRIORITY",
        "bulk_batch_size": "1000",
        "release_enabled": "True",
        "release_mode": "FULL",
        "release_policy": "SKIP_OVER",
        "ageing_days": "14",
        "future_date_limit": "P30D",
        "default_backorder_days": "14",
        "void_and_reauthorize": "False",
        "payment_action": "AUTHORIZE_AND_CAPTURE",
        "max_sources_per_release": "None",
        "max_sources_per_line": "None",
        "partial_match_action": "BACKORDER",
        "partial_match_scope": "BY_QUANTITY",
        "no_match_action": "BACKORDER",
        "promise_days": "30",
        "delay_retell_days": "30",
        "collect_days": "14",
        "pickup_without_setting_aside": "False",
        "undo_shipping_days": "7",
        "delay_ask_days": "7",
        "delay_answer_days": "7",
        "delay_auto_cancel": "True",
        "customers_may_cancel": "False",
        "order_link_days": "180",
        "ship_complete": "False",
        "rule_limit": "50",
        "back_in_stock_factor": "3",
        "back_in_stock_daily": "500",
        "notice_delay": "5",
        "send_confirmation": "True",
        "send_expected_date_changed": "True",
        "send_being_prepared": "True",
        "send_dispatched": "True",
        "send_tracking": "True",
        "send_shipping_undone": "True",
        "send_ready_to_collect": "True",
        "send_collect_reminder": "True",
        "send_canceled": "True",
        "send_refunded": "True",
        "send_payment_needed": "True",
    }
    assert isinstance(option("min_cart_qty").default, Decimal)


def test_one_more_row_is_all_that_a_new_option_takes() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.inventory.one_more_option"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "columns": ["InventoryConfiguration", "Product", "SourceItem"],
        "migration adds": [
            "inventoryconfiguration",
            "inventoryconfigurationevent",
            "product",
            "productevent",
            "sourceitem",
            "sourceitemevent",
        ],
        "forms": ["ConfigurationForm", "ProductForm", "SourceItemForm"],
        "api": [
            "ConfigurationChange",
            "Configured",
            "ProductOverrides",
            "ProductEffective",
            "SourceItemOverrides",
        ],
        "files": ["lead_time_units", "use_config_lead_time_units"],
        "written": ["item_rows", "product_rows"],
        "resolved": ["3", "SOURCE_ITEM"],
        "reference": [
            "| Lead Time Units | `lead_time_units` | quantity, 0 or more | 3 | configuration, "
            "product, source item | How many are always on their way. |"
        ],
    }

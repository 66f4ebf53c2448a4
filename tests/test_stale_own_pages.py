"""Our own pages that take a form: each compares what it showed, or says why that is not needed.

The addresses come from the URL resolver, so that a new one is among them.
"""

from pathlib import Path
from typing import Any

import pytest

from fulfillment.admin.review.actions import ON_SHIPMENTS
from tests.test_roles_walk import NOBODY, TABLE

TESTS = Path(__file__).parent

# The test, by its file, in which others change what the page showed before it is confirmed.
COMPARED = {
    "fulfillment_demand_order": (
        "fulfillment/test_demand_pages.py",
        "test_supply_that_came_after_the_page_was_shown_orders_nothing",
    ),
    "inventory_futuresupply_change_supply": (
        "inventory/test_supply_pages.py",
        "test_a_record_that_was_changed_after_the_page_was_opened_says_both_values",
    ),
    "inventory_futuresupply_cancel": (
        "inventory/test_supply_pages.py",
        "test_a_record_that_was_changed_after_it_was_shown_is_not_canceled",
    ),
    "inventory_futuresupply_delivery": (
        "inventory/test_delivery_pages.py",
        "test_a_sheet_that_others_received_from_meanwhile_says_so",
    ),
    "inventory_importfile_confirm": (
        "inventory/files/test_changed_after_check.py",
        "test_a_file_checked_before_a_sale_puts_nothing_on_hand_again",
    ),
    **dict.fromkeys(
        (
            "inventory_product_bulk_assign",
            "inventory_product_bulk_unassign",
            "inventory_product_bulk_status",
            "inventory_product_bulk_option",
            "inventory_sourceitem_bulk_unassign",
            "inventory_sourceitem_bulk_status",
            "inventory_sourceitem_bulk_option",
            # A transfer is a difference, but what its preview showed is compared all the same.
            "inventory_product_bulk_transfer",
            "inventory_sourceitem_bulk_transfer",
        ),
        (
            "inventory/test_bulk_page_mistakes.py",
            "test_rows_that_changed_after_the_preview_are_listed_and_nothing_is_written",
        ),
    ),
    **dict.fromkeys(
        (f"fulfillment_shipment_bulk_{action.slug}" for action in ON_SHIPMENTS),
        (
            "fulfillment/review/test_bulk_pages.py",
            "test_a_shipment_that_changed_after_the_preview_is_named_and_nothing_is_done",
        ),
    ),
    **dict.fromkeys(
        (
            f"fulfillment_shipment_bulk_{name}"
            for name in ("pack", "unpack", "fulfill", "set-aside", "pick-list")
        ),
        (
            "fulfillment/review/test_bulk_pages.py",
            "test_a_shipment_that_changed_after_the_preview_is_named_and_nothing_is_done",
        ),
    ),
    "inventory_product_bulk_labels": (
        "inventory/test_product_labels.py",
        "test_a_barcode_that_changed_since_the_preview_is_shown_first",
    ),
    "fulfillment_shipment_bulk_packing-slips": (
        "fulfillment/api/test_packing_slips.py",
        "test_the_list_prints_nothing_that_changed_since_it_was_shown",
    ),
    "fulfillment_picklist_short": (
        "fulfillment/api/test_shortage_pages.py",
        "test_a_count_that_has_changed_since_it_was_shown_is_shown_again",
    ),
    "fulfillment_shipment_part": (
        "fulfillment/release/test_part_release_page.py",
        "test_what_others_took_since_the_preview_is_shown_and_nothing_is_released",
    ),
    "fulfillment_picklist_counts": (
        "fulfillment/api/test_pick_lists.py",
        "test_a_count_does_not_undo_what_others_picked_since",
    ),
    "fulfillment_shipment_act": (
        "fulfillment/review/test_shipment_changed_meanwhile.py",
        "test_the_second_of_two_people_is_refused_and_keeps_the_typed_text",
    ),
    "fulfillment_rulerun_confirm": (
        "fulfillment/waiting_rules/test_rules.py",
        "test_a_rule_that_finds_too_many_asks_and_acts_on_what_was_shown_alone",
    ),
    "orders_order_task": (
        "orders/test_order_change_pages.py",
        "test_an_order_that_others_changed_since_is_shown_again_and_nothing_is_done",
    ),
    "orders_order_take_back": (
        "orders/test_return_pages.py",
        "test_an_order_that_others_changed_meanwhile_is_reviewed_again",
    ),
    "orders_noticetext_edit": (
        "orders/test_notice_texts.py",
        "test_nobody_overwrites_what_somebody_else_wrote",
    ),
    "fulfillment_releaserun_apply": (
        "fulfillment/test_policy_comparison.py",
        "test_where_the_world_has_moved_nothing_is_applied_until_that_is_accepted",
    ),
}

WRITES_NOTHING = "It answers what would result, and writes nothing."
ADDS = "It adds something new, and no stored value is replaced."
DIFFERENCE = "It is a difference, and applies to what is there, within its limits."
SWITCH = "It sets one switch to what its button says, whatever it was."
ONCE = "It happens once: what is over already is refused, and nothing else is changed."
OWN = "It belongs to one person, and holds nothing that others enter."
LEFT = "Rows that others changed since are left as they are, and listed."
READS = "A POST is answered as a GET is, and writes nothing."
FREE = {
    **dict.fromkeys(
        (
            "fulfillment_release_board",
            "fulfillment_release_board_live",
            "fulfillment_release_comparison",
            "fulfillment_release_comparison_part",
            "fulfillment_releaserun_decisions",
            "fulfillment_releaserun_progress",
            "inventory_futuresupply_export",
            "core_bulkchange_as_it_was",
            "inventory_importfile_as_it_was",
            "inventory_importfile_problems",
            "inventory_importfile_refused_rows",
            "core_job_figures",
            "core_job_progress",
            "inventory_ledger",
            "inventory_low_stock",
            "inventory_low_stock_export",
            "inventory_product_export",
            "inventory_sourceitem_export",
            "fulfillment_parcel_export",
            "orders_order_export",
        ),
        READS,
    ),
    **dict.fromkeys(
        (
            "fulfillment_parcel_import",
            "inventory_futuresupply_import",
            "inventory_importfile_start",
            "inventory_product_import",
            "inventory_sourceitem_import",
            "orders_order_import",
        ),
        "It keeps the file for its check; what the file would change is compared when confirmed.",
    ),
    "personal_data": "It erases whatever is held about one person then, and keeps no shown value.",
    "inventory_configuration_preview": WRITES_NOTHING,
    "inventory_product_preview": WRITES_NOTHING,
    "inventory_product_preview_new": WRITES_NOTHING,
    "orders_order_availability": WRITES_NOTHING,
    "inventory_importfile_check": WRITES_NOTHING,
    "inventory_futuresupply_receive": DIFFERENCE,
    "inventory_futuresupply_take_back": DIFFERENCE,
    "fulfillment_inconsistencies": DIFFERENCE,
    # It leads to the page of an action, or adds a dry run.
    "fulfillment_shipment_review_bulk": ADDS,
    "fulfillment_release_board_run": ADDS,
    "fulfillment_release_comparison_start": ADDS,
    "core_bulkchange_take_back": LEFT,
    "inventory_importfile_take_back": LEFT,
    "fulfillment_waitingrule_run": ADDS,
    "fulfillment_scheduledwork_run": ADDS,
    "fulfillment_scheduledwork_restore": ADDS,
    "fulfillment_scheduledwork_pause": SWITCH,
    "fulfillment_scheduledwork_resume": SWITCH,
    "core_job_cancel": ONCE,
    "fulfillment_releaserun_cancel": ONCE,
    "orders_payment_decide": ONCE,
    "orders_paymentoperation_decide": ONCE,
    "orders_return_refund": ONCE,
    "fulfillment_delayrequest_answer": ONCE,
    "fulfillment_picklist_close": ONCE,
    "fulfillment_picklist_pack": ONCE,
    "fulfillment_picklist_take_off": ONCE,
    "fulfillment_picklist_scan": DIFFERENCE,
    "fulfillment_shipment_packing_slip": ADDS,
    "fulfillment_shipment_note": ADDS,
    "fulfillment_shipment_add_parcel": "fulfillment/operations/test_parcels.py",
    "fulfillment_shipment_change_parcel": "fulfillment/operations/test_parcels.py",
    "orders_order_note": ADDS,
    **{
        f"{name}_{page}": OWN
        for name in ("fulfillment_shipment_review", "fulfillment_shipment", "orders_order")
        for page in ("columns", "save_view", "delete_view")
    },
}


def test_every_page_of_ours_that_takes_a_form_is_compared_or_says_why_not() -> None:
    taking = {name for name, row in TABLE.items() if row.post != NOBODY}

    assert sorted(taking - COMPARED.keys() - FREE.keys()) == []
    assert not COMPARED.keys() & FREE.keys()


@pytest.mark.parametrize(("file", "test"), sorted(set(COMPARED.values())))
def test_each_comparison_has_its_test(file: Any, test: Any) -> None:
    assert f"def {test}(" in (TESTS / file).read_text()

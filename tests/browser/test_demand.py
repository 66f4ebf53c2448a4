"""Demand in a browser: read, select, review and confirm, with and without JavaScript."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from inventory.models import FutureSupply
from tests.browser.test_every_page import problems
from tests.fulfillment.demand_world import make_world


@pytest.mark.parametrize("has_scripts", [True, False])
def test_proposals_are_reviewed_and_become_future_supply(
    open_page: Callable[..., Page],
    transactional_db: None,
    has_scripts: bool,
) -> None:
    make_world()
    page = open_page(reverse("admin:fulfillment_demand"), has_scripts=has_scripts)
    if has_scripts:
        assert problems(page, name="demand") == []
    page.get_by_role("checkbox", name="Order KETTLE").check()
    page.get_by_role("button", name="Review order proposals").click()
    expect(page.get_by_label("Units to order: KETTLE").first).to_have_value("6")
    if has_scripts:
        assert problems(page, name="order-proposals") == []
    page.get_by_label("Reference").fill("PO-9")

    page.get_by_role("button", name="Make future supply").click()

    expect(page.get_by_text("Recorded 2 future supplies.")).to_be_visible()
    rows = FutureSupply.objects.filter(reference="PO-9").order_by("pk")
    assert list(rows.values_list("source__code", "quantity")) == [
        ("main", Decimal(6)),
        ("store", Decimal(2)),
    ]

"""What leaves: half of an order, what comes back of it, and thirty shipments in one go."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.acts import Act
from fulfillment.models import PickLine, PickList, Shipment
from inventory.models import InventoryConfiguration, SourceItem
from orders.models import Order
from orders.notices.send import send_queued
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.browser.conftest import follow
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME

pytestmark = pytest.mark.usefixtures("sends_at_once")
MANY = 30


@pytest.fixture
def shop(transactional_db: None) -> None:
    """Six kettles, and lids for all, at one source; releases take whole shipments alone."""
    source = SourceFactory(code="lund")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    for sku, quantity in (("KTP", 6), ("LID", 60)):
        SourceItemFactory(source=source, product=ProductFactory(sku=sku), quantity=quantity)
    InventoryConfiguration.objects.update_or_create(
        pk=1,
        defaults={
            "backorders": "ALLOW_QTY_BELOW_0",
            "release_mode": "FULL",
            "payment_action": "AUTHORIZE_AND_CAPTURE",
        },
    )


def placed(number: str, **units: int) -> Order:
    lines = [LineRequest(sku, Decimal(count), Decimal("2.50")) for sku, count in units.items()]
    request = OrderRequest(
        address=HOME,
        channel="web",
        customer=Customer("Ada Lovelace", f"{number.lower()}@example.com"),
        lines=tuple(lines),
        number=number,
        payment=PaymentRequest("sandbox"),
    )
    return Order.objects.get(pk=place_order(request, Act(timezone.now())).order_id)


def on_hand() -> dict[str, int]:
    items = SourceItem.objects.values_list("product__sku", "quantity")
    return {sku: int(quantity) for sku, quantity in items}


def told(inbox: list[Any]) -> list[str]:
    """Send what is queued; return the subjects, sorted."""
    inbox.clear()
    while send_queued(now=timezone.now()):
        pass
    return sorted(str(mail["Subject"]) for mail in inbox)


def shipment_page(page: Page, number: str) -> None:
    key = Shipment.objects.get(number=number).pk
    page.goto(reverse("admin:fulfillment_shipment_change", args=[key]))


def test_half_of_an_order_leaves_is_undone_and_comes_back(
    open_page: Callable[..., Page], shop: None, inbox: list[Any]
) -> None:
    order = placed("1001", KTP=8, LID=2)
    told(inbox)
    page = open_page("/admin/")

    half_of_it_leaves_under_mode_full(page, inbox)
    its_shipping_is_undone_and_done_again(page, inbox)
    two_lines_come_back_one_of_them_damaged(page, order)


def half_of_it_leaves_under_mode_full(page: Page, inbox: list[Any]) -> None:
    """Of two kettles that wait one is there: staff let that one go, whatever the site's mode."""
    assert states() == {"1001-1": "READY", "1001-2": "BACKORDER"}
    shipment_page(page, "1001-1")
    follow(page.get_by_role("button", name="Ship", exact=True))
    expect(page.locator(".shipment-head")).to_contain_text("Fulfilled")
    assert told(inbox) == ["Your order 1001 is on its way to you"]

    SourceItem.objects.filter(product__sku="KTP").update(quantity=1)
    shipment_page(page, "1001-2")
    follow(page.get_by_role("link", name="Release available units"))
    page.get_by_label("Units to release").select_option("BY_QUANTITY")
    follow(page.get_by_role("button", name="Preview"))
    expect(page.locator("main")).to_contain_text("Ready at lund: 1 × KTP")
    page.get_by_label("Reason").fill("One of two is there")
    follow(page.get_by_role("button", name="Release these units"))
    shipment_page(page, "1001-2.1")
    follow(page.get_by_role("button", name="Ship", exact=True))
    assert states() == {"1001-1": "FULFILLED", "1001-2": "BACKORDER", "1001-2.1": "FULFILLED"}
    assert Order.objects.get().status == "PARTIALLY_SHIPPED"
    assert on_hand() == {"KTP": 0, "LID": 58}


def its_shipping_is_undone_and_done_again(page: Page, inbox: list[Any]) -> None:
    told(inbox)
    shipment_page(page, "1001-1")
    page.locator("summary", has_text="More actions").click()
    page.locator("summary", has_text="Undo shipping").click()
    undo = page.locator("#do-undo-fulfillment")
    undo.get_by_label("Reason").fill("It is still here")
    follow(undo.get_by_role("button", name="Undo shipping"))
    expect(page.locator(".shipment-head")).to_contain_text("Held by staff")
    assert (states()["1001-1"], on_hand()) == ("READY", {"KTP": 6, "LID": 60})
    assert told(inbox) == ["Your order 1001 has not left yet"]

    page.locator("summary", has_text="Lift hold").click()
    lift = page.locator("#do-lift-hold")
    lift.get_by_label("Reason").fill("Found")
    follow(lift.get_by_role("button", name="Lift hold"))
    follow(page.get_by_role("button", name="Ship", exact=True))
    assert (states()["1001-1"], on_hand()) == ("FULFILLED", {"KTP": 0, "LID": 58})


def two_lines_come_back_one_of_them_damaged(page: Page, order: Order) -> None:
    shipment_page(page, "1001-1")
    follow(page.get_by_role("link", name="Take back"))
    page.get_by_label("Quantity of line 1 from 1001-1").fill("2")
    page.get_by_label("Quantity of line 2 from 1001-1").fill("1")
    page.get_by_label("Condition of line 2 from 1001-1").select_option("DAMAGED")
    page.get_by_label("Money").select_option("REFUND")
    follow(page.locator('.is-main[value="preview"]'))
    expect(page.locator("main")).to_contain_text("1 × LID, Damaged, not to stock")
    follow(page.locator('[value="confirm"]'))
    expect(page.locator("body")).to_contain_text("Took back and refunded 3 units")
    assert on_hand() == {"KTP": 2, "LID": 58}
    assert [payment.refunded_amount for payment in order.payments.all()] == [Decimal("7.50")]
    assert_invariants()


def test_thirty_shipments_are_picked_and_leave(
    open_page: Callable[..., Page], shop: None, inbox: list[Any], tmp_path: Path
) -> None:
    for number in range(MANY):
        placed(f"W-{number:02}", LID=2)
    told(inbox)
    page = open_page(reverse("admin:fulfillment_shipment_changelist") + "?tab=to-ship")

    all_of_them_are_on_one_list(page)
    one_is_short(page)
    the_rest_is_picked_and_shipped(page)
    their_customers_follow_them(page, inbox, tmp_path)
    assert_invariants()


def choose(page: Page, action: str) -> None:
    """Select all rows of the list, and an action for them."""
    page.locator("#action-toggle").check()
    page.locator('select[name="action"]').select_option(action)
    follow(page.locator('button[name="index"]'))


def all_of_them_are_on_one_list(page: Page) -> None:
    choose(page, "bulk_pick-list")
    follow(page.get_by_role("button", name="Preview"))
    follow(page.get_by_role("button", name=re.compile("Make a pick list")))
    expect(page.locator("[data-progress]")).to_have_text("0 of 60 units picked")


def one_is_short(page: Page) -> None:
    """A lid is missing: the last shipment waits again, whole."""
    follow(page.get_by_role("link", name="Units missing LID").first)
    page.get_by_label("Found", exact=True).fill("59")
    follow(page.get_by_role("button", name="Preview"))
    expect(page.get_by_text("60 → 59")).to_be_visible()
    follow(page.get_by_role("button", name="Count", exact=True))
    expect(page.get_by_text("These shipments wait again: W-29-1")).to_be_visible()


def the_rest_is_picked_and_shipped(page: Page) -> None:
    expect(page.locator("[data-progress]")).to_have_text("58 of 58 units picked")
    page.goto(reverse("admin:fulfillment_shipment_changelist") + "?tab=to-ship")
    choose(page, "bulk_fulfill")
    follow(page.get_by_role("button", name="Ship (29)"))
    expect(page.locator("body")).to_contain_text("Ship: 29 shipments changed.")
    assert Shipment.objects.filter(state="FULFILLED").count() == MANY - 1
    assert on_hand()["LID"] == 1
    assert PickList.objects.get().state == "CLOSED"
    assert PickLine.objects.filter(is_put_back=True).count() == 1


def their_customers_follow_them(page: Page, inbox: list[Any], folder: Path) -> None:
    assert told(inbox) == [
        f"Your order W-{number:02} is on its way to you" for number in range(MANY - 1)
    ]
    file = folder / "tracking.csv"
    rows = [f"W-{number:02}-1,ups,1Z{number}" for number in range(MANY - 1)]
    file.write_text("\n".join(["shipment,carrier,tracking", *rows, ""]))
    page.goto(reverse("admin:fulfillment_parcel_changelist"))
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    follow(page.get_by_role("button", name="Check the file"))
    follow(page.get_by_role("button", name="Write the file"))
    page.get_by_role("heading", name="Saved changes").wait_for()
    assert told(inbox) == [f"Follow your order W-{number:02}" for number in range(MANY - 1)]


def states() -> dict[str, str]:
    return dict(Shipment.objects.order_by("number").values_list("number", "state"))

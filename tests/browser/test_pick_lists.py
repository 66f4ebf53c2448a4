"""A pick list in a real browser: by keyboard alone, and without a connection."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from core.acts import Act
from fulfillment.models import PickLine, PickList, PickScan, Shipment
from fulfillment.operations.picking.pick_lists import make_pick_list
from inventory.models import SourceItem
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest, PaymentRequest
from tests.browser.conftest import in_each_look, shoot, violations
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceFactory
from tests.orders.addresses import HOME
from tests.orders.mugs import open_shop

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SHIPMENTS = 40
PRODUCTS = 8
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def pick_list(transactional_db: None) -> PickList:
    """40 shipments of one unit each, of 8 products."""
    source = SourceFactory(code="london", name="London")
    products = [
        ProductFactory(sku=f"SKU-{number}", name=f"Kettle no. {number}", barcode=f"CODE-{number}")
        for number in range(PRODUCTS)
    ]
    for number in range(SHIPMENTS):
        BackorderFactory(number=f"S-{number:02}", lines={products[number % PRODUCTS]: 1})
    Shipment.objects.update(state="READY", source=source)
    keys = Shipment.objects.order_by("pk").values_list("pk", flat=True)
    return make_pick_list(source.pk, list(keys), Act(NOW)).pick_list


def picked() -> int:
    return PickLine.objects.filter(picked_quantity=1).count()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_forty_shipments_are_picked_by_keyboard_alone(
    open_page: Callable[..., Page], pick_list: PickList, has_scripts: bool
) -> None:
    shipments = SHIPMENTS if has_scripts else 3
    page = open_page(
        reverse("admin:fulfillment_picklist_change", args=[pick_list.pk]), has_scripts=has_scripts
    )

    for number in range(shipments):
        # A scanner types the code into the field that has the focus, and Enter.
        expect(page.locator("#pick-code")).to_be_focused()
        page.keyboard.type(f"CODE-{number % PRODUCTS}")
        page.keyboard.press("Enter")
        if not has_scripts:
            expect(page.get_by_text("1 of 1 ×")).to_be_visible()

    expect(page.locator("[data-progress]")).to_have_text(f"{shipments} of 40 units picked")
    assert picked() == shipments
    assert PickScan.objects.count() == shipments


@pytest.mark.parametrize(
    ("seconds", "scans"), [(2, 10), pytest.param(30, SHIPMENTS, marks=pytest.mark.long)]
)
def test_nothing_is_lost_or_counted_twice_without_a_connection(
    page: Page, pick_list: PickList, seconds: int, scans: int
) -> None:
    page.goto(reverse("admin:fulfillment_picklist_change", args=[pick_list.pk]))
    page.context.set_offline(True)

    for number in range(scans):
        page.keyboard.type(f"CODE-{number % PRODUCTS}")
        page.keyboard.press("Enter")
        page.wait_for_timeout(seconds * 1000 / scans)
    expect(page.locator("[data-waiting]")).to_contain_text(f"{scans}")
    assert picked() == 0
    page.context.set_offline(False)

    expect(page.locator("[data-progress]")).to_have_text(f"{scans} of 40 units picked")
    expect(page.locator("[data-waiting]")).to_be_hidden()
    assert (picked(), PickScan.objects.count()) == (scans, scans)


def test_an_answer_that_is_lost_counts_once(page: Page, pick_list: PickList) -> None:
    """The scan is counted, the browser hears nothing of it, and sends it again."""
    page.goto(reverse("admin:fulfillment_picklist_change", args=[pick_list.pk]))
    lost: list[int] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    page.route("**/scan/", lose)
    page.keyboard.type("CODE-0")
    page.keyboard.press("Enter")

    expect(page.get_by_text("1 of 1 × SKU-0 for S-00")).to_be_visible()
    assert lost == [200]
    assert (picked(), PickScan.objects.count()) == (1, 1)


@in_each_look
def test_the_page_fits(
    open_page: Callable[..., Page], pick_list: PickList, width: str, scheme: str
) -> None:
    Shipment.objects.filter(number="S-01").update(is_held=True, hold_reason="STAFF")
    page = open_page(
        reverse("admin:fulfillment_picklist_change", args=[pick_list.pk]),
        width=width,
        scheme=scheme,
    )

    assert page.evaluate(WIDER) == 0
    shoot(page, f"pick-list-{width}-{scheme}")
    assert violations(page) == []


@pytest.fixture
def mugs(transactional_db: None) -> PickList:
    """Two shipments of four and three mugs, of ten that are there."""
    open_shop()
    for number, units in enumerate((4, 3)):
        request = OrderRequest(
            address=HOME,
            channel="web",
            customer=Customer("Ada Lovelace", "ada@example.com"),
            lines=(LineRequest("MUG", Decimal(units), Decimal(10)),),
            number=f"W-{number}",
            payment=PaymentRequest("sandbox"),
        )
        place_order(request, Act(NOW))
    keys = Shipment.objects.order_by("pk").values_list("pk", flat=True)
    return make_pick_list(SourceItem.objects.get().source_id, list(keys), Act(NOW)).pick_list


@in_each_look
def test_missing_units_are_previewed_then_counted(
    open_page: Callable[..., Page], mugs: PickList, width: str, scheme: str
) -> None:
    page = open_page(
        reverse("admin:fulfillment_picklist_change", args=[mugs.pk]), width=width, scheme=scheme
    )

    page.get_by_role("link", name="Units missing MUG").first.click()
    page.get_by_label("Found", exact=True).fill("5")
    page.keyboard.press("Enter")

    expect(page.get_by_text("10 → 5")).to_be_visible()
    shoot(page, f"units-missing-{width}-{scheme}")
    assert page.evaluate(WIDER) == 0
    assert violations(page) == []
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("These shipments wait again: W-1-1")).to_be_visible()
    assert list(Shipment.objects.order_by("pk").values_list("state", flat=True)) == [
        "READY",
        "BACKORDER",
    ]

"""The parcels of a shipment: added, corrected and removed on its page, followed by the customer."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.acts import Act
from fulfillment.models import Parcel, Shipment
from fulfillment.operations.moves.fulfill import fulfill
from fulfillment.operations.shipments.parcel_facts import ParcelFacts
from orders.models import Order
from orders.order_links import order_token
from tests.browser.conftest import DESKTOP, PHONE, follow, shoot, violations
from tests.fulfillment.operations.test_bulk_fulfillment import placed, shop

pytestmark = pytest.mark.usefixtures("sends_at_once")
CUT_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ACT = Act(datetime(2026, 3, 1, 9, tzinfo=UTC))


def problems(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page, on a phone in the dark, and wide in the light."""
    found = []
    for window, scheme in ((PHONE, "dark"), (DESKTOP, "light")):
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += violations(page)
        if cut_off := page.evaluate(CUT_OFF):
            found.append(f"{cut_off} pixels are cut off")
        shoot(page, f"{name}-{window['width']}-{scheme}")
    return found


def test_parcels_are_added_corrected_and_removed(open_page: Callable[..., Page]) -> None:
    shop()
    shipment = fulfill(placed("1001").pk, ACT, parcels=[ParcelFacts("ups", "1Z 999")])
    page = open_page(reverse("admin:fulfillment_shipment_change", args=[shipment.pk]))
    parcels = page.get_by_role("region", name="Parcels")
    expect(parcels.get_by_role("link", name="1Z999")).to_have_attribute(
        "href", "https://www.ups.com/track?tracknum=1Z999"
    )

    parcels.locator("summary", has_text="Add parcel").click()
    parcels.get_by_label("Carrier").last.select_option("dhl")
    parcels.get_by_label("Tracking number").last.fill("JD-7")
    parcels.get_by_label("Weight in kilograms").last.fill("2.5")
    assert problems(page, "parcels-add") == []
    follow(parcels.get_by_role("button", name="Add parcel"))
    expect(parcels.get_by_role("link", name="JD-7")).to_be_visible()
    assert problems(page, "parcels") == []

    parcels.locator("summary", has_text="Correct").first.click()
    parcels.get_by_label("Tracking number").first.fill("1Z<b>")
    follow(parcels.get_by_role("button", name="Save parcel").first)
    expect(parcels).to_contain_text("“1Z<b>” is no tracking number.")
    assert problems(page, "parcels-wrong") == []
    follow(parcels.get_by_role("button", name="Remove parcel").first)
    expect(parcels.get_by_role("link", name="1Z999")).to_have_count(0)
    assert [str(one) for one in Parcel.objects.all()] == ["DHL JD-7"]


def test_the_form_to_ship_a_part_takes_a_parcel(open_page: Callable[..., Page]) -> None:
    shop()
    shipment = placed("1001")
    page = open_page(reverse("admin:fulfillment_shipment_change", args=[shipment.pk]))
    page.locator("summary", has_text="More actions").click()
    page.locator("summary", has_text="Ship a part or add tracking").click()
    form = page.locator("#do-fulfill")
    form.get_by_label("Carrier").select_option("ups")
    form.get_by_label("Tracking number").fill("1Z 999")
    assert problems(page, "parcels-ship") == []
    follow(form.get_by_role("button").last)

    assert Shipment.objects.get(pk=shipment.pk).state == "FULFILLED"
    expect(page.get_by_role("region", name="Parcels")).to_contain_text("1Z999")


def test_a_customer_follows_the_parcels(open_page: Callable[..., Page]) -> None:
    cache.clear()
    shop()
    boxes = [ParcelFacts("ups", "1Z 999"), ParcelFacts("dhl", "JD-7")]
    fulfill(placed("1001").pk, ACT, parcels=boxes)
    order = Order.objects.get()
    token = order_token(order.pk, email=order.customer_email, now=timezone.now())

    page = open_page(f"/order/{token}/", width="phone", is_signed_in=False, has_scripts=False)

    expect(page.get_by_role("link", name="Follow parcel 1Z999")).to_have_attribute(
        "href", "https://www.ups.com/track?tracknum=1Z999"
    )
    expect(page.get_by_role("link", name="Follow parcel JD-7")).to_be_visible()
    shoot(page, "parcels-status")

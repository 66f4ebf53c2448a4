from collections.abc import Callable
from datetime import UTC, datetime

from django.urls import reverse
from playwright.sync_api import Page

from core.acts import Act
from fulfillment.models import Shipment
from fulfillment.operations.moves.fulfill import fulfill
from orders.models import Payment, PaymentOperation
from tests.browser.conftest import follow, in_each_look, shoot, violations
from tests.orders.test_payment_decisions import place, works_again

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@in_each_look
def test_a_declined_capture_is_tried_again_with_a_click(
    open_page: Callable[..., Page], width: str, scheme: str
) -> None:
    place("capture:decline")
    fulfill(Shipment.objects.get().pk, Act(NOW))
    works_again()
    operation = PaymentOperation.objects.in_review().get()

    page = open_page(
        reverse("admin:orders_paymentoperation_change", args=[operation.pk]),
        width=width,
        scheme=scheme,
    )
    follow(page.get_by_role("link", name="Decide"))
    shoot(page, f"payment-decision-{width}")
    assert violations(page) == []
    page.get_by_label("Try again, as a new request.").check()
    page.get_by_label("Note").fill("Called the bank")
    page.get_by_role("button", name="Decide").click()

    page.get_by_text("Recorded for payment").wait_for()
    assert Payment.objects.get().state == "CAPTURED"

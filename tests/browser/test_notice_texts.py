"""A text is changed on its page: looked at as the customer gets it, then saved."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from orders.models import NoticeText
from tests.browser.conftest import follow, shoot, violations
from tests.orders.test_notice_texts import queue


@pytest.mark.parametrize(
    ("width", "scheme", "has_scripts"), [("desktop", "light", True), ("phone", "dark", False)]
)
def test_a_text_is_changed_with_clicks(
    open_page: Callable[..., Page], width: str, scheme: str, has_scripts: bool
) -> None:
    queue(refund_amount="7.50")

    page = open_page(
        reverse("admin:orders_noticetext_changelist"),
        width=width,
        scheme=scheme,
        has_scripts=has_scripts,
    )
    shoot(page, f"notice-texts-{width}")
    follow(page.get_by_role("link", name="Canceled: English, Built-in text"))
    page.get_by_label("Subject").fill("Gone from {{ order_number }}")
    follow(page.get_by_role("button", name="Preview"))
    shoot(page, f"notice-text-preview-{width}")
    letter = page.locator(".letter-blocks")
    assert letter.locator(".letter-subject").inner_text() == "Gone from 1001"
    assert letter.get_by_role("listitem").all_inner_texts() == ["6 × Kettle (KTP)"]
    assert letter.get_by_text("You will get 7.50 USD back.").is_visible()
    if has_scripts:
        assert violations(page) == []
    follow(page.get_by_role("button", name="Save text"))

    page.get_by_text("Saved the text “Canceled: English”.").wait_for()
    assert NoticeText.objects.get().subject == "Gone from {{ order_number }}"
    assert page.get_by_role("link", name="Canceled: English, Own text").is_visible()

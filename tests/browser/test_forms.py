"""Forms in a browser: saved by a key, marked where something is wrong, kept through a log-in."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from inventory.models import Source
from tests.browser.conftest import PHONE, follow, superuser
from tests.browser.test_every_page import problems

ADD = "/admin/inventory/source/add/"
PASSWORD = "correct horse battery"  # noqa: S105 - a test's.


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).evaluate(f"e => getComputedStyle(e).{name}"))


def test_what_is_wrong_is_marked_and_a_key_saves(open_page: Callable[..., Page]) -> None:
    page = open_page(ADD, scheme="dark")
    unmarked = style(page, "[name=code]", "borderTopColor")

    page.fill("[name=name]", "North")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    code = page.locator("[name=code]")
    expect(code).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_code_error")).to_have_text("This field is required.")
    assert style(page, "[name=code]", "borderTopColor") != unmarked
    assert style(page, "[name=name]", "borderTopColor") == unmarked
    assert "svg" in style(page, "[name=country]", "backgroundImage")
    assert style(page, "html", "colorScheme") == "dark"

    code.fill("north")
    page.fill("[name=postcode]", "111 22")
    page.select_option("[name=country]", "SE")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert Source.objects.filter(code="north").exists()


def test_the_key_presses_the_main_button_of_several(open_page: Callable[..., Page]) -> None:
    page = open_page("/admin/orders/order/add/")

    page.fill("[name=customer_name]", "Ada")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    expect(page.get_by_text("Correct the marked fields.")).to_be_visible()


def test_what_must_be_filled_in_is_marked_on_our_own_forms(open_page: Callable[..., Page]) -> None:
    page = open_page("/admin/inventory/product/import/")
    mark = "e => getComputedStyle(e, '::after').content"

    assert "*" in page.locator("label[for=id_file]").evaluate(mark)
    page.goto("/admin/changes/")
    assert page.locator(".changes-field label").first.evaluate(mark) == "none"


def test_what_was_typed_is_there_after_the_log_in(open_page: Callable[..., Page]) -> None:
    user = superuser()
    user.set_password(PASSWORD)
    user.save()
    for has_scripts in (True, False):
        page = open_page(ADD, has_scripts=has_scripts, user=User.objects.get(pk=user.pk))
        page.set_viewport_size(PHONE)
        page.fill("[name=name]", "North & <South>")
        page.fill("[name=description]", "One\nTwo")
        page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        follow(page.locator("[name=_save]"))
        expect(page.get_by_text("Your session has ended.")).to_be_visible()
        expect(page.get_by_text("Return to site")).to_have_count(0)
        if has_scripts:
            assert problems(page) == []
        page.fill("[name=username]", user.username)
        page.fill("[name=password]", PASSWORD)
        page.locator("#login-form button").click()
        if not has_scripts:
            follow(page.get_by_role("button", name="Show the form"))

        expect(
            page.get_by_text("This is not saved yet. Check it and save it again.")
        ).to_be_visible()
        expect(page.locator("[name=name]")).to_have_value("North & <South>")
        expect(page.locator("[name=description]")).to_have_value("One\nTwo")
        assert not Source.objects.filter(name__startswith="North").exists()

"""A person's own e-mails in a browser: turned off in the user menu, and by a link."""

from collections.abc import Callable

from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from core.models import Unsubscription
from tests.browser.conftest import superuser
from tests.browser.test_every_page import problems


def test_a_person_turns_an_e_mail_off(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    user = superuser()
    user.user_permissions.set(Permission.objects.filter(codename__startswith="receive_"))
    page = open_page("/admin/e-mails/")
    wrong = problems(page, name="own-emails")

    page.get_by_label("Demand e-mails").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("Saved which e-mails")).to_be_visible()
    expect(page.get_by_label("Demand e-mails")).not_to_be_checked()
    expect(page.get_by_label("Low stock e-mails")).to_be_checked()
    assert Unsubscription.objects.get().user == user
    assert wrong == []

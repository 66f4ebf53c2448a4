"""What a person entered survives the end of the session, and is never saved by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

from core.kept_form import SHOWN_AGAIN
from inventory.models import Source
from tests.factories.inventory import SourceFactory
from tests.opened_form import FormReader, opened_form
from tests.test_roles import make_every_row

pytestmark = pytest.mark.django_db
HTML = {"Accept": "text/html,application/xhtml+xml"}
UNSAVED = "This is not saved yet. Check it and save it again."
PASSWORD = "correct horse battery"  # noqa: S105 - a test's.


@pytest.fixture
def anna() -> User:
    return User.objects.create_superuser("anna", password=PASSWORD)


def forms_of(page: str) -> list[dict[str, Any]]:
    reader = FormReader()
    reader.feed(page)
    return [
        {name: values[0] if len(values) == 1 else values for name, values in form.items()}
        for form in reader.forms
    ]


def kept_text(page: str) -> str:
    """Return what the log-in page carries beside its form."""
    return page.partition('name="kept_form" value="')[2].partition('"')[0]


def log_in(client: Client, page: str, *, password: str = PASSWORD) -> Any:
    sent = {"username": "anna", "password": password, "kept_form": kept_text(page)}
    return client.post(reverse("admin:login"), sent, headers=HTML)


def test_what_was_typed_is_shown_in_its_form_after_the_log_in(client: Client, anna: User) -> None:
    source = SourceFactory(name="Seattle")
    address = reverse("admin:inventory_source_change", args=[source.pk])
    client.force_login(anna)
    form = opened_form(client.get(address).text, form_id="source_form")
    client.logout()

    asked = client.post(address, {**form, "name": "Seattle <North>", "_save": ""}, headers=HTML)
    refused = log_in(client, asked.text, password="wrong")  # noqa: S106 - a test's.
    welcome = log_in(client, refused.text)
    [kept] = [values for values in forms_of(welcome.text) if SHOWN_AGAIN in values]
    again = client.post(address, kept, headers=HTML)
    source.refresh_from_db()

    assert asked.status_code == again.status_code == 200
    assert "Your session has ended." in asked.text
    assert refused.text.count("The username or the password is wrong.") == 1
    assert "What you entered is kept and not saved yet." in welcome.text
    assert f'action="{address}"' in welcome.text
    assert UNSAVED in again.text
    shown = opened_form(again.text, form_id="source_form")
    assert shown["name"] == "Seattle <North>"
    assert SHOWN_AGAIN not in shown
    assert source.name == "Seattle"
    saved = client.post(address, {**shown, "_save": ""})
    source.refresh_from_db()
    assert saved.status_code == 302
    assert source.name == "Seattle <North>"


def test_no_form_is_saved_while_it_is_only_shown_again(
    admin_client: Client, admin_user: User
) -> None:
    make_every_row()
    request = RequestFactory().get("/")
    request.user = admin_user
    walked, wrong = [], {}
    for model, page in admin.site._registry.items():
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.order_by("-pk").first()
        addresses = [reverse(f"{stem}_add")] if page.has_add_permission(request) else []
        if row is not None and page.has_change_permission(request, row):
            addresses.append(reverse(f"{stem}_change", args=[row.pk]))
        for address in addresses:
            found = [
                form
                for form in forms_of(admin_client.get(address).text)
                if len(form) > 1 and "theme" not in form and "q" not in form
            ]
            if not found:
                continue
            walked.append(address)
            before = model._default_manager.count()
            longest = max(found, key=lambda form: len(form.keys()))
            sent = {**longest, "_save": "", "step": "place", SHOWN_AGAIN: "1"}
            answer = admin_client.post(address, sent)
            if answer.status_code != 200 or UNSAVED not in answer.text:
                wrong[address] = answer.status_code
            assert model._default_manager.count() == before

    assert len(walked) >= 12
    assert wrong == {}


def test_what_cannot_be_shown_again_is_sent_again_by_a_person(client: Client, anna: User) -> None:
    address = reverse("admin:inventory_source_changelist")
    chosen = {"action": "delete_selected", "_selected_action": SourceFactory().pk}
    page = "http://testserver/admin/inventory/source/?q=sea"

    asked = client.post(address, chosen, headers={**HTML, "Referer": page})
    welcome = log_in(client, asked.text)

    assert "What you sent is kept and not done yet." in welcome.text
    assert "kept_form.js" not in welcome.text
    assert 'href="/admin/inventory/source/?q=sea"' in welcome.text
    assert {"action": "delete_selected", "_selected_action": str(chosen["_selected_action"])} in [
        {name: value for name, value in form.items() if name != "csrfmiddlewaretoken"}
        for form in forms_of(welcome.text)
    ]


def test_neither_scripts_nor_passwords_nor_other_texts_are_kept(client: Client, anna: User) -> None:
    address = reverse("admin:inventory_source_add")

    script = client.post(address, {"code": "north"}, headers={"Accept": "*/*"})
    secret = client.post(
        reverse("admin:auth_user_add"), {"username": "b", "password1": "secret"}, headers=HTML
    )
    page = {"username": "anna", "password": PASSWORD, "kept_form": "forged:text", "next": address}
    forged = client.post(reverse("admin:login"), page, headers=HTML)

    assert script.status_code == secret.status_code == forged.status_code == 302
    assert forged["Location"] == address


def test_a_form_of_another_site_is_not_kept(anna: User) -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(reverse("admin:inventory_source_add"), {"code": "north"}, headers=HTML)

    assert answer.status_code == 403
    assert "kept_form" not in answer.text
    assert not Source.objects.filter(code="north").exists()


def test_a_form_is_kept_for_half_a_day(client: Client, anna: User) -> None:
    address = reverse("admin:inventory_source_add")
    asked = client.post(address, {"code": "north"}, headers=HTML)

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=12, seconds=1)):
        late = log_in(client, asked.text)

    assert kept_text(asked.text)
    assert late.status_code == 302

"""Who changes how people log in shows once more who it is, unless it has just done so."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from core.models import ApiKey, SecurityEvent
from core.operations.api_keys import issue_key
from tests.opened_form import FormReader, opened_form

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"  # noqa: S105 - a test's.
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
AGAIN = "/admin/second-factor/again/password/"
USERS = "/admin/auth/user/"
HTML = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def boss(client: Client, clock: time_machine.Traveller) -> User:
    """A superuser who logged in six minutes ago."""
    boss = User.objects.create_superuser("boss", "boss@example.com", PASSWORD)
    client.post("/admin/login/", {"username": "boss", "password": PASSWORD})
    clock.shift(timedelta(minutes=6))
    return boss


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", "anna@example.com", PASSWORD, is_staff=True)


def kept_form(page: str) -> tuple[str, dict[str, Any]]:
    """Return where the page that shows what is kept sends it, and what."""
    reader = FormReader()
    reader.feed(page)
    address = page.partition('<form method="post" action="/admin/')[2].partition('"')[0]
    longest = max(reader.forms, key=len)
    fields = {key: values for key, values in longest.items() if key != "csrfmiddlewaretoken"}
    return f"/admin/{address}", fields


def show_who_it_is(client: Client, answer: Any) -> Any:
    """Enter the password where an answer leads to, and return the page that follows."""
    assert answer.headers["Location"].startswith(f"{AGAIN}?next=")
    page = client.get(answer.headers["Location"])
    assert "Is it you?" in page.text
    sent = {"password": PASSWORD, "next": page.context["redirect_field_value"]}
    return client.post(AGAIN, sent, follow=True)


def test_an_e_mail_address_is_changed_by_who_shows_who_it_is(
    client: Client, boss: User, anna: User
) -> None:
    page = f"{USERS}{anna.pk}/change/"
    form = opened_form(client.get(page).text, form_id="user_form")

    asked = client.post(f"{page}?x=1", {**form, "email": "thief@example.com"}, headers=HTML)
    anna.refresh_from_db()
    assert anna.email == "anna@example.com"
    welcome = show_who_it_is(client, asked)

    anna.refresh_from_db()
    assert anna.email == "anna@example.com"
    assert "What you entered is kept and not saved yet." in welcome.text
    address, kept = kept_form(welcome.text)
    assert address == f"{page}?x=1"
    shown = client.post(address, kept)
    assert "This is not saved yet. Check it and save it again." in shown.text
    again = opened_form(shown.text, form_id="user_form")
    assert again["email"] == "thief@example.com"
    assert client.post(address, again).status_code == 302
    anna.refresh_from_db()
    assert anna.email == "thief@example.com"


def _of_users(anna: User) -> dict[str, Any]:
    return {"_selected_action": [anna.pk]}


CHANGES: dict[str, Callable[[User], tuple[str, dict[str, Any]]]] = {
    "user changed": lambda anna: (f"{USERS}{anna.pk}/change/", {"username": "bo"}),
    "user deleted": lambda anna: (f"{USERS}{anna.pk}/delete/", {"post": "yes"}),
    "users deleted": lambda anna: (USERS, {"action": "delete_selected", **_of_users(anna)}),
    "unlocked": lambda anna: (USERS, {"action": "unlock_log_in", **_of_users(anna)}),
    "factors removed": lambda anna: (USERS, {"action": "remove_second_factors", **_of_users(anna)}),
    "sessions ended": lambda anna: (USERS, {"action": "end_sessions", **_of_users(anna)}),
    "unlinked": lambda anna: (USERS, {"action": "unlink_company_log_ins", **_of_users(anna)}),
    "own log-in unlinked": lambda _anna: ("/admin/sessions/", {"unlink": "yes"}),
    "own sessions ended": lambda _anna: ("/admin/sessions/", {}),
    "role added": lambda _anna: ("/admin/auth/group/add/", {"name": "Thieves"}),
    "role changed": lambda _anna: (
        f"/admin/auth/group/{Group.objects.get(name='Viewer').pk}/change/",
        {"name": "Thieves"},
    ),
    "key made": lambda anna: ("/admin/core/apikey/add/", {"user": anna.pk, "name": "x"}),
    "key changed": lambda _anna: (
        f"/admin/core/apikey/{ApiKey.objects.get().pk}/change/",
        {"name": "other"},
    ),
    "key revoked": lambda _anna: (
        "/admin/core/apikey/",
        {"action": "revoke", "_selected_action": [ApiKey.objects.get().pk]},
    ),
}


def _state() -> Any:
    return (
        list(User.objects.order_by("pk").values("pk", "username", "password")),
        list(Group.objects.order_by("pk").values("pk", "name")),
        list(ApiKey.objects.values("pk", "name", "revoked_at")),
        list(UserSession.objects.order_by("pk").values("pk", "user")),
    )


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_done_by_who_shows_who_it_is(
    client: Client, boss: User, anna: User, name: str
) -> None:
    issue_key(anna.pk, name="program", now=NOON)
    Client().post("/admin/login/", {"username": "boss", "password": PASSWORD})
    before = _state()
    address, sent = CHANGES[name](anna)

    asked = client.post(address, sent, headers=HTML)

    assert _state() == before
    welcome = show_who_it_is(client, asked)
    assert "Go on where you were" in welcome.text
    assert _state() == before
    assert kept_form(welcome.text)[0] == address
    # Who has shown it is not asked again.
    following = client.post(address, sent, headers=HTML)
    assert not following.headers.get("Location", "").startswith(AGAIN)


@pytest.mark.parametrize("page", ["add/", "{}/password/"])
def test_a_page_with_a_password_asks_before_it_is_shown(
    client: Client, boss: User, anna: User, page: str
) -> None:
    address = f"{USERS}{page.format(anna.pk)}"
    sent = {"username": "bo", "password1": "another horse", "password2": "another horse"}

    asked = client.get(address)
    posted = client.post(address, {**sent, "usable_password": "true"}, headers=HTML)

    assert asked.headers["Location"] == posted.headers["Location"]
    assert "kept_form" not in client.session
    assert show_who_it_is(client, posted).request["PATH_INFO"] == address
    assert client.get(address).status_code == 200
    assert not User.objects.filter(username="bo").exists()
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_a_wrong_password_shows_nothing(client: Client, boss: User, anna: User) -> None:
    address = f"{USERS}{anna.pk}/password/"
    asked = client.get(address).headers["Location"]

    wrong = client.post(asked, {"password": "wrong", "next": address})

    assert wrong.status_code == 200
    assert client.get(address).headers["Location"] == asked


def test_a_code_of_the_app_is_offered_too(client: Client, boss: User, anna: User) -> None:
    TOTP.activate(boss, "JBSWY3DPEHPK3PXP")

    page = client.get(f"{USERS}{anna.pk}/password/", follow=True)

    assert "/admin/second-factor/again/code/?next=" in page.text


def test_who_has_no_password_is_asked_by_the_company(
    client: Client, boss: User, anna: User, settings: Settings
) -> None:
    address = f"{USERS}{anna.pk}/password/"
    User.objects.filter(pk=boss.pk).update(password="!")  # noqa: S106 - none.
    client.force_login(User.objects.get(pk=boss.pk))
    session = client.session
    session["begun_at"] = NOON.isoformat()
    session.save()

    assert client.get(address).status_code == 403
    settings.OIDC_ISSUER, settings.OIDC_NAME = "https://id.example.com", "Example"
    led = client.get(address)

    assert led.headers["Location"] == (
        f"/admin/login/company/?next=%2Fadmin%2Fauth%2Fuser%2F{anna.pk}%2Fpassword%2F"
    )


def test_a_superuser_ends_the_sessions_of_others(client: Client, boss: User, anna: User) -> None:
    desk, phone = Client(), Client()
    for each in (desk, phone):
        each.post("/admin/login/", {"username": "anna", "password": PASSWORD})
    client.post("/admin/login/", {"username": "boss", "password": PASSWORD})
    client.logout()
    client.post("/admin/login/", {"username": "boss", "password": PASSWORD})

    refused = desk.post(USERS, {"action": "end_sessions", "_selected_action": [boss.pk]})
    ended = client.post(
        USERS, {"action": "end_sessions", "_selected_action": [anna.pk, boss.pk]}, follow=True
    )

    assert refused.status_code == 403
    assert "Ended 2 sessions." in ended.text
    home = "/admin/password_change/"
    assert [each.get(home).status_code for each in (desk, phone, client)] == [302, 302, 200]
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.SESSION_ENDED)
    assert (event.actor_id, event.person_id, event.detail) == (boss.pk, anna.pk, {"count": 2})

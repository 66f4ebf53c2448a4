"""Each way in which an account, a role, a factor, a key or a schedule changes leaves an event."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from config.open_id.claims import Identity
from config.open_id.company_accounts import person_of
from core.callers import Caller
from core.models import AccountEmail, ApiKey, SecurityEvent
from core.operations.api_keys import issue_key, revoke, revoke_all
from tests.form_values import shown_in
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PASSWORD = "right-horse-battery"  # noqa: S105
IDENTITY = Identity(
    issuer="https://login.example.com",
    subject="1",
    username="grace",
    email="grace@example.com",
    first_name="Grace",
    last_name="",
    roles=frozenset({"Viewer"}),
    has_second_factor=False,
)


@pytest.fixture
def root() -> Client:
    client = Client(REMOTE_ADDR="192.0.2.9")
    client.force_login(User.objects.create_superuser("root", password=PASSWORD))
    return client


def ada(**values: Any) -> User:
    found = User.objects.filter(username="ada").first()
    return found or User.objects.create_user("ada", password=PASSWORD, is_staff=True, **values)


def act(client: Client, page: str, action: str, row: Any) -> None:
    client.post(reverse(f"admin:{page}_changelist"), {"action": action, "_selected_action": row.pk})


def save(client: Client, page: str, row: Any, form_id: str, **values: Any) -> None:
    name = f"admin:{page}_" + ("change" if row else "add")
    address = reverse(name, args=[row.pk] if row else [])
    opened = opened_form(client.get(address).text, form_id=form_id)
    assert client.post(address, opened | values).status_code == 302


def delete(client: Client, page: str, row: Any) -> None:
    address = reverse(f"admin:{page}_delete", args=[row.pk])
    client.post(address, {"post": "yes", **shown_in(client.get(address).text)})
    assert not type(row).objects.filter(pk=row.pk).exists()


def with_factor(person: User) -> User:
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return person


def linked(person: User) -> User:
    SocialAccount.objects.create(user=person, provider=IDENTITY.issuer, uid="1")
    return person


def key_of(person: User) -> ApiKey:
    return issue_key(person.pk, name="shop", now=NOW)[0]


def log_in_at_company(_client: Client, _known: User | None = None) -> None:
    person_of(IDENTITY, Caller(NOW, address="192.0.2.9"))


def make_superuser(_client: Client) -> None:
    call_command("createsuperuser", username="eve", email="", interactive=False, stdout=StringIO())


def new_password(_client: Client) -> None:
    call_command("changepassword", ada().username, stdout=StringIO())


def user_page(client: Client, person: User | None, **values: Any) -> None:
    save(client, "auth_user", person, "user_form", **values)


def role_page(client: Client, role: Group | None, **values: Any) -> None:
    save(client, "auth_group", role, "group_form", **values)


def pause(client: Client) -> None:
    row = PeriodicTask.objects.get(task="core.look_after_log_ins")
    client.post(reverse("admin:fulfillment_scheduledwork_pause", args=[row.pk]))


def set_password(client: Client) -> None:
    new = {"password1": "another-horse-7", "password2": "another-horse-7"}
    client.post(reverse("admin:auth_user_password_change", args=[ada().pk]), new)


NEW = {"username": "eve", "password1": "another-horse-7", "password2": "another-horse-7"}
KINDS = SecurityEvent.Kind
WAYS: dict[str, tuple[Callable[[Client], object], set[str]]] = {
    "user added": (lambda root: user_page(root, None, **NEW), {"USER_ADDED"}),
    "user changed": (lambda root: user_page(root, ada(), first_name="A"), {"USER_CHANGED"}),
    "user deleted": (lambda root: delete(root, "auth_user", ada()), {"USER_DELETED"}),
    "role added": (lambda root: role_page(root, None, name="Packers"), {"ROLE_ADDED"}),
    "role changed": (
        lambda root: role_page(root, Group.objects.create(name="x"), name="y"),
        {"ROLE_CHANGED"},
    ),
    "role deleted": (
        lambda root: delete(root, "auth_group", Group.objects.create(name="x")),
        {"ROLE_DELETED"},
    ),
    "password set": (set_password, {"PASSWORD_CHANGED"}),
    "createsuperuser": (make_superuser, {"USER_ADDED"}),
    "changepassword": (new_password, {"PASSWORD_CHANGED"}),
    "account made at the company": (
        log_in_at_company,
        {"USER_ADDED", "USER_CHANGED", "COMPANY_LINKED"},
    ),
    "account linked at the company": (
        lambda root: log_in_at_company(root, ada(email=IDENTITY.email)),
        {"USER_CHANGED", "COMPANY_LINKED"},
    ),
    "roles of the company": (
        lambda root: log_in_at_company(root, linked(ada())),
        {"USER_CHANGED"},
    ),
    "company unlinked": (
        lambda root: act(root, "auth_user", "unlink_company_log_ins", linked(ada())),
        {"COMPANY_UNLINKED"},
    ),
    "factors removed": (
        lambda root: act(root, "auth_user", "remove_second_factors", with_factor(ada())),
        {"FACTOR_REMOVED"},
    ),
    "remove_second_factors": (
        lambda _root: call_command(
            "remove_second_factors", with_factor(ada()).username, stdout=StringIO()
        ),
        {"FACTOR_REMOVED"},
    ),
    "key made": (
        lambda root: root.post(
            reverse("admin:core_apikey_add"), {"user": ada().pk, "name": "shop"}
        ),
        {"KEY_MADE"},
    ),
    "create_api_key": (
        lambda _root: call_command("create_api_key", ada().username, stdout=StringIO()),
        {"KEY_MADE"},
    ),
    "key revoked on its list": (
        lambda root: act(root, "core_apikey", "revoke", key_of(ada())),
        {"KEY_MADE", "KEY_REVOKED"},
    ),
    "key revoked": (
        lambda _root: revoke(key_of(ada()).pk, now=NOW),
        {"KEY_MADE", "KEY_REVOKED"},
    ),
    "keys revoked": (
        lambda _root: revoke_all(key_of(ada()).user_id, now=NOW),
        {"KEY_MADE", "KEY_REVOKED"},
    ),
    "schedule paused": (pause, {"SCHEDULE_CHANGED"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_leaves_its_event(
    root: Client, way: str, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.OIDC_MAKES_ACCOUNTS = True
    monkeypatch.setattr("getpass.getpass", lambda prompt: prompt and "another-horse-7")
    before = SecurityEvent.objects.count()
    change, kinds = WAYS[way]

    change(root)

    events = list(SecurityEvent.objects.order_by("pk")[before:])
    assert {event.kind for event in events} == kinds
    assert [event for event in events if event.person_id is None and "ROLE" not in event.kind] == [
        event for event in events if event.kind == KINDS.SCHEDULE_CHANGED
    ]
    assert "another-horse-7" not in str([vars(event) for event in events])


def test_what_the_company_says_is_named(settings: Settings) -> None:
    settings.OIDC_MAKES_ACCOUNTS = True

    person = person_of(IDENTITY, Caller(NOW, address="192.0.2.9"))

    events = SecurityEvent.objects.order_by("pk")
    assert [(one.kind, one.detail) for one in events] == [
        ("USER_ADDED", {}),
        ("COMPANY_LINKED", {}),
        ("USER_CHANGED", {"given": ["Viewer"]}),
    ]
    assert {(one.person, one.address) for one in events} == {(person, "192.0.2.9")}
    person_of(IDENTITY, Caller(NOW))
    assert events.count() == 3


def test_a_superuser_is_refused_a_name_in_other_capitals() -> None:
    ada()

    with pytest.raises(CommandError, match=r"There is a user “ada” already. Capital letters make"):
        call_command("createsuperuser", username="Ada", email="", interactive=False)

    assert SecurityEvent.objects.count() == 0


def test_a_password_of_the_command_ends_sessions_and_informs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client()
    client.force_login(ada(email="ada@example.com"))
    client.get("/admin/")
    monkeypatch.setattr("getpass.getpass", lambda prompt: prompt and "another-horse-7")

    call_command("changepassword", "ada", stdout=StringIO())

    assert client.get("/admin/").status_code == 302
    assert AccountEmail.objects.get().subject == "Your password was changed"


def test_the_only_way_in_stays_linked(root: Client) -> None:
    person = linked(ada())
    person.set_unusable_password()
    person.save()
    client = Client()
    client.force_login(person)

    page = client.post(reverse("admin:own_sessions"), {"unlink": "yes"}, follow=True).text
    act(root, "auth_user", "unlink_company_log_ins", person)

    assert "It is the only way into your account." in page
    assert 'name="unlink"' not in page
    assert SocialAccount.objects.count() == 1
    assert not SecurityEvent.objects.filter(kind="COMPANY_UNLINKED").exists()


def test_a_person_unlinks_the_own_log_in_and_nobody_elses(settings: Settings) -> None:
    settings.OIDC_NAME = "Example Co"
    client = Client()
    client.force_login(linked(ada()))
    other = User.objects.create_user("bob", password=PASSWORD)
    SocialAccount.objects.create(user=other, provider=IDENTITY.issuer, uid="2")
    own = reverse("admin:own_sessions")
    assert "Log-in at Example Co" in client.get(own).text

    page = client.post(own, {"unlink": "yes"}, follow=True).text

    assert "Unlinked your log-in at Example Co." in page
    assert "Log-in at Example Co" not in page
    assert SocialAccount.objects.get().user == other
    assert SecurityEvent.objects.get(kind="COMPANY_UNLINKED").actor == ada()


def test_who_may_change_people_unlinks_all_but_superusers(root: Client) -> None:
    clerk = User.objects.create_superuser("clerk", password=PASSWORD)
    page = reverse("admin:auth_user_change", args=[linked(ada()).pk])
    assert "Linked " in root.get(page).text
    boss = User.objects.get(username="root")
    SocialAccount.objects.create(user=boss, provider=IDENTITY.issuer, uid="2")
    clerk.is_superuser = False
    clerk.save()
    permissions = ("view_user", "change_user")
    clerk.user_permissions.set(
        clerk.user_permissions.model.objects.filter(codename__in=permissions)
    )
    client = Client()
    client.force_login(clerk)

    for person in (ada(), boss):
        act(client, "auth_user", "unlink_company_log_ins", person)

    assert SocialAccount.objects.get().user == boss

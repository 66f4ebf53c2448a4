from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from core.models import ApiKey
from core.operations.api_keys import PastEndError, digest_of, issue_key, revoke
from tests.api import NOW, Api, api_with, user_with
from tests.present import present

pytestmark = pytest.mark.django_db
NEW = "another horse battery"


def made_by_command(*arguments: Any) -> Any:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out)
    return out.getvalue()


def test_command_prints_the_key_alone_and_keeps_only_its_digest() -> None:
    user_with("inventory.view_source")
    user = User.objects.get()

    secret = made_by_command(user.username).removesuffix("\n")

    key = ApiKey.objects.get()
    assert (key.user, key.name, key.prefix) == (user, "command line", secret[:12])
    assert key.digest == digest_of(secret)
    assert secret not in {str(value) for value in key.__dict__.values()}
    assert Api(secret).get("sources/")[0] == 200


def test_command_takes_a_name_and_an_end() -> None:
    user = user_with()

    made_by_command(user.username, "--name", "shop", "--expires", "2027-01-31T12:00:00Z")

    key = ApiKey.objects.get()
    assert key.name == "shop"
    assert present(key.expires_at).isoformat() == "2027-01-31T12:00:00+00:00"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody",),
        ("somebody", "--expires", "soon"),
        ("somebody", "--name", "x" * 101),
        ("somebody", "--expires", "2020-01-31T12:00"),
    ],
)
def test_command_refuses_what_makes_no_key(arguments: tuple[Any, ...]) -> None:
    User.objects.create(username="somebody")

    with pytest.raises(CommandError):
        made_by_command(*arguments)

    assert ApiKey.objects.count() == 0


def test_without_a_key_the_answer_is_401() -> None:
    status, body = Api("").get("sources/")

    assert status == 401
    assert body["type"] == "urn:problem:authentication-failed"


def test_expired_and_revoked_keys_and_those_of_inactive_users_are_refused() -> None:
    user = user_with("inventory.view_source")
    now = timezone.now()
    key, secret = issue_key(user.pk, name="test", now=NOW, expires_at=now + timedelta(hours=1))
    api = Api(secret)
    assert api.get("sources/")[0] == 200

    ApiKey.objects.update(expires_at=now - timedelta(seconds=1))
    assert api.get("sources/")[0] == 401
    assert api.headers["WWW-Authenticate"] == 'Bearer realm="api"'

    ApiKey.objects.update(expires_at=None)
    assert api.get("sources/")[0] == 200
    revoke(key.pk, now=now)
    assert api.get("sources/")[0] == 401

    ApiKey.objects.update(revoked_at=None)
    User.objects.update(is_active=False)
    assert api.get("sources/")[0] == 401


def test_use_is_noted_once_a_minute() -> None:
    api = api_with("inventory.view_source")
    assert ApiKey.objects.get().last_used_at is None

    api.get("sources/")
    first = ApiKey.objects.get().last_used_at
    api.get("sources/")

    assert first is not None
    assert ApiKey.objects.get().last_used_at == first


def test_admin_shows_a_new_key_once_and_revokes_it(admin_client: Client) -> None:
    user = user_with("inventory.view_source")
    page = reverse("admin:core_apikey_add")

    response = admin_client.post(
        page, {"user": user.pk, "name": "shop", "expires_at_0": "", "expires_at_1": ""}, follow=True
    )

    key = ApiKey.objects.get()
    secret = response.context["secret"]
    assert "Copy the key now. It is not shown again." in response.text
    assert response.text.count(secret) == 1
    assert response["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    # A message would travel in a cookie.
    assert secret not in str(admin_client.cookies)
    assert digest_of(secret) == key.digest
    change = reverse("admin:core_apikey_change", args=[key.pk])
    assert secret not in admin_client.get(change).content.decode()
    assert Api(secret).get("sources/")[0] == 200

    admin_client.post(
        reverse("admin:core_apikey_changelist"),
        {"action": "revoke", "_selected_action": [key.pk]},
    )
    assert Api(secret).get("sources/")[0] == 401


def test_a_key_does_not_end_before_it_begins(admin_client: Client) -> None:
    user = user_with("inventory.view_source")
    sent = {"user": user.pk, "name": "shop", "expires_at_0": "2020-01-31", "expires_at_1": "12:00"}

    answer = admin_client.post(reverse("admin:core_apikey_add"), sent)

    assert "This time is in the past. Enter a later one, or leave it empty." in answer.text
    assert not ApiKey.objects.exists()
    with pytest.raises(PastEndError):
        issue_key(user.pk, name="shop", now=NOW, expires_at=NOW)


@pytest.mark.parametrize(("is_set", "status"), [(True, 401), (False, 200)])
@pytest.mark.parametrize("who", ["self", "superuser"])
def test_keys_end_with_the_password_if_the_setting_says_so(
    admin_client: Client, client: Client, settings: Settings, is_set: bool, status: int, who: str
) -> None:
    settings.API_KEYS_END_WITH_PASSWORD = is_set
    user = User.objects.create_superuser("anna", password="former horse battery")  # noqa: S106
    _key, secret = issue_key(user.pk, name="shop", now=NOW)
    _other, others_secret = issue_key(User.objects.get(username="admin").pk, name="b", now=NOW)
    client.force_login(user)
    own = {"old_password": "former horse battery", "new_password1": NEW, "new_password2": NEW}
    by_superuser = {"password1": NEW, "password2": NEW, "usable_password": "true"}

    if who == "self":
        answer = client.post(reverse("admin:password_change"), own)
    else:
        page = reverse("admin:auth_user_password_change", args=[user.pk])
        answer = admin_client.post(page, by_superuser)

    assert answer.status_code == 302
    assert Api(secret).get("sources/")[0] == status
    assert Api(others_secret).get("sources/")[0] == 200
    assert client.get("/admin/").status_code == (200 if who == "self" else 302)

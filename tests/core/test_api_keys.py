from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import ApiKey
from core.operations.api_keys import digest_of, issue_key, revoke
from tests.api import NOW, Api, api_with, user_with
from tests.present import present

pytestmark = pytest.mark.django_db


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
    "arguments", [("nobody",), ("somebody", "--expires", "soon"), ("somebody", "--name", "x" * 101)]
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
    [message] = [str(m) for m in response.context["messages"] if "Copy the key" in str(m)]
    secret = message.rpartition(" ")[2]
    assert digest_of(secret) == key.digest
    change = reverse("admin:core_apikey_change", args=[key.pk])
    assert secret not in admin_client.get(change).content.decode()
    assert Api(secret).get("sources/")[0] == 200

    admin_client.post(
        reverse("admin:core_apikey_changelist"),
        {"action": "revoke", "_selected_action": [key.pk]},
    )
    assert Api(secret).get("sources/")[0] == 401

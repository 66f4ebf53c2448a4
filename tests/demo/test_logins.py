"""The log-in page of a demo shows its users; that of any other shows none."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from demo.users import make_users

pytestmark = pytest.mark.django_db
LOGIN = reverse("admin:login")
OFFERED = re.compile(r'type="hidden" name="username" value="(\w+)"')


def test_each_user_of_a_demo_is_one_click_away(client: Client, settings: Settings) -> None:
    settings.DEMO_LOGINS = True
    settings.DEMO_PASSWORD = "secret-of-the-demo"  # noqa: S105 - of this test
    make_users(password=settings.DEMO_PASSWORD)
    User.objects.filter(username="viewer").update(is_active=False)
    target = reverse("admin:inventory_product_changelist")

    page = client.get(LOGIN, {"next": target})

    assert "Every user has the password “secret-of-the-demo”." in page.text
    assert OFFERED.findall(page.text) == ["admin", "merchant", "fulfillment", "operations"]
    assert f'type="hidden" name="next" value="{target}"' in page.text
    sent = {"username": "merchant", "password": settings.DEMO_PASSWORD, "next": target}
    assert client.post(LOGIN, sent)["Location"] == target


def test_without_the_setting_no_user_is_shown(client: Client) -> None:
    make_users(password="secret-of-the-demo")  # noqa: S106 - of this test

    page = client.get(LOGIN)

    assert "secret-of-the-demo" not in page.text
    assert "demo-logins-title" not in page.text

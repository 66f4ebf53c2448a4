"""The pages of people: what one sees of a user, and who says what a user may do."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_a_user_is_listed_with_name_address_role_and_last_visit(admin_client: Client) -> None:
    anna = User.objects.create(
        username="anna", first_name="Anna", last_name="Berg", email="anna@example.com"
    )
    anna.groups.add(Group.objects.get(name="Viewer"))

    shown = admin_client.get(reverse("admin:auth_user_changelist")).text

    assert all(words in shown for words in ("Anna Berg", "anna@example.com", "Viewer", "Superuser"))
    assert "Last login" in shown


def test_what_a_user_may_do_is_for_superusers_to_say(client: Client, admin_client: Client) -> None:
    clerk = User.objects.create(username="clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    anna, boss = User.objects.create(username="anna"), User.objects.get(username="admin")
    other = Client()
    other.force_login(clerk)
    page = reverse("admin:auth_user_change", args=[anna.pk])

    own, full = other.get(page), admin_client.get(page)

    grants = ("is_staff", "is_superuser", "groups", "user_permissions")
    assert [f'name="{name}"' in own.text for name in grants] == [False] * 4
    assert [f'name="{name}"' in full.text for name in grants] == [True] * 4
    other.post(page, {"username": "anna", "is_superuser": "on", "is_staff": "on"})
    assert not User.objects.filter(username="anna", is_staff=True).exists()
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    assert other.get(password).status_code == 403
    assert other.get(reverse("admin:auth_user_change", args=[boss.pk])).status_code == 200

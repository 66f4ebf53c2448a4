"""The pages of people: what one sees of a user, and who says what a user may do."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission, User
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from core.models import LastVisit, PersonLanguage
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db


def test_a_user_is_listed_with_name_address_role_and_last_visit(admin_client: Client) -> None:
    anna = User.objects.create(
        username="anna", first_name="Anna", last_name="Berg", email="anna@example.com"
    )
    anna.groups.add(Group.objects.get(name="Viewer"))

    shown = admin_client.get(reverse("admin:auth_user_changelist")).text

    assert all(words in shown for words in ("Anna Berg", "anna@example.com", "Viewer", "Superuser"))
    assert "Last seen" in shown


def test_people_are_seen_at_the_log_in_and_every_minute_of_their_pages() -> None:
    anna = User.objects.create(username="anna", is_staff=True)
    client, seen = Client(), LastVisit.objects.filter(user=anna).values_list("at", flat=True)
    with time_machine.travel(datetime(2026, 11, 29, 12, 0, tzinfo=UTC), tick=False) as clock:
        client.force_login(anna)
        times = [seen.get()]
        for minutes in (0.9, 0.1, 0.9):
            clock.shift(timedelta(minutes=minutes))
            client.get("/admin/")
            times.append(seen.get())

    assert [f"{at:%H:%M}" for at in times] == ["12:00", "12:00", "12:01", "12:01"]


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


def test_a_new_user_gets_name_address_role_and_password_at_once(
    client: Client, admin_client: Client
) -> None:
    page = reverse("admin:auth_user_add")
    password = "correct horse battery"  # noqa: S105 - a test's.
    form = opened_form(admin_client.get(page).text, form_id="user_form")
    viewer = Group.objects.get(name="Viewer")

    admin_client.post(
        page,
        {
            **form,
            "username": "anna",
            "first_name": "Anna",
            "email": "anna@example.com",
            "groups": [viewer.pk],
            "password1": password,
            "password2": password,
        },
    )

    anna = User.objects.get(username="anna")
    assert (anna.first_name, anna.email, anna.is_staff) == ("Anna", "anna@example.com", True)
    assert list(anna.groups.all()) == [viewer]
    assert client.login(username="anna", password=password)
    assert client.get(reverse("admin:inventory_product_changelist")).status_code == 200


def test_a_role_is_selected_on_the_page_of_its_user(admin_client: Client) -> None:
    anna = User.objects.create(username="anna", is_staff=True)
    page = reverse("admin:auth_user_change", args=[anna.pk])
    shown = admin_client.get(page).text
    merchant, viewer = (Group.objects.get(name=name) for name in ("Merchant", "Viewer"))

    form = {**opened_form(shown, form_id="user_form"), "groups": [merchant.pk, viewer.pk]}
    admin_client.post(page, form)

    assert 'type="checkbox" name="groups"' in shown
    assert "pbkdf2" not in shown
    assert set(anna.groups.all()) == {merchant, viewer}


def test_what_a_role_may_do_is_for_superusers_to_say(client: Client, admin_client: Client) -> None:
    clerk = User.objects.create(username="clerk", is_staff=True)
    of_groups = ["view_group", "add_group", "change_group", "delete_group"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=of_groups))
    viewer = Group.objects.get(name="Viewer")
    page = reverse("admin:auth_group_change", args=[viewer.pk])
    client.force_login(clerk)

    assert client.get(page).status_code == 200
    assert 'name="permissions"' not in client.get(page).text
    assert client.post(page, {"name": "Everything"}).status_code == 403
    assert client.get(reverse("admin:auth_group_add")).status_code == 403
    assert client.get(reverse("admin:auth_group_delete", args=[viewer.pk])).status_code == 403
    assert 'name="permissions"' in admin_client.get(page).text


def test_who_logs_out_can_log_in_again(admin_client: Client) -> None:
    page = admin_client.post(reverse("admin:logout")).text

    assert "You are logged out" in page
    assert f'href="{reverse("admin:index")}"' in page
    assert "quality time" not in page


def test_roles_are_named_in_the_language_of_the_reader(
    admin_client: Client, admin_user: User
) -> None:
    PersonLanguage.objects.create(user=admin_user, language="fr")
    admin_client.force_login(admin_user)
    viewer, merchant = (Group.objects.get(name=name) for name in ("Viewer", "Merchant"))
    own = Group.objects.create(name="Équipe du soir")
    anna = User.objects.create(username="anna", is_staff=True)
    anna.groups.set([viewer, merchant, own])

    people = admin_client.get(reverse("admin:auth_user_changelist")).text
    form = admin_client.get(reverse("admin:auth_user_change", args=[anna.pk])).text
    page = admin_client.get(reverse("admin:auth_group_change", args=[merchant.pk])).text
    groups = admin_client.get(reverse("admin:auth_group_changelist")).text

    ordered = ["Équipe du soir", "Exécution", "Exploitation", "Lecteur", "Marchand"]
    assert "Équipe du soir, Lecteur, Marchand" in people
    positions = [form.index(name, form.index('name="groups"')) for name in ordered]
    assert positions == sorted(positions)
    assert all(name in people and name in groups for name in ordered)
    assert "Les pages affichent ce rôle sous le nom «\u00a0Marchand\u00a0»." in page
    assert 'value="Merchant"' in page
    assert Group.objects.filter(name="Merchant").exists()
    for shown in (people, form, groups):
        assert "Viewer" not in shown
        assert "Operations" not in shown


def test_names_differ_by_more_than_capital_letters(admin_client: Client) -> None:
    anna = User.objects.create_user("Anna")
    bo = User.objects.create_user("bo")
    new = {"username": "ANNA", "password1": "a long password 1", "password2": "a long password 1"}

    added = admin_client.post("/admin/auth/user/add/", {**new, "usable_password": "true"})
    page, own = (f"/admin/auth/user/{person.pk}/change/" for person in (bo, anna))
    form = opened_form(admin_client.get(page).text, form_id="user_form")
    renamed = admin_client.post(page, {**form, "username": "anna"})
    form = opened_form(admin_client.get(own).text, form_id="user_form")
    same = admin_client.post(own, {**form, "username": "anna"})

    words = "There is a user “Anna” already. Capital letters make no difference."
    assert words in added.text
    assert words in renamed.text
    assert same.status_code == 302
    with pytest.raises(IntegrityError, match="user_name_once"):
        User.objects.create_user("BO")

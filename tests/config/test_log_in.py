"""Who logs in: by name or e-mail address, only with an account that somebody made."""

import pytest
from allauth.account.adapter import get_adapter
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

pytestmark = pytest.mark.django_db
PAGE = "/admin/login/"
PASSWORD = "correct horse battery"  # noqa: S105 - a test's.
REFUSED = "The username or the password is wrong. Capital letters matter."


def person(name: str, *, email: str = "", is_staff: bool = True, password: str = PASSWORD) -> User:
    return User.objects.create_user(name, email, password, is_staff=is_staff)


def log_in(client: Client, name: str, *, password: str = PASSWORD, page: str = "") -> int:
    answer = client.post(PAGE, {"username": name, "password": password, "next": page})
    return answer.status_code


def who_is_in(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


@pytest.mark.parametrize("typed", ["anna", "Anna", "anna@example.com", "ANNA@example.com"])
def test_a_person_logs_in_by_name_or_by_e_mail(client: Client, typed: str) -> None:
    anna = person("anna", email="Anna@example.com")

    assert log_in(client, typed) == 302
    assert who_is_in(client) == str(anna.pk)


def test_of_two_with_one_address_each_has_a_password(client: Client) -> None:
    person("anna", email="desk@example.com")
    bo = person("bo", email="desk@example.com", password="another horse")  # noqa: S106 - a test's.

    assert log_in(client, "desk@example.com", password="another horse") == 302  # noqa: S106
    assert who_is_in(client) == str(bo.pk)


@pytest.mark.parametrize("name", ["anna", "bo", "cleo", "nobody", ""])
def test_who_may_not_come_in_is_told_one_thing(client: Client, name: str) -> None:
    person("anna", password="another horse")  # noqa: S106 - a test's.
    person("bo", is_staff=False)
    User.objects.filter(pk=person("cleo").pk).update(is_active=False)

    answer = client.post(PAGE, {"username": name, "password": PASSWORD})

    assert answer.status_code == 200
    assert (REFUSED in answer.text) is bool(name)
    assert who_is_in(client) == ""


def test_a_log_in_leads_to_the_page_that_was_asked_for(client: Client) -> None:
    person("anna")
    asked = client.get("/admin/password_change/")

    shown = client.get(asked["Location"])
    answer = client.post(
        PAGE, {"username": "anna", "password": PASSWORD, "next": "/admin/password_change/"}
    )

    assert asked["Location"] == "/admin/login/?next=/admin/password_change/"
    assert 'autocomplete="username"' in shown.text
    assert "Username or e-mail" in shown.text
    assert answer["Location"] == "/admin/password_change/"
    # Nothing but the page is shown.
    assert "messagelist" not in client.get(answer["Location"]).text
    assert client.get(PAGE)["Location"] == "/admin/"


def test_a_log_in_leads_to_no_other_site(client: Client) -> None:
    person("anna")

    answer = client.post(
        PAGE, {"username": "anna", "password": PASSWORD, "next": "https://example.org/"}
    )

    assert answer["Location"] == "/admin/"


def test_no_stranger_makes_an_account(client: Client) -> None:
    request = RequestFactory().get("/")

    assert get_adapter(request).is_open_for_signup(request) is False
    for page in ("signup", "login", "email"):
        assert client.get(f"/accounts/{page}/").status_code == 404
        assert client.get(f"/admin/{page}/").status_code == (200 if page == "login" else 302)
    assert reverse("account_login") == reverse("admin:login") == PAGE


def test_a_person_logs_out(client: Client) -> None:
    person("anna")
    log_in(client, "anna")

    answer = client.post("/admin/logout/")

    assert "You are logged out" in answer.text
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"

"""Pages are in the person's language, else the browser's; the API follows its header."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from config.languages import KEY
from core.models import PersonLanguage

pytestmark = pytest.mark.django_db

LOG_IN = "/admin/login/"


def language_of(client: Client, url: str, asked: str = "") -> tuple[str, str]:
    """Return the language that a page says it is in, by its header and by its root element."""
    response = client.get(url, headers={"accept-language": asked} if asked else {}, follow=True)
    start = response.text.index('<html lang="') + len('<html lang="')
    return response.headers["Content-Language"], response.text[start : start + 2]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("", "en"), ("sv", "sv"), ("fr-CA, sv;q=0.5", "fr"), ("de", "en"), ("nonsense;;", "en")],
)
def test_without_a_choice_pages_are_in_the_language_of_the_browser(
    client: Client, asked: str, expected: str
) -> None:
    assert language_of(client, LOG_IN, asked) == (expected, expected)


def test_who_is_not_logged_in_chooses_for_the_browser(client: Client) -> None:
    response = client.post(reverse("set_language"), {"language": "sv", "next": LOG_IN})

    assert (response.status_code, response.headers["Location"]) == (302, LOG_IN)
    assert language_of(client, LOG_IN, "fr") == ("sv", "sv")
    assert not PersonLanguage.objects.exists()


def test_a_person_keeps_the_language_on_every_machine(admin_user: User) -> None:
    first, second = Client(), Client()
    first.force_login(admin_user)

    first.post(reverse("set_language"), {"language": "fr", "next": "/admin/"})
    assert PersonLanguage.objects.get(user=admin_user).language == "fr"
    assert language_of(first, "/admin/", "sv") == ("fr", "fr")

    second.force_login(admin_user)
    assert language_of(second, "/admin/", "sv") == ("fr", "fr")

    first.post(reverse("set_language"), {"language": "sv", "next": "/admin/"})
    assert PersonLanguage.objects.get(user=admin_user).language == "sv"
    assert language_of(first, "/admin/") == ("sv", "sv")


@pytest.mark.parametrize("language", ["de", "", "../en", "x" * 5000])
def test_a_language_that_is_not_offered_changes_nothing(
    admin_client: Client, language: str
) -> None:
    admin_client.post(reverse("set_language"), {"language": language, "next": "/admin/"})

    assert not PersonLanguage.objects.exists()
    assert KEY not in admin_client.session


def test_nobody_is_led_to_another_site(admin_client: Client) -> None:
    away = {"language": "sv", "next": "https://elsewhere.example/"}

    response = admin_client.post(reverse("set_language"), away)

    assert response.headers["Location"] == "/"
    assert admin_client.get(reverse("set_language")).status_code == 405


def test_the_switch_stands_on_the_log_in_page_and_in_the_user_menu(
    client: Client, admin_client: Client
) -> None:
    for page in (client.get(LOG_IN), admin_client.get("/admin/changes/?field=x")):
        for name in ("English", "Svenska", "Français"):
            assert f">{name}</button>" in page.text
    assert 'value="/admin/changes/?field=x"' in page.text


def test_the_api_answers_in_the_language_that_is_asked_for(client: Client) -> None:
    url = "/api/v1/orders/"

    asked = {
        code: client.get(url, headers={"accept-language": code}) for code in ("en", "sv", "fr")
    }

    assert [answer.headers["Content-Language"] for answer in asked.values()] == ["en", "sv", "fr"]
    assert len({answer.json()["detail"] for answer in asked.values()}) == 3


def test_each_language_has_a_catalogue() -> None:
    for code, words in (("sv", "Restorder"), ("fr", "Reliquats")):
        with translation.override(code):
            assert translation.gettext("Backorders") == words

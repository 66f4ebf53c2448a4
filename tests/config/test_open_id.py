"""The company's own log-in by OpenID Connect, with a real provider: who is let in, and as whom."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.open_id.claims import Identity
from config.open_id.company_accounts import NotLetInError, RefusedLogIn, person_of
from config.security_event_list import WORDS as EVENT_WORDS
from config.security_event_list import words_of
from core.callers import Caller
from core.models import SecurityEvent
from tests.beside import beside
from tests.open_id_server import Company, company, running_company

__all__ = ["company", "running_company"]
pytestmark = pytest.mark.django_db
PAGE = "/admin/login/company/"
MINE = {"email": "anna@example.com", "email_verified": True, "preferred_username": "anna.berg"}


@pytest.fixture
def anna() -> User:
    return User.objects.create_superuser("anna", "Anna@example.com", "correct horse battery")


def log_in(client: Client, company: Company, *, page: str = "") -> Any:
    """Log in at the provider and come back; return the last answer."""
    begun = client.get(PAGE, {"next": page})
    assert begun.status_code == 302, begun.text
    back = urlsplit(company.log_in(begun["Location"]))
    return client.get(f"{back.path}?{back.query}")


def who_is_in(client: Client) -> str:
    person = User.objects.filter(pk=client.session.get("_auth_user_id") or 0).first()
    return person.get_username() if person else ""


def test_a_person_is_found_by_the_verified_e_mail_and_then_known(
    client: Client, company: Company, anna: User
) -> None:
    company.say(claims=MINE)

    answer = log_in(client, company, page="/admin/orders/order/")

    assert answer["Location"] == "/admin/orders/order/"
    assert who_is_in(client) == "anna"
    [link] = SocialAccount.objects.all()
    assert (link.user, link.provider, link.uid) == (anna, company.issuer, "subject-1")
    assert link.extra_data == {}
    # The address is another's by now; the person is the same.
    company.say(claims={**MINE, "email": "other@example.com"})
    again = Client()
    log_in(again, company)
    assert who_is_in(again) == "anna"
    anna.refresh_from_db()
    assert anna.check_password("correct horse battery")


def test_the_provider_is_asked_with_a_state_a_nonce_and_a_challenge(
    client: Client, company: Company
) -> None:
    asked = parse_qs(urlsplit(client.get(PAGE)["Location"]).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert all(asked[name] for name in ("state", "nonce", "code_challenge"))
    assert asked["redirect_uri"] == ["http://testserver/admin/login/company/back/"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    # Nothing of the address is handed on.
    more = client.get(PAGE, {"scope": "admin", "auth_params": "prompt=none", "process": "connect"})
    handed_on = parse_qs(urlsplit(more["Location"]).query)
    assert set(handed_on) == set(asked)
    assert handed_on["scope"] == asked["scope"]


def test_who_is_logged_in_is_asked_there_again(
    client: Client, company: Company, anna: User
) -> None:
    client.force_login(anna)

    asked = parse_qs(urlsplit(client.get(PAGE)["Location"]).query)

    assert asked["prompt"] == ["login"]


def test_a_log_in_at_the_provider_is_as_young_as_a_session_here(
    client: Client, company: Company, anna: User, settings: Settings
) -> None:
    settings.SESSION_MAX_HOURS = 3
    now = int(datetime.now(tz=UTC).timestamp())
    asked = parse_qs(urlsplit(client.get(PAGE)["Location"]).query)
    assert asked["max_age"] == ["10800"]

    company.say(claims={**MINE, "auth_time": now - 3 * 3600 - 90})
    assert log_in(client, company).status_code == 502
    assert who_is_in(client) == ""

    company.say(claims={**MINE, "auth_time": now - 3 * 3600 + 90})
    log_in(client, company)
    assert who_is_in(client) == "anna"


def test_a_log_in_there_counts_from_when_the_person_was_asked(
    client: Client, company: Company, anna: User
) -> None:
    anna.is_superuser = anna.is_staff = True
    anna.save()
    anna.set_password("a long pass phrase of anna")
    page = f"/admin/auth/user/{anna.pk}/password/"
    now = int(datetime.now(tz=UTC).timestamp())

    for said, status in (({}, 302), ({"auth_time": now - 600}, 302), ({"auth_time": now}, 200)):
        company.say(claims={**MINE, **said})
        client.logout()
        log_in(client, company)
        assert who_is_in(client) == "anna"
        assert client.get(page).status_code == status, said
    assert parse_qs(urlsplit(client.get(PAGE)["Location"]).query)["max_age"] == ["0"]


def test_a_session_of_the_provider_ends_by_the_times_here(
    client: Client, company: Company, anna: User, settings: Settings
) -> None:
    settings.SESSION_MAX_HOURS, settings.SESSION_COOKIE_AGE = 3, 24 * 3600
    company.say(claims=MINE)
    log_in(client, company)

    statuses = []
    for minutes in (179, 181):
        with time_machine.travel(datetime.now(tz=UTC) + timedelta(minutes=minutes)):
            statuses.append(client.get("/admin/password_change/").status_code)

    assert statuses == [200, 302]


@pytest.mark.parametrize("moved", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_no_redirect_of_the_provider_is_followed(
    client: Client, company: Company, anna: User, moved: str
) -> None:
    company.say(claims=MINE, moved=moved)

    begun = client.get(PAGE)
    if begun.status_code == 302:
        back = urlsplit(company.log_in(begun["Location"]))
        begun = client.get(f"{back.path}?{back.query}")

    assert begun.status_code == 502
    assert who_is_in(client) == ""


def test_tokens_of_the_provider_are_neither_kept_nor_shown(
    client: Client, company: Company, anna: User
) -> None:
    company.say(claims=MINE)

    answer = log_in(client, company, page="/admin/")

    assert who_is_in(client) == "anna"
    given = company.given()
    shown = [str(answer.headers), str(client.cookies), client.get("/admin/").text]
    kept = [json.dumps(dict(client.session.items())), str(SocialAccount.objects.get().extra_data)]
    for name in ("access_token", "id_token"):
        assert not any(given[name] in text for text in (*shown, *kept))
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "yes"},
        {"email": ""},
        {"email": "nobody@example.com"},
    ],
)
def test_nobody_is_found_by_what_is_not_verified(
    client: Client, company: Company, anna: User, facts: dict[str, Any]
) -> None:
    company.say(claims={**MINE, **facts})

    answer = log_in(client, company)

    assert answer.status_code == 403
    assert who_is_in(client) == ""
    assert not SocialAccount.objects.exists()
    assert "Ask a superuser" in answer.text


@pytest.mark.parametrize(
    "said",
    [
        {"is_unsigned": True},
        {"is_shared": True},
        {"is_forged": True},
        {"claims": {**MINE, "aud": "another"}},
        {"claims": {**MINE, "aud": ["backoffice", "another"], "azp": "another"}},
        {"claims": {**MINE, "iss": "https://login.example.org"}},
        {"claims": {**MINE, "exp": 1_000_000_000}},
        {"claims": {**MINE, "nonce": "of another log-in"}},
        {"claims": {**MINE, "sub": ""}},
        {"claims": {**MINE, "sub": "x" * 192}},
        {"claims": {**MINE, "email": ["anna@example.com"]}},
        {"claims": {**MINE, "amr": {"mfa": 1}}},
    ],
)
def test_a_token_that_is_not_right_lets_nobody_in(
    client: Client, company: Company, anna: User, said: dict[str, Any]
) -> None:
    company.say(**{"claims": MINE, **said})

    answer = log_in(client, company)

    assert answer.status_code == 502
    assert "Example Co does not answer, or gave an answer that cannot be trusted." in answer.text
    assert who_is_in(client) == ""


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://login.example.org"},
        {"authorization_endpoint": "http://127.0.0.1/authorize"},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"token_endpoint": ""},
    ],
)
def test_a_description_that_is_not_right_is_not_followed(
    client: Client, company: Company, description: dict[str, str]
) -> None:
    company.say(description=description)

    assert client.get(PAGE).status_code == 502


def test_a_provider_that_is_away_or_has_another_certificate_is_told(
    client: Client, company: Company, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert client.get(PAGE).status_code == 502
    settings.OIDC_ISSUER = "https://127.0.0.1:1"

    assert "Example Co does not answer" in client.get(PAGE).text


def test_a_log_in_is_of_the_browser_that_began_it_and_once(
    client: Client, company: Company, anna: User
) -> None:
    company.say(claims=MINE)
    back = urlsplit(company.log_in(client.get(PAGE)["Location"]))
    address = f"{back.path}?{back.query}"
    stranger = Client()

    assert stranger.get(address).status_code == 403
    assert client.get(address).status_code == 302
    assert "in another browser" in client.get(address).text
    assert client.get(f"{PAGE}back/").status_code == 403
    assert who_is_in(stranger) == ""


def test_a_log_in_that_was_broken_off_is_told(client: Client, company: Company) -> None:
    company.say(refusal="access_denied")

    answer = log_in(client, company)

    assert answer.status_code == 403
    assert "The log-in at Example Co was not completed." in answer.text


def test_one_network_begins_so_many_log_ins_in_a_minute(
    client: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr("config.open_id.company_log_in.PER_MINUTE", 2)
    with time_machine.travel(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False):
        answers = [client.get(PAGE) for _number in range(3)]
        elsewhere = client.get(PAGE, REMOTE_ADDR="192.0.2.7")

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert "Try again in a minute." in answers[-1].text
    assert elsewhere.status_code == 302


@pytest.mark.parametrize("page", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_a_log_in_leads_to_no_other_site(
    client: Client, company: Company, anna: User, page: str
) -> None:
    company.say(claims=MINE)

    assert log_in(client, company, page=page)["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("facts", "is_asked"),
    [
        ({}, True),
        ({"amr": ["pwd"]}, True),
        ({"amr": ["pwd", "mfa"]}, False),
        ({"acr": "mfa"}, False),
    ],
)
def test_the_second_factor_is_asked_for_unless_the_provider_says_that_it_was(
    client: Client, company: Company, anna: User, facts: dict[str, Any], is_asked: bool
) -> None:
    TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    company.say(claims={**MINE, **facts})

    answer = log_in(client, company)

    assert answer["Location"] == ("/admin/login/second-step/" if is_asked else "/admin/")
    assert (who_is_in(client) == "") is is_asked


def test_who_needs_a_second_factor_sets_one_up_unless_the_provider_has_it(
    client: Client, company: Company, anna: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_FOR = ["everybody"]
    company.say(claims=MINE)
    log_in(client, company)
    assert client.get("/admin/orders/order/")["Location"] == "/admin/second-factor/"
    company.say(claims={**MINE, "amr": ["mfa"]})

    other = Client()
    log_in(other, company)

    assert other.get("/admin/orders/order/").status_code == 200
    settings.OIDC_SECOND_FACTOR = ["never"]
    strict = Client()
    log_in(strict, company)
    assert strict.get("/admin/orders/order/")["Location"] == "/admin/second-factor/"


def test_another_person_does_not_go_on_as_who_is_logged_in(
    client: Client, company: Company, anna: User
) -> None:
    client.force_login(User.objects.create_superuser("bo"))
    TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    company.say(claims=MINE)

    log_in(client, company)

    assert who_is_in(client) == ""


@pytest.mark.parametrize("facts", [{}, {"amr": ["mfa"]}])
@pytest.mark.parametrize("with_factor", [True, False])
def test_a_log_in_has_a_session_of_its_own(
    client: Client, company: Company, anna: User, facts: dict[str, Any], with_factor: bool
) -> None:
    if with_factor:
        TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    company.say(claims={**MINE, **facts})
    back = urlsplit(company.log_in(client.get(PAGE)["Location"]))
    first = client.session.session_key

    client.get(f"{back.path}?{back.query}")

    assert None not in {first, client.session.session_key}
    assert client.session.session_key != first
    # Also where the person was in already.
    second = client.session.session_key
    log_in(client, company)
    assert client.session.session_key not in {first, second}
    for key in (first, second):
        old = Client()
        old.cookies["sessionid"] = str(key)
        assert (who_is_in(old), old.get("/admin/password_change/").status_code) == ("", 302)


def test_a_refused_log_in_is_a_security_event(client: Client, company: Company, anna: User) -> None:
    company.say(refusal="access_denied")
    for _time in range(2):
        log_in(client, company)
    company.say(claims={**MINE, "email": "nobody@example.com"}, refusal="")
    log_in(client, company)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    company.say(claims=MINE)
    log_in(client, company)

    found = SecurityEvent.objects.filter(kind="LOG_IN_FAILED").order_by("pk")
    assert [(one.detail["cause"], one.name, one.person, one.count) for one in found] == [
        ("not completed", "", None, 2),
        ("no account", "nob…", None, 1),
        ("closed", "anna@example.com", anna, 1),
    ]
    assert "The log-in at the company was not completed." in words_of(found[0])
    assert {reason.value for reason in RefusedLogIn} <= set(EVENT_WORDS)


@pytest.mark.parametrize("facts", [{"is_active": False}, {"is_staff": False}])
def test_a_closed_account_stays_closed(
    client: Client, company: Company, anna: User, facts: dict[str, bool]
) -> None:
    User.objects.filter(pk=anna.pk).update(**facts)
    company.say(claims=MINE)

    answer = log_in(client, company)

    assert "Your account may not open the back office." in answer.text
    assert not SocialAccount.objects.exists()


def test_an_address_of_several_or_of_another_lets_nobody_in(
    client: Client, company: Company, anna: User
) -> None:
    company.say(claims=MINE)
    log_in(Client(), company)
    company.say(claims={**MINE, "sub": "subject-2"})

    assert "belongs to another person at Example Co" in log_in(client, company).text

    User.objects.create_user("bo", "anna@example.com")
    company.say(claims={**MINE, "sub": "subject-3"})
    assert "Several accounts here have your e-mail address." in log_in(client, company).text


def test_accounts_are_made_where_the_setting_says_so(
    client: Client, company: Company, settings: Settings
) -> None:
    settings.OIDC_MAKES_ACCOUNTS = True
    company.say(claims={**MINE, "given_name": "Anna", "family_name": "Berg"})

    log_in(client, company)

    assert who_is_in(client) == "anna.berg"
    made = User.objects.get(username="anna.berg")
    assert (made.email, made.get_full_name()) == ("anna@example.com", "Anna Berg")
    assert (made.is_staff, made.is_superuser, made.has_usable_password()) == (True, False, False)
    assert not made.groups.exists()


@pytest.mark.parametrize("name", ["", "ANNA", "anna berg", "x" * 151, "a\x00"])
def test_a_name_that_is_taken_or_none_makes_no_account(
    client: Client, company: Company, anna: User, settings: Settings, name: str
) -> None:
    settings.OIDC_MAKES_ACCOUNTS = True
    company.say(claims={**MINE, "email": "new@example.com", "preferred_username": name})

    answer = log_in(client, company)

    assert answer.status_code in (403, 502)
    assert User.objects.count() == 1
    assert who_is_in(client) == ""


def test_roles_are_as_the_provider_says(
    client: Client, company: Company, anna: User, settings: Settings
) -> None:
    anna.groups.add(Group.objects.get(name="Merchant"))
    company.say(claims={**MINE, "groups": ["Viewer", "Operations", "no role of ours"]})
    log_in(client, company)
    assert [group.name for group in anna.groups.all()] == ["Merchant"]
    settings.OIDC_ROLES_CLAIM = "groups"

    log_in(Client(), company)

    assert {group.name for group in anna.groups.all()} == {"Viewer", "Operations"}
    log_in(Client(), company)
    company.say(claims=MINE)
    log_in(Client(), company)
    assert not anna.groups.exists()
    changes = SecurityEvent.objects.filter(kind="USER_CHANGED").order_by("pk")
    assert [(one.person, one.name, one.detail) for one in changes] == [
        (anna, company.issuer, {"given": ["Operations", "Viewer"], "taken": ["Merchant"]}),
        (anna, company.issuer, {"taken": ["Operations", "Viewer"]}),
    ]


def identity(company: Company, subject: str, roles: frozenset[str] | None = None) -> Identity:
    return Identity(
        issuer=company.issuer,
        subject=subject,
        username="anna.berg",
        email="anna@example.com",
        first_name="",
        last_name="",
        roles=roles,
        has_second_factor=False,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("subject", "expected"), [("2", "other person"), ("1", "anna")])
def test_of_two_who_come_at_once_one_is_linked(
    company: Company, anna: User, subject: str, expected: str
) -> None:
    caller, came = Caller(timezone.now()), []

    def come() -> None:
        try:
            came.append(person_of(identity(company, subject), caller).get_username())
        except NotLetInError as error:
            came.append(error.reason.value)

    with ExitStack() as others, transaction.atomic():
        person_of(identity(company, "1"), caller)
        others.enter_context(beside(come, may_end=True))

    assert came == [expected]
    assert [(link.user, link.uid) for link in SocialAccount.objects.all()] == [(anna, "1")]


@pytest.mark.django_db(transaction=True)
def test_what_two_log_ins_at_once_give_is_written_once(company: Company, anna: User) -> None:
    caller, roles = Caller(timezone.now()), frozenset({"Viewer"})
    person_of(identity(company, "1"), caller)

    with ExitStack() as others, transaction.atomic():
        person_of(identity(company, "1", roles), caller)
        again = partial(person_of, identity(company, "1", roles), caller)
        others.enter_context(beside(again, may_end=True))

    assert [one.detail for one in SecurityEvent.objects.filter(kind="USER_CHANGED")] == [
        {"given": ["Viewer"]}
    ]


def test_the_log_in_page_leads_to_the_provider(client: Client, company: Company) -> None:
    shown = client.get("/admin/login/?next=/admin/orders/order/").text

    assert "Log in with Example Co" in shown
    assert f"{PAGE}?next=/admin/orders/order/" in shown


def test_without_a_provider_there_is_no_page(client: Client) -> None:
    assert "Log in with" not in client.get("/admin/login/").text
    assert [client.get(page).status_code for page in (PAGE, f"{PAGE}back/")] == [404, 404]

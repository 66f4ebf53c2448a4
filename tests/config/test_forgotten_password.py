"""A new password by e-mail: asked for, sent, chosen once, and what ends with the former one."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from core.models import FailedAttempts, PasswordResetRequest, PersonLanguage, SecurityEvent
from core.tasks import look_after_log_ins
from tests.inbox import text_of
from tests.mail_server import Server, server

pytestmark = pytest.mark.django_db
__all__ = ["server"]
PAGE = "/admin/login/new-password/"
FORMER = "correct horse battery"
LATTER = "another horse battery"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NOT_ANY_MORE = "This link does not work any more"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _set_up(settings: Settings) -> None:
    settings.OFFERS_PASSWORD_RESET = True
    settings.SITE_URL = "https://shop.example.com"


@pytest.fixture
def anna() -> User:
    return User.objects.create_superuser("anna", "Anna@example.com", FORMER)


def ask(email: str = "anna@example.com", **where: Any) -> Any:
    return Client(**where).post(PAGE, {"email": email})


def link_in(message: Any) -> str:
    found = re.search(rf"https://shop\.example\.com({PAGE}\S+)", text_of(message))
    assert found
    return found[1]


def open_link(client: Client, link: str) -> Any:
    return client.get(link, follow=True)


def choose(client: Client, link: str, password: str = LATTER) -> Any:
    opened = open_link(client, link)
    page = opened.request["PATH_INFO"]
    return client.post(page, {"new_password1": password, "new_password2": password})


def log_in(client: Client, password: str) -> Any:
    return client.post("/admin/login/", {"username": "anna", "password": password})


def is_in(client: Client) -> bool:
    return client.get("/admin/password_change/").status_code == 200


def test_a_new_password_is_chosen_with_the_link(anna: User, inbox: list[Any]) -> None:
    assert ask()["Location"] == f"{PAGE}sent/"
    assert inbox == []

    look_after_log_ins()
    look_after_log_ins()

    [message] = inbox
    assert (message["To"], message["Subject"]) == ("Anna@example.com", "Choose a new password")
    assert "your account “anna”" in text_of(message)
    assert not PasswordResetRequest.objects.exists()
    client = Client()
    answer = choose(client, link_in(message))
    assert answer["Location"] == "/admin/login/"
    assert "has a new password. Log in with it." in client.get("/admin/login/").text
    assert not is_in(client)
    assert log_in(client, LATTER).status_code == 302
    assert is_in(client)
    assert log_in(Client(), FORMER).status_code == 200
    events = SecurityEvent.objects.filter(kind__startswith="PASSWORD").order_by("pk")
    assert [(one.kind, one.person, one.actor) for one in events] == [
        ("PASSWORD_ASKED", anna, None),
        ("PASSWORD_CHANGED", anna, anna),
    ]


def test_an_address_that_nobody_has_is_answered_with_the_same_work(
    anna: User, inbox: list[Any]
) -> None:
    answers, queries = [], []
    for email in ("anna@example.com", "nobody@example.com"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answers.append(ask(email))
        queries.append([re.sub(r"'[^']*'|\d+", "?", one["sql"]) for one in asked])

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert queries[0] == queries[1]
    assert not any("auth_user" in sql for sql in queries[0])
    look_after_log_ins()
    assert [message["To"] for message in inbox] == ["Anna@example.com"]


@pytest.mark.parametrize(
    "facts", [{"is_active": False}, {"is_staff": False}, {"password": "!x"}, {"password": ""}]
)
def test_who_may_not_log_in_with_a_password_gets_none(
    anna: User, inbox: list[Any], facts: dict[str, Any]
) -> None:
    User.objects.filter(pk=anna.pk).update(**facts)

    ask()
    look_after_log_ins()

    assert inbox == []
    assert not PasswordResetRequest.objects.exists()


def test_of_several_with_one_address_each_gets_a_link(anna: User, inbox: list[Any]) -> None:
    User.objects.create_user("bo", "anna@EXAMPLE.com", FORMER, is_staff=True)

    ask()
    look_after_log_ins()

    assert ["“bo”" in text_of(message) for message in inbox] == [False, True]


def test_the_e_mail_is_in_the_language_of_the_person(anna: User, inbox: list[Any]) -> None:
    client = Client(headers={"Accept-Language": "fr"})
    client.post(PAGE, {"email": "anna@example.com"})
    look_after_log_ins()
    PersonLanguage.objects.create(user=anna, language="sv")
    client.post(PAGE, {"email": "anna@example.com"})
    look_after_log_ins()

    french, swedish = inbox
    assert "Bonjour anna" in text_of(french)
    assert "Hej anna" in text_of(swedish)


@pytest.fixture
def link(anna: User, inbox: list[Any]) -> str:
    ask()
    look_after_log_ins()
    return link_in(inbox[0])


def test_a_link_works_once(link: str) -> None:
    choose(Client(), link)

    again = open_link(Client(), link)

    assert NOT_ANY_MORE in again.text
    assert "new_password1" not in again.text


@pytest.mark.parametrize(("minutes", "works"), [(60, True), (61, False)])
def test_a_link_ends_after_an_hour(
    link: str, clock: time_machine.Traveller, minutes: int, works: bool
) -> None:
    clock.shift(timedelta(minutes=minutes))

    assert (NOT_ANY_MORE not in open_link(Client(), link).text) is works


def test_a_link_ends_with_the_account(anna: User, link: str) -> None:
    client = Client()
    page = open_link(client, link).request["PATH_INFO"]
    User.objects.filter(pk=anna.pk).update(is_active=False)

    answer = client.post(page, {"new_password1": LATTER, "new_password2": LATTER})

    assert NOT_ANY_MORE in answer.text


@pytest.mark.parametrize("name", ["MQ", "!!", "gA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
@pytest.mark.parametrize("token", ["x", "set", "c0-ffee", "é"])
def test_a_link_that_was_not_sent_is_told_so(name: str, token: str) -> None:
    answer = open_link(Client(), f"{PAGE}{name}/{token}/")

    assert answer.status_code == 200
    assert NOT_ANY_MORE in answer.text


def test_of_two_that_use_a_link_at_once_one_does(
    transactional_db: None, settings: Settings, inbox: list[Any]
) -> None:
    User.objects.create_superuser("anna", "anna@example.com", FORMER)
    ask()
    look_after_log_ins()
    link = link_in(inbox[0])
    clients = [Client(), Client()]
    pages = [open_link(client, link).request["PATH_INFO"] for client in clients]

    def choose_one(number: int) -> int:
        new = f"{LATTER} {number}"
        body = {"new_password1": new, "new_password2": new}
        try:
            return clients[number].post(pages[number], body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(choose_one, range(2)))

    assert statuses == [200, 302]


def test_asking_ends_nothing_and_a_log_in_ends_the_link(anna: User, link: str) -> None:
    client = Client()
    log_in(client, FORMER)

    ask()

    assert is_in(client)
    assert NOT_ANY_MORE in open_link(Client(), link).text


def test_all_sessions_end_with_the_former_password(anna: User, inbox: list[Any]) -> None:
    clients = [Client(), Client()]
    for client in clients:
        log_in(client, FORMER)
    ask()
    look_after_log_ins()

    choose(clients[0], link_in(inbox[0]))

    assert [is_in(client) for client in clients] == [False, False]


def test_a_second_factor_is_still_asked_for(anna: User, link: str) -> None:
    TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    client = Client()

    choose(client, link)

    assert log_in(client, LATTER)["Location"] == "/admin/login/second-step/"
    assert not is_in(client)


def test_a_lock_ends_and_one_of_the_second_factor_stays(
    anna: User, inbox: list[Any], clock: time_machine.Traveller
) -> None:
    for _number in range(6):
        assert log_in(Client(), "wrong").status_code == 200
    assert log_in(Client(), FORMER).status_code == 429
    FailedAttempts.objects.create(
        scope="SECOND_FACTOR", subject="x", user=anna, count=10, last_at=NOON
    )
    ask()
    look_after_log_ins()

    choose(Client(), link_in(inbox[0]))

    assert log_in(Client(), LATTER).status_code == 302
    kept = FailedAttempts.objects.filter(user=anna).values_list("scope", flat=True)
    assert list(kept) == ["SECOND_FACTOR"]


def test_a_weak_password_is_refused(link: str) -> None:
    answer = choose(Client(), link, "12345")

    assert answer.status_code == 200
    assert "This password is too short." in answer.text


def test_one_address_is_not_flooded(
    anna: User, inbox: list[Any], clock: time_machine.Traveller
) -> None:
    spellings = ["anna@example.com", "ANNA@example.com", "Anna@Example.com", "anna@example.com"]
    answers = [ask(email) for email in spellings]
    unknown = [ask("nobody@example.com").status_code for _number in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert unknown == [302, 302, 302, 429]
    refused = answers[-1]
    assert refused["Retry-After"] == "1800"
    assert "A new password was asked for too often. Try again in 30 minutes." in refused.text
    clock.shift(timedelta(minutes=30))
    assert ask().status_code == 302


def test_one_network_asks_for_so_many(anna: User) -> None:
    statuses = [ask(f"person{number}@example.com").status_code for number in range(13)]

    assert statuses == [302] * 12 + [429]
    elsewhere = ask("anna@example.com", REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302
    # The log-in there goes on.
    assert log_in(Client(), FORMER).status_code == 302


def test_a_server_that_is_away_is_tried_again(
    anna: User, server: Server, clock: time_machine.Traveller
) -> None:
    ask()
    server.is_closed_to_us = True
    look_after_log_ins()
    assert server.delivered == []

    server.is_closed_to_us = False
    look_after_log_ins()

    assert server.delivered == ["Anna@example.com"]
    ask()
    clock.shift(timedelta(minutes=60))
    look_after_log_ins()
    assert server.delivered == ["Anna@example.com"]
    assert not PasswordResetRequest.objects.exists()


def test_it_is_not_offered_where_no_e_mail_is_set_up(
    client: Client, settings: Settings, link: str
) -> None:
    shown = client.get("/admin/login/").text
    settings.OFFERS_PASSWORD_RESET = False

    assert "Forgot your password?" in shown
    assert "Forgot your password?" not in client.get("/admin/login/").text
    assert [client.get(page).status_code for page in (PAGE, f"{PAGE}sent/", link)] == [404] * 3


@pytest.mark.parametrize("email", ["", "banana", "a@b", "a\x00@example.com", "a" * 250 + "@b.se"])
def test_what_is_no_address_is_told_so(email: str) -> None:
    answer = ask(email)

    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]
    assert not PasswordResetRequest.objects.exists()
